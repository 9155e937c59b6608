"""Focus minutes: one skill per run, a minute more each time (metric reference 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.messages import Floats

LONGEST_MIN: Final = 30
COUNTS_PCT: Final = 60.0  # [design] of the focus time in target


class FocusRecord(msgspec.Struct, frozen=True):
    """One focus run as it is kept beside its trial.

    Attributes
    ----------
    metric
        What the runner had in mind.
    minutes, in_target_pct
        How long, and the share of it in target; None = not measured, ``why``.
    retention_pct
        The same of the last minute, which has no feedback when it fades.
    pain_before, pain_after
        0 to 10; None = nobody asked.
    counts
        60 % in target and no more pain: the next run is a minute longer.
    date
        Day of the session, ISO 8601.
    """

    metric: str
    minutes: float
    in_target_pct: float | None = None
    retention_pct: float | None = None
    pain_before: float | None = None
    pain_after: float | None = None
    counts: bool = False
    why: str = ""
    date: str = ""


def focus_minutes_target(completed_runs: int) -> int:
    """Return the focus minutes of this run: 1, and 1 more per completed run, to 30.

    >>> focus_minutes_target(0), focus_minutes_target(3), focus_minutes_target(99)
    (1, 4, 30)
    """
    return min(1 + completed_runs, LONGEST_MIN)


def focus_in_target_pct(
    ends_s: Floats,
    lasted_s: Floats,
    values: Floats,
    target: tuple[float, float],
    focus_s: tuple[float, float],
) -> float:
    """Return the share of the measured focus time with the metric in its target.

    Parameters
    ----------
    ends_s, lasted_s, values
        End, duration and value of each valid stride, shape (strides,); NaN = no value.
    target
        Lowest and highest value that counts.
    focus_s
        Begin and end of the focus minutes.

    Returns
    -------
    share : NaN when less than half of the focus time was measured
    """
    low, high = target
    inside = (ends_s > focus_s[0]) & (ends_s <= focus_s[1]) & np.isfinite(values)
    seen_s = float(lasted_s[inside].sum())
    if not seen_s > 0 or seen_s < 0.5 * (focus_s[1] - focus_s[0]):
        return NAN
    good = inside & (values >= low) & (values <= high)
    return 100.0 * float(lasted_s[good].sum()) / seen_s


def run_counts(in_target_pct: float, pain_before: float, pain_after: float) -> bool:
    """Tell whether a focus run is completed: 60 % in target and no more pain.

    Pain that nobody asked for (NaN) does not count as none.
    """
    return in_target_pct >= COUNTS_PCT and pain_after <= pain_before
