"""What lies in the session folders: the truth from which the database is filled."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.editing.edit_file import edits_path
from lablive.errors import ConfigError
from lablive.library.session_plan import NAME, SessionPlan, load_plan
from lablive.library.summary import (
    TrialSummary,
    kind_of,
    read_summary,
    summary_path,
)
from lablive.names import HeaderKey
from lablive.recording.continued import header_texts
from lablive.recording.folders import check_code
from lablive.recording.joining import PART

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.library.records import TrialKind

_FOLDER: Final = re.compile(r"(\d{4}-\d\d-\d\d)_(.+)")
Known = tuple[int, int, bool]  # bytes, mtime_ns, whether it was counted
_NO_PLAN: Final = -1


class KnownSession(NamedTuple):
    """What the database knows of a session folder; ``trials`` without missing ones."""

    plan_mtime_ns: int
    trials: dict[str, Known]


class FoundTrial(NamedTuple):
    """A recording on disk; ``summary`` None = not counted yet."""

    path: Path
    bytes: int
    mtime_ns: int
    kind: TrialKind
    started: str
    findings: tuple[str, ...]
    summary: TrialSummary | None


class FoundSession(NamedTuple):
    """A session folder.

    Attributes
    ----------
    plan
        None: there is none, it cannot be read, or it is as the database knows it.
    trials, unchanged
        New or changed ones; names of those the database knows already.
    is_news
        Whether anything of it is to be written into the database.
    """

    folder: Path
    code: str
    date: str
    plan: SessionPlan | None
    plan_mtime_ns: int
    trials: tuple[FoundTrial, ...]
    unchanged: frozenset[str]
    problems: tuple[str, ...]
    is_news: bool


def session_folders(library: Path) -> Iterator[Path]:
    """Yield every folder that is a session's by its name, oldest first."""
    place = library / "sessions"
    if place.is_dir():
        for folder in sorted(place.iterdir()):
            if read_name(folder.name) is not None and folder.is_dir():
                yield folder


def read_name(name: str) -> tuple[str, str] | None:
    """Return day and person code of a session folder's name; None when it is none.

    >>> read_name("2026-11-21_LB-0042")
    ('2026-11-21', 'LB-0042')
    """
    found = _FOLDER.fullmatch(name)
    if found is None:
        return None
    try:
        date.fromisoformat(found[1])
        return found[1], check_code(found[2])
    except (ValueError, ConfigError):
        return None


def read_session(folder: Path, known: KnownSession | None) -> FoundSession | None:
    """Read a session folder.

    Parameters
    ----------
    folder
        The folder.
    known
        What the database knows of it: plan and trials that are as known are not read
        again, but for trials that were not counted and have a summary now.

    Returns
    -------
    FoundSession or None
        None when its name is not a session's.
    """
    name = read_name(folder.name)
    if name is None:
        return None
    problems: list[str] = []
    mtime_ns, plan = _read_plan(folder, known, problems)
    held = known.trials if known is not None else {}
    trials: list[FoundTrial] = []
    unchanged: set[str] = set()
    for path in sorted(folder.glob("*.xdf")):
        if PART.fullmatch(path.stem):
            continue
        try:
            trial = _read_trial(path, held.get(path.name), name[1])
        except OSError as error:
            problems.append(f"{path} cannot be read ({error.strerror}).")
            unchanged.add(path.name)
            continue
        if trial is None:
            unchanged.add(path.name)
        else:
            trials.append(trial)
    inside = {file for file in held if not Path(file).is_absolute()}
    is_news = (
        known is None
        or bool(trials)
        or mtime_ns != known.plan_mtime_ns
        or inside != unchanged
        or len(inside) != len(held)
    )
    return FoundSession(
        folder, name[1], name[0], plan, mtime_ns, tuple(trials), frozenset(unchanged),
        tuple(problems), is_news,
    )  # fmt: skip


def _read_plan(
    folder: Path, known: KnownSession | None, problems: list[str]
) -> tuple[int, SessionPlan | None]:
    """Return when the plan was written, and the plan if that is news."""
    try:
        mtime_ns = (folder / NAME).stat().st_mtime_ns
    except OSError:
        return _NO_PLAN, None
    if known is not None and known.plan_mtime_ns == mtime_ns:
        return mtime_ns, None
    try:
        return mtime_ns, load_plan(folder)
    except ConfigError as error:
        problems.append(str(error))
        return _NO_PLAN, None  # told again until it is mended


def _read_trial(path: Path, known: Known | None, code: str) -> FoundTrial | None:
    """Return a trial; None when nothing of it is new."""
    held = path.stat()
    same = known is not None and known[:2] == (held.st_size, held.st_mtime_ns)
    if same and known is not None and known[2]:
        return describe(path, code) if _edited_since(path) else None
    summary = read_summary(path)
    if same and summary is None:
        return None
    return describe(path, code, summary)


def _edited_since(path: Path) -> bool:
    """Tell whether a trial was edited after it was counted: its numbers are old."""
    try:
        edited_ns = edits_path(path).stat().st_mtime_ns
        return edited_ns > summary_path(path).stat().st_mtime_ns
    except OSError:
        return False  # never edited, or nothing to compare with


def describe(path: Path, code: str, summary: TrialSummary | None = None) -> FoundTrial:
    """Return what a trial file says of itself; OSError when it cannot be read."""
    held = path.stat()
    header = header_texts(path) or {}
    findings: list[str] = []
    other = header.get(HeaderKey.CODE, "")
    if other not in ("", "anonymous") and other.casefold() != code.casefold():
        findings.append(
            f"{path.name} was recorded for {other} and lies in a folder of {code}."
        )
    return FoundTrial(
        path,
        held.st_size,
        held.st_mtime_ns,
        kind_of(path, header),
        header.get(HeaderKey.STARTED, ""),
        tuple(findings),
        summary,
    )
