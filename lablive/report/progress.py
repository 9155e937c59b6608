"""Reports over more than one trial: a person over the sessions, everybody of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.errors import ConfigError, LabLiveError
from lablive.library.found import read_name, session_folders
from lablive.library.opening import open_library
from lablive.names import SIDES
from lablive.report.board import SHOWN, strides_text, worst
from lablive.report.numbers import count, number
from lablive.report.numbers_table import numbers_csv
from lablive.report.paper import check_folder, save_table, write_pdf
from lablive.report.printed import with_commas
from lablive.report.session import report_of, trials_of
from lablive.report.shown import shown
from lablive.report.tables import LINE, SKILLS, foldable, label_of, stat_text
from lablive.report.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lablive.library.progress import Line
    from lablive.library.records import SessionEntry
    from lablive.library.store import Library
    from lablive.metrics.metric import StatKey
    from lablive.report.data import ReportData
    from lablive.report.settings import ReportSettings
    from lablive.report.words import Words

_SESSIONS: Final = 12
_KEYS: Final[tuple[StatKey, ...]] = (*SIDES, "both")
# what a table of a day compares; a column each
_GROUP: Final = (
    "cadence_spm", "contact_time_ms", "contact_time_si_pct", "peak_force_bw",
    "footfall_rel_db", "pelvic_drop_deg", "shank_angle_ic_deg",
    "thigh_extension_peak_deg",
)  # fmt: skip


def write_progress(home: Path, code: str, pdf: Path, settings: ReportSettings) -> int:
    """Write how a person's numbers went over the sessions; return the pages.

    Only sessions that may be compared stand in one line: same kind of sensor, same
    belt speed (:mod:`lablive.library.progress`).

    Parameters
    ----------
    home, code
        The library, and whose.
    pdf, settings
        As in :func:`lablive.report.session.write_report`.

    Raises
    ------
    ConfigError, LibraryError
        Nobody has this code, there is nothing to compare, or a file cannot be used.
    """
    check_folder(pdf)
    library = open_library(home)
    try:
        told = progress_page(library, code, settings)
    finally:
        library.close()
    return write_pdf([told], pdf, settings, template="progress.typ")


def progress_page(
    library: Library, code: str, settings: ReportSettings
) -> dict[str, Any]:
    """Return what the progress report lays out; raises ConfigError without sessions."""
    words = words_of(settings.language)
    person = library.person(code)
    sessions = library.sessions(code)
    if person is None or not sessions:
        raise ConfigError(
            f"There is no session of {code} in the library.",
            still="No report was written.",
            todo="Check the code; sessions that were copied here are found after "
            "'lablive library rebuild'.",
        )
    groups: list[dict[str, Any]] = []
    for skill, ids in SHOWN.items():
        rows = [row for it in ids for row in _rows(library, code, it, words, settings)]
        if rows:
            groups.append({"title": words.say(SKILLS[skill]), "rows": rows})
    name = person.name if settings.who == "name" else ""
    who = name or code
    told = {
        "language": settings.language,
        "words": dict(words.texts),
        "title": words.say("LabLive progress report {who}", who=who),
        "person": foldable(who, LINE),
        "code": code if name else "",
        "clinic": foldable(settings.clinic, LINE),
        "footer": code,
        "sessions": [_session(it, words) for it in reversed(sessions[:_SESSIONS])],
        "sessions_more": max(0, len(sessions) - _SESSIONS),
        "uncounted": sum(it.state == "not counted" for it in sessions),
        "groups": groups,
    }
    return told if settings.language == "en" else with_commas(told)


def _session(session: SessionEntry, words: Words) -> list[str]:
    speeds = ", ".join(f"{it:g}" for it in session.speeds_mps)
    return [
        session.date,
        foldable(session.protocol) or "–",
        f"{speeds} m/s" if speeds else "–",
        foldable(session.shoes) or "–",
        "–" if session.pain_nrs is None else f"{session.pain_nrs} / 10",
        words.say(session.state),
    ]


def _rows(
    library: Library, code: str, metric_id: str, words: Words, settings: ReportSettings
) -> Iterator[dict[str, Any]]:
    """Yield a metric of each foot over the sessions; of both where no foot is known."""
    how = shown(metric_id, settings.units)
    feet = False
    for key in _KEYS:
        lines = library.history(code, metric_id, key).lines
        lines = [line for line in lines if len(line.points) > 1]
        if not lines or (key == "both" and feet):
            continue
        feet = True
        line = lines[0]
        first, last = line.points[0], line.points[-1]
        yield {
            "name": words.title(metric_id),
            "unit": words.say(how.unit) if how.unit else "",
            "side": key,
            "speed": _speed(line),
            "first": number(how.factor * first.value, how.decimals),
            "first_date": first.date,
            "last": number(how.factor * last.value, how.decimals),
            "last_date": last.date,
            "delta": number(how.factor * last.since_first, how.decimals, signed=True),
            "mdc": ""
            if line.mdc.why
            else number(how.factor * line.mdc.threshold, how.decimals + 1),
            "beyond": last.changed == "change",
            "said": words.say("change beyond error")
            if last.changed == "change"
            else words.say("no change beyond error")
            if last.changed == "no change"
            else words.say("no published MDC")
            if line.mdc.why
            else words.tell(last.why),
            "n": f"{count(first.n)} → {count(last.n)}",
            "least": how.factor * _least(line, first.value, how.decimals),
            "values": [how.factor * it.value for it in line.points],
            "sessions": len(line.points),
            "alt": words.say(
                "{name} over {n} sessions, from {first} to {last}.",
                name=words.title(metric_id),
                n=len(line.points),
                first=number(how.factor * first.value, how.decimals),
                last=number(how.factor * last.value, how.decimals),
            ),
        }


def _least(line: Line, value: float, decimals: int) -> float:
    """Return the change that the course's whole height stands for, at least.

    Twice what can be told from error; where nobody published that, a tenth of the
    value, and ten steps of its last digit.
    """
    if not line.mdc.why:
        return 2.0 * line.mdc.threshold
    return max(abs(value) / 10.0, 10.0 ** (1 - decimals))


def _speed(line: Line) -> str:
    if line.low_mps is None or line.high_mps is None:
        return "–"
    return number((line.low_mps + line.high_mps) / 2, 1)


def write_group(
    home: Path,
    day: str,
    pdf: Path,
    settings: ReportSettings,
    tell: Callable[[float, str], None] = lambda share, step: None,
) -> int:
    """Write one table of every trial of a day; return the pages.

    Parameters
    ----------
    home, day
        The library, and which day (ISO 8601).
    pdf, settings
        As in :func:`lablive.report.session.write_report`; persons stand by code.
    tell
        Told the share done, and what is being done.

    Raises
    ------
    ConfigError
        There was no session on that day, or a file cannot be used.
    """
    check_folder(pdf)
    trials = [
        trial
        for folder in sorted(session_folders(home))
        if (read_name(folder.name) or ("",))[0] == day and any(folder.glob("*.xdf"))
        for trial in trials_of(folder)
    ]
    if not trials:
        raise ConfigError(
            f"There is no session of {day} in the library.",
            still="No report was written.",
            todo="Write the day as 2026-11-20, and check LABLIVE_HOME.",
        )
    reports: list[ReportData] = []
    problems: list[str] = []
    for done, trial in enumerate(trials):
        tell(0.9 * done / len(trials), "reading")
        try:
            reports.append(report_of(trial))
        except LabLiveError as error:  # one damaged trial does not cost the table
            problems.append(str(error))
    tell(0.9, "drawing")
    told = group_page(reports, problems, day, settings)
    pages = write_pdf([told], pdf, settings, template="group.typ")
    if settings.table:
        save_table(pdf, numbers_csv(reports, settings.units))
    tell(1.0, "done")
    return pages


def group_page(
    reports: list[ReportData], problems: list[str], day: str, settings: ReportSettings
) -> dict[str, Any]:
    """Return what the table of a day lays out: a row a trial, a column a metric."""
    words = words_of(settings.language)
    known = [{line.id: line for line in report.metrics} for report in reports]
    columns = [
        it
        for it in _GROUP
        if any(it in lines and not lines[it].missing for lines in known)
    ]
    rows: list[dict[str, Any]] = []
    for report, lines in zip(reports, known, strict=True):
        cells: list[dict[str, Any] | None] = []
        for metric_id in columns:
            line = lines.get(metric_id)
            if line is None or line.missing:
                cells.append(None)
                continue
            how = shown(metric_id, settings.units)
            told = {
                key: stat_text(line.stat(key), how.factor, how.decimals)
                for key in _KEYS
            }
            verdict = worst(line)
            cells.append(told | {"mark": verdict or "", "n": strides_text(line)})
        facts = {it.label: it.value for it in report.facts}
        rows.append(
            {
                "person": foldable(report.person),
                "file": foldable(report.files[0].name, 14),
                "speed": facts.get("Belt speed", "") or "–",
                "strides": f"{count(report.strides_used)} / "
                f"{count(report.strides_total)}",
                "cells": cells,
            }
        )
    heads: list[list[str]] = []
    for metric_id in columns:
        how = shown(metric_id, settings.units)
        line = next(it[metric_id] for it in known if metric_id in it)
        heads.append([label_of(line, words), words.say(how.unit) if how.unit else ""])
    told = {
        "language": settings.language,
        "words": dict(words.texts),
        "title": words.say("LabLive sessions of {day}", day=day),
        "day": day,
        "clinic": foldable(settings.clinic, LINE),
        "footer": day,
        "heads": heads,
        "rows": rows,
        "problems": [foldable(it, LINE) for it in problems],
    }
    return told if settings.language == "en" else with_commas(told)
