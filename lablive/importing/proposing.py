"""What the channels of another program's streams probably measure, and why.

By the labels of LabLive, else by words, by the number of channels, and the unit of an
acceleration by gravity in its values. What nothing tells stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive import names
from lablive.errors import ConfigError
from lablive.importing import role_words as words
from lablive.importing.mapping import Mapping, Proposed
from lablive.signals.auto_montage import CELL_LAYOUTS, auto_montage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lablive.messages import Floats, StreamInfo, Values

    Rows = Callable[[int], tuple[Floats, Values]]  # stream -> some of its rows

_IN_A_ROW: Final = ("acc", "gyro", "mag")  # channels of an IMU that names none
_WIDTH: Final = {"acc": 3, "gyro": 3, "mag": 3, "quat": 4, "cop": 2}
_USUAL_UNITS: Final = {"quat": "1", "emg": ""}
# acceleration at rest and in the mean of any movement is near gravity
_GRAVITY: Final = (("g", 1.0), ("m/s^2", names.STANDARD_GRAVITY), ("mg", 1000.0))
_NEAR: Final = 0.35


def propose(streams: Sequence[StreamInfo], rows: Rows | None = None) -> Mapping:
    """Return what the channels of a recording probably measure.

    Parameters
    ----------
    streams
        Of the recording.
    rows
        Some rows of a stream, to tell the unit of an acceleration that names none;
        None = by names alone.
    """
    found: list[Proposed] = []
    for info in streams:
        own = _by_own_labels(info)
        found += own
        taken = {index for it in own for index in it.indices}
        for group in _groups(info, taken):
            found.append(_with_unit(group, info, rows))
    return Mapping(tuple(streams), tuple(_once(found)))


def _by_own_labels(info: StreamInfo) -> list[Proposed]:
    """Return the groups whose labels are LabLive's own."""
    try:
        rules = auto_montage([info]).streams
    except ConfigError:
        return []
    return [
        Proposed(
            info.id,
            it.indices or (),
            it.role,
            it.role,
            it.unit,
            "named",
            "the labels are those of LabLive",
            _choices(it.role.rpartition(".")[2], len(it.indices or ())),
        )
        for rule in rules
        for it in rule.channels
    ]


def _groups(info: StreamInfo, taken: set[int]) -> Iterator[Proposed]:
    """Yield the channels of a stream that belong together, in order."""
    about = words.pieces(f"{info.name} {info.type}")
    vectors: dict[tuple[str, ...], dict[str, int]] = {}
    left = [n for n in range(len(info.channels)) if n not in taken]
    for number in left:
        own = words.pieces(info.channels[number].label)
        if own and own[-1] in words.AXES:
            vectors.setdefault(tuple(own[:-1]), {})[own[-1]] = number
    done: set[int] = set()
    for stem, axes in vectors.items():
        quantity = words.found_in([*stem, *about], words.QUANTITIES)
        wanted = words.AXES if quantity == "quat" else words.AXES[1:]
        if quantity in _WIDTH and all(axis in axes for axis in wanted):
            indices = tuple(axes[axis] for axis in wanted)
            done |= set(indices)
            yield _group(info, indices, " ".join(stem), quantity, [*stem, *about])
    rest = [n for n in left if n not in done]
    if not done and _nameless(info, rest):
        yield from _in_a_row(info, rest, about)
        return
    if cells := _cells(info, rest, about):
        yield cells
        return
    for number in rest:
        label = info.channels[number].label
        own = words.pieces(label)
        quantity = words.found_in([*own, *about], words.QUANTITIES)
        yield _group(info, (number,), label, quantity, [*own, *about])


def _nameless(info: StreamInfo, rest: Sequence[int]) -> bool:
    """Tell whether the channels say nothing of themselves."""
    return all(
        not words.found_in(words.pieces(info.channels[n].label), words.QUANTITIES)
        for n in rest
    )


