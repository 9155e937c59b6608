"""Pages of a report as pictures, for the settings' preview.

``python -m lablive.report.preview SOURCE --settings FILE --folder TEMP`` writes
``page-1.png``, ... and prints ``{"pages": 3, "problem": ""}``. What it analysed for
the first picture it keeps in TEMP for the next.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lablive.errors import LabLiveError
from lablive.report.command import name_of, tell
from lablive.report.data import ReportData
from lablive.report.history import history_of
from lablive.report.paper import compile_report
from lablive.report.printed import page
from lablive.report.session import report_of, trials_of
from lablive.report.settings import ReportSettings, check_settings
from lablive.structs import from_json, from_msgpack

if TYPE_CHECKING:
    from collections.abc import Sequence


def pictures(source: Path, settings: ReportSettings, folder: Path) -> int:
    """Write every page as PNG into a folder; return how many there are.

    Parameters
    ----------
    source
        A trial, or a session's folder: then its last trial.
    settings
        What the report looks like.
    folder
        For the pictures; pages of an earlier look are replaced.

    Raises
    ------
    LabLiveError
        As :func:`lablive.report.session.write_report`.
    """
    check_settings(settings)
    trial = trials_of(source)[-1]
    report = _report(trial, folder)
    name = name_of(trial) if settings.who == "name" else ""
    told = page(report, settings, name, history_of(trial, report, settings.language))
    made = compile_report([told], settings, pictures=True)
    for old in folder.glob("page-*.png"):
        old.unlink()
    for number, picture in enumerate(made, start=1):
        (folder / f"page-{number}.png").write_bytes(picture)
    return len(made)


def _report(trial: Path, folder: Path) -> ReportData:
    cache = folder / "report.msgpack"
    if cache.exists():
        return from_msgpack(cache.read_bytes(), ReportData)
    report = report_of(trial, tell=lambda share: tell(share, "reading"))
    cache.write_bytes(msgspec.msgpack.encode(report))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures; 1 and one message when there are none."""
    parser = argparse.ArgumentParser(prog="lablive.report.preview")
    parser.add_argument("source", type=Path)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    told = parser.parse_args(arguments)
    try:
        settings = from_json(told.settings.read_bytes(), ReportSettings)
        count = pictures(told.source, settings, told.folder)
    except (LabLiveError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"pages": count}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
