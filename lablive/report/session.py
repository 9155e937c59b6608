"""The report of a trial, made in a process of its own with progress on stdout.

``python -m lablive.report.session TRIAL.xdf --pdf OUT.pdf`` prints one JSON line per
step, ``{"progress": 0.4, "step": "reading"}``; exit code 1 and one message on stderr
when there is no report.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lablive.analysis import analyze_trial
from lablive.errors import LabLiveError
from lablive.recording.watched import WatchedTrial
from lablive.report.build import report_data
from lablive.report.paper import PAPERS, check_folder, write_pdf
from lablive.signals.montage import load_montage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.report.paper import Paper
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

    Progress = Callable[[float, str], None]

_READ: Final = 0.9  # share of the time that reading takes


def write_report(
    trial_path: Path,
    pdf_path: Path,
    *,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    paper: Paper = "a4",
    logo: Path | None = None,
    template: Path | None = None,
    progress: Progress = lambda share, step: None,
) -> int:
    """Analyse a trial and write its report as PDF/A-2a and PDF/UA-1.

    Returns the number of pages.

    Parameters
    ----------
    trial_path
        The trial (XDF).
    pdf_path
        The report; complete or not there at all, an older one is replaced.
    montage
        Which channel measures what; None = the trial's own, else the labels.
    calibrations
        In place of the trial's own; None = those.
    paper
        ``a4`` or ``letter``.
    logo, template
        The clinic's own; see :func:`lablive.report.paper.write_pdf`.
    progress
        Told the share done, 0 to 1, and what is being done.

    Raises
    ------
    RecordingError, ConfigError
        The trial is none, the montage, the calibrations or the template do not fit,
        or the report cannot be saved.
    """
    progress(0.0, "opening")
    check_folder(pdf_path)
    trial = WatchedTrial(trial_path, lambda share: progress(share * _READ, "reading"))
    try:
        analysed = analyze_trial(trial, montage, calibrations)
        progress(_READ, "drawing")
        report = report_data(trial, analysed)
    finally:
        trial.close()
    pages = write_pdf(report, pdf_path, paper=paper, logo=logo, template=template)
    progress(1.0, "done")
    return pages


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a report as told on the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="lablive.report.session")
    parser.add_argument("trial", type=Path)
    parser.add_argument("--pdf", type=Path, required=True)
    parser.add_argument("--montage", type=Path)
    parser.add_argument("--calibration", type=Path)
    parser.add_argument("--paper", choices=tuple(PAPERS), default="a4")
    parser.add_argument("--logo", type=Path)
    parser.add_argument("--template", type=Path)
    told = parser.parse_args(arguments)
    try:
        pages = write_report(
            told.trial,
            told.pdf,
            montage=load_montage(told.montage) if told.montage else None,
            calibrations=_calibrations(told.calibration),
            paper=told.paper,
            logo=told.logo,
            template=told.template,
            progress=_print_progress,
        )
    except (LabLiveError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    end = {"progress": 1.0, "step": "done", "pages": pages}
    sys.stdout.write(json.dumps(end) + "\n")
    return 0


def _calibrations(path: Path | None) -> Calibrations | None:
    if path is None:
        return None
    from lablive.calibrating.record import load_record

    return load_record(path).calibrations


def _print_progress(share: float, step: str) -> None:
    line = json.dumps({"progress": round(share, 3), "step": step})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
