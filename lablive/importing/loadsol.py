"""novel loadsol: the ASCII export of its app (insole forces and IMU, tab-separated).

Four lines of header, then one row per sample; each foot has its own block of columns:
time, the zones, their total, time again, acceleration, angular rate. A lost radio
packet is -1 in the zones, 0 in the total and ``-`` in the IMU columns; all of them
become missing, so that a lost packet is no foot in the air. What the operator typed
stands behind the row it was typed at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.importing.cells import Numbers
from lablive.importing.imported import Imported, ImportedStream, unreadable, wall_clock
from lablive.importing.lines import numbered, plain
from lablive.importing.table_layout import split_unit
from lablive.messages import ChannelInfo, Marker, StreamInfo
from lablive.names import SIDES, Side
from lablive.signals.montage import SCHEMA, ChannelRule, Match, Montage, StreamRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import Options, Progress
    from lablive.messages import Floats

_NAME: Final = "loadsol"
_ZONES: Final = ("heel", "medial", "lateral")
_TIME: Final = "time"
_LOST: Final = -1.0
_END: Final = "End measurement"
_STARTED = re.compile(r"(\d{4})_(\d\d)_(\d\d)_(\d\d)_(\d\d)_(\d\d)_\d{3}")
_LABEL = re.compile(r"(?P<device>.*)-(?P<side>[LR])::(?P<part>\w+)")
_UNITS: Final = {"secs": "s"}


class _Header(NamedTuple):
    channels: tuple[ChannelInfo, ...]
    started: str


def is_loadsol(head: str) -> bool:
    """Tell whether text begins like a loadsol export."""
    lines = head.splitlines()[:6]
    return any(line.lower().startswith("time[secs]\tforce[n]") for line in lines)


def read_loadsol(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a loadsol export, one or two feet.

    Raises
    ------
    RecordingError
        The header is incomplete, or a cell is no number; names line and column.
    """
    del options
    lines = numbered(path, progress)
    header = _header(path, lines)
    labels = [channel.label for channel in header.channels]
    numbers = Numbers(path, labels)
    said: list[tuple[int, str]] = []
    for line, text in lines:
        cells = text.split("\t")
        comment = plain(" ".join(cells[len(labels) :]))
        if comment or text.strip() == _END:
            said.append((len(numbers), comment or _END))
        if text.strip() != _END:
            numbers.add(line, cells[: len(labels)])
    if not len(numbers):
        raise unreadable(path, "there is no row behind the header")
    x, lost = _without_lost(header.channels, numbers.table())
    timing = numbers.timing(x[:, labels.index(_TIME)])
    last = len(numbers) - 1
    markers = [Marker(float(timing.t_s[min(row, last)]), word) for row, word in said]
    info = StreamInfo(
        id=0,
        name=_NAME,
        type="Force",
        rate_hz=timing.rate_hz,
        channels=header.channels,
        source_id=path.name,
        device="novel loadsol",
        sample_format="double64",
    )
    return Imported(
        "loadsol",
        (ImportedStream(info, timing, x),),
        tuple(markers),
        started=header.started,
        montage=_montage(header.channels),
        notes=(*timing.notes, *_notes(labels, x), *lost),
    )


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> _Header:
    before: list[str] = []
    text = ""
    for _, text in lines:
        if text.lower().startswith("time[secs]"):
            break
        before.append(text)
    if not before or not text.lower().startswith("time[secs]"):
        raise unreadable(path, "the lines of names and units are missing")
    units = text.rstrip("\t").split("\t")
    names = before[-1].split("\t")
    names = [*names, *[""] * len(units)][: len(units)]
    channels: list[ChannelInfo] = []
    for name, told in zip(names, units, strict=True):
        kind, unit = split_unit(plain(told))
        label = _TIME if kind.lower() == _TIME else plain(name) or kind
        channels.append(ChannelInfo(label, _UNITS.get(unit, unit), kind))
    found = _STARTED.search(before[0])
    started = wall_clock(*map(int, found.groups())) if found else ""
    return _Header(tuple(channels), started)


def _notes(labels: Sequence[str], x: Floats) -> Iterator[str]:
    times = x[:, [k for k, label in enumerate(labels) if label == _TIME]]
    apart_s = float(np.nanmax(np.abs(times - times[:, :1])))
    if apart_s > 0:
        yield (
            f"The sensors' own times differ by up to {1e3 * apart_s:.3g} ms; the first"
            " one counts."
        )


def _without_lost(
    channels: Sequence[ChannelInfo], x: Floats
) -> tuple[Floats, list[str]]:
    """Return the rows with the forces of lost packets missing, and notes."""
    found = x.copy()
    notes: list[str] = []
    feet: dict[str, list[int]] = {}
    for column, channel in enumerate(channels):
        if channel.unit == "N":
            feet.setdefault(channel.label.partition("::")[0], []).append(column)
    for foot, columns in feet.items():
        lost = (x[:, columns] == _LOST).any(axis=1)
        found[np.ix_(lost, columns)] = np.nan
        if lost.any():
            side = "left" if foot.endswith("-L") else "right"
            count = int(np.count_nonzero(lost))
            notes.append(
                f"{side}: {count} rows are lost radio packets, stored as missing."
            )
    return found, notes


def _montage(channels: Sequence[ChannelInfo]) -> Montage | None:
    """Return the roles that the labels themselves tell."""
    rules = [rule for side in SIDES for rule in _rules(channels, side)]
    if not rules:
        return None
    match = Match(name=_NAME, type="Force")
    return Montage(
        schema=SCHEMA, streams=(StreamRule(match, tuple(rules)),), name=_NAME
    )


def _rules(channels: Sequence[ChannelInfo], side: Side) -> Iterator[ChannelRule]:
    parts: dict[str, str] = {}
    for channel in channels:
        found = _LABEL.fullmatch(channel.label)
        if found and (found["side"] == "L") == (side == "left"):
            parts.setdefault(found["part"], channel.label)
    zones = tuple(part for part in parts if part in _ZONES)
    if len(zones) == len(_ZONES):
        yield ChannelRule(
            role=f"insole_{side}.zones",
            unit="N",
            label=tuple(parts[zone] for zone in zones),
            layout="loadsol_3",
            zones=zones,
        )
    for quantity, ending, unit in (("acc", "Acc", "g"), ("gyro", "Gyro", "rad/s")):
        axes = tuple(parts.get(f"{axis}{ending}", "") for axis in "xyz")
        if all(axes):
            yield ChannelRule(role=f"insole_{side}.{quantity}", unit=unit, label=axes)
