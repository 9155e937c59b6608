"""One force signal from its rows to contacts, and what a stride measures in it.

A lane is an insole or the force plate under the belt. Everything about a stride is
computed from the stride's own rows, never accumulated, so that no cut of the stream
can change it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.gait.baseline import middle
from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.gait.findings import Finding
from lablive.gait.full_scale import Top, top_of
from lablive.gait.rows import RowHistory
from lablive.gait.stances import FEWEST, mid_swing_s, pressures, rows_in
from lablive.metrics.metric import StrideForce
from lablive.signals.insole import Foot, stance_grid_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import Contact, ContactSide, ContactSource
    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.metrics.metric import StridePressure
    from lablive.signals.binding import Source

MAX_HOLE_S: Final = 0.020  # metric reference 0.5
_PAD_S: Final = 0.060  # rows just outside a stride, for what is interpolated
_BEHIND_S: Final = 0.030  # no toe-off is certain without so many behind it
_PULL_BW: Final = 0.5  # [design] far below any preload or drift of a zero
_SOMEBODY_N: Final = 400.0  # [design] a light person, when the weight is not known


class Load(NamedTuple):
    """What a force signal measures in one stride; None = nothing."""

    force: StrideForce | None = None
    pressure: StridePressure | None = None


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
        known, x = self._force.between(t0_s - _PAD_S, t1_s + _PAD_S)
        if not math.isfinite(np.add.reduce(x[:, 0])):
            known = known[np.isfinite(x[:, 0])]
        # with the rows just outside, which the first and last crossing lie between
        first = int(known.searchsorted(t0_s, side="right")) - 1
        end = int(known.searchsorted(t1_s)) + 1
        if first < 0 or end > len(known):
            return True
        inside = known[first:end]
        steps_s = inside[1:] - inside[:-1]
        return bool(np.maximum.reduce(steps_s, initial=0.0) > self._hole_s)

    def loads(self, strides: Sequence[Stride]) -> list[Load]:
        """Return force and pressure of strides, in time order.

        Each from its own rows alone, whatever strides it comes with.
        """
        forces = self._forces(strides)
        pressed: list[StridePressure | None] = [None] * len(strides)
        if self._foot is not None and self.has_cells:
            t, x = self._cells.between(*_span_s(strides))
            pressed = pressures(self._foot, t, x, strides, forces)
        return [Load(*it) for it in zip(forces, pressed, strict=True)]

    def _forces(self, strides: Sequence[Stride]) -> list[StrideForce | None]:
        """Return the force of each stride with the zero taken off."""
        t, x = self._force.floats(*_span_s(strides, _PAD_S))
        f = x[:, 0]
        if not math.isfinite(np.add.reduce(f)):
            known = np.isfinite(f)
            t, f = t[known], f[known]
        found: list[StrideForce | None] = []
        for stride in strides:
            zero_s, force = self._zero_s(stride), None
            if zero_s is not None:
                own = rows_in(t, stride.ic_s - _PAD_S, stride.next_ic_s)
                force = self._over(t[own], f[own], f[rows_in(t, *zero_s)])
            found.append(force)
        return found

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
        if len(low) < FEWEST:
            return None
        return StrideForce(t, f - middle(low), self._detector.baseline.weight_n)

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

    def _plate_n(self, x: Values) -> Floats:
        assert self._plate is not None
        return self._plate.extract(x)[:, 0]

    def _zero_s(self, stride: Stride) -> tuple[float, float] | None:
        """Return the middle of the swing, or of the flight under both feet."""
        end_s = stride.next_ic_s if self._foot else stride.opposite_ic_s
        if stride.to_s is None or end_s is None or end_s <= stride.to_s:
            return None
        return mid_swing_s(stride.to_s, end_s)


def force_curve(stride: Stride, force: StrideForce | None) -> Floats | None:
    """Return the force at 0 to 100 % of stance, shape (101,)."""
    if force is None or stride.to_s is None:
        return None
    return np.interp(stance_grid_s(stride.ic_s, stride.to_s), force.t_s, force.force)


def _span_s(strides: Sequence[Stride], pad_s: float = 0.0) -> tuple[float, float]:
    """Return the time that strides lie in; those of a plate overlap."""
    first_s = min(stride.ic_s for stride in strides)
    return first_s - pad_s, max(stride.next_ic_s for stride in strides)


def _cell_stream(foot: Foot | None) -> int | None:
    """Return the stream that tells where the load is, None when nothing does."""
    if foot is None:
        return None
    if foot.cells is not None:
        return foot.cells.stream
    return foot.cop.stream if foot.cop is not None and foot.cop.layout else None
