"""What the page draws from rows: force curves, the pressure picture, the COP.

Live and replay hand their rows to the same scene, so both show the same curves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.messages import Chunk
from lablive.names import SIDES, STANDARD_GRAVITY
from lablive.signals.insole import cop_xy, feet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.messages import Floats, Gap, StreamInfo, Values
    from lablive.names import Side
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import Calibration
    from lablive.signals.insole import Foot
    from lablive.signals.layouts import InsoleLayout

ForceUnit = Literal["BW", "N", "counts"]
CurveName = Literal["left", "right", "both"]

MIN_COP_SHARE: Final = 0.1  # of body weight: below it a COP has no meaning
HOLE_PERIODS: Final = 1.5  # a step of time longer than this breaks the curve


class Curve(NamedTuple):
    """One force curve: times (rows,) in s, force (rows,) in the scene's unit."""

    t_s: Floats
    force: Floats


class Picture(NamedTuple):
    """One foot at one moment: cells (cells,) in ``unit``, COP (x, y) or NaN."""

    t_s: float
    cells: Floats
    cop: tuple[float, float]
    unit: str


class Scene:
    """Turns rows into curves and pictures for one binding and calibration.

    Parameters
    ----------
    binding
        Role -> columns.
    streams
        What the binding was made from (for rates).
    calibration
        Body-weight calibration; None = as the devices say.
    """

    def __init__(
        self,
        binding: Binding,
        streams: Sequence[StreamInfo],
        calibration: Calibration | None,
    ) -> None:
        self._binding = binding
        self._rates = {info.id: info.rate_hz for info in streams}
        self.feet: dict[Side, Foot] = feet(binding, calibration)
        self._belt = None if self.feet else binding.source("treadmill.force_z")
        mass_kg = (
            calibration.mass_kg if calibration else binding.montage.subject.mass_kg
        )
        self._weight_n = mass_kg * STANDARD_GRAVITY if mass_kg else None
        self._last_s: dict[CurveName, float] = {}

    @property
    def curves(self) -> tuple[CurveName, ...]:
        """Force curves there are."""
        if self._belt is not None:
            return ("both",)
        return tuple(side for side in SIDES if side in self.feet)

    @property
    def unit(self) -> ForceUnit:
        """Unit of the curves: body weights when both gain and mass are known."""
        if any(foot.unit == "adc" for foot in self.feet.values()):
            return "counts"
        return "BW" if self._weight_n else "N"

    def layout(self, side: Side) -> InsoleLayout | None:
        """Return the cells of a foot, None when it has none."""
        foot = self.feet.get(side)
        return foot.layout if foot else None

    def stream(self, curve: CurveName) -> int | None:
        """Return the stream a curve is made from."""
        if curve == "both":
            return self._belt.stream if self._belt else None
        foot = self.feet.get(curve)
        return foot.force.stream if foot else None

    def append(self, items: Iterable[Chunk | Gap]) -> dict[CurveName, list[Curve]]:
        """Return the new pieces of every curve; a hole in time is a row of NaN."""
        found: dict[CurveName, list[Curve]] = {}
        for item in items:
            if not isinstance(item, Chunk) or not len(item):
                continue
            for curve in self.curves:
                if self.stream(curve) == item.stream:
                    found.setdefault(curve, []).append(self._piece(curve, item))
        return found

    def window(self, curve: CurveName, t_s: Floats, x: Values) -> Curve:
        """Return a curve from recorded rows, holes as NaN."""
        return _with_holes(Curve(t_s, self._force(curve, x)), self._hole_s(curve))

    def picture(self, side: Side, t_s: float, row: Values) -> Picture | None:
        """Return the pressure picture of one row (channels,); None without cells."""
        foot = self.feet.get(side)
        if foot is None or foot.cells is None or foot.layout is None:
            return None
        row = row.reshape(1, -1)
        forces = foot.cells_n(row)
        shown, unit = forces[0], "N" if foot.cells_unit == "N" else "counts"
        if foot.cells.unit == "kPa":
            shown, unit = foot.cells.extract(row)[0], "kPa"
        least_n = MIN_COP_SHARE * self._weight_n if self._weight_n else 0.0
        cop = cop_xy(forces, foot.layout, least_n if foot.cells_unit == "N" else 0.0)[0]
        return Picture(t_s, shown, (float(cop[0]), float(cop[1])), unit)

    def picture_stream(self, side: Side) -> int | None:
        """Return the stream of a foot's cells."""
        foot = self.feet.get(side)
        return foot.cells.stream if foot and foot.cells else None

    def _force(self, curve: CurveName, x: Values) -> Floats:
        if curve == "both":
            force = self._binding.extract("treadmill.force_z", x)[:, 0]
        else:
            force = self.feet[curve].force_n(x)
        if self._weight_n and self.unit == "BW":
            return force / self._weight_n
        return force

    def _hole_s(self, curve: CurveName) -> float:
        stream = self.stream(curve)
        rate_hz = self._rates.get(stream, 0.0) if stream is not None else 0.0
        return HOLE_PERIODS / rate_hz if rate_hz > 0 else float("inf")

    def _piece(self, curve: CurveName, chunk: Chunk) -> Curve:
        before = self._last_s.get(curve, float("inf"))
        self._last_s[curve] = float(chunk.t_s[-1])
        piece = Curve(chunk.t_s, self._force(curve, chunk.x))
        return _with_holes(piece, self._hole_s(curve), before)


def _with_holes(curve: Curve, hole_s: float, before_s: float = float("inf")) -> Curve:
    """Put a row of NaN into every step of time that is longer than ``hole_s``."""
    if not len(curve.t_s):
        return curve
    steps = np.diff(curve.t_s, prepend=min(before_s, curve.t_s[0]))
    at = np.flatnonzero(steps > hole_s)
    if not len(at):
        return curve
    middle = curve.t_s[at] - steps[at] / 2
    return Curve(np.insert(curve.t_s, at, middle), np.insert(curve.force, at, np.nan))
