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
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibration import Calibration
    from lablive.signals.insole import Foot
    from lablive.signals.layouts import InsoleLayout

ForceUnit = Literal["BW", "N", "counts"]
CurveName = Literal["left", "right", "both"]

MIN_COP_SHARE: Final = 0.1  # of body weight: below it a COP has no meaning
MIN_COP_N: Final = 60.0  # the same while the body mass is not known


class Curve(NamedTuple):
    """One force curve: times (rows,) in s, force (rows,) in the scene's unit."""

    t_s: Floats
    force: Floats


class Picture(NamedTuple):
    """One foot: cells of every row (rows, cells), COP (x, y) of the last on ground."""

    cells: Floats
    cop: tuple[float, float] | None


class Scene:
    """Turns rows into curves and pictures for one binding and calibration.

    Parameters
    ----------
    binding
        Role -> columns.
    streams
        What the binding was made from.
    calibration
        Body-weight calibration; None = as the devices say.
    emg_notch_hz
        Of the muscles' filters, as calibrated.
    """

    def __init__(
        self,
        binding: Binding,
        streams: Sequence[StreamInfo],
        calibration: Calibration | None,
        emg_notch_hz: Literal[50, 60] | None = None,
    ) -> None:
        self._binding = binding
        self._infos = {info.id: info for info in streams}
        self.emg_notch_hz: Literal[50, 60] | None = emg_notch_hz
        self.feet: dict[Side, Foot] = feet(binding, calibration)
        self._belt = None if self.feet else binding.source("treadmill.force_z")
        mass_kg = (
            calibration.mass_kg if calibration else binding.montage.subject.mass_kg
        )
        self._weight_n = mass_kg * STANDARD_GRAVITY if mass_kg else None

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

    @property
    def roles(self) -> frozenset[str]:
        """What is measured, in the words of the vocabulary (``imu_pelvis.gyro``)."""
        return frozenset(self._binding.sources)

    def source(self, role: str) -> Source | None:
        """Return where a role is read, None when nothing measures it."""
        return self._binding.source(role)

    def info(self, stream: int) -> StreamInfo:
        """Return what a stream says of itself."""
        return self._infos[stream]

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
        """Return the new pieces of every curve."""
        found: dict[CurveName, list[Curve]] = {}
        for item in items:
            if not isinstance(item, Chunk) or not len(item):
                continue
            for curve in self.curves:
                if self.stream(curve) == item.stream:
                    found.setdefault(curve, []).append(
                        self.window(curve, item.t_s, item.x)
                    )
        return found

    def window(self, curve: CurveName, t_s: Floats, x: Values) -> Curve:
        """Return a curve from rows of its stream, shape (rows, channels)."""
        return Curve(t_s, self._force(curve, x))

    def rate_hz(self, curve: CurveName) -> float:
        """Return the nominal rate of a curve's stream, 0 when irregular."""
        stream = self.stream(curve)
        return self._infos[stream].rate_hz if stream in self._infos else 0.0

    def cells(self, side: Side, rows: Values) -> Floats | None:
        """Return the cells of rows in the picture's unit, shape (rows, cells).

        None when the foot has no cells.
        """
        foot = self.feet.get(side)
        if foot is None or foot.cells is None or foot.layout is None:
            return None
        if foot.cells.unit == "kPa":
            return foot.cells.extract(rows)
        return foot.cells_n(rows)

    def picture(self, side: Side, rows: Values) -> Picture | None:
        """Return the pressure picture of rows (rows, channels), COP of the last one.

        None when the foot has no cells.
        """
        foot = self.feet.get(side)
        shown = self.cells(side, rows)
        if foot is None or foot.layout is None or shown is None:
            return None
        forces = foot.cells_n(rows)
        least_n = 0.0  # of raw counts no size is known
        if foot.cells_unit == "N":
            least_n = MIN_COP_SHARE * self._weight_n if self._weight_n else MIN_COP_N
        cop = cop_xy(forces[-1:], foot.layout, least_n)[0]
        on_ground = bool(np.isfinite(cop).all())
        return Picture(shown, (float(cop[0]), float(cop[1])) if on_ground else None)

    def picture_unit(self, side: Side) -> str:
        """Return the unit of a foot's cells as the screen names it."""
        foot = self.feet.get(side)
        if foot is None or foot.cells is None:
            return ""
        if foot.cells.unit == "kPa":
            return "kPa"
        return "N" if foot.cells_unit == "N" else "uncalibrated counts"

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
