"""Rows of one IMU to contacts: what every such detector does with rows and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablive.gait.contacts import Contact
from lablive.gait.zero_phase import Segments

if TYPE_CHECKING:
    from lablive.gait.contacts import ContactSide, ContactSource
    from lablive.messages import Floats


class ImuDetector:
    """A detector, the same for any cut of its rows.

    Parameters
    ----------
    rate_hz
        Nominal rate of the stream, 31 to 1000 Hz.
    side, source
        Written into what it says when rows stop to come.
    """

    def __init__(
        self, rate_hz: float, side: ContactSide, source: ContactSource
    ) -> None:
        self._rate_hz = rate_hz
        self._side: ContactSide = side
        self._source: ContactSource = source
        self._lost_after_s = max(0.05, 2.5 / rate_hz)  # of silence
        self._segments = Segments(rate_hz)
        self._last_s = self._row_s = -np.inf  # last row, and last one measured
        self._start_s = -np.inf  # of the segment
        self._lost = True  # nothing measured now
        self._out: list[Contact] = []
        self._begin()

    def advance(self, t_s: float) -> list[Contact]:
        """Let time pass without rows; return what that decides (``lost``)."""
        self._out = []
        self._pass_time(t_s)
        return self._out

    def skip_to(self, t_s: float) -> None:
        """Begin anew with rows not before a time; what was going on is not told."""
        self._segments = Segments(self._rate_hz)
        self._lost, self._last_s = True, max(self._last_s, t_s)
        self._begin()

    def finish(self) -> list[Contact]:
        """End the data: the last rows are followed by none."""
        self._out = []
        self._end()
        return self._out

    def _feed(self, t_s: Floats, x: Floats) -> list[Contact]:
        """Take the next rows; return the events that became certain.

        Parameters
        ----------
        t_s, x
            Times, shape (rows,), not decreasing, and values, shape (rows, channels);
            NaN = not measured.
        """
        self._out = []
        for piece in self._segments.feed(t_s, x):
            if piece.fresh:
                self._lose()
                self._lost, self._start_s = False, float(piece.t_s[0])
            self._row_s = float(piece.t_s[-1])
            self._rows(piece.t_s, piece.x)
        if len(t_s):
            self._pass_time(float(t_s[-1]))
        return self._out

    def _pass_time(self, t_s: float) -> None:
        self._last_s = max(self._last_s, t_s)
        if not self._lost and self._last_s - self._row_s > self._lost_after_s:
            self._lose()

    def _lose(self) -> None:
        """End the segment: rows are missing behind it."""
        if not self._lost:
            self._end()
            self._out.append(Contact(self._row_s, self._side, "lost", self._source))
        self._lost = True

    def _end(self) -> None:
        self._flush()
        self._begin()

    # ----------------------------------------------------------- of every detector's
    def _begin(self) -> None:
        """Begin a segment: forget the one before."""
        raise NotImplementedError

    def _rows(self, t: Floats, x: Floats) -> None:
        """Take rows without a hole."""
        raise NotImplementedError

    def _flush(self) -> None:
        """Tell what the last rows of a segment hold."""
        raise NotImplementedError
