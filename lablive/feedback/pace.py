"""The metronome from a person's own step rate, and how well it is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.results import Results

WITHIN: Final = 0.02  # of the beat: on it (metric reference, cadence_adherence_pct)
LAST: Final = 10  # strides of each foot
OLD_S: Final = 3.0  # the newest stride of who still runs
_FEWEST: Final = 5


class Pace(msgspec.Struct, frozen=True):
    """How steps follow a metronome.

    Attributes
    ----------
    beats_per_min
        Of the metronome.
    steps_per_min
        Median of the last strides; NaN = nobody runs.
    on_it_pct
        Strides on the beat's pace, within 2 %, in percent of them.
    n
        Strides.
    """

    beats_per_min: float
    steps_per_min: float = NAN
    on_it_pct: float = NAN
    n: int = 0


def beats_of(baseline_spm: float, more_pct: float) -> float:
    """Return the beats per minute of so many percent more steps; NaN: none known.

    >>> beats_of(168.0, 5.0)
    176.0
    """
    if not baseline_spm > 0:
        return NAN
    return float(round(baseline_spm * (1.0 + more_pct / 100.0)))


def pace(results: Results, t_s: float, beats_per_min: float) -> Pace:
    """Return how the last strides followed the metronome; only what ended before."""
    records = [
        it for it in results.sample(t_s, LAST).valid("both")
        if t_s - it.stride.next_ic_s <= LAST * OLD_S
    ]  # fmt: skip
    newest_s = max((it.stride.next_ic_s for it in records), default=-np.inf)
    if len(records) < _FEWEST or t_s - newest_s > OLD_S:
        return Pace(beats_per_min)
    steps = np.array([120.0 / it.stride.stride_s for it in records])
    on_it = np.abs(steps - beats_per_min) <= WITHIN * beats_per_min
    share_pct = 100.0 * float(np.mean(on_it))
    return Pace(beats_per_min, float(np.median(steps)), share_pct, len(steps))
