"""Butterworth filters: causal for rows as they arrive, zero-phase for a window.

Designs are those of the metric reference, section 11 (bilinear transform with
pre-warping, as scipy designs them). scipy is imported when the first filter is
designed, not when the program starts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.errors import ConfigError
from lablive.signals.row_steps import RowSteps

if TYPE_CHECKING:
    from lablive.messages import Floats, Ints

Kind = Literal["lowpass", "highpass"]

RESTART_AFTER_S: Final = 0.5  # of missing rows (metric reference 6)
MAX_BRIDGE_S: Final = 0.020  # metric reference 0.5: longer holes stay holes
_SETTLED: Final = 1e-3  # of a step, left when a filter counts as settled


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A filter designed for rows of one rate.

    Attributes
    ----------
    sos
        Second-order sections ``b0 b1 b2 1 a1 a2``, shape (sections, 6).
    rate_hz
        Rows per second it is designed for.
    settle_rows
        Rows until 0.1 % of a step's transient is left.
    """

    sos: Floats
    rate_hz: float
    settle_rows: int

    def delay_s(self, at_hz: float = 0.0) -> float:
        """Return the group delay at a frequency of the pass band, in seconds.

        Take it off the time of an event found in causally filtered rows (metric
        reference 0.4: 10 Hz low-pass 23 ms, 6 Hz 38 ms).
        """
        k = np.arange(3)
        turn = np.exp(-2j * np.pi * at_hz / self.rate_hz * k)
        rows = 0.0
        for section in self.sos:
            b, a = section[:3] * turn, section[3:] * turn
            rows += float(((k * b).sum() / b.sum() - (k * a).sum() / a.sum()).real)
        return rows / self.rate_hz

    def zero_phase(self, t_s: Floats, x: Floats) -> Floats:
        """Filter a window forward and backward: no delay, the response squared.

        A low-pass of 10 Hz passes -6 dB at 10 Hz this way, and -3 dB at 8.02 Hz. The
        metric reference gives its values for designs used so; who needs -3 dB at the
        cut-off divides it by 0.802 (section 11).

        Parameters
        ----------
        t_s, x
            Times, shape (rows,), and values, shape (rows,) or (rows, channels).

        Returns
        -------
        y : shape of ``x``; NaN in rows with a NaN. Holes up to 20 ms (or one row) are
            bridged by a line; beyond longer ones the rows are filtered apart. Ends
            are continued by ``settle_rows`` rows turned about the end (odd), by fewer
            when the window is shorter.
        """
        y = np.full(x.shape, np.nan)
        finite = np.isfinite(x)
        good = np.flatnonzero(finite if x.ndim == 1 else finite.all(axis=1))
        if not len(good):
            return y
        place = self._places(t_s[good])
        longest = max(1.0, MAX_BRIDGE_S * self.rate_hz)
        holes = np.flatnonzero(np.diff(place) - 1 > longest) + 1
        for rows in np.split(np.arange(len(good)), holes):
            y[good[rows]] = self._there_and_back(place[rows], x[good[rows]])
        return y

    def _places(self, t_s: Floats) -> Ints:
        """Return where on an even grid each row lies, shape (rows,).

        A stamp may be late, not early: a row stands no later than the rows after it
        allow.
        """
        number = np.arange(len(t_s))
        place = np.rint((t_s - t_s[0]) * self.rate_hz).astype(np.int64)
        return np.minimum.accumulate((place - number)[::-1])[::-1] + number

    def _there_and_back(self, place: Ints, x: Floats) -> Floats:
        from scipy.signal import sosfiltfilt

        even = _filled(place, x)
        pad = min(self.settle_rows, len(even) - 1)
        y = sosfiltfilt(self.sos, even, axis=0, padtype="odd", padlen=pad)
        return y[place - place[0]]


