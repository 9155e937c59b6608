"""Ticks, bands, and y-ranges that hold still while curves stream."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.tokens import Verdict

_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_SHRINK_BELOW: Final = 0.4  # of the range in use
_EPS: Final = 1e-9
OVER: Final = 0.01  # of the range: so far beyond it values are still drawn


class Band(NamedTuple):
    """A range of values with a verdict, tinted over the whole width."""

    low: float
    high: float
    verdict: Verdict
    label: str = ""


def nice_step(span: float, most: int) -> float:
    """Return the smallest 1-2-2.5-5 step that cuts ``span`` into ``most`` or fewer."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    rough = span / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for nice in _NICE:
        if nice * power >= rough * (1 - _EPS):
            return nice * power
    return 10.0 * power


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most ``most`` + 1 round tick values within [low, high]."""
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - _EPS), math.floor(high / step + _EPS)
    return [at * step for at in range(first, last + 1)]


def tick_text(value: float, step: float) -> str:
    """Return a tick label with the digits its step needs and a true minus sign."""
    digits = max(0, -math.floor(math.log10(step) + _EPS)) if step > 0 else 0
    if step > 0 and abs(step * 10**digits - round(step * 10**digits)) > _EPS:
        digits += 1  # 2.5, 0.25
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−")


@dataclass(slots=True)
class SteadyRange:
    """A y-range that grows at once and shrinks late, in round steps.

    Parameters
    ----------
    low, high
        The least range ever shown; a bound of 0 stays 0 until data pass it.
    patience_s
        How long data must stay small before the range shrinks.
    """

    low: float
    high: float
    patience_s: float = 10.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"y-range must be finite, got {self.low}, {self.high}")
        if not self.low < self.high:
            raise ValueError(f"y-range needs low < high, got {self.low}, {self.high}")
        self._least = (self.low, self.high)

    _least: tuple[float, float] = (0.0, 1.0)
    _small_since_s: float | None = None

    def reset(self) -> None:
        """Go back to the least range."""
        self.low, self.high = self._least
        self._small_since_s = None

    def see(self, low: float, high: float, t_s: float) -> bool:
        """Take in the extent of the visible data at ``t_s``; True when it moved."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return False
        span = self.high - self.low
        if low < self.low - OVER * span or high > self.high + OVER * span:
            self._small_since_s = None
            return self._fit(min(low, self.low), max(high, self.high))
        needed = max(high, self._least[1]) - min(low, self._least[0])
        if needed >= span * _SHRINK_BELOW:
            self._small_since_s = None
            return False
        if self._small_since_s is None:
            self._small_since_s = t_s
        if t_s - self._small_since_s < self.patience_s:
            return False
        self._small_since_s = None
        return self._fit(low, high)

    def _fit(self, low: float, high: float) -> bool:
        if self._least[0] == -self._least[1]:  # zero stays in the middle
            low, high = min(low, -high), max(high, -low)
        low, high = min(low, self._least[0]), max(high, self._least[1])
        step, over = nice_step(high - low, 4), OVER * (high - low)
        before = self.low, self.high
        self.low, self.high = self._least
        if low < self.low - over:  # a little below zero takes little room
            finer = step if low < -step else step / 4
            self.low = math.floor(low / finer + _EPS) * finer
        if high > self.high + over:
            self.high = math.ceil(high / step - _EPS) * step
        return (self.low, self.high) != before


def steady_ranges(
    y_range: tuple[float, float] | Sequence[tuple[float, float]], axes: int
) -> list[SteadyRange]:
    """Return one range per axis, from one pair for all or one pair for each.

    Raises
    ------
    ValueError
        As many pairs as axes are needed.
    """
    pairs = np.atleast_2d(np.asarray(y_range, float))
    if len(pairs) == 1:
        pairs = np.repeat(pairs, axes, axis=0)
    if pairs.shape != (axes, 2):
        raise ValueError(f"y_range: {axes} pairs expected, got {len(pairs)}")
    return [SteadyRange(float(low), float(high)) for low, high in pairs]
