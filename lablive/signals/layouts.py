"""Insole layouts: where the cells are, how large, in which region of the foot.

``y`` runs from heel 0 to toe 1 along the insole length, ``x`` from -0.5 lateral to
+0.5 medial in insole widths, on both feet: one layout serves left and right, and
only the drawing is mirrored.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.config import Problem, load_toml, parse_toml
from lablive.errors import ConfigError
from lablive.recording.folders import home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Region = Literal["heel", "mid", "fore", "toes"]
REGIONS: Final[tuple[Region, ...]] = ("heel", "mid", "fore", "toes")
_ZONE_LAYOUTS: Final = ("loadsol_3", "zones_4")

# a generic insole, x medial +, y heel to toe: drawn when a layout brings no outline
GENERIC_OUTLINE: Final = (
    (0.0, 0.0), (-0.14, 0.012), (-0.24, 0.04), (-0.3, 0.08), (-0.33, 0.14),
    (-0.34, 0.22), (-0.36, 0.32), (-0.39, 0.42), (-0.43, 0.52), (-0.47, 0.6),
    (-0.5, 0.68), (-0.49, 0.75), (-0.45, 0.82), (-0.37, 0.88), (-0.27, 0.93),
    (-0.13, 0.97), (0.02, 0.992), (0.11, 1.0), (0.2, 0.992), (0.31, 0.97),
    (0.4, 0.93), (0.45, 0.88), (0.49, 0.82), (0.5, 0.75), (0.44, 0.68),
    (0.33, 0.6), (0.24, 0.52), (0.22, 0.42), (0.26, 0.32), (0.31, 0.22),
    (0.32, 0.14), (0.29, 0.08), (0.24, 0.04), (0.14, 0.012),
)  # fmt: skip


class Cell(msgspec.Struct, frozen=True):
    """One sensor cell or zone: centre, sensing area, region of the foot."""

    x: float
    y: float
    area_cm2: float
    region: Region
    name: str = ""


class InsoleLayout(msgspec.Struct, frozen=True, dict=True):
    """Cells of one insole, in the order of its channels.

    Attributes
    ----------
    title, source
        What it is and where the numbers come from.
    approximate
        True when positions or areas are not the maker's own.
    length_mm, width_mm
        Size that x and y are fractions of.
    cells
        One per channel.
    outline
        Closed polygon (x, y) around the insole, for drawing.
    """

    title: str
    source: str
    approximate: bool
    length_mm: float
    width_mm: float
    cells: tuple[Cell, ...] = msgspec.field(name="cell")
    outline: tuple[tuple[float, float], ...] = GENERIC_OUTLINE

    # asked for in every stride, so made once; nobody may write to them
    @cached_property
    def xy(self) -> Floats:
        """Cell centres, shape (cells, 2): x medial +, y heel 0 to toe 1."""
        return _fixed([(cell.x, cell.y) for cell in self.cells])

    @cached_property
    def areas_cm2(self) -> Floats:
        """Sensing area of every cell, shape (cells,)."""
        return _fixed([cell.area_cm2 for cell in self.cells])

    @cached_property
    def region_cells(self) -> dict[Region, NDArray[np.intp]]:
        """Region -> its cells."""
        own = np.array(self.regions)
        return {name: np.flatnonzero(own == name) for name in REGIONS}

    @cached_property
    def half_cells(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Medial and lateral cells; those on the middle line are neither."""
        across = self.xy[:, 0]
        return np.flatnonzero(across > 0), np.flatnonzero(across < 0)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Region of every cell."""
        return tuple(cell.region for cell in self.cells)

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Names of the named cells."""
        return tuple(cell.name for cell in self.cells if cell.name)

    def pick(self, zones: tuple[str, ...]) -> InsoleLayout:
        """Return the layout of the named zones, in that order.

        Raises
        ------
        KeyError
            A zone this layout does not place.
        """
        named = {cell.name: cell for cell in self.cells if cell.name}
        cells = tuple(named[zone] for zone in zones)
        return msgspec.structs.replace(self, cells=cells)


def layout_names() -> tuple[str, ...]:
    """Return the names of the shipped layouts, then of the lab's own."""
    found = (item.name for item in files("configs").joinpath("layouts").iterdir())
    shipped = sorted(name[:-5] for name in found if name.endswith(".toml"))
    own = sorted(file.stem for file in own_folder().glob("*.toml"))
    return (*shipped, *(name for name in own if name not in shipped))


def own_folder() -> Path:
    """Return the folder of the lab's own layouts: ``layouts`` in the library."""
    return home() / "layouts"


@cache
def load_layout(name: str) -> InsoleLayout:
    """Read a layout by its name: a shipped one, or one of the lab's own.

    Raises
    ------
    ConfigError
        No such layout, or the file is wrong (every problem at once).
    """
    if name not in layout_names():
        raise ConfigError(
            f'unknown layout "{name}".',
            todo=f"Known: {', '.join(layout_names())}; your own belong into "
            f"{own_folder()}.",
        )
    shipped = files("configs").joinpath("layouts", f"{name}.toml")
    if not shipped.is_file():
        return load_toml(own_folder() / f"{name}.toml", InsoleLayout, layout_problems)
    text = shipped.read_text(encoding="utf-8")
    return parse_toml(text, InsoleLayout, str(shipped), layout_problems)


def default_zone_layout(zones: tuple[str, ...]) -> str:
    """Return the shipped layout that places all zones by name, or ""."""
    for name in _ZONE_LAYOUTS:
        if zones and set(zones) <= set(load_layout(name).zone_names):
            return name
    return ""


def _fixed(values: list[float] | list[tuple[float, float]]) -> Floats:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def layout_problems(layout: InsoleLayout) -> list[Problem]:
    """Return everything that is wrong with a layout beyond its types."""
    return list(_problems(layout))


def _problems(layout: InsoleLayout) -> Iterator[Problem]:
    for key in ("length_mm", "width_mm"):
        if not getattr(layout, key) > 0:
            yield (key,), f"{key} must be above 0"
    if not layout.cells:
        yield ("cell",), "no cell is given"
    for at, cell in enumerate(layout.cells):
        where = f"cell[{at + 1}]"
        if not (-0.5 <= cell.x <= 0.5 and 0 <= cell.y <= 1):
            what = f"{where}: x is -0.5 to 0.5, y is 0 to 1, got {cell.x}, {cell.y}"
            yield ("cell", at), what
        if not cell.area_cm2 > 0:
            yield ("cell", at), f"{where}: area_cm2 must be above 0"
    zones = layout.zone_names
    if len(set(zones)) < len(zones):
        yield ("cell",), "two cells have one name"
    if len(layout.outline) < 3:
        yield ("outline",), "an outline needs three points or more"
