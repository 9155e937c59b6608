"""Pain as the operator enters it, 0 to 10 (metric reference 8.2, 13).

Sensor numbers never clear anybody; a number here can only stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.metrics.bands import Verdict
from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from collections.abc import Sequence

HIGHEST: Final = 10
_GOOD: Final = 2
_STOP: Final = 4
_MINUTE_S: Final = 60.0


class PainEntry(msgspec.Struct, frozen=True):
    """Pain from 0 to 10 at a time on the lab clock."""

    t_s: float
    nrs: int

    def __post_init__(self) -> None:
        """Refuse what is not on the scale."""
        if not 0 <= self.nrs <= HIGHEST:
            raise ValueError(f"pain goes from 0 to {HIGHEST}, not {self.nrs}")


class DrillPain(msgspec.Struct, frozen=True):
    """Worst pain of a drill or run, whether it rose, and what that means.

    Attributes
    ----------
    value
        NaN when nobody asked; there is no verdict then.
    rising
        The last entry is above the first.
    """

    value: float = NAN
    rising: bool = False
    verdict: Verdict | None = None
    n: int = 0


def drill_pain_nrs(entries: Sequence[PainEntry]) -> DrillPain:
    """Return the worst pain of a drill: to 2, not rising, is good; 4 is a stop."""
    if not entries:
        return DrillPain()
    ordered = sorted(entries, key=lambda entry: entry.t_s)
    worst = max(entry.nrs for entry in ordered)
    rising = ordered[-1].nrs > ordered[0].nrs
    verdict: Verdict = "caution"
    if worst >= _STOP:
        verdict = "poor"
    elif worst <= _GOOD and not rising:
        verdict = "good"
    return DrillPain(float(worst), rising, verdict, len(ordered))


def pain_onset_min(entries: Sequence[PainEntry], start_s: float) -> float:
    """Return the minute of the run in which pain began, NaN when it did not.

    Parameters
    ----------
    entries
        In any order. Pain that was there before the start or at the first entry did
        not begin in this run.
    start_s
        Start of the run, lab clock.
    """
    ordered = sorted(entries, key=lambda entry: entry.t_s)
    if not ordered or ordered[0].nrs > 0:
        return NAN
    began = next((entry for entry in ordered if entry.nrs > 0), None)
    if began is None or began.t_s < start_s:
        return NAN
    return (began.t_s - start_s) / _MINUTE_S
