"""``<library>/journal.jsonl``: who did what when; every line holds the one before.

A line carries the hash of the line before and its own, so that a line that was changed,
taken out or moved is found; ``journal.head`` says how many lines there are, so that
lines missing at the end are found. Codes only, never a name. Where files went that left
this library is in ``handed-on.jsonl``, which is no part of the chain: what concerns a
person who is deleted goes from there.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import time
from datetime import datetime
from importlib.resources import files
from typing import IO, TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from lablive import __version__
from lablive.clock import now_s
from lablive.errors import RecordingError
from lablive.locks import try_lock
from lablive.structs import from_json
from lablive.whole_file import replace_file, replace_json

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

What = Literal[
    "export", "report", "edit", "edit undone", "recalculation", "person added",
    "person changed", "people imported", "person deleted", "backup restored",
    "library made anew", "passphrase set", "passphrase removed", "operator added",
    "operator removed", "locked", "unlocked", "unlock refused",
]  # fmt: skip
FILE: Final = "journal.jsonl"
HEAD: Final = "journal.head"
HANDED_ON: Final = "handed-on.jsonl"
OPERATOR: Final = "LABLIVE_OPERATOR"  # who has unlocked the window that started this
_LOCK: Final = "journal.lock"
_LOCK_S: Final = 5.0
_NO_HEAD: Final = "head_was_missing"
_FIRST: Final = "0" * 64
_TAIL_BYTES: Final = 64 * 1024


class Line(msgspec.Struct, frozen=True):
    """One line.

    Attributes
    ----------
    number
        From 1.
    at
        Wall clock with zone, ISO 8601.
    who
        Operator who unlocked the window, else user of the computer.
    about
        Codes, files, numbers; never a name.
    thresholds
        What tells the limits in use: the first 16 digits of their SHA-256.
    before, hash
        SHA-256 of the line before and of this one.
    """

    number: int
    at: str
    who: str
    what: str
    about: dict[str, str | int | float | bool]
    software: str
    thresholds: str
    before: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """The last line that was written for certain."""

    number: int
    hash: str


class HandedOn(msgspec.Struct, frozen=True):
    """A file that was made of a person's data, and where it went."""

    code: str
    kind: str
    path: str
    at: str
    sha256: str = ""


class Verdict(NamedTuple):
    """What checking the journal has found; no problems: all is as it was written."""

    lines: int
    head: str
    problems: tuple[str, ...]


def note(home: Path, what: What, **about: str | float | bool) -> Line:
    """Write a line.

    Parameters
    ----------
    home
        Folder of the library.
    what
        What was done.
    **about
        Codes, files, numbers; never a name.

    Raises
    ------
    RecordingError
        It could not be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(home / _LOCK), _opened(home / FILE, "ab+") as file:
            last = _last(home, file)
            if last.number and not (home / HEAD).exists():
                about[_NO_HEAD] = True  # lines before may have been cut off
            made = _line(last, what, about)
            file.write(msgspec.json.encode(made) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            replace_json(home / HEAD, Head(made.number, made.hash))
    except OSError as error:
        raise RecordingError(
            f"The journal {home / FILE} cannot be written ({error}).",
            still=f"What was done ({what}) is done.",
            todo="Free some space or mend the folder, and do it again.",
        ) from error
    return made


def handed_on(home: Path, code: str, kind: What, path: Path, **about: str) -> None:
    """Note a file or folder that was made of a person's data; see :func:`note`."""
    digest = ""
    if path.is_file():
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    line = note(home, kind, code=code, ending=path.suffix, sha256=digest, **about)
    entry = HandedOn(code, kind, str(path.absolute()), line.at, digest)
    try:
        with _locked(home / _LOCK), _opened(home / HANDED_ON, "ab+") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
    except OSError as error:
        raise RecordingError(
            f"{home / HANDED_ON} cannot be written ({error}).",
            still=f"{path} is made.",
            todo="Free some space or mend the folder.",
        ) from error


def handed_on_of(home: Path, code: str) -> list[HandedOn]:
    """Return what was made of a person's data and where it went."""
    return [it for it in _entries(home) if _is_of(it, code)]


def forget_handed_on(home: Path, code: str) -> None:
    """Take a person out of what was handed on; OSError when it stays."""
    path = home / HANDED_ON
    if path.exists():
        with _locked(home / _LOCK):
            kept = [
                it for it in _entries(home) if it.code.casefold() != code.casefold()
            ]
            lines = b"".join(msgspec.json.encode(it) + b"\n" for it in kept)
            replace_file(path, lines)
            path.chmod(0o600)


