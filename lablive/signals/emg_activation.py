"""What a muscle does in one stride: bursts, stance curve, peak, means, onset.

Metric reference, section 7. Pure functions of the rows around a stride; ``t_s`` is the
time at the middle of the windows (:class:`lablive.signals.emg.EmgRows`).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
_PARTS: Final = (_STANCE, _DRIVE, _PUSHOFF)
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
    crossed = _turns(smooth, rest)
    found = _bursts(crossed, slice(0, len(smooth)), round(BURST_S * rate_hz))
    return [Burst(_begin_s(t_s, on), _end_s(t_s, off)) for on, off in found]


class _Turns(NamedTuple):
    """Rows above the threshold, and where it is crossed."""

    active: NDArray[np.bool_]
    edges: NDArray[np.intp]


def _turns(smooth: Floats, rest: EmgRest) -> _Turns:
    active = smooth > rest.mean + ONSET_SD * rest.sd
    return _Turns(active, (active[1:] != active[:-1]).nonzero()[0] + 1)


def _bursts(turns: _Turns, rows: slice, least: int) -> list[tuple[int, int]]:
    """Return where each burst in some rows begins and ends.

    One that began before begins with the rows, one that has not ended ends with them.
    """
    active, edges = turns
    first, end = rows.start, rows.stop
    inner = edges[edges.searchsorted(first, side="right") : edges.searchsorted(end)]
    found: list[tuple[int, int]] = []
    on: int | None = None
    for start, stop in pairwise((first, *inner.tolist(), end)):
        if stop - start < least:
            continue
        if active[start] and on is None:
            on = start
        elif not active[start] and on is not None:
            found.append((on, start))
            on = None
    if on is not None:
        found.append((on, end))
    return found


def _begin_s(t_s: Floats, row: int) -> float:
    return float(t_s[row]) if row else -np.inf


def _end_s(t_s: Floats, row: int) -> float:
    return float(t_s[row]) if row < len(t_s) else np.inf


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


def _in_stance(
    t_s: Floats,
    bursts: Sequence[tuple[int, int]],
    near: slice,
    stride: tuple[float, float, float],
) -> tuple[int, int]:
    """Return the first burst that overlaps stance, (0, 0) when none does."""
    ic_s, to_s, _ = stride
    for on, off in bursts:
        begins = on == near.start or t_s[on] < to_s
        if begins and (off == near.stop or t_s[off] > ic_s):
            return on, off
    return 0, 0


def activations(
    t_s: Floats,
    smooth: Floats,
    envelope: Floats,
    strides: Sequence[tuple[float, float, float]],
    settings: EmgSettings,
    rest: EmgRest | None,
) -> list[Activation]:
    """Do :func:`activation` of one muscle in strides in time order, with the same bits.

    Parameters
    ----------
    t_s, smooth, envelope
        Rows over all strides, shape (rows,), missing in the same rows.
    strides, settings, rest
        As for one.
    """
    windows = [
        slice(
            int(t_s.searchsorted(ic_s - LEAD_S)),
            int(t_s.searchsorted(next_ic_s + TAIL_S, side="right")),
        )
        for ic_s, _, next_ic_s in strides
    ]
    found: dict[int, Activation] = {}
    if len(strides) > 1 and _is_whole(t_s, envelope, settings):
        found = _together(t_s, smooth, envelope, strides, windows, settings, rest)
    return [
        found.get(number)
        or activation(t_s[rows], smooth[rows], envelope[rows], stride, settings, rest)
        for number, (stride, rows) in enumerate(zip(strides, windows, strict=True))
    ]


def _is_whole(t_s: Floats, envelope: Floats, settings: EmgSettings) -> bool:
    """Tell whether no row is missing, and each has a time of its own."""
    steps_s = t_s[1:] - t_s[:-1]
    return bool(
        math.isfinite(np.add.reduce(envelope))
        and np.maximum.reduce(steps_s, initial=0.0) <= settings.hole_s
        and np.minimum.reduce(steps_s, initial=1.0) > 0.0
    )


def _together(
    t_s: Floats,
    smooth: Floats,
    envelope: Floats,
    strides: Sequence[tuple[float, float, float]],
    windows: Sequence[slice],
    settings: EmgSettings,
    rest: EmgRest | None,
) -> dict[int, Activation]:
    """Return the activity in the strides whose rows reach far enough around them."""
    ic_s, to_s = np.array(strides).T[:2, :, None]
    at_s = ic_s + (to_s - ic_s) * STANCE_PCT / 100.0
    curves = np.interp(at_s, t_s, envelope)
    peaks = np.maximum.reduce(curves[:, _STANCE], axis=1).tolist()
    sums = [(np.add.reduce(curves[:, of], axis=1), of) for of in _PARTS]
    stance, drive, pushoff = ((it / len(STANCE_PCT[of])).tolist() for it, of in sums)
    tops_pct = STANCE_PCT[curves.argmax(axis=1)].tolist()
    least, slack_s = round(BURST_S * settings.rate_hz), 1.5 / settings.rate_hz
    turns = None if rest is None else _turns(smooth, rest)
    found: dict[int, Activation] = {}
    for number, (stride, rows) in enumerate(zip(strides, windows, strict=True)):
        t = t_s[rows]
        if (
            not len(t)
            or t[0] > min(at_s[number, 0], stride[0] - LEAD_S + slack_s)
            or t[-1] < max(at_s[number, -1], stride[2] - slack_s)
        ):
            continue
        burst, onset_ms = _NAN, _NAN
        if rest is not None and turns is not None:
            near = slice(rows.start, int(t_s.searchsorted(stride[1] + TAIL_S)))
            on, off = _in_stance(t_s, _bursts(turns, near, least), near, stride)
            burst = 1.0 if on < off else 0.0
            if near.start < on < off and settings.timing:
                last = off if off < near.stop else rows.stop
                if snr_db(envelope[on:last], rest) >= LEAST_SNR_DB:
                    onset_ms = 1e3 * (float(t_s[on]) - stride[0])
        first, last = t_s.searchsorted((stride[0], stride[2])).tolist()
        found[number] = Activation(
            stride_peak=float(np.maximum.reduce(envelope[first:last])),
            stance_peak=peaks[number],
            stance_mean=stance[number],
            drive_mean=drive[number],
            pushoff_mean=pushoff[number],
            peak_time_pct=tops_pct[number],
            burst=burst,
            onset_ms=onset_ms,
            curve=curves[number],
        )
    return found


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
