"""The newest rows of one stream, kept so that a set may begin a little in the past."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.messages import Floats, Values

KEEP_S: Final = 60.0


class KeptRows:
    """Rows and passed time of a stream, in order; old ones are given up.

    Attributes
    ----------
    reached_s
        Every row up to here has come, or never will.
    """

    def __init__(self) -> None:
        self.reached_s = -np.inf
        self._parts: deque[tuple[Floats, Values | None]] = deque()
        self._first = 0  # number of the first part that is kept

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows, shapes (rows,) and (rows, channels)."""
        self._append(t_s, x)

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        if t_s > self.reached_s:
            self._append(np.array([t_s]), None)

    def since(
        self, number: int, from_s: float
    ) -> Iterator[tuple[Floats, Values | None]]:
        """Yield the parts from a number on, rows from a time on; None: time passed."""
        for at in range(max(number - self._first, 0), len(self._parts)):
            t, x = self._parts[at]
            if t[-1] < from_s:
                continue
            if x is not None and t[0] < from_s:
                row = int(t.searchsorted(from_s))
                t, x = t[row:], x[row:]
            yield t, x

    @property
    def end(self) -> int:
        """Number of the part that comes next."""
        return self._first + len(self._parts)

    def _append(self, t_s: Floats, x: Values | None) -> None:
        self._parts.append((t_s, x))
        self.reached_s = max(self.reached_s, float(t_s[-1]))
        while self._parts[0][0][-1] < self.reached_s - KEEP_S:
            self._parts.popleft()
            self._first += 1
