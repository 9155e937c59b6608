"""Insoles: force, centre of pressure, regions and gait line from what a sole sends.

Force comes from a force channel, from zones, from pressure times cell area, or from
raw counts times a body-weight gain (:mod:`lablive.signals.calibration`). Missing is
NaN: an invalid cell is left out, a row with too few cells is no measurement, and
neither is ever a zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.names import SIDES
from lablive.signals.layouts import REGIONS, default_zone_layout, load_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lablive.messages import Floats, Values
    from lablive.names import Side
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibration import Calibration, FootCalibration
    from lablive.signals.layouts import InsoleLayout

KPA_CM2_TO_N: Final = 0.1
MAX_MISSING_SHARE: Final = 0.25  # of the sensing area; more is no measurement
MAX_BRIDGE_S: Final = 0.020  # metric reference 0.5: longer holes stay holes
STANCE_POINTS: Final = 101
_TINY: Final = float(np.finfo(float).tiny)
_STANCE_SHARES: Final = np.linspace(0.0, 1.0, STANCE_POINTS)


@dataclass(frozen=True, slots=True, eq=False)
class Foot:
    """One insole: which source its force and its picture come from.

    Attributes
    ----------
    side
        Left or right.
    force
        Source the force is made from: force, zones or pressure.
    cells
        Source of centre of pressure, regions and heat map (pressure or zones).
    layout
        Cells of ``cells`` in channel order; None when there are none.
    cop
        Centre of pressure as the device computes it, in metres, if it does.
    calibration
        Zero and gain of ``force``; None = as the device says.
    """

    side: Side
    force: Source
    cells: Source | None
    layout: InsoleLayout | None
    cop: Source | None = None
    calibration: FootCalibration | None = None

    @property
    def unit(self) -> str:
        """``N``, or ``adc`` when counts have no body-weight calibration."""
        return "N" if self.calibration else self.part_unit

    @property
    def cells_unit(self) -> str:
        """Unit of :meth:`cells_n`: ``N``, or ``adc`` for counts without a gain."""
        if self.cells is self.force:
            return self.unit
        return "adc" if self.cells and self.cells.unit == "adc" else "N"

    @property
    def part_unit(self) -> str:
        """Unit of :meth:`raw`: ``N`` (pressure times area) or ``adc``."""
        return "adc" if self.force.unit == "adc" else "N"

    @property
    def shares(self) -> Floats:
        """Sensing area behind every channel of ``force``, shape (channels,)."""
        if self.layout is None or self.force is not self.cells:
            return np.ones(len(self.force.columns))
        return self.layout.areas_cm2

    def raw(self, x: Values) -> Floats:
        """Return what each channel of ``force`` adds to the force, before the gain.

        Parameters
        ----------
        x
            Rows of the stream ``force.stream``, shape (rows, channels).

        Returns
        -------
        parts : shape (rows, channels of the source), N or counts, NaN = invalid
        """
        return _in_newtons(self.force, self.layout, x)

    def force_n(self, x: Values) -> Floats:
        """Return the vertical force, shape (rows,), in ``unit``, NaN = missing.

        ``x`` are rows of the stream ``force.stream``. A force channel that comes
        with zones on the same stream is missing where the zones are: some soles
        send total 0 for a lost radio packet.
        """
        parts = self._calibrated(self.raw(x))
        total = _row_sum(parts) if _complete(parts) else total_n(parts, self.shares)
        beside = self.cells
        if beside and beside is not self.force and beside.stream == self.force.stream:
            zones = beside.extract(x)
            if not _complete(zones):
                total[np.isnan(zones).all(axis=1)] = np.nan
        return total

    def cells_n(self, x: Values) -> Floats:
        """Return the force on every cell, shape (rows, cells), in ``cells_unit``.

        ``x`` are rows of the stream ``cells.stream``; NaN = invalid.

        Raises
        ------
        ConfigError
            The sole has neither pressure cells nor zones.
        """
        if self.cells is None:
            raise ConfigError(
                f"The {self.side} insole has neither pressure cells nor zones.",
                still="Force, contacts and timing work.",
                todo="Give its cells or zones a role in the montage.",
            )
        if self.cells is self.force:
            return self._calibrated(self.raw(x))
        return _in_newtons(self.cells, self.layout, x)

    def device_cop_xy(self, x: Values) -> Floats:
        """Return the centre of pressure as the device computes it, shape (rows, 2).

        ``x`` are rows of the stream ``cop.stream``: metres from the middle of the
        heel end, medial + and forward +, divided by the size of the layout that the
        montage names for the channel. NaN = missing.

        Raises
        ------
        ConfigError
            The montage gives no such channel, or no layout with the insole's size.
        """
        if self.cop is None or not self.cop.layout:
            raise ConfigError(
                f"The {self.side} insole has no centre-of-pressure channel of its own "
                "with a layout, which tells the insole's size.",
                todo="Add role insole_*.cop with a layout to the montage.",
            )
        size = load_layout(self.cop.layout)
        size_m = np.array([size.width_mm, size.length_mm]) * 1e-3
        return self.cop.extract(x) / size_m

    def _calibrated(self, parts: Floats) -> Floats:
        if self.calibration is None:
            return parts
        return (parts - np.array(self.calibration.zero)) * self.calibration.gain


def feet(binding: Binding, calibration: Calibration | None = None) -> dict[Side, Foot]:
    """Return the insoles a binding brings.

    Force is taken from the force channel, else from zones, else from pressure.

    Raises
    ------
    ConfigError
        The calibration was made with other channels than the binding has.
    """
    found: dict[Side, Foot] = {}
    for side in SIDES:
        pressure = binding.source(f"insole_{side}.pressure")
        zones = binding.source(f"insole_{side}.zones")
        force = binding.source(f"insole_{side}.force") or zones or pressure
        if force is None:
            continue
        cells = pressure or zones
        layout = _layout_of(cells) if cells else None
        cop = binding.source(f"insole_{side}.cop")
        foot = Foot(side, force, cells, layout, cop)
        own = calibration.of(side) if calibration else None
        found[side] = _calibrated_foot(foot, own) if own else foot
    return found


def _calibrated_foot(foot: Foot, own: FootCalibration) -> Foot:
    made_with = (own.role, own.unit, len(own.zero))
    brought = (foot.force.role, foot.part_unit, len(foot.force.columns))
    if made_with != brought:
        told = ["{} in {} ({} channels)".format(*it) for it in (made_with, brought)]
        raise ConfigError(
            f"The calibration of the {foot.side} insole was made with {told[0]}, "
            f"the montage brings {told[1]}.",
            todo="Calibrate again, or use the montage of the calibration.",
        )
    return replace(foot, calibration=own)


def _layout_of(cells: Source) -> InsoleLayout:
    if not cells.zones:
        return load_layout(cells.layout)
    name = cells.layout or default_zone_layout(cells.zones)
    return load_layout(name).pick(cells.zones)


def _in_newtons(source: Source, layout: InsoleLayout | None, x: Values) -> Floats:
    values = source.extract(x)
    if source.unit == "kPa" and layout is not None:
        values *= layout.areas_cm2 * KPA_CM2_TO_N
    return values  # else newtons, or counts taken as they are


def total_n(cells_n: Floats, areas: Floats) -> Floats:
    """Return the sum over the cells, shape (rows,).

    Invalid cells are left out; a row that misses more than a quarter of the sensing
    area is NaN. ``cells_n`` has shape (rows, cells), ``areas`` (cells,).
    """
    if _complete(cells_n):
        return _row_sum(cells_n)
    total = _row_sum(np.where(np.isnan(cells_n), 0.0, cells_n))
    total[missing_share(cells_n, areas) > MAX_MISSING_SHARE] = np.nan
    return total


def missing_share(cells_n: Floats, areas: Floats) -> Floats:
    """Return the share of sensing area that is invalid, shape (rows,), 0 to 1."""
    return _row_sum(np.where(np.isnan(cells_n), areas, 0.0)) / areas.sum()


def _complete(cells_n: Floats) -> bool:
    """Tell whether no cell is missing; one sum is cheaper than looking at all."""
    return not np.isnan(np.add.reduce(cells_n, axis=None))


def _row_sum(values: Floats) -> Floats:
    """Sum every row the same way whatever the number of rows and their layout.

    numpy adds rows of a transposed array in another order: the last bit would then
    depend on how the stream was cut.
    """
    return np.ascontiguousarray(values).sum(axis=1)


def cop_xy(
    cells_n: Floats, layout: InsoleLayout, min_force_n: float | Floats
) -> Floats:
    """Return the centre of pressure, shape (rows, 2): x medial +, y heel 0 to toe 1.

    Force-weighted mean of the cell centres (metric reference 4.1 and 4.3); NaN below
    ``min_force_n`` (of all or of each row) and where too many cells are missing.
    Force below zero (preload taken off) carries no weight.
    """
    weights, whole = np.maximum(cells_n, 0.0), _complete(cells_n)
    if not whole:
        weights[np.isnan(cells_n)] = 0.0
    total = _row_sum(weights)
    if not whole:
        total[missing_share(cells_n, layout.areas_cm2) > MAX_MISSING_SHARE] = 0.0
    total[~(total >= np.maximum(min_force_n, _TINY))] = np.nan
    return np.column_stack(
        [_row_sum(weights * layout.xy[:, axis]) / total for axis in range(2)]
    )


def region_n(cells_n: Floats, layout: InsoleLayout) -> Floats:
    """Return force per region, shape (rows, 4): heel, mid, fore, toes.

    NaN where the layout has no cell of a region or all of them are invalid.
    """
    return _sums(cells_n, layout, [layout.region_cells[name] for name in REGIONS])


def half_n(cells_n: Floats, layout: InsoleLayout) -> Floats:
    """Return force on the medial and the lateral cells, shape (rows, 2).

    Cells on the middle line belong to neither. NaN where the layout has no cell on a
    side or all of them are invalid.
    """
    return _sums(cells_n, layout, layout.half_cells)


def _sums(
    cells_n: Floats, layout: InsoleLayout, groups: Sequence[NDArray[np.intp]]
) -> Floats:
    """Return :func:`total_n` of groups of cells, shape (rows, groups)."""
    out = np.full((len(cells_n), len(groups)), np.nan)
    whole = _complete(cells_n)
    for at, inside in enumerate(groups):
        if len(inside):
            part, areas = cells_n[:, inside], layout.areas_cm2[inside]
            out[:, at] = _row_sum(part) if whole else total_n(part, areas)
    return out


class GaitLine(NamedTuple):
    """Mean path of the centre of pressure over stance.

    ``mean`` and ``sd`` have shape (101, 2), 0 to 100 % of stance; ``n`` counts the
    stances behind every point, shape (101,). NaN where n is 0 (mean) or below 2 (sd).
    """

    mean: Floats
    sd: Floats
    n: NDArray[np.int64]


def stance_line(t_s: Floats, xy: Floats, ic_s: float, to_s: float) -> Floats:
    """Resample one stance of a centre-of-pressure path to 101 points.

    Parameters
    ----------
    t_s, xy
        Times, shape (rows,), and path, shape (rows, 2), covering the stance.
    ic_s, to_s
        Initial contact and toe-off.

    Returns
    -------
    line : shape (101, 2), NaN outside the measured path and in holes over 20 ms
    """
    grid = stance_grid_s(ic_s, to_s)
    line = np.full((STANCE_POINTS, 2), np.nan)
    good = np.isfinite(xy[:, 0] + xy[:, 1])
    if np.count_nonzero(good) < 2:
        return line
    t, path = t_s[good], xy[good]
    steps_s = np.sort(t_s[1:] - t_s[:-1])  # numpy's median takes ten times as long
    half = len(steps_s) // 2
    usual_s = 0.5 * float(steps_s[half] + steps_s[-half - 1])
    bridge_s = max(MAX_BRIDGE_S, 1.5 * usual_s)
    known = (grid >= t[0]) & (grid <= t[-1])
    wide = t[1:] - t[:-1] > bridge_s + 1e-9
    if np.count_nonzero(wide):
        known &= ~wide[np.clip(t.searchsorted(grid), 1, len(t) - 1) - 1]
    for axis in range(2):
        line[known, axis] = np.interp(grid[known], t, path[:, axis])
    return line


def stance_grid_s(ic_s: float, to_s: float) -> Floats:
    """Return the times of 0 to 100 % of stance, shape (101,)."""
    grid = _STANCE_SHARES * (to_s - ic_s)
    grid += ic_s
    grid[-1] = to_s
    return grid


def gait_line(lines: Sequence[Floats]) -> GaitLine:
    """Return mean and SD of stance lines (each of shape (101, 2))."""
    stack = np.array(lines, dtype=float).reshape(-1, STANCE_POINTS, 2)
    known = ~np.isnan(stack)
    n = known.all(axis=2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, stack, 0.0).sum(axis=0) / n[:, None]
        spread = np.where(known, (stack - mean) ** 2, 0.0).sum(axis=0)
        sd = np.sqrt(spread / np.where(n > 1, n - 1, 0)[:, None])
    return GaitLine(mean, sd, n)


def cop_excursion_pct(line: Floats) -> tuple[float, float]:
    """Return the range of a path in % of insole width (x) and length (y)."""
    x, y = line[~np.isnan(line[:, 0] + line[:, 1])].T
    if not len(x):
        return (float("nan"), float("nan"))
    return 100.0 * float(x.max() - x.min()), 100.0 * float(y.max() - y.min())


def strike_index_pct(
    t_s: Floats, force_n: Floats, cop_y: Floats, ic_s: float, min_force_n: float
) -> float:
    """Return where the foot first loads, % of insole length (metric reference 4.1).

    Parameters
    ----------
    t_s, force_n, cop_y
        Times, force and centre of pressure along the insole, shape (rows,).
    ic_s
        Initial contact.
    min_force_n
        Rows below it do not count (0.1 body weights).

    Returns
    -------
    index : force-weighted mean over the first 20 ms; NaN with fewer than two rows
    """
    first, end = t_s.searchsorted(ic_s), t_s.searchsorted(ic_s + 0.020, side="right")
    rows = zip(force_n[first:end].tolist(), cop_y[first:end].tolist(), strict=True)
    early = [(force, y) for force, y in rows if force >= min_force_n and y == y]
    if len(early) < 2:
        return float("nan")
    return 100.0 * sum(f * y for f, y in early) / sum(f for f, _ in early)
