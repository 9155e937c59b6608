"""Xsens MT text exports (MT Manager, Awinda): one sensor a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.errors import ConfigError
from lablive.importing.cells import Numbers
from lablive.importing.imported import Imported, ImportedStream, unreadable
from lablive.importing.lines import numbered, plain
from lablive.importing.timing import TimeError, counted, unwrapped
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import Options, Progress

_COUNTERS: Final = ("PacketCounter", "Counter")
_COUNTER_BITS: Final = 16
_RATE = re.compile(r"(?:update|sample) rate:\s*(\d+(?:\.\d*)?)\s*Hz", re.IGNORECASE)
_DEVICE = re.compile(r"([0-9A-F]{8})$", re.IGNORECASE)
# what the vendor's manual says of each group of columns
_UNITS: Final = {
    "Acc": "m/s^2", "FreeAcc": "m/s^2", "Gyr": "rad/s", "Mag": "a.u.",
    "Roll": "deg", "Pitch": "deg", "Yaw": "deg", "Quat": "1", "Mat": "1",
    "Latitude": "deg", "Longitude": "deg", "Altitude": "m", "Pressure": "Pa",
}  # fmt: skip
_GROUP = re.compile(r"[A-Za-z]+")


def is_xsens(head: str) -> bool:
    """Tell whether text begins like an Xsens MT export."""
    body = [line for line in head.splitlines() if not line.startswith("//")]
    first = re.split(r"[\t,; ]", body[0], maxsplit=1)[0] if body else ""
    return head.startswith("//") and first in _COUNTERS


def read_xsens(path: Path, options: Options, progress: Progress) -> Imported:
    """Read one sensor; its time is its packet counter, a jump of it a loss.

    Sensors of one recording share the counter, so that their files lie on one clock.

    Raises
    ------
    RecordingError
        The counter is missing or goes back, or a cell is no number; names the line.
    ConfigError
        Neither the file nor ``options`` tells the rate.
    """
    lines = numbered(path, progress)
    rate_hz, line, text = _header(lines)
    rate_hz = options.rate_hz or rate_hz
    if not rate_hz:
        raise ConfigError(
            f"{path.name}: the header tells no update rate.",
            todo="Give --rate with the packets per second.",
        )
    separator = next((mark for mark in "\t,;" if mark in text), " ")
    labels = [plain(cell) for cell in text.split(separator) if cell.strip()]
    numbers = Numbers(path, labels)
    for line, text in lines:
        cells = text.split(separator)
        extra = cells[len(labels) :]
        numbers.add(line, cells if any(map(str.strip, extra)) else cells[: len(labels)])
    if not len(numbers):
        raise unreadable(path, "there is no row behind the header")
    table = numbers.table()
    missing = np.isnan(table[:, 0])
    try:
        if missing.any():
            raise TimeError(int(np.argmax(missing)), "the packet counter is missing")
        counter = unwrapped(table[:, 0], _COUNTER_BITS)
        timing = counted(counter, rate_hz)
    except TimeError as error:
        raise unreadable(path, f"{error}", line=numbers.line_of(error.row)) from error
    there = ~np.isnan(table).all(axis=0)
    kept = np.flatnonzero(there)[1:].tolist()
    notes = [*timing.notes, *_empty_note(labels, np.flatnonzero(~there).tolist())]
    info = _info(path, [labels[column] for column in kept], rate_hz)
    stream = ImportedStream(info, timing, table[:, kept], counter)
    return Imported("xsens", (stream,), notes=tuple(notes))


def _header(lines: Iterator[tuple[int, str]]) -> tuple[float, int, str]:
    """Return rate, and the line of column names with its number."""
    rate_hz = 0.0
    for line, text in lines:
        if not text.startswith("//"):
            return rate_hz, line, text
        if found := _RATE.search(text):
            rate_hz = float(found[1])
    return rate_hz, 0, ""


def _empty_note(labels: Sequence[str], empty: Sequence[int]) -> Iterator[str]:
    if empty:
        names = ", ".join(labels[column] for column in empty)
        yield f"Columns without any value are left out: {names}."


def _info(path: Path, labels: Sequence[str], rate_hz: float) -> StreamInfo:
    device = _DEVICE.search(path.stem)
    channels: list[ChannelInfo] = []
    for label in labels:
        group = _GROUP.match(label)
        unit = _UNITS.get(group[0], "") if group else ""
        channels.append(ChannelInfo(label, unit))
    return StreamInfo(
        id=0,
        name=f"xsens {device[1] if device else path.stem}",
        type="IMU",
        rate_hz=rate_hz,
        channels=tuple(channels),
        source_id=path.name,
        device="Xsens MT",
        sample_format="double64",
        counter_bits=_COUNTER_BITS,
    )
