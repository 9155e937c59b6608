"""What a muscle does in one stride: bursts, stance curve, peak, means, onset.

Metric reference, section 7. Pure functions of the rows around a stride; ``t_s`` is the
time at the middle of the windows (:class:`lablive.signals.emg.EmgRows`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.signals.emg import EmgSettings
    from lablive.signals.emg_reference import EmgRest

BURST_S: Final = 0.050
ONSET_SD: Final = 3.0
LEAST_SNR_DB: Final = 6.0
LEAD_S: Final = 0.400  # [design] rows before contact: a burst begins in late swing
TAIL_S: Final = 0.100  # and behind the stride, for a burst that has not ended

# curve of a stance, % of stance; negative = before contact
STANCE_PCT: Final[Floats] = np.arange(-30.0, 101.0)
_CONTACT: Final = 30  # index of 0 %
_DRIVE: Final = slice(_CONTACT - 10, _CONTACT + 61)
_STANCE: Final = slice(_CONTACT, None)
_PUSHOFF: Final = slice(_CONTACT + 60, None)
_NAN: Final = float("nan")


class Burst(NamedTuple):
    """One burst; an end that lies outside the rows is infinite."""

    on_s: float
    off_s: float


class Activation(NamedTuple):
    """Activity of one muscle in one stride; NaN = not measured.

    Attributes
    ----------
    stride_peak, stance_peak, stance_mean
        Envelope over the stride and over stance.
    drive_mean, pushoff_mean
        Mean envelope over -10 to 60 % and 60 to 100 % of stance.
    peak_time_pct
        When the envelope peaks, % of stance, -30 to 100.
    burst
        1 when a burst overlaps stance, else 0.
    onset_ms
        Begin of that burst after initial contact; negative = before. NaN when it
        stands less than 6 dB out of the rest, or began before the rows.
    curve
        Envelope at ``STANCE_PCT``, shape (131,).

    Amplitudes are in the unit of the rows, or in % after :meth:`in_percent`.
    """

    stride_peak: float
    stance_peak: float
    stance_mean: float
    drive_mean: float
    pushoff_mean: float
    peak_time_pct: float
    burst: float
    onset_ms: float
    curve: Floats

    def in_percent(self, full: float) -> Activation:
        """Return the amplitudes in % of a reference value."""
        gain = 100.0 / full
        return self._replace(
            stride_peak=self.stride_peak * gain,
            stance_peak=self.stance_peak * gain,
            stance_mean=self.stance_mean * gain,
            drive_mean=self.drive_mean * gain,
            pushoff_mean=self.pushoff_mean * gain,
            curve=self.curve * gain,
        )


def bursts(t_s: Floats, smooth: Floats, rest: EmgRest, rate_hz: float) -> list[Burst]:
    """Find bursts by double threshold (metric reference, section 7).

    On when mean + 3 SD of the rest is exceeded for 50 ms, off when it is not for
    50 ms; the times are the first row of either. Half a window need not be taken off:
    ``t_s`` is already its middle.

    Parameters
    ----------
    t_s, smooth
        Rows, shape (rows,); NaN counts as quiet.
    rest
        The muscle at rest.
    rate_hz
        Rows per second.
    """
    active = smooth > rest.mean + ONSET_SD * rest.sd
    edges = (active[1:] != active[:-1]).nonzero()[0] + 1
    starts = np.empty(len(edges) + 2, np.intp)
    starts[0], starts[1:-1], starts[-1] = 0, edges, len(active)
    long = (starts[1:] - starts[:-1] >= round(BURST_S * rate_hz)).nonzero()[0]
    found: list[Burst] = []
    on: int | None = None
    for start in starts[long].tolist():
        if active[start] and on is None:
            on = start
        elif not active[start] and on is not None:
            found.append(Burst(_begin_s(t_s, on), float(t_s[start])))
            on = None
    if on is not None:
        found.append(Burst(_begin_s(t_s, on), np.inf))
    return found


def _begin_s(t_s: Floats, row: int) -> float:
    return float(t_s[row]) if row else -np.inf


def activation(
    t_s: Floats,
    smooth: Floats,
    envelope: Floats,
    stride: tuple[float, float, float],
    settings: EmgSettings,
    rest: EmgRest | None,
) -> Activation:
    """Measure one muscle in one stride.

    Parameters
    ----------
    t_s, smooth, envelope
        Rows from ``LEAD_S`` before the stride to ``TAIL_S`` after it, shape (rows,),
        missing in the same rows.
    stride
        Initial contact, toe-off, next initial contact in s.
    settings
        Of the chain the rows come from.
    rest
        The muscle at rest; None = bursts cannot be told.
    """
    ic_s, to_s, next_ic_s = stride
    if not math.isfinite(np.add.reduce(envelope)):  # a row is missing
        known = np.isfinite(envelope)
        t_s, smooth, envelope = t_s[known], smooth[known], envelope[known]
    holes = _holes(t_s, settings)
    curve = _curve(t_s, envelope, ic_s, to_s, holes)
    stride_peak, burst, onset_ms = _NAN, _NAN, _NAN
    if _covered(holes, ic_s, next_ic_s):
        first, end = t_s.searchsorted((ic_s, next_ic_s))
        stride_peak = float(np.maximum.reduce(envelope[first:end]))
    if rest is not None and _covered(holes, ic_s - LEAD_S, to_s):
        first, end = t_s.searchsorted((ic_s - LEAD_S, to_s + TAIL_S))
        near = slice(first, end)
        found = bursts(t_s[near], smooth[near], rest, settings.rate_hz)
        of_stance = [it for it in found if it.on_s < to_s and it.off_s > ic_s]
        burst = 1.0 if of_stance else 0.0
        if of_stance and settings.timing:
            onset_ms = _onset_ms(t_s, envelope, of_stance[0], ic_s, rest)
    return Activation(
        stride_peak=stride_peak,
        stance_peak=float(np.maximum.reduce(curve[_STANCE])),
        stance_mean=_mean(curve[_STANCE]),
        drive_mean=_mean(curve[_DRIVE]),
        pushoff_mean=_mean(curve[_PUSHOFF]),
        peak_time_pct=_peak_time_pct(curve),
        burst=burst,
        onset_ms=onset_ms,
        curve=curve,
    )


def _holes(t_s: Floats, settings: EmgSettings) -> list[tuple[float, float]]:
    """Return the times without a row: before, behind, and over 20 ms within."""
    if not len(t_s):
        return [(-np.inf, np.inf)]
    at = (t_s[1:] - t_s[:-1] > settings.hole_s).nonzero()[0]
    within = zip(t_s[at].tolist(), t_s[at + 1].tolist(), strict=True)
    slack_s = 1.5 / settings.rate_hz  # an end lies between two rows
    before = (-np.inf, float(t_s[0]) - slack_s)
    return [before, *within, (float(t_s[-1]) + slack_s, np.inf)]


def _covered(holes: list[tuple[float, float]], first_s: float, end_s: float) -> bool:
    return not any(begin < end_s and first_s < end for begin, end in holes)


def _curve(
    t_s: Floats,
    envelope: Floats,
    ic_s: float,
    to_s: float,
    holes: list[tuple[float, float]],
) -> Floats:
    """Return the envelope at ``STANCE_PCT``, NaN where it was not measured."""
    at_s = ic_s + (to_s - ic_s) * STANCE_PCT / 100.0
    if not len(t_s):
        return np.full(len(at_s), np.nan)
    curve = np.interp(at_s, t_s, envelope)
    first_s, last_s = float(at_s[0]), float(at_s[-1])
    for begin_s, end_s in holes:
        if begin_s < last_s and end_s > first_s:
            curve[(at_s > begin_s) & (at_s < end_s)] = np.nan
    return curve


def _mean(x: Floats) -> float:
    return float(np.add.reduce(x)) / len(x)  # numpy's own takes three times as long


def _peak_time_pct(curve: Floats) -> float:
    top = int(curve.argmax())  # the first NaN when there is one
    return _NAN if np.isnan(curve[top]) else float(STANCE_PCT[top])


def _onset_ms(
    t_s: Floats, envelope: Floats, burst: Burst, ic_s: float, rest: EmgRest
) -> float:
    first, end = t_s.searchsorted((burst.on_s, burst.off_s))
    clear = snr_db(envelope[first:end], rest) >= LEAST_SNR_DB
    return 1e3 * (burst.on_s - ic_s) if clear and np.isfinite(burst.on_s) else _NAN


def snr_db(envelope: Floats, rest: EmgRest) -> float:
    """Return the power of activity over the power at rest, in dB.

    ``envelope`` are rows while active, shape (rows,); the rest's own power in them is
    taken off. -inf when nothing is left.
    """
    power = float(np.add.reduce(envelope * envelope))
    if not math.isfinite(power):
        envelope = envelope[np.isfinite(envelope)]
        power = float(np.add.reduce(envelope * envelope))
    if not len(envelope) or not rest.rms > 0:
        return _NAN
    ratio = power / len(envelope) / rest.rms**2 - 1.0
    return 10 * math.log10(ratio) if ratio > 0 else -np.inf