@lru_cache(maxsize=256)
def butterworth(kind: Kind, cutoff_hz: float, rate_hz: float, order: int = 2) -> Filter:
    """Design a Butterworth filter, -3 dB at the cut-off.

    Raises
    ------
    ConfigError
        The stream is too slow for the cut-off.
    """
    from scipy.signal import butter

    if not 0 < 2 * cutoff_hz < rate_hz:
        raise ConfigError(
            f"A {kind} of {cutoff_hz:g} Hz needs more than {2 * cutoff_hz:g} rows per "
            f"second; the stream has {rate_hz:g}.",
            still="Recording, and what needs no such filter.",
            todo="Raise the sensor's rate.",
        )
    sos = np.array(butter(order, cutoff_hz, kind, fs=rate_hz, output="sos"))
    slowest = max(float(np.abs(np.roots(section[3:])).max()) for section in sos)
    return Filter(sos, rate_hz, int(np.ceil(np.log(_SETTLED) / np.log(slowest))))


class CausalFilter:
    """A filter for rows as they arrive; any cut of the stream gives the same bits.

    It starts as if the first row had lasted for ever. A row with a NaN in any channel
    is missing: the answer is NaN there, and the filter goes on along a line to the
    next good row. After more than 0.5 s without one it starts again.

    Parameters
    ----------
    design
        From :func:`butterworth`; its ``delay_s`` is how late the answer is.
    channels
        Columns of ``x``.
    """

    def __init__(self, design: Filter, channels: int) -> None:
        from scipy.signal import sosfilt, sosfilt_zi

        self._run = sosfilt
        self._design = design
        self._at_rest = sosfilt_zi(design.sos)[:, :, None]
        self._state = np.zeros((len(design.sos), 2, channels))
        self._steps = RowSteps(design.rate_hz)
        self._last_t_s = -np.inf
        self._last_x = np.zeros(channels)

    def feed(self, t_s: Floats, x: Floats) -> Floats:
        """Return the filtered rows.

        Parameters
        ----------
        t_s, x
            Times, shape (rows,), and values, shape (rows, channels).

        Returns
        -------
        y : shape (rows, channels), NaN where a row is missing
        """
        whole = math.isfinite(np.add.reduce(x, axis=None))  # no value is missing
        if whole and self._steady(t_s):  # as nearly always
            self._last_t_s = float(t_s[-1])
            return self._piece(t_s, x, restart=False)
        y = np.full(x.shape, np.nan)
        good = np.flatnonzero(np.isfinite(x).all(axis=1))
        if not len(good):
            return y
        silent_s = np.diff(t_s[good], prepend=self._last_t_s)
        self._last_t_s = float(t_s[good[-1]])
        starts = np.flatnonzero(silent_s > RESTART_AFTER_S).tolist()
        edges = [*({0} - set(starts)), *starts, len(good)]
        for first, end in pairwise(edges):
            rows = good[first:end]
            y[rows] = self._piece(t_s[rows], x[rows], restart=first in starts)
        return y

    def _steady(self, t_s: Floats) -> bool:
        """Tell whether no silence begins the filter anew; False for no rows."""
        return (
            len(t_s) > 0
            and t_s[0] - self._last_t_s <= RESTART_AFTER_S
            and (t_s[1:] - t_s[:-1]).max(initial=0.0) <= RESTART_AFTER_S
        )

    def _piece(self, t_s: Floats, x: Floats, *, restart: bool) -> Floats:
        if restart:
            self._steps.restart()
            self._state = self._at_rest * x[0]
            self._last_x = x[0]
        rows = np.rint(self._steps.feed(t_s) * self._design.rate_hz)
        place = np.cumsum(np.maximum(rows, 1).astype(np.int64))
        whole = place[-1] == len(x)  # nothing is missing
        even = x
        if not whole:
            before = np.concatenate([self._last_x[None, :], x])
            even = _filled(np.concatenate([[0], place]), before)[1:]
        self._last_x = x[-1].copy()
        y, self._state = self._run(self._design.sos, even, axis=0, zi=self._state)
        return y if whole else y[place - 1]


def _filled(place: Ints, x: Floats) -> Floats:
    """Return values on an even grid from rows at some of its places, holes as lines."""
    if place[-1] - place[0] == len(place) - 1:
        return x
    grid = np.arange(place[0], place[-1] + 1)
    columns = [np.interp(grid, place, column) for column in x.reshape(len(x), -1).T]
    return np.column_stack(columns).reshape(-1, *x.shape[1:])
