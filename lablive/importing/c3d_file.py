"""A C3D file as arrays and parameters, read by another process, and its length."""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.errors import LabLiveError
from lablive.importing.imported import unreadable
from lablive.importing.lines import plain
from lablive.programs import NO_CONSOLE, own_program

if TYPE_CHECKING:
    from lablive.messages import Floats

_BLOCK: Final = 512
_LONGEST_S: Final = 600.0  # a damaged file may send the library round in circles
_BIG_ENDIAN: Final = 86  # processor type 84 Intel, 85 DEC, 86 SGI/MIPS
_ENDS: Final = ("START", "END")
_WORD: Final = 1 << 16
_MORE: Final = range(2, 100)  # LABELS2, LABELS3: a parameter holds 255 entries


class Group(NamedTuple):
    """One group of parameters, read with patience for what is missing."""

    values: dict[str, Any]

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, continued in KEY2, KEY3; empty when absent."""
        found = self._list(key)
        for number in _MORE:
            more = self._list(f"{key}{number}")
            if not more:
                break
            found = [*found, *more]
        return [plain(str(item)) for item in found]

    def numbers(self, key: str) -> Floats:
        """Return numbers of any shape; empty when absent."""
        try:
            return np.array(self._list(key), dtype=np.float64)
        except (TypeError, ValueError):
            return np.empty(0)

    def frame_number(self, key: str) -> int:
        """Return a frame number of two 16-bit words, the low one first; 0 = none."""
        words = self.numbers(key).ravel()
        if len(words) != 2:
            return 0
        low, high = (int(word) % _WORD for word in words)
        return low + _WORD * high

    def _list(self, key: str) -> list[Any]:
        value = self.values.get(key, [])
        return value if isinstance(value, list) else [value]


class C3dFile(NamedTuple):
    """What the file holds.

    Attributes
    ----------
    header, groups
        Header, and parameters by group.
    points
        Shape (4, points, frames): x, y, z, 1; NaN where a point was not seen.
    analogs
        Shape (channels, samples), in the units of the parameters.
    forces, corners, force_unit
        Of every plate, in the axes of the laboratory: (3, samples), (3, 4).
    plates_fault
        Why no plate could be computed, "" when nothing went wrong.
    missing_frames
        Frames that the header promises and the file, cut off, does not hold.
    """

    header: dict[str, Any]
    groups: dict[str, Group]
    points: Floats
    analogs: Floats
    forces: list[Floats]
    corners: list[Floats]
    force_unit: str
    plates_fault: str
    missing_frames: int

    def group(self, name: str) -> Group:
        """Return a group, an empty one when it is not there."""
        return self.groups.get(name, Group({}))


def open_c3d(path: Path) -> C3dFile:
    """Read a C3D file; frames behind its end are left out.

    Raises
    ------
    LabLiveError
        ezc3d is not installed.
    RecordingError
        The file is damaged.
    """
    if find_spec("ezc3d") is None:
        raise LabLiveError(
            "C3D files need the library ezc3d, which is not installed.",
            still="All other kinds of files can be imported.",
            todo='Install it: pip install "lablive[c3d]".',
        )
    with tempfile.TemporaryDirectory(prefix="lablive-c3d-") as folder:
        target = Path(folder) / "read.npz"
        command = own_program("lablive.importing.c3d_reader")
        try:
            done = subprocess.run(
                [*command, str(path), str(target)],
                capture_output=True,
                check=False,
                timeout=_LONGEST_S,
                creationflags=NO_CONSOLE,
            )
        except subprocess.TimeoutExpired as error:
            what = f"its reader did not end within {_LONGEST_S:.0f} s"
            raise unreadable(path, what, todo="Export a shorter one.") from error
        if done.returncode != 0:
            told = done.stderr.decode(errors="replace").strip().splitlines()
            why = told[-1] if told and done.returncode > 0 else "its reader crashed"
            raise unreadable(
                path,
                f"the C3D file is damaged ({why})",
                todo="Export it again from the motion capture program.",
            )
        with np.load(target) as arrays:
            return _file(path, {name: arrays[name] for name in arrays.files})


def _file(path: Path, arrays: dict[str, Any]) -> C3dFile:
    texts = json.loads(str(arrays["texts"]))
    points, analogs = arrays["points"], arrays["analogs"][0]
    plates = range(len(texts["plate_units"]))
    found = C3dFile(
        header=texts["header"],
        groups={name: Group(values) for name, values in texts["parameters"].items()},
        points=points,
        analogs=analogs,
        forces=[arrays[f"force_{number}"] for number in plates],
        corners=[arrays[f"corners_{number}"] for number in plates],
        force_unit=plain(next(iter(texts["plate_units"]), "")),
        plates_fault=texts["plates_fault"],
        missing_frames=0,
    )
    frames = points.shape[2]
    promised, whole = _frames(path, found.group("TRIAL"))
    if whole >= promised:
        return found
    per_frame = analogs.shape[1] // max(frames, 1)
    whole = min(whole, frames)
    return found._replace(
        points=points[:, :, :whole],
        analogs=analogs[:, : whole * per_frame],
        forces=[force[:, : whole * per_frame] for force in found.forces],
        missing_frames=promised - whole,
    )


def _frames(path: Path, trial: Group) -> tuple[int, int]:
    """Return how many frames the file promises, and how many it has room for.

    The library makes its header fit what it found, so that it cannot be asked.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
        file.seek(_BLOCK * (head[0] - 1) + 3)
        processor = file.read(1)
    order = ">" if processor == bytes([_BIG_ENDIAN]) else "<"
    points, analogs, first, last = struct.unpack_from(f"{order}HHHH", head, 2)
    (start_block,) = struct.unpack_from(f"{order}H", head, 16)
    # the sign of the scale says how numbers are stored; DEC keeps it there as well
    is_float = head[15 if order == "<" else 12] & 0x80 != 0
    if processor == b"\x55":  # DEC: the high word comes first
        is_float = head[13] & 0x80 != 0
    frame_bytes = (4 * points + analogs) * (4 if is_float else 2)
    if start_block == 0 or frame_bytes == 0:
        return 0, 0
    begin, end = (trial.frame_number(f"ACTUAL_{word}_FIELD") for word in _ENDS)
    promised = (end - begin if 0 < begin <= end else last - first) + 1
    room = path.stat().st_size - _BLOCK * (start_block - 1)
    return promised, max(0, room) // frame_bytes
