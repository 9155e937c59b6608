"""How far the clocks of devices are apart: one impulse seen by insole, IMU, microphone.

A stomp or a tap starts all of them at the same moment, so the difference of the times
at which two devices see it begin is the offset between them: what their cables, radios
and buffers delay, which no clock fit can see from one side (drivers reference, 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats

SignalKind = Literal["force", "acc", "sound"]

LONGEST_S: Final = 0.25  # [design] a device later than this is broken
FEWEST: Final = 3
# steps are so even that they fit again one step later, whatever their sensors feel: an
# offset counts only when no other one, up to this far away, fits nearly as well
PERIOD_S: Final = 3.0
CLEAR: Final = 0.4  # [design] 20 ms of 700 to 1300 ms fit by chance, 50 % of even steps
_STEP_S: Final = 0.002
_SAME_S: Final = 0.020  # [design] differences so close are one offset
_APART_S: Final = 0.050  # offsets further apart are two
# [design] what begins at once scatters by 2 ms and half a row, chance by 11 ms
MOST_RESIDUAL_S: Final = 0.005
_MOST_OF_ROW: Final = 0.4
_LEAST_SHARE: Final = 0.5  # of the impulses of the one that saw fewer
_QUIET_S: Final = 0.120  # before an impulse
_PEAK_S: Final = 0.060  # from its begin to its peak
_BASE_S: Final = (0.060, 0.010)  # before its begin: what it rises from
_REFRACTORY_S: Final = 0.200
_OVER_NOISE: Final = 6.0  # noise alone reaches 5
_OF_LARGEST: Final = 0.3  # smaller ones are no stomps
_QUIET_SHARE: Final = 0.35  # of the peak; a leg that swings is not still
_LEVELS: Final = (0.2, 0.5)  # of the rise, for its line
_FINE_S: Final = 0.002  # rows so close lie on the rise; of others few do
_AT_BASE: Final = 0.1  # of the rise: a step from below it ...
_AT_PEAK: Final = 0.8  # ... to above it has no line of its own
_BLOCK_S: Final = 0.5  # two artefacts hide no stomp
_MAD: Final = 1.4826
_LEAST_SPREAD_S: Final = 0.002
_ROWS: Final = 1.2


class Offset(NamedTuple):
    """How late a device is against the reference.

    Attributes
    ----------
    offset_s
        Its times minus those of the reference; NaN when not known.
    residual_s
        Standard deviation of single impulses around it.
    n
        Impulses it stands on.
    why
        Why it is not known; "" = it is.
    """

    offset_s: float
    residual_s: float
    n: int
    why: str = ""

    @property
    def error_s(self) -> float:
        """Standard error of the offset; body and air are not in it."""
        return self.residual_s / float(np.sqrt(self.n)) if self.n else float("nan")


def activity(kind: SignalKind, x: Floats) -> Floats:
    """Return how much a sensor feels, from rows of its role, shape (rows,).

    Force: the total, shape (rows, 1). Acceleration: how far its size is from rest,
    shape (rows, 3). Sound: the amplitude of an energy, shape (rows, 1).
    """
    if kind == "acc":
        size = np.sqrt((x * x).sum(axis=1))
        known = size[np.isfinite(size)]
        return np.abs(size - np.median(known)) if len(known) else size
    if kind == "sound":
        return np.sqrt(np.maximum(x[:, 0], 0.0))
    return x[:, 0]


def impulses(t_s: Floats, felt: Floats) -> Floats:
    """Return when impulses began, shape (impulses,), in seconds.

    An impulse rises out of quiet to a good share of the largest ones. Its begin is
    where the line of its rise meets what it rose from; a rise within one row began in
    the middle of it.

    Parameters
    ----------
    t_s, felt
        Times and :func:`activity`, shape (rows,); NaN rows are left out.
    """
    known = np.isfinite(felt)
    t_s, felt = t_s[known], felt[known]
    if len(t_s) < FEWEST:
        return np.empty(0)
    row_s = float(np.median(np.diff(t_s)))
    floor = float(np.median(felt))
    largest = _largest(t_s, felt) - floor
    least = floor + _OF_LARGEST * largest
    noise = _MAD * float(np.median(np.abs(np.diff(felt)))) / np.sqrt(2)
    if largest <= _OVER_NOISE * noise:
        return np.empty(0)
    above = felt > least
    begins = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    found: list[float] = []
    last_s = -np.inf
    for at in begins.tolist():
        crossed_s = float(t_s[at])
        if crossed_s - last_s < _REFRACTORY_S:
            continue
        begin_s = _begin_s(t_s, felt, at, row_s)
        if begin_s is not None:
            found.append(begin_s)
            last_s = crossed_s
    return np.array(found)


def match(
    reference_s: Floats,
    device_s: Floats,
    row_s: float = 0.0,
    longest_s: float = LONGEST_S,
) -> Offset:
    """Return how late a device saw the impulses that the reference saw.

    Parameters
    ----------
    reference_s, device_s
        Begins of impulses, shape (impulses,), increasing; either may have some that
        the other has not.
    row_s
        Time between rows of the slower of the two.
    longest_s
        A larger offset is not looked for.
    """
    nothing = Offset(float("nan"), float("nan"), 0)
    if min(len(reference_s), len(device_s)) < FEWEST:
        few = min(len(reference_s), len(device_s))
        return nothing._replace(n=few, why=f"only {few} impulses are seen")
    tried = _likely(reference_s, device_s, PERIOD_S)
    counts = np.array([len(_matched(reference_s, device_s, it)) for it in tried])
    possible = np.abs(tried) <= longest_s
    best = int(counts[possible].max(initial=0))
    if best < FEWEST:
        return nothing._replace(n=best, why="the impulses of the two do not agree")
    likely_s = tried[possible & (counts == best)]
    centre_s = float(np.median(likely_s))
    elsewhere = counts[np.abs(tried - centre_s) > _APART_S]
    most = 1 + CLEAR * best  # one more by chance, where there are few
    if np.ptp(likely_s) > _APART_S or int(elsewhere.max(initial=0)) > most:
        return nothing._replace(
            n=best,
            why="another offset fits as well: steps, or stomps as even as steps",
        )
    late_s = _matched(reference_s, device_s, centre_s)
    middle_s = float(np.median(late_s))
    spread_s = _MAD * float(np.median(np.abs(late_s - middle_s)))
    # a begin is uncertain by a row, and not evenly so: none of that is an outlier
    far_s = max(3 * spread_s, _LEAST_SPREAD_S, _ROWS * row_s)
    kept = late_s[np.abs(late_s - middle_s) <= far_s]
    fewer = min(len(reference_s), len(device_s))
    if len(kept) < max(FEWEST, _LEAST_SHARE * fewer):
        return nothing._replace(
            n=len(kept), why=f"they agree in {len(kept)} of {fewer} impulses only"
        )
    residual_s = float(np.std(kept, ddof=1))
    if residual_s > max(MOST_RESIDUAL_S, _MOST_OF_ROW * row_s):
        return nothing._replace(
            n=len(kept),
            why=f"the differences scatter by {1e3 * residual_s:.0f} ms: what the two "
            "see does not begin at once",
        )
    return Offset(float(np.mean(kept)), residual_s, len(kept))


def within(t_s: Floats, spans: Sequence[tuple[float, float]]) -> Floats:
    """Return the times that lie in one of the spans, shape (times,)."""
    inside = np.zeros(len(t_s), dtype=bool)
    for begin_s, end_s in spans:
        inside |= (t_s >= begin_s) & (t_s < end_s)
    return t_s[inside]


def _largest(t_s: Floats, felt: Floats) -> float:
    """Return the third largest peak, so that two artefacts set no scale."""
    blocks = np.flatnonzero(np.diff(np.floor(t_s / _BLOCK_S), prepend=-np.inf))
    peaks = np.sort(np.maximum.reduceat(felt, blocks))
    return float(peaks[-min(FEWEST, len(peaks))])


def _begin_s(t_s: Floats, felt: Floats, at: int, row_s: float) -> float | None:
    """Return the begin of the rise that passes row ``at``; None: not out of quiet."""
    first, last = np.searchsorted(t_s, (t_s[at] - _QUIET_S, t_s[at] + _PEAK_S))
    if not first or t_s[at] - t_s[first] < 0.5 * _QUIET_S:
        return None  # a hole, or the begin of the rows
    peak_at = at + int(np.argmax(felt[at:last]))
    low, high = np.searchsorted(
        t_s, (t_s[at] - _BASE_S[0] - row_s, t_s[at] - _BASE_S[1])
    )
    base = float(np.median(felt[low : max(high, low + 1)]))
    rise = float(felt[peak_at]) - base
    still = felt[first : max(high, low + 1)]
    if rise <= 0 or float(np.max(still)) - base > _QUIET_SHARE * rise:
        return None
    from_row = max(high, 1)
    if row_s > _FINE_S:
        return _steepest_s(t_s, felt, from_row, peak_at, base)
    low_s, high_s = (
        _crossing_s(t_s, felt, from_row, base + share * rise) for share in _LEVELS
    )
    at = int(np.searchsorted(t_s, low_s))
    if high_s <= t_s[at]:
        return float(t_s[at]) - 0.5 * row_s  # within one row: anywhere in it
    share = _LEVELS[0] / (_LEVELS[1] - _LEVELS[0])
    return max(low_s - share * (high_s - low_s), float(t_s[from_row - 1]))


def _steepest_s(
    t_s: Floats, felt: Floats, first: int, peak_at: int, base: float
) -> float:
    """Return where the steepest step of a rise, made longer, meets its base."""
    steps = np.diff(felt[first - 1 : peak_at + 1])
    at = first - 1 + int(np.argmax(steps))
    low, high = float(felt[at]) - base, float(felt[at + 1]) - base
    rise = float(felt[peak_at]) - base
    begin_s, row_s = float(t_s[at]), float(t_s[at + 1] - t_s[at])
    if low < _AT_BASE * rise and high > _AT_PEAK * rise:
        return begin_s + 0.5 * row_s  # within one row: anywhere in it
    return begin_s - low / (high - low) * row_s


def _crossing_s(t_s: Floats, felt: Floats, first: int, level: float) -> float:
    """Return when a level was first passed."""
    at = first
    while felt[at] <= level:
        at += 1
    before, after = float(felt[at - 1]), float(felt[at])
    share = (level - before) / (after - before) if after > before else 1.0
    return float(t_s[at - 1] + share * (t_s[at] - t_s[at - 1]))


def _likely(reference_s: Floats, device_s: Floats, longest_s: float) -> Floats:
    """Return the offsets worth a look: differences of any two, in steps of 2 ms."""
    first = np.searchsorted(device_s, reference_s - longest_s)
    end = np.searchsorted(device_s, reference_s + longest_s, side="right")
    near = [
        device_s[a:b] - at for a, b, at in zip(first, end, reference_s, strict=True)
    ]
    return _STEP_S * np.unique(np.round(np.concatenate(near) / _STEP_S))


def _matched(reference_s: Floats, device_s: Floats, offset_s: float) -> Floats:
    """Return the differences of the impulses that agree within 20 ms."""
    wanted = reference_s + offset_s
    near = np.clip(np.searchsorted(device_s, wanted), 1, len(device_s) - 1)
    before, after = device_s[near - 1], device_s[near]
    chosen = np.where(wanted - before <= after - wanted, before, after)
    agrees = np.abs(chosen - wanted) <= _SAME_S
    return (chosen - reference_s)[agrees]
