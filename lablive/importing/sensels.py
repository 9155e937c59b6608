"""Frames of pressure sensels (F-Scan, XSENSOR): names, load, one stream a foot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.imported import ImportedStream
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import unit_factor

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.importing.timing import Timing
    from lablive.messages import Floats
    from lablive.names import Side

_UNITS: Final = {
    "kpa": "kPa", "pa": "Pa", "mmhg": "mmHg", "n/cm2": "N/cm^2", "n/cm^2": "N/cm^2",
    "n/cm²": "N/cm^2", "raw": "adc", "psi": "psi",
}  # fmt: skip
_CM_PER: Final = {
    "mm": 0.1, "millimeters": 0.1, "cm": 1.0, "centimeters": 1.0, "in": 2.54,
    "inches": 2.54, "m": 100.0, "meters": 100.0,
}  # fmt: skip
_PA_CM2: Final = 1e-4  # newtons of one pascal on one square centimetre
_SPACING = re.compile(r"(\d+(?:\.\d*)?)\s*([A-Za-z]+)")


def pressure_unit(told: str) -> str:
    """Return the vocabulary's word for a unit of pressure, or what the file says.

    >>> pressure_unit("KPa")
    'kPa'
    """
    return _UNITS.get(told.strip().lower(), told.strip())


def length_cm(told: str) -> float:
    """Return a length such as ``5.08 mm`` in cm; 0 when it is none.

    >>> length_cm("8.6 mm")
    0.86
    """
    found = _SPACING.match(told.strip())
    factor = _CM_PER.get(found[2].lower(), 0.0) if found else 0.0
    return round(float(found[1]) * factor, 9) if found else 0.0


def load_n(pressure: Floats, unit: str, area_cm2: float) -> Floats | None:
    """Return the force of each frame in N: pressure times area, summed.

    Parameters
    ----------
    pressure
        Shape (frames, sensels); a sensel without a value carries nothing.
    unit
        Its unit; a raw one gives no force.
    area_cm2
        Area of one sensel.
    """
    factor = unit_factor(unit, "Pa")
    if factor is None or area_cm2 <= 0:
        return None
    return np.nansum(pressure, axis=1, keepdims=True) * (factor * area_cm2 * _PA_CM2)


def pressure_stream(
    path: Path,
    kind: str,
    side: Side | None,
    timing: Timing,
    frames: Floats,
    unit: str,
) -> ImportedStream:
    """Return the frames, shape (frames, rows, columns), as one channel per sensel.

    Sensels that never carry a value lie outside the cut insole and are left out.
    """
    count, rows, columns = frames.shape
    x = frames.reshape(count, rows * columns)
    there = np.flatnonzero(~np.isnan(x).all(axis=0))
    channels = tuple(
        ChannelInfo(f"r{k // columns + 1:02d}c{k % columns + 1:02d}", unit, "Pressure")
        for k in there.tolist()
    )
    return foot_stream(path, kind, side, "Pressure", timing, channels, x[:, there])


def foot_stream(
    path: Path,
    kind: str,
    side: Side | None,
    what: str,
    timing: Timing,
    channels: tuple[ChannelInfo, ...],
    x: Floats,
) -> ImportedStream:
    """Return one stream of one foot, named for both."""
    words = (kind, side or "", "" if what == "Pressure" else what.lower())
    info = StreamInfo(
        id=0,
        name=" ".join(word for word in words if word),
        type=what,
        rate_hz=timing.rate_hz,
        channels=channels,
        source_id=path.name,
        device=kind,
        sample_format="double64",
    )
    return ImportedStream(info, timing, np.ascontiguousarray(x))
