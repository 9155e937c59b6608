"""Drills and focus runs of a person over the sessions, from what lies beside trials.

The files are the truth: nothing of this is in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lablive.errors import LabLiveError
from lablive.library.found import session_folders
from lablive.library.session_plan import load_plan
from lablive.library.summary import read_summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.drills.record import SetRecord
    from lablive.library.summary import TrialSummary
    from lablive.protocol.focus import FocusRecord


def set_history(home: Path, code: str, until: str = "") -> tuple[SetRecord, ...]:
    """Return the sets of a person, oldest first, each with its day.

    Parameters
    ----------
    home
        The library.
    code
        Of the person.
    until
        Only sessions before this day (ISO 8601); "" = all.
    """
    found: list[SetRecord] = []
    for date, summary in _summaries(home, code, until):
        found += [msgspec.structs.replace(it, date=date) for it in summary.drills]
    return tuple(found)


def focus_history(home: Path, code: str, until: str = "") -> tuple[FocusRecord, ...]:
    """Return the focus runs of a person, oldest first; see :func:`set_history`."""
    found: list[FocusRecord] = []
    for date, summary in _summaries(home, code, until):
        found += [msgspec.structs.replace(it, date=date) for it in summary.focus]
    return tuple(found)


def _summaries(home: Path, code: str, until: str) -> Iterator[tuple[str, TrialSummary]]:
    """Yield day and summary of every trial of a person that was counted."""
    for folder in sorted(session_folders(home)):
        date = folder.name[:10]
        if (until and date >= until) or _code_of(folder) != code:
            continue
        for trial in sorted(folder.glob("*.xdf")):
            summary = read_summary(trial)
            if summary is not None:
                yield date, summary


def _code_of(folder: Path) -> str:
    """Return whose a session is: as it says itself, else by its name."""
    try:
        return load_plan(folder).code
    except LabLiveError:
        return folder.name[11:]
