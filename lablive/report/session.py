"""The report of a trial or a session, in a process of its own with progress on stdout.

``python -m lablive.report.session TRIAL.xdf --pdf OUT.pdf`` prints one JSON line per
step, ``{"progress": 0.4, "step": "reading"}``; exit code 1 and one message on stderr
when there is no report.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Final

from lablive.errors import ConfigError
from lablive.library.session_plan import NAME
from lablive.recording.watched import WatchedTrial
from lablive.report.history import history_of
from lablive.report.numbers_table import numbers_csv
from lablive.report.paper import check_folder, save_table, write_pdf
from lablive.report.plan_facts import with_plan
from lablive.report.printed import page
from lablive.report.settings import ReportSettings, check_settings
from lablive.report.stored import keep, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lablive.report.data import ReportData
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

    Progress = Callable[[float, str], None]

_READ: Final = 0.9  # share of the time that reading takes


def write_report(
    source: Path,
    pdf_path: Path,
    settings: ReportSettings | None = None,
    *,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    name: str = "",
    progress: Progress = lambda share, step: None,
) -> int:
    """Write the report of a trial or a session as PDF/A-2a and PDF/UA-1.

    Returns the number of pages. What was analysed when the trial was recorded is not
    analysed again. The printed numbers are saved as CSV beside it, when the settings
    say so.

    Parameters
    ----------
    source
        A trial (XDF), or the folder of a session: its trials one after the other.
    pdf_path
        The report; complete or not there at all, an older one is replaced.
    settings
        Sections, language, look; None = the defaults.
    montage
        Which channel measures what; None = each trial's own, else the labels.
    calibrations
        In place of the trials' own; None = those.
    name
        Of the person, where the settings ask for it in place of the code.
    progress
        Told the share done, 0 to 1, and what is being done.

    Raises
    ------
    RecordingError, ConfigError
        A trial is none, the montage, the calibrations or the template do not fit, or
        the report cannot be saved.
    """
    settings = settings or ReportSettings()
    progress(0.0, "opening")
    check_settings(settings)
    check_folder(pdf_path)
    trials = trials_of(source)
    reports: list[ReportData] = []
    for number, trial in enumerate(trials):

        def tell(share: float, done: int = number) -> None:
            progress((done + share) / len(trials) * _READ, "reading")

        reports.append(
            report_of(trial, montage=montage, calibrations=calibrations, tell=tell)
        )
    progress(_READ, "drawing")
    shown = name if settings.who == "name" else ""
    # the runner's page is one for all trials of a session, after the last
    last = len(reports) - 1
    pages = [
        page(
            report,
            settings if number == last else _inner(settings),
            shown,
            history_of(trials[number], report, settings.language),
        )
        for number, report in enumerate(reports)
    ]
    count = write_pdf(pages, pdf_path, settings)
    if settings.table:
        save_table(pdf_path, numbers_csv(reports, settings.units))
    progress(1.0, "done")
    return count


def report_of(
    trial: Path,
    *,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> ReportData:
    """Return what a report says of a trial: as kept, else analysed anew.

    What was analysed anew is kept when the trial lies in a session's folder.

    Parameters
    ----------
    trial, montage, calibrations
        As in :func:`write_report`.
    tell
        Told the share read.
    """
    own = montage is None and calibrations is None
    found = kept(trial) if own else None
    if found is not None:
        return with_plan(found, trial.parent)
    from lablive.analysis import analyze_trial  # the pipeline: only when it is needed
    from lablive.report.build import report_data
    from lablive.report.curves import PelvisWatch

    opened = WatchedTrial(trial, tell)
    pelvis = PelvisWatch()
    try:
        analysed = analyze_trial(opened, montage, calibrations, watch=pelvis.look)
        made = report_data(opened, analysed, pelvis)
    finally:
        opened.close()
    if own and trial.with_name(NAME).exists():
        with contextlib.suppress(OSError):  # a full disk costs the next report time
            keep(trial, made)
    return with_plan(made, trial.parent)


def trials_of(source: Path) -> list[Path]:
    """Return the trials of a session folder in order of their names, or the one trial.

    Later parts of a recording belong to its first file.

    Raises
    ------
    ConfigError
        The folder holds no trial.
    """
    if not source.is_dir():
        return [source]
    from lablive.recording.joining import sibling_parts

    found = sorted(source.glob("*.xdf"))
    parts = {part for trial in found for part in sibling_parts(trial)}
    trials = [trial for trial in found if trial not in parts]
    if not trials:
        raise ConfigError(
            f"There is no trial in {source}.",
            still="No report was written.",
            todo="Name a trial (.xdf), or the folder of a session that has one.",
        )
    return trials


def _inner(settings: ReportSettings) -> ReportSettings:
    import msgspec

    kept_on = tuple(it for it in settings.sections if it not in ("runner", "signature"))
    return msgspec.structs.replace(settings, sections=kept_on or ("quality",))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a report as told on the command line; return the exit code."""
    from lablive.report.command import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
