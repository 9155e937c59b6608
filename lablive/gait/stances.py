"""Centre of pressure and load under one foot in its stances, from a sole's rows.

Stances of a file are worked out together: every row by itself, so that a stance gives
the same whichever others it comes with.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.gait.baseline import middle
from lablive.metrics.metric import StridePressure
from lablive.signals.insole import cop_xy, half_n, region_n, stance_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.metrics.metric import StrideForce
    from lablive.signals.insole import Foot
    from lablive.signals.layouts import InsoleLayout

FEWEST: Final = 3  # rows of a stance, or of the swing that shows its zero
_ZERO: Final = (0.30, 0.75)  # part of the swing that shows the zero (reference 1.1)
_LEAST_COP_BW: Final = 0.05  # below it a centre of pressure has no meaning
_LEAST_STRIKE_BW: Final = 0.10  # reference 4.1


class _Stance(NamedTuple):
    """One stance: its rows, and the force over it; ``values`` are cells or device's."""

    stride: Stride
    to_s: float
    t_s: Floats
    values: Values
    force: StrideForce
    on_ground: Floats


def mid_swing_s(to_s: float, ic_s: float) -> tuple[float, float]:
    """Return the middle of a swing, 30 to 75 % of it, where a sensor is unloaded."""
    length_s = ic_s - to_s
    return to_s + _ZERO[0] * length_s, to_s + _ZERO[1] * length_s


def rows_in(t_s: Floats, t0_s: float, t1_s: float) -> slice:
    """Return the rows with ``t0_s <= t <= t1_s``."""
    first, end = t_s.searchsorted(t0_s), t_s.searchsorted(t1_s, side="right")
    return slice(int(first), int(end))


def pressures(
    foot: Foot,
    t_s: Floats,
    x: Values,
    strides: Sequence[Stride],
    forces: Sequence[StrideForce | None],
) -> list[StridePressure | None]:
    """Return the centre of pressure over the stance of each stride.

    Parameters
    ----------
    foot
        The sole; its cells or its own centre of pressure tell where the load is.
    t_s, x
        Rows of that stream over all strides, shapes (rows,) and (rows, channels).
    strides, forces
        The strides and their force, the zero taken off; None = there is none.
    """
    found: list[StridePressure | None] = [None] * len(strides)
    if not len(t_s):
        return found
    cells = None if foot.layout is None else foot.cells_n(x)
    stances: dict[int, _Stance] = {}
    for number, (stride, force) in enumerate(zip(strides, forces, strict=True)):
        to_s = stride.to_s
        if force is None or to_s is None:
            continue
        rows = rows_in(t_s, stride.ic_s, to_s)
        on_ground = force.force[rows_in(force.t_s, stride.ic_s, to_s)]
        if rows.stop - rows.start < FEWEST or not len(on_ground):
            continue
        values: Values = x[rows]
        if cells is not None:
            low = cells[rows_in(t_s, *mid_swing_s(to_s, stride.next_ic_s))]
            if len(low) < FEWEST:
                continue
            values = cells[rows] - _cell_zeros(low)
        stance = _Stance(stride, to_s, t_s[rows], values, force, on_ground)
        stances[number] = stance
    if stances:
        every = list(stances.values())
        layout = foot.layout
        made = _told(foot, every) if layout is None else _summed(foot, layout, every)
        found_of = zip(stances, made, strict=True)
        for number, pressure in found_of:
            found[number] = pressure
    return found


def _told(foot: Foot, stances: Sequence[_Stance]) -> Iterator[StridePressure]:
    """Yield pressures of a sole that tells its centre of pressure itself."""
    for it in stances:
        weight = it.force.weight
        load = np.interp(it.t_s, it.force.t_s, it.force.force)
        loaded = load[:, None] >= _LEAST_COP_BW * weight
        xy = np.where(loaded, foot.device_cop_xy(it.values), np.nan)
        line = stance_line(it.t_s, xy, it.stride.ic_s, it.to_s)
        yield StridePressure(it.t_s, xy, load, _LEAST_STRIKE_BW * weight, line)


def _summed(
    foot: Foot, layout: InsoleLayout, stances: Sequence[_Stance]
) -> Iterator[StridePressure]:
    """Yield pressures from the cells of a sole, the zeros taken off."""
    ends = [0, *accumulate(len(it.t_s) for it in stances)]
    parts = [slice(first, end) for first, end in pairwise(ends)]
    cells = np.asarray(stances[0].values, np.float64)
    if len(stances) > 1:
        cells = np.concatenate([it.values for it in stances], dtype=np.float64)
    whole = not np.isnan(np.add.reduce(cells, axis=None))
    load = np.add.reduce(cells if whole else np.nan_to_num(cells), axis=1)
    weights = [it.force.weight for it in stances]
    if foot.cells_unit != foot.unit:  # what one unit of force is on the cells
        weights = [
            it.force.weight * (float(np.max(load[rows])) / float(np.max(it.on_ground)))
            for it, rows in zip(stances, parts, strict=True)
        ]
    least = _LEAST_COP_BW * weights[0]
    if len(set(weights)) > 1:
        least = np.repeat(_LEAST_COP_BW * np.array(weights), np.diff(ends))
    xy = cop_xy(cells, layout, least)
    regions, halves = region_n(cells, layout), half_n(cells, layout)
    for it, rows, weight in zip(stances, parts, weights, strict=True):
        yield StridePressure(
            it.t_s,
            xy[rows],
            load[rows],
            _LEAST_STRIKE_BW * weight,
            stance_line(it.t_s, xy[rows], it.stride.ic_s, it.to_s),
            regions[rows],
            halves[rows],
        )


def _cell_zeros(cells: Floats) -> Floats:
    """Return the median of every cell, of the rows in which it was measured."""
    if not np.isnan(np.add.reduce(cells, axis=None)):
        ordered, half = np.sort(cells, axis=0), len(cells) // 2
        return 0.5 * (ordered[half] + ordered[-half - 1])
    known = (cell[np.isfinite(cell)] for cell in cells.T)
    return np.array([middle(cell) if len(cell) else 0.0 for cell in known])