def _in_a_row(
    info: StreamInfo, rest: Sequence[int], about: list[str]
) -> Iterator[Proposed]:
    """Yield what channels without names are by the name of their stream."""
    quantity = words.found_in(about, words.QUANTITIES)
    count = len(rest)
    if quantity in _WIDTH and count == _WIDTH[quantity]:
        yield _group(info, tuple(rest), info.name, quantity, about)
    elif "imu" in about and count in (6, 9):
        for at, kind in enumerate(_IN_A_ROW[: count // 3]):
            indices = tuple(rest[3 * at : 3 * at + 3])
            yield _group(info, indices, f"{info.name} {kind}", kind, about)
    elif cells := _cells(info, rest, about):
        yield cells
    else:
        for number in rest:
            label = info.channels[number].label
            own = words.pieces(label)
            yield _group(info, (number,), label, quantity, [*own, *about])


def _cells(info: StreamInfo, rest: Sequence[int], about: list[str]) -> Proposed | None:
    """Return the channels of a sole as its cells, when their number is a known one."""
    told = words.found_in(about, words.QUANTITIES)
    sole = bool({"insole", "sole", "pedar", "loadsol"} & set(about))
    if len(rest) in CELL_LAYOUTS and (told == "pressure" or sole):
        return _group(info, tuple(rest), info.name, "pressure", about)
    return None


def _group(
    info: StreamInfo,
    indices: tuple[int, ...],
    label: str,
    quantity: str,
    told: list[str],
) -> Proposed:
    """Return a group with the role its words tell, or the roles it can have."""
    unit = words.common(words.unit_of(info.channels[n].unit) for n in indices)
    unit = unit or _USUAL_UNITS.get(quantity, "")
    side = words.found_in(told, words.SIDES)
    role, why = _role(quantity, told, side)
    if role and len(indices) != (names.ROLES[role].channels or len(indices)):
        role, why = "", f"{role} has another number of channels"
    able = _choices(quantity, len(indices), side)
    return Proposed(
        info.id,
        indices,
        label or info.name,
        role,
        unit,
        "likely" if role else "open",
        why,
        tuple(dict.fromkeys([role, *able] if role else able)),
    )


def _role(quantity: str, told: list[str], side: str) -> tuple[str, str]:
    """Return the role that words tell, and how; "" and what is missing."""
    if quantity in ("acc", "gyro", "mag", "quat"):
        part = words.found_in(told, words.SITES)
        sole = bool({"insole", "sole"} & set(told))
        if sole and side and quantity in ("acc", "gyro"):
            return f"insole_{side}.{quantity}", "by its words"
        if not part:
            return "", "where the sensor sits is not named"
        site = part if part in names.IMU_SITES else f"{part}_{side}"
        if site not in names.IMU_SITES:
            return "", "left or right is not named"
        return f"imu_{site}.{quantity}", "by its words"
    if quantity == "emg":
        muscle = words.found_in(told, words.MUSCLES)
        if not muscle or not side:
            return "", "the muscle or its side is not named"
        return f"emg_{muscle}_{side}", "by its words"
    if quantity in ("force", "pressure", "cop"):
        if not side:
            return "", "left or right is not named"
        return f"insole_{side}.{quantity}", "by its words"
    if quantity in ("speed", "incline"):
        return f"treadmill.{quantity}", "by its words"
    if quantity == "audio":
        return "mic_belt.audio", "by its words"
    return "", "nothing tells what it measures"


def _choices(quantity: str, count: int, side: str = "") -> tuple[str, ...]:
    """Return the roles of so many channels: of this quantity and side first."""
    able = [
        it.name
        for it in names.ROLES.values()
        if it.channels in (0, count) and it.name != "marker.text"
    ]

    def rank(name: str) -> tuple[bool, bool]:
        kind = "emg" if name.startswith("emg_") else name.rpartition(".")[2]
        return kind != quantity, bool(side) and names.side_of(name) != side

    return tuple(sorted(able, key=rank))


def _with_unit(group: Proposed, info: StreamInfo, rows: Rows | None) -> Proposed:
    """Return a group whose unit the values tell: gravity is in every acceleration."""
    kinds = {group.role.rpartition(".")[2], *group.choices[:1]}
    of_acc = any(it == "acc" or it.endswith(".acc") for it in kinds)
    if group.unit or rows is None or not of_acc or len(group.indices) != 3:
        return group
    _, x = rows(info.id)
    if not len(x):
        return group
    size = float(np.nanmedian(np.linalg.norm(x[:, list(group.indices)], axis=1)))
    for unit, gravity in _GRAVITY:
        if abs(size / gravity - 1.0) < _NEAR:
            told = f"{group.why}; unit by gravity in its values".lstrip("; ")
            return msgspec.structs.replace(group, unit=unit, why=told)
    return group


def _once(groups: list[Proposed]) -> Iterator[Proposed]:
    """Yield the groups; a role that two could have is given to neither."""
    held = [it.role for it in groups if it.role]
    for it in groups:
        if held.count(it.role) > 1 and it.certainty != "named":
            why = f"several groups may be {it.role}"
            yield msgspec.structs.replace(it, role="", certainty="open", why=why)
        else:
            yield it
