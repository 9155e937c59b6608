"""Rows of an IMU without holes, and a zero-phase low-pass for rows as they arrive.

Detectors look for extrema, which a causal filter moves. Here the backward pass runs
over a fixed look-ahead from fixed blocks of rows, so that any cut of the stream gives
the same bits and nothing has to be subtracted from an event's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.signals.filters import MAX_BRIDGE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.messages import Floats

_AHEAD_CYCLES: Final = 1.5  # of the cut-off: 0.1 % of a step's transient is left
_BLOCK_S: Final = 0.1
_HIGHEST: Final = 0.4  # of the rate: a cut-off is never nearer to half the rate


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows without a hole.

    Attributes
    ----------
    t_s, x
        Times, shape (rows,), and values, shape (rows, channels).
    fresh
        Whether a new segment begins here.
    before_s
        For a new segment: the last row of the one before, NaN at the start.
    """

    t_s: Floats
    x: Floats
    fresh: bool
    before_s: float


class Segments:
    """Cuts rows into segments without holes.

    A row with a NaN was not measured. Holes up to 20 ms (always one row) are
    bridged by a line of rows (metric reference 0.5); a longer one ends the segment.

    Parameters
    ----------
    rate_hz
        Nominal rate of the stream.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._hole_s = max(MAX_BRIDGE_S, 1.0 / rate_hz) + 0.5 / rate_hz
        self._last_s = np.nan
        self._last_x = np.empty(0)

    def feed(self, t_s: Floats, x: Floats) -> Iterator[Piece]:
        """Return the next rows, cut at holes.

        Parameters
        ----------
        t_s, x
            Times, shape (rows,), not decreasing, and values, shape (rows, channels).
        """
        good = np.isfinite(x).all(axis=1)
        t_s, x = t_s[good], x[good]
        if not len(t_s):
            return
        first = bool(np.isnan(self._last_s))
        step_s = np.diff(t_s, prepend=t_s[0] if first else self._last_s)
        holes = np.flatnonzero(step_s > self._hole_s).tolist()
        edges = sorted({0, *holes, len(t_s)})
        for start, end in pairwise(edges):
            fresh = start in holes or (first and start == 0)
            yield self._piece(t_s[start:end], x[start:end], fresh=fresh)

    def _piece(self, t: Floats, x: Floats, *, fresh: bool) -> Piece:
        before_s, before_x = self._last_s, self._last_x
        self._last_s, self._last_x = float(t[-1]), x[-1].copy()
        if not fresh:
            t = np.concatenate(((before_s,), t))
            x = np.concatenate((before_x[None, :], x))
        rows = np.round(np.diff(t) * self._rate_hz)
        lost = np.flatnonzero(rows > 1).tolist()
        parts: list[tuple[Floats, Floats]] = []
        done = 0 if fresh else 1
        for i in lost:
            share = np.arange(1, rows[i]) / rows[i]
            bridge_x = x[i] + share[:, None] * (x[i + 1] - x[i])
            parts.append((t[done : i + 1], x[done : i + 1]))
            parts.append((t[i] + share * (t[i + 1] - t[i]), bridge_x))
            done = i + 1
        parts.append((t[done:], x[done:]))
        t, x = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return Piece(t, x, fresh, before_s)


class ZeroPhase:
    """A low-pass without delay over one segment of one signal.

    Second-order Butterworth forward and backward: -6 dB at the cut-off, as the
    metric reference uses it. Never higher than 0.4 of the rate.

    Parameters
    ----------
    cutoff_hz
        Cut-off of each pass.
    rate_hz
        Rows per second.
    """

    def __init__(self, cutoff_hz: float, rate_hz: float) -> None:
        # one second-order section: lfilter gives what sosfilt does, five times faster
        from scipy.signal import butter, lfilter, lfilter_zi

        cutoff_hz = min(cutoff_hz, _HIGHEST * rate_hz)
        self._run = lfilter
        sos = np.asarray(butter(2, cutoff_hz, fs=rate_hz, output="sos"))
        self._b, self._a = sos[0, :3], sos[0, 3:]
        self._rest = lfilter_zi(self._b, self._a)
        self._ahead = int(np.ceil(_AHEAD_CYCLES / cutoff_hz * rate_hz))
        self._block = max(1, int(_BLOCK_S * rate_hz))
        self._state: Floats | None = None
        self._new = np.empty(0)  # rows still to be filtered at all
        self._forward = np.empty(0)  # rows whose backward pass is still to come

    def feed(self, x: Floats) -> Floats:
        """Take the next rows, shape (rows,); return the next rows filtered."""
        self._new = np.concatenate((self._new, x))
        return self._pass() if len(self._new) >= self._block else np.empty(0)

    def finish(self) -> Floats:
        """End the segment; return its last rows, which are followed by none."""
        done = self._pass() if len(self._new) else np.empty(0)
        rest, self._forward, self._state = self._forward, np.empty(0), None
        if not len(rest):
            return done
        return np.concatenate((done, self._backward(rest[None, :])[0]))

    def _pass(self) -> Floats:
        """Filter the new rows forward, and every block that is complete backward."""
        if self._state is None:
            self._state = self._rest * self._new[0]
        y, self._state = self._run(self._b, self._a, self._new, zi=self._state)
        self._forward, self._new = np.concatenate((self._forward, y)), np.empty(0)
        blocks = (len(self._forward) - self._ahead) // self._block
        if blocks < 1:
            return np.empty(0)
        at = self._block * np.arange(blocks)[:, None]
        window = self._forward[at + np.arange(self._block + self._ahead)]
        done = self._backward(window)[:, : self._block].reshape(-1)
        self._forward = self._forward[self._block * blocks :]
        return done

    def _backward(self, window: Floats) -> Floats:
        """Filter rows of windows from their ends, shape (windows, rows)."""
        turned = np.ascontiguousarray(window[:, ::-1])
        state = self._rest * turned[:, :1]
        y, _ = self._run(self._b, self._a, turned, axis=1, zi=state)
        return y[:, ::-1]
