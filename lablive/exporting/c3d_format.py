"""C3D files byte by byte: floating point, Intel, analog channels without points.

ezc3d holds a file as objects, twice, and loses labels beyond 255 channels and frames
beyond 65,535; a trial of an hour has both (docs/decisions/0031). Format: c3d.org user
guide, 2008.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

BLOCK: Final = 512
MOST_FRAMES: Final = 65_535  # 16 bits without a sign
MOST_WORDS: Final = 65_535  # analog values of a frame
_MOST_ENTRIES: Final = 255  # of a parameter: then LABELS2, LABELS3
MOST_TEXT: Final = 127  # that every reader takes
_MOST_BLOCKS: Final = 255  # of all parameters
_INTEL: Final = 84
_CHAR, _INT, _FLOAT = -1, 2, 4
_SCALE: Final = -1.0  # negative: the values are floating point


@dataclass
class Parameters:
    """Groups of parameters, in the order added."""

    groups: dict[str, list[bytes]] = field(default_factory=dict[str, "list[bytes]"])

    def texts(self, group: str, name: str, values: Sequence[str]) -> None:
        """Add texts; more than 255 go on in NAME2, NAME3 ..."""
        encoded = [it.encode("ascii", "replace")[:MOST_TEXT] for it in values]
        for ending, begin, end in _parts(len(encoded)):
            part = encoded[begin:end]
            width = max((len(it) for it in part), default=0) or 1
            data = b"".join(it.ljust(width) for it in part)
            self._add(group, f"{name}{ending}", _CHAR, (width, len(part)), data)

    def integers(self, group: str, name: str, values: Sequence[int]) -> None:
        """Add whole numbers of 16 bits without a sign; one is no list."""
        for ending, begin, end in _parts(len(values)):
            part = np.array(values[begin:end], dtype="<u2")
            shape = () if len(values) == 1 else part.shape
            self._add(group, f"{name}{ending}", _INT, shape, part.tobytes())

    def floats(self, group: str, name: str, values: ArrayLike) -> None:
        """Add numbers of any shape; the first dimension runs fastest in the file.

        What is longer than 255 in its last dimension goes on in NAME2 ...
        """
        table = np.asarray(values, dtype="<f4")
        if not table.ndim:
            self._add(group, name, _FLOAT, (), table.tobytes())
            return
        for ending, begin, end in _parts(table.shape[-1]):
            part = table[..., begin:end]
            data = np.ascontiguousarray(part.T).tobytes()
            self._add(group, f"{name}{ending}", _FLOAT, part.shape, data)

    def _add(
        self, group: str, name: str, kind: int, shape: tuple[int, ...], data: bytes
    ) -> None:
        dimensions = bytes([len(shape), *shape])
        body = struct.pack("<b", kind) + dimensions + data + b"\0"  # no description
        self.groups.setdefault(group, []).append(_named(name, body))

    def encoded(self, start: tuple[str, str] | None = None) -> bytes:
        """Return the section, whole blocks.

        Parameters
        ----------
        start
            Group and name of a parameter that tells in which block the values begin;
            it is added.

        Raises
        ------
        RecordingError
            It is larger than a C3D file can tell.
        """
        if start is not None:
            self.integers(*start, [0])
            blocks = len(self.encoded()) // BLOCK
            self.groups[start[0]].pop()
            self.integers(*start, [2 + blocks])  # of the same size
        records: list[bytes] = []
        for number, (group, own) in enumerate(self.groups.items(), start=1):
            records.append(_record(-number, _named(group, b"\0")))
            records += [_record(number, it) for it in own]
        text = b"".join(records) + b"\0\0"
        blocks = -(-(4 + len(text)) // BLOCK)
        if blocks > _MOST_BLOCKS:
            raise RecordingError(
                "The names and events of this range do not fit into a C3D file "
                f"({4 + len(text)} of at most {_MOST_BLOCKS * BLOCK} bytes).",
                still="Nothing was written.",
                todo="Export a shorter range with --from and --until, or csv.",
            )
        head = bytes([1, 80, blocks, _INTEL])
        return (head + text).ljust(blocks * BLOCK, b"\0")


def _parts(count: int) -> list[tuple[str, int, int]]:
    """Return pieces of at most 255 values: what the name ends in, begin, end."""
    cuts = range(0, max(1, count), _MOST_ENTRIES)
    return [
        (str(number) if number > 1 else "", at, at + _MOST_ENTRIES)
        for number, at in enumerate(cuts, start=1)
    ]


def _named(name: str, body: bytes) -> bytes:
    """Return name length, a place for the id, name, offset to the next, body."""
    offset = struct.pack("<H", 2 + len(body))
    return bytes([len(name), 0]) + name.encode("ascii") + offset + body


def _record(group: int, named: bytes) -> bytes:
    return named[:1] + struct.pack("<b", group) + named[2:]


def header(
    *, channels: int, per_frame: int, frames: int, point_hz: float, parameters: bytes
) -> bytes:
    """Return the first block of a file.

    Parameters
    ----------
    channels, per_frame
        Analog channels, and samples of each in a frame.
    frames, point_hz
        Frames, and frames per second.
    parameters
        The section that follows.
    """
    start_block = 2 + len(parameters) // BLOCK
    words = channels * per_frame
    head = struct.pack(
        "<BBHHHHHfHHf",
        2, 80, 0, words, 1, frames, 0, _SCALE, start_block, per_frame, point_hz,
    )  # fmt: skip
    return head.ljust(BLOCK, b"\0")
