"""What the library knows besides a trial: focus runs completed, the drill ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lablive.drills.ladder import Rung

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.report.data import ReportData
    from lablive.report.settings import Language


class History(msgspec.Struct, frozen=True):
    """Of one person up to the day of a session.

    Attributes
    ----------
    focus_runs
        Metric id -> completed focus runs.
    rungs
        The drill ladder, lowest first; empty where no set was ever scored.
    """

    focus_runs: dict[str, int] = {}
    rungs: tuple[Rung, ...] = ()


def history_of(
    trial: Path, report: ReportData, language: Language = "en"
) -> History | None:
    """Return what is kept of the person; None where a trial lies in no library.

    Parameters
    ----------
    trial
        Its file.
    report
        Whose, and on which day.
    language
        Of the drills' titles.
    """
    folder = trial.parent
    if folder.parent.name != "sessions":
        return None
    from lablive.drills.catalogue import load_catalogue
    from lablive.drills.ladder import ladder
    from lablive.library.drill_history import focus_history, set_history

    home, day = folder.parent.parent, folder.name[:10]
    runs: dict[str, int] = {}
    for run in focus_history(home, report.person):
        if run.counts and run.date <= day:
            runs[run.metric] = runs.get(run.metric, 0) + 1
    sets = [it for it in set_history(home, report.person) if it.date <= day]
    rungs: tuple[Rung, ...] = ()
    if any(it.scored for it in sets):
        catalogue, _ = load_catalogue(home / "drills")
        rungs = ladder(catalogue, sets, language)
    return History(runs, rungs)
