"""Rows a chart keeps to draw again after a change of size, range or theme."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.strip_envelope import Floats, Values


class StripHistory:
    """The newest rows of curves that share one time base."""

    def __init__(self, first: int, curves: int) -> None:
        self.first, self.curves = first, curves
        self._chunks: deque[tuple[Floats, Values]] = deque()

    def __iter__(self) -> Iterator[tuple[Floats, Values]]:
        return iter(self._chunks)

    def append(self, t_s: Floats, y: Values) -> None:
        """Keep a copy of rows (rows, curves)."""
        self._chunks.append((t_s.copy(), y.copy()))

    def forget_before(self, t_s: float) -> None:
        """Drop chunks that end before ``t_s``."""
        while self._chunks and self._chunks[0][0][-1] < t_s:
            self._chunks.popleft()

    def at(self, t_s: float, within_s: float) -> Floats | None:
        """Return the row nearest to ``t_s``, shape (curves,); None if none is near."""
        best: tuple[float, Floats] | None = None
        for times, y in self._chunks:
            if times[-1] < t_s - within_s or times[0] > t_s + within_s:
                continue
            row = int(np.abs(times - t_s).argmin())
            away = abs(float(times[row]) - t_s)
            if away <= within_s and (best is None or away < best[0]):
                best = away, y[row].astype(float)
        return best and best[1]
