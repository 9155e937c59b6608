"""One force signal from its rows to contacts, and what a stride measures in it.

A lane is an insole or the force plate under the belt. Everything about a stride is
computed from the stride's own rows, never accumulated, so that no cut of the stream
can change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.gait.baseline import middle
from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.gait.findings import Finding
from lablive.gait.full_scale import Top, top_of
from lablive.gait.rows import RowHistory
from lablive.metrics.metric import StrideForce, StridePressure
from lablive.signals.insole import (
    Foot,
    cop_xy,
    half_n,
    region_n,
    stance_grid_s,
    stance_line,
)

if TYPE_CHECKING:
    from lablive.gait.contacts import Contact, ContactSide, ContactSource
    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.signals.binding import Source

MAX_HOLE_S: Final = 0.020  # metric reference 0.5
_PAD_S: Final = 0.060  # rows just outside a stride, for what is interpolated
_BEHIND_S: Final = 0.030  # no toe-off is certain without so many behind it
_ZERO: Final = (0.30, 0.75)  # part of the swing that shows the zero (reference 1.1)
_FEWEST: Final = 3
_LEAST_COP_BW: Final = 0.05  # below it a centre of pressure has no meaning
_LEAST_STRIKE_BW: Final = 0.10  # reference 4.1
_PULL_BW: Final = 0.5  # [design] far below any preload or drift of a zero
_SOMEBODY_N: Final = 400.0  # [design] a light person, when the weight is not known


class ForceLane:
    """A force signal: its detector, its newest rows, its strides.

    Parameters
    ----------
    origin
        The insole, or where a force plate under both feet is read.
    rate_hz
        Nominal rate of the force stream.
    weight_n
        Body weight in newtons; None = not known.
    drill
        Hopping: shorter contacts and flights are events.
    """

    def __init__(
        self,
        origin: Foot | Source,
        rate_hz: float,
        weight_n: float | None,
        *,
        drill: bool,
    ) -> None:
        self._foot = origin if isinstance(origin, Foot) else None
        self._plate = None if isinstance(origin, Foot) else origin
        force = origin.force if isinstance(origin, Foot) else origin
        self.unit = origin.unit
        self.side: ContactSide = self._foot.side if self._foot else "unknown"
        self.source: ContactSource = "insole" if self._foot else "treadmill"
        self._rate_hz = rate_hz
        self.stream = force.stream
        self.cell_stream = _cell_stream(self._foot)
        self._hole_s = max(MAX_HOLE_S, 1.5 / rate_hz) + 1e-9
        self._force = RowHistory()
        self._cells = RowHistory()
        self._cells_s = -np.inf
        newtons = self.unit == "N"
        self._lowest_n = 0.0
        self._pull_n = -_PULL_BW * (weight_n or _SOMEBODY_N) if newtons else -np.inf
        feet: Literal[1, 2] = 1 if self._foot else 2
        self._detector = ContactDetector(
            ContactSettings(
                rate_hz=rate_hz,
                weight_n=weight_n if newtons else None,
                newtons=newtons,
                feet=feet,
                drill=drill,
            ),
            self.side,
            self.source,
        )

    @property
    def final_s(self) -> float:
        """Time before which contacts and rows are complete."""
        final_s = self._detector.final_s
        if self.cell_stream in (None, self.stream):
            return final_s
        return min(final_s, self._cells_s)

    @property
    def has_cells(self) -> bool:
        """Whether the insole tells where the load is."""
        return self.cell_stream is not None

    def feed(self, stream: int, t_s: Floats, x: Values) -> list[Contact]:
        """Take rows of one of the lane's streams; return contacts now certain."""
        found: list[Contact] = []
        if stream == self.stream:
            force = self._foot.force_n(x) if self._foot else self._plate_n(x)
            self._force.append(t_s, force[:, None])
            self._lowest_n = float(np.fmin.reduce(force, initial=self._lowest_n))
            found = self._detector.feed(t_s, force)
        if stream == self.cell_stream:
            self._cells.append(t_s, x)
            self._cells_s = float(t_s[-1])
        return found

    def advance(self, stream: int, t_s: float) -> list[Contact]:
        """Let time pass without rows of one stream."""
        if stream == self.cell_stream:
            self._cells_s = max(self._cells_s, t_s)
        return self._detector.advance(t_s) if stream == self.stream else []

    def finish(self) -> list[Contact]:
        """End the data."""
        return self._detector.finish()

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the contacts must know."""
        if self._lowest_n > self._pull_n:
            return ()
        who = "force plate" if self.side == "unknown" else f"{self.side} insole"
        text = (
            f"The {who} reads down to {self._lowest_n:.0f} N, and no foot pulls: its "
            "sign or its zero is wrong, and so may be its contacts and forces. Zero "
            "it, or correct its sign in the montage."
        )
        return (Finding("below zero", text),)

    def trim(self, before_s: float) -> None:
        """Give up rows older than ``before_s``."""
        self._force.trim(before_s)
        self._cells.trim(before_s)

    def has_hole(self, t0_s: float, t1_s: float) -> bool:
        """Tell whether force is missing for more than 20 ms within a time."""
        t, x = self._force.between(t0_s - _PAD_S, t1_s + _PAD_S)
        known = t[np.isfinite(x[:, 0])]
        # with the rows just outside, which the first and last crossing lie between
        first = int(known.searchsorted(t0_s, side="right")) - 1
        end = int(known.searchsorted(t1_s)) + 1
        if first < 0 or end > len(known):
            return True
        inside = known[first:end]
        return bool((inside[1:] - inside[:-1] > self._hole_s).any())

    def force(self, stride: Stride) -> StrideForce | None:
        """Return the force of a stride with the zero taken off."""
        zero_s = self._zero_s(stride)
        if zero_s is None:
            return None
        t, f = self._known(stride.ic_s - _PAD_S, stride.next_ic_s)
        low = f[(t >= zero_s[0]) & (t <= zero_s[1])]
        return self._over(t, f, low)

    def force_so_far(
        self, stride: Stride, swing_s: tuple[float, float] | None
    ) -> StrideForce | None:
        """Return the force of a stance that has just ended, provisional.

        The zero is that of the swing before it: its own is still to come.
        """
        if stride.to_s is None or swing_s is None or swing_s[1] <= swing_s[0]:
            return None
        _, low = self._known(*mid_swing_s(*swing_s))
        t, f = self._known(stride.ic_s - _PAD_S, stride.to_s + _BEHIND_S)
        return self._over(t, f, low)

    def _known(self, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        """Return the rows of a time that were measured."""
        t, x = self._force.between(t0_s, t1_s)
        known = np.isfinite(x[:, 0])
        return t[known], x[known, 0].astype(np.float64)

    def _over(self, t: Floats, f: Floats, low: Floats) -> StrideForce | None:
        """Return force over the zero that some unloaded rows show."""
        if len(low) < _FEWEST:
            return None
        return StrideForce(t, f - middle(low), self._detector.baseline.weight_n)

    def pressure(self, stride: Stride, force: StrideForce) -> StridePressure | None:
        """Return the centre of pressure over the stance of a stride."""
        foot, zero_s, to_s = self._foot, self._zero_s(stride), stride.to_s
        if foot is None or zero_s is None or to_s is None or not self.has_cells:
            return None
        t, x = self._cells.between(stride.ic_s, stride.next_ic_s)
        stance = t <= to_s
        stance_force = _inside(force, stride.ic_s, to_s)
        if np.count_nonzero(stance) < _FEWEST or not len(stance_force):
            return None
        regions = halves = None
        if foot.layout is None:
            load = np.interp(t[stance], force.t_s, force.force)
            weight = force.weight
            xy = foot.device_cop_xy(x[stance])
            xy = np.where(load[:, None] >= _LEAST_COP_BW * weight, xy, np.nan)
        else:
            cells = foot.cells_n(x)
            low = cells[(t >= zero_s[0]) & (t <= zero_s[1])]
            if len(low) < _FEWEST:
                return None
            cells = cells[stance] - _cell_zeros(low)
            whole = not np.isnan(np.add.reduce(cells, axis=None))
            load = np.add.reduce(cells if whole else np.nan_to_num(cells), axis=1)
            weight = force.weight * self._cells_per_force(load, stance_force)
            xy = cop_xy(cells, foot.layout, _LEAST_COP_BW * weight)
            regions, halves = region_n(cells, foot.layout), half_n(cells, foot.layout)
        line = stance_line(t[stance], xy, stride.ic_s, to_s)
        least = _LEAST_STRIKE_BW * weight
        return StridePressure(t[stance].copy(), xy, load, least, line, regions, halves)

    @property
    def raw_unit(self) -> str:
        """Unit of :meth:`top`."""
        cells = self._foot.cells if self._foot else None
        return self.unit if cells is None else cells.unit

    def top(self, stride: Stride) -> Top | None:
        """Return the highest value of the channels in the stance of a stride."""
        to_s = stride.to_s
        if to_s is None:
            return None
        cells = self._foot.cells if self._foot else None
        rows = self._force if cells is None else self._cells
        t, x = rows.between(stride.ic_s, stride.next_ic_s)
        lift = int(t.searchsorted(to_s, side="right"))
        stance, swing = x[:lift], x[lift:]
        if cells is not None:
            stance = cells.extract(stance)
            missing = np.isnan(np.add.reduce(stance, axis=None))
            swing = cells.extract(swing) if missing else stance[:0]
        return top_of(stance, swing, self._rate_hz)

    def _cells_per_force(self, load: Floats, force: Floats) -> float:
        """Return what one unit of force is on the cells; 1 when they share a unit."""
        if self._foot is None or self._foot.cells_unit == self._foot.unit:
            return 1.0
        return float(np.max(load)) / float(np.max(force))

    def _plate_n(self, x: Values) -> Floats:
        assert self._plate is not None
        return self._plate.extract(x)[:, 0]

    def _zero_s(self, stride: Stride) -> tuple[float, float] | None:
        """Return the middle of the swing, or of the flight under both feet."""
        end_s = stride.next_ic_s if self._foot else stride.opposite_ic_s
        if stride.to_s is None or end_s is None or end_s <= stride.to_s:
            return None
        return mid_swing_s(stride.to_s, end_s)


def mid_swing_s(to_s: float, ic_s: float) -> tuple[float, float]:
    """Return the middle of a swing, 30 to 75 % of it, where a sensor is unloaded."""
    length_s = ic_s - to_s
    return to_s + _ZERO[0] * length_s, to_s + _ZERO[1] * length_s


def force_curve(stride: Stride, force: StrideForce | None) -> Floats | None:
    """Return the force at 0 to 100 % of stance, shape (101,)."""
    if force is None or stride.to_s is None:
        return None
    return np.interp(stance_grid_s(stride.ic_s, stride.to_s), force.t_s, force.force)


def _cell_zeros(cells: Floats) -> Floats:
    """Return the median of every cell, of the rows in which it was measured."""
    if not np.isnan(cells).any():
        ordered, half = np.sort(cells, axis=0), len(cells) // 2
        return 0.5 * (ordered[half] + ordered[-half - 1])
    known = (cell[np.isfinite(cell)] for cell in cells.T)
    return np.array([middle(cell) if len(cell) else 0.0 for cell in known])


def _inside(force: StrideForce, t0_s: float, t1_s: float) -> Floats:
    return force.force[(force.t_s >= t0_s) & (force.t_s <= t1_s)]


def _cell_stream(foot: Foot | None) -> int | None:
    """Return the stream that tells where the load is, None when nothing does."""
    if foot is None:
        return None
    if foot.cells is not None:
        return foot.cells.stream
    return foot.cop.stream if foot.cop is not None and foot.cop.layout else None