def lines(home: Path) -> list[Line]:
    """Return every line that can be read."""
    found: list[Line] = []
    for text in _texts(home / FILE):
        with contextlib.suppress(msgspec.MsgspecError):
            found.append(from_json(text, Line))
    return found


def verify(home: Path) -> Verdict:
    """Look for lines that were changed, taken out, moved, added or cut off."""
    problems: list[str] = []
    if not home.is_dir():
        return Verdict(0, "", ())
    with _locked(home / _LOCK):
        head, texts = _head(home), _texts(home / FILE)
    before, number = _FIRST, 0
    seen = {_FIRST}
    for place, text in enumerate(texts, 1):
        try:
            line = from_json(text, Line)
        except msgspec.MsgspecError:
            problems.append(f"line {place} cannot be read")
            before, number = "", number + 1
            continue
        if _hash(line) != line.hash:
            problems.append(f"line {place} was changed")
        if before and line.before != before:
            problems.append(f"before line {place} a line is missing or was moved")
        if line.number != number + 1:
            problems.append(
                f"line {place} has the number {line.number}, {number + 1} comes next"
            )
        if _NO_HEAD in line.about:
            problems.append(
                f"{HEAD} was gone when line {place} was written: lines before it may "
                "be missing"
            )
        before, number = line.hash, line.number
        seen.add(line.hash)
    if head is None:
        if texts:
            problems.append(f"{HEAD} is gone: lines at the end may be missing")
    elif head.hash not in seen:
        problems.append(
            f"the last line, number {head.number}, is missing or was changed"
        )
    return Verdict(len(texts), head.hash if head else "", tuple(problems))


def thresholds_digest() -> str:
    """Return what tells the limits that come with the program."""
    data = files("configs").joinpath("metrics.toml").read_bytes()
    return hashlib.sha256(data).hexdigest()[:16]


def who() -> str:
    """Return who is at work: the operator who has unlocked, and the computer's user."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "unknown"
    operator = os.environ.get(OPERATOR, "")
    return f"{operator} ({user})" if operator else user


def _line(last: Head, what: What, about: dict[str, Any]) -> Line:
    made = Line(
        number=last.number + 1,
        at=datetime.now().astimezone().isoformat(timespec="seconds"),
        who=who(),
        what=what,
        about=about,
        software=f"LabLive {__version__}",
        thresholds=thresholds_digest(),
        before=last.hash,
        hash="",
    )
    return msgspec.structs.replace(made, hash=_hash(made))


def _hash(line: Line) -> str:
    plain = msgspec.to_builtins(line)
    del plain["hash"]
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _last(home: Path, file: IO[bytes]) -> Head:
    """Return the line to go on from; half a line of a lost program is taken away.

    When the file ends before the head says, the next line follows the head, so that
    what is missing is found for ever.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        kept = tail.rfind(b"\n") + 1
        file.truncate(size - len(tail) + kept)
        tail = tail[:kept]
    head = _head(home)
    texts = tail.splitlines()
    try:
        line = from_json(texts[-1], Line) if texts else None
    except msgspec.MsgspecError:
        line = None
    found = Head(line.number, line.hash) if line else Head(0, _FIRST)
    if head is None or found.number > head.number:
        return found
    return head


def _head(home: Path) -> Head | None:
    try:
        return from_json((home / HEAD).read_bytes(), Head)
    except (OSError, msgspec.MsgspecError):
        return None


def _is_of(entry: HandedOn, code: str) -> bool:
    return entry.code.casefold() == code.casefold()


def _entries(home: Path) -> Iterable[HandedOn]:
    for text in _texts(home / HANDED_ON):
        with contextlib.suppress(msgspec.MsgspecError):
            yield from_json(text, HandedOn)


def _texts(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []


def _opened(path: Path, mode: str) -> IO[bytes]:
    """Open a file that only its user can read."""
    if not path.exists():
        path.touch(0o600)
    return path.open(mode)  # type: ignore[return-value]


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None]:
    """Wait until no other program writes; OSError after some seconds."""
    until_s = now_s() + _LOCK_S
    while (lock := try_lock(path)) is None:
        if now_s() > until_s:
            raise TimeoutError(f"{path} is held by another program")
        time.sleep(0.01)
    with lock:
        yield
