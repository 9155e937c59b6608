"""The running check of the insole gain (metric reference 3.1, step 3).

Exact physics: over whole strides of steady running the mean vertical force of both
feet together is body weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.errors import CalibrationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats
    from lablive.signals.calibration import Calibration, FootCalibration

GAIN_RATIO_OK: Final = (0.85, 1.18)
MIN_STRIDES: Final = 20
MAX_HOLE_S: Final = 0.020  # metric reference 0.5: no interpolation across longer ones


class Trace(NamedTuple):
    """Force of one foot over time: ``t_s`` and ``force_n``, shape (rows,)."""

    t_s: Floats
    force_n: Floats


@dataclass(frozen=True, slots=True)
class GainCheck:
    """Result of the running check: dynamic over static gain, and on how many strides.

    ``ok`` is false outside 0.85 to 1.18 (flag "insole gain").
    """

    ratio: float
    strides: int

    @property
    def ok(self) -> bool:
        """Tell whether the standing gain holds while running."""
        return GAIN_RATIO_OK[0] <= self.ratio <= GAIN_RATIO_OK[1]


def check_gain(
    bodyweight_n: float,
    strides: Sequence[tuple[float, float]],
    left: Trace,
    right: Trace,
) -> GainCheck:
    """Compare the standing gain with running (metric reference 3.1, step 3).

    Parameters
    ----------
    bodyweight_n
        Body weight.
    strides
        Whole strides of steady running: initial contact and next contact of the same
        foot, in seconds.
    left, right
        Force above baseline, standing gain on.

    Returns
    -------
    check : body weight times time over the impulse of both feet; strides with
        missing force do not count

    Raises
    ------
    CalibrationError
        Fewer than 20 whole strides.
    """
    expected_ns, measured_ns, used = 0.0, 0.0, 0
    for start_s, end_s in strides:
        impulse_ns = sum(_impulse_ns(foot, start_s, end_s) for foot in (left, right))
        if not np.isnan(impulse_ns):
            expected_ns += bodyweight_n * (end_s - start_s)
            measured_ns += impulse_ns
            used += 1
    if used < MIN_STRIDES or measured_ns <= 0:
        raise CalibrationError(
            f"The running check needs {MIN_STRIDES} whole strides, it has {used}.",
            still="The standing calibration stays in use.",
            todo="Run on at a steady speed.",
        )
    return GainCheck(ratio=expected_ns / measured_ns, strides=used)


def with_check(calibration: Calibration, check: GainCheck) -> Calibration:
    """Return the calibration after the running check.

    When the standing gain does not hold, both feet get one common factor: their ratio
    stays as standing measured it, and ``gain_from`` says ``running``.
    """

    def checked(foot: FootCalibration | None) -> FootCalibration | None:
        if foot is None or check.ok:
            return foot
        gain = foot.gain * check.ratio
        return msgspec.structs.replace(foot, gain=gain, gain_from="running")

    return msgspec.structs.replace(
        calibration,
        left=checked(calibration.left),
        right=checked(calibration.right),
        gain_ratio=check.ratio,
    )


def _impulse_ns(trace: Trace, start_s: float, end_s: float) -> float:
    """Return the integral of force, NaN when a hole is longer than 20 ms."""
    known = ~np.isnan(trace.force_n)
    t_s, force_n = trace.t_s[known], trace.force_n[known]
    first, last = np.searchsorted(t_s, (start_s, end_s), side="right")
    around = slice(max(first - 1, 0), last + 1)  # with the rows just outside
    t, force = t_s[around], force_n[around]
    if len(t) < 3 or t[0] > start_s or t[-1] < end_s:
        return float("nan")
    steps = np.diff(t)
    if steps.max() > max(MAX_HOLE_S, 1.5 * float(np.median(steps))) + 1e-9:
        return float("nan")
    inside = t[(t > start_s) & (t < end_s)]
    at = np.concatenate(([start_s], inside, [end_s]))
    return float(np.trapezoid(np.interp(at, t, force), at))
