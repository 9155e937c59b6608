"""What the report program is asked for: arguments, progress lines, one message."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from lablive import journal
from lablive.errors import LabLiveError
from lablive.recording.folders import home
from lablive.report.settings import (
    SECTIONS,
    Language,
    Paper,
    ReportSettings,
    Units,
    load_settings,
    settings_path,
    with_section,
)
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.signals.calibrations import Calibrations


def run(arguments: Sequence[str] | None = None) -> int:
    """Write the report that the arguments ask for; return the exit code."""
    told = _parser().parse_args(arguments)
    try:
        settings = settings_of(told)
        pages = _write(told, settings)
        for code in _codes(told):
            journal.handed_on(home(), code, "report", told.pdf, shows=settings.who)
    except (LabLiveError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    end = {"progress": 1.0, "step": "done", "pages": pages}
    sys.stdout.write(json.dumps(end) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lablive.report.session")
    parser.add_argument("source", type=Path, nargs="?")
    parser.add_argument("--pdf", type=Path, required=True)
    parser.add_argument("--person", help="progress of a person of the library")
    parser.add_argument("--day", help="table of all sessions of a day, 2026-11-20")
    parser.add_argument("--montage", type=Path)
    parser.add_argument("--calibration", type=Path)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--settings-json")
    parser.add_argument("--sections")
    parser.add_argument("--runner", action="store_true")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--language", choices=get_args(Language))
    parser.add_argument("--units", choices=get_args(Units))
    parser.add_argument("--paper", choices=get_args(Paper))
    parser.add_argument("--with-name", action="store_true")
    parser.add_argument("--clinic")
    parser.add_argument("--logo", type=Path)
    parser.add_argument("--template", type=Path)
    parser.add_argument("--focus")
    parser.add_argument("--focus-runs", type=int)
    parser.add_argument("--no-csv", action="store_true")
    return parser


def settings_of(told: argparse.Namespace) -> ReportSettings:
    """Return the library's settings, changed as the command line says.

    Raises
    ------
    ConfigError
        The settings' file is wrong, or a section is not known.
    """
    if told.settings_json:
        return from_json(told.settings_json, ReportSettings)
    settings = load_settings(told.settings or settings_path(home()))
    plain: dict[str, Any] = {
        "language": told.language,
        "units": told.units,
        "paper": told.paper,
        "clinic": told.clinic,
        "logo": told.logo and str(told.logo),
        "template": told.template and str(told.template),
        "focus": told.focus,
        "focus_runs": told.focus_runs,
        "who": "name" if told.with_name else None,
        "table": False if told.no_csv else None,
        "sections": told.sections and sections_of(told.sections),
    }
    changed = {key: value for key, value in plain.items() if value is not None}
    settings = msgspec.structs.replace(settings, **changed)
    for section in ("runner", "details"):
        if getattr(told, section):
            settings = with_section(settings, section, True)
    return settings


def sections_of(text: str) -> tuple[Any, ...]:
    """Return the sections named in a list with commas.

    Raises
    ------
    ConfigError
        One is not known.
    """
    from lablive.errors import ConfigError

    wanted = tuple(it.strip() for it in text.split(",") if it.strip())
    wrong = [it for it in wanted if it not in SECTIONS]
    if wrong:
        raise ConfigError(
            f"There is no section {', '.join(wrong)}.",
            still="No report was written.",
            todo=f"Sections: {', '.join(SECTIONS)}.",
        )
    return wanted


def _write(told: argparse.Namespace, settings: ReportSettings) -> int:
    if told.person or told.day:
        from lablive.report.progress import write_group, write_progress

        if told.person:
            return write_progress(home(), told.person, told.pdf, settings)
        return write_group(home(), told.day, told.pdf, settings, tell)
    from lablive.report.session import write_report
    from lablive.signals.montage import load_montage

    if told.source is None:
        raise SystemExit("name a trial, a session folder, --person or --day")
    return write_report(
        told.source,
        told.pdf,
        settings,
        montage=load_montage(told.montage) if told.montage else None,
        calibrations=_calibrations(told.calibration),
        name=name_of(told.source) if settings.who == "name" else "",
        progress=tell,
    )


def _codes(told: argparse.Namespace) -> list[str]:
    """Return whose data the report shows."""
    if told.person:
        return [told.person]
    if told.day:
        from lablive.library.found import read_name, session_folders

        names = [read_name(folder.name) for folder in session_folders(home())]
        return [name[1] for name in names if name is not None and name[0] == told.day]
    return [code_of(told.source) or "anonymous"]


def code_of(source: Path) -> str:
    """Return the code in a trial or in the first trial of a session folder."""
    from lablive.names import HeaderKey
    from lablive.recording.continued import header_texts
    from lablive.report.session import trials_of

    return (header_texts(trials_of(source)[0]) or {}).get(HeaderKey.CODE, "")


def name_of(source: Path) -> str:
    """Return the name that the library has for the person of a trial; "" for none."""
    from lablive.library.opening import open_library

    code = code_of(source)
    if not code:
        return ""
    library = open_library(home())
    try:
        person = library.person(code)
    finally:
        library.close()
    return person.name if person else ""


def _calibrations(path: Path | None) -> Calibrations | None:
    if path is None:
        return None
    from lablive.calibrating.record import load_record

    return load_record(path).calibrations


def tell(share: float, step: str) -> None:
    """Print how far the report is, as one JSON line."""
    line = json.dumps({"progress": round(share, 3), "step": step})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
