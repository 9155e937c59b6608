"""What every cell of a sole carries: mean and highest value over the stances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.force_lane import mid_swing_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.gait.strides import Stride
    from lablive.messages import Floats
    from lablive.names import Side
    from lablive.recording.replay import Trial
    from lablive.signals.insole import Foot

_READ_S: Final = 30.0
_FEWEST_ROWS: Final = 3


class CellMap(msgspec.Struct, frozen=True):
    """A sole over many stances, in the unit of its cells.

    Attributes
    ----------
    layout, unit
        Where the cells lie (configs/layouts), and what they measure.
    mean, highest
        Of every cell: mean over the stance, and the largest value in it; both are
        means over strides. NaN = the cell was not measured.
    n
        Strides.
    """

    layout: str = ""
    unit: str = ""
    mean: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()
    n: int = 0


def cell_map(trial: Trial, foot: Foot, strides: Iterable[Stride]) -> CellMap:
    """Return what the cells carried in some stances; the swing is their zero.

    Parameters
    ----------
    trial
        Where the rows are.
    foot
        A sole with cells.
    strides
        Valid ones of its side, in time order.
    """
    cells = foot.cells
    if cells is None or foot.layout is None:
        return CellMap()
    means: list[Floats] = []
    highest: list[Floats] = []
    t_s, x, reached_s = np.empty(0), np.empty((0, 0)), -np.inf
    for stride in strides:
        if stride.to_s is None:
            continue
        if stride.next_ic_s > reached_s:
            reached_s = stride.next_ic_s + _READ_S
            t_s, x = trial.window(cells.stream, stride.ic_s, reached_s)
        low_s = mid_swing_s(stride.to_s, stride.next_ic_s)
        first, end, low, high = np.searchsorted(
            t_s, (stride.ic_s, stride.to_s, *low_s)
        ).tolist()
        if min(end - first, high - low) < _FEWEST_ROWS:
            continue
        with np.errstate(all="ignore"):
            zero = np.nanmedian(cells.extract(x[low:high]), axis=0)
            stance = cells.extract(x[first:end]) - zero
            means.append(np.mean(stance, axis=0))
            highest.append(np.max(stance, axis=0))
    if not means:
        return CellMap(cells.layout, cells.unit)
    return CellMap(cells.layout, cells.unit, _mean(means), _mean(highest), len(means))


def joined(maps: Sequence[CellMap]) -> CellMap:
    """Return the map of several trials, each weighted by its strides."""
    known = [it for it in maps if it.n]
    if len({(it.layout, it.unit, len(it.mean)) for it in known}) != 1:
        return CellMap()  # none, or soles that are not alike
    weights = np.array([it.n for it in known], dtype=float)

    def mean(rows: list[tuple[float, ...]]) -> tuple[float, ...]:
        return tuple(np.average(np.array(rows), axis=0, weights=weights).tolist())

    return CellMap(
        known[0].layout,
        known[0].unit,
        mean([it.mean for it in known]),
        mean([it.highest for it in known]),
        int(weights.sum()),
    )


def difference(a: CellMap, b: CellMap) -> tuple[float, ...]:
    """Return the mean of every cell, b less a; empty when the soles are not alike."""
    if not (a.n and b.n) or (a.layout, a.unit) != (b.layout, b.unit):
        return ()
    return tuple((np.array(b.mean) - np.array(a.mean)).tolist())


def foot_of(soles: dict[Side, Foot], side: Side) -> Foot | None:
    """Return the sole of a side, None when it has no cells in known places."""
    foot = soles.get(side)
    return foot if foot and foot.cells and foot.layout else None


def _mean(rows: list[Floats]) -> tuple[float, ...]:
    table = np.array(rows)
    seen = np.isfinite(table).any(axis=0)
    out = np.full(table.shape[1], np.nan)
    out[seen] = np.nanmean(table[:, seen], axis=0)
    return tuple(out.tolist())
