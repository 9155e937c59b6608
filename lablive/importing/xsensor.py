"""XSENSOR insoles: the CSV export of its PRO software, frame by frame.

Each frame names date, time and one SENSOR block per foot: figures of the vendor
(``Est. Load (N)``, ``Peak Pressure (mmHg)`` ...), then the SENSELS as a grid. GROUP
blocks repeat the sensels by region and are passed over.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.cells import Numbers, is_number
from lablive.importing.imported import Imported, ImportedStream, unreadable
from lablive.importing.lines import numbered, plain
from lablive.importing.sensels import foot_stream, pressure_stream, pressure_unit
from lablive.importing.table_layout import split_unit
from lablive.importing.timing import TimeError, Timing, measured
from lablive.messages import ChannelInfo
from lablive.signals.montage import SCHEMA, ChannelRule, Match, Montage, StreamRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.importing.imported import Options, Progress
    from lablive.names import Side

KIND: Final = "xsensor"
_LOAD: Final = "Est. Load"
_LEFT = re.compile(r"[-_ .]L(?:F|eft)?\b", re.IGNORECASE)
_RIGHT = re.compile(r"[-_ .]R(?:F|ight)?\b", re.IGNORECASE)
_GEOMETRY: Final = ("rows", "columns", "sensel width", "sensel height")
_DAY_S: Final = 86400.0
_HALF_DAY_S: Final = _DAY_S / 2


@dataclass
class _Foot:
    """What the frames say of one sensor so far."""

    side: Side
    rows: int = 0
    columns: int = 0
    figures: tuple[ChannelInfo, ...] = ()
    values: list[list[float]] = field(default_factory=list[list[float]])
    sensels: Numbers | None = None


def is_xsensor(head: str) -> bool:
    """Tell whether text begins like an XSENSOR export."""
    return bool(re.search(r"^FRAME\b", head, re.MULTILINE)) and "Sensel Width" in head


def read_xsensor(path: Path, options: Options, progress: Progress) -> Imported:
    """Read an XSENSOR export: sensels and the vendor's figures of both feet.

    Raises
    ------
    RecordingError
        A frame has no time, a block is cut off, or a cell is no number.
    """
    del options
    reader = _Reader(path, numbered(path, progress))
    reader.read()
    timing = reader.timing()
    streams: list[ImportedStream] = []
    for foot in reader.feet.values():
        if foot.sensels is None or len(foot.values) != len(timing.t_s):
            what = f"the {foot.side} sensor is not in every frame"
            raise unreadable(path, what, todo="Export whole frames of both insoles.")
        frames = foot.sensels.table().reshape(-1, foot.rows, foot.columns)
        unit = reader.unit
        streams += [
            pressure_stream(path, KIND, foot.side, timing, frames, unit),
            foot_stream(
                path, KIND, foot.side, "Figures", timing, foot.figures,
                np.array(foot.values),
            ),
        ]  # fmt: skip
    return Imported(
        KIND,
        tuple(streams),
        started=reader.started,
        montage=_montage(reader.feet),
        notes=(
            *timing.notes,
            "GROUP blocks repeat sensels by region and are left out.",
        ),
    )


def _montage(feet: dict[Side, _Foot]) -> Montage | None:
    rules = [
        StreamRule(
            Match(name=f"{KIND} {side} figures"),
            (ChannelRule(role=f"insole_{side}.force", unit="N", label=_LOAD),),
        )
        for side, foot in feet.items()
        if any((c.label, c.unit) == (_LOAD, "N") for c in foot.figures)
    ]
    return Montage(SCHEMA, tuple(rules), name=KIND) if rules else None


def _cells(text: str) -> list[str]:
    """Cut a line; a quoted number has a decimal comma."""
    if '"' not in text:
        return [plain(cell) for cell in text.split(",")]
    cells = (plain(cell) for cell in next(csv.reader([text])))
    return [
        point if is_number(point := cell.replace(",", ".")) else cell for cell in cells
    ]


class _Reader:
    """Goes through the frames once."""

    def __init__(self, path: Path, lines: Iterator[tuple[int, str]]) -> None:
        self.feet: dict[Side, _Foot] = {}
        self.unit = ""
        self.started = ""
        self._path = path
        self._lines = ((n, t) for n, t in lines if t.strip(", "))
        self._clock: list[tuple[int, float]] = []  # line, second of the day
        self._date = ""

    def read(self) -> None:
        """Read every frame."""
        foot: _Foot | None = None
        figures: dict[str, float] = {}
        for line, text in self._lines:
            key, *values = _cells(text)
            key, value = key.rstrip(":"), values[0] if values else ""
            word = key.lower()
            if word == "units" and not self.unit:
                self.unit = pressure_unit(value)
            elif word == "date" and not self._date:
                self._date = value
            elif word == "time":
                self._clock.append((line, self._second(line, value)))
            elif word == "sensor":
                foot, figures = self._foot(line, value), {}
            elif word == "group":
                foot = None
            elif word == "sensels" and foot is not None:
                self._block(line, foot, figures)
                foot = None
            elif foot is not None and is_number(value):
                figures[key] = float(value)

    def _second(self, line: int, told: str) -> float:
        try:
            at = datetime.strptime(told, "%H:%M:%S.%f")
        except ValueError:
            what = f'"{told}" is no time of the day'
            raise unreadable(self._path, what, line=line) from None
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if not self._clock:
            self.started = self._wall_clock(at - midnight)
        return (at - midnight).total_seconds()

    def _wall_clock(self, since_midnight: timedelta) -> str:
        try:
            day = datetime.strptime(self._date, "%Y %b %d")
        except ValueError:
            return ""
        return (day + since_midnight).isoformat(timespec="milliseconds")

    def _foot(self, line: int, sensor: str) -> _Foot:
        left, right = bool(_LEFT.search(sensor)), bool(_RIGHT.search(sensor))
        if left == right:
            what = f'sensor "{sensor}" names no foot (LF, RF)'
            raise unreadable(self._path, what, line=line)
        side: Side = "left" if left else "right"
        return self.feet.setdefault(side, _Foot(side))

    def _block(self, line: int, foot: _Foot, figures: dict[str, float]) -> None:
        rows, columns = int(figures.get("Rows", 0)), int(figures.get("Columns", 0))
        if rows < 1 or columns < 1:
            what = "the sensels have no Rows and Columns"
            raise unreadable(self._path, what, line=line)
        own = {
            key: value
            for key, value in figures.items()
            if not key.lower().startswith(_GEOMETRY)
        }
        channels = tuple(ChannelInfo(*split_unit(key)) for key in own)
        if foot.sensels is None:
            foot.rows, foot.columns, foot.figures = rows, columns, channels
            names = [f"c{column + 1:02d}" for column in range(columns)]
            foot.sensels = Numbers(self._path, names)
        elif (rows, columns, channels) != (foot.rows, foot.columns, foot.figures):
            what = f"the {foot.side} sensor is not described as in the frames before"
            raise unreadable(self._path, what, line=line)
        for _ in range(rows):
            line, text = next(self._lines, (line, ""))
            foot.sensels.add(line, _cells(text)[:columns])
        foot.values.append(list(own.values()))

    def timing(self) -> Timing:
        """Return the times of the frames since the first, over midnight as well."""
        if not self._clock:
            raise unreadable(self._path, "there is no frame with a time")
        second = np.array([second for _, second in self._clock])
        days = np.concatenate([[0], np.cumsum(np.diff(second) < -_HALF_DAY_S)])
        t_s = np.round(second + days * _DAY_S - second[0], 6)
        try:
            return measured(t_s)
        except TimeError as error:
            line = self._clock[error.row][0]
            raise unreadable(self._path, f"{error}", line=line) from error
