"""Streams of another program given roles: proposed, corrected by a person, a montage.

Nothing here decides: :func:`propose` says what each group of channels probably is and
why, a dialog shows it, :meth:`Mapping.montage` takes what was agreed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive import names
from lablive.errors import ConfigError
from lablive.importing import role_words as words
from lablive.messages import StreamInfo
from lablive.signals.auto_montage import CELL_LAYOUTS, auto_montage, match_of
from lablive.signals.binding import bind
from lablive.signals.montage import (
    SCHEMA,
    ChannelRule,
    Montage,
    StreamRule,
    Subject,
    to_toml,
)
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lablive.messages import Floats, Values

    Rows = Callable[[int], tuple[Floats, Values]]  # stream -> some of its rows

Certainty = Literal["named", "likely", "open"]
_IN_A_ROW: Final = ("acc", "gyro", "mag")  # channels of an IMU that names none
_WIDTH: Final = {"acc": 3, "gyro": 3, "mag": 3, "quat": 4, "cop": 2}
_USUAL_UNITS: Final = {"quat": "1", "emg": ""}
# acceleration at rest and in the mean of any movement is near gravity
_GRAVITY: Final = (("g", 1.0), ("m/s^2", names.STANDARD_GRAVITY), ("mg", 1000.0))
_NEAR: Final = 0.35


class Proposed(msgspec.Struct, frozen=True):
    """A group of channels and what it may be.

    Attributes
    ----------
    stream, indices
        Stream id and its channels, axes in the order x, y, z (quaternions w first).
    label
        What the other program calls it.
    role, unit
        "" = nobody knows yet, or it is left out.
    certainty, why
        ``named``: its name says so; ``likely``: told by name, number or values, a
        person should look; ``open``: a person must say.
    choices
        Roles it can have by its number of channels, the likely ones first.
    """

    stream: int
    indices: tuple[int, ...]
    label: str
    role: str = ""
    unit: str = ""
    certainty: Certainty = "open"
    why: str = ""
    choices: tuple[str, ...] = ()


class Mapping(msgspec.Struct, frozen=True):
    """What is proposed for a recording, to be corrected.

    Attributes
    ----------
    streams, groups
        Of the recording, and its groups of channels.
    """

    streams: tuple[StreamInfo, ...]
    groups: tuple[Proposed, ...]

    def given(self, number: int, *, role: str, unit: str | None = None) -> Mapping:
        """Return the mapping with what a person says of one group.

        Parameters
        ----------
        number
            Which group.
        role
            Its role, "" = left out.
        unit
            Of its values; None = as it is.
        """
        old = self.groups[number]
        new = msgspec.structs.replace(
            old,
            role=role,
            unit=old.unit if unit is None else unit,
            certainty="named",
            why="said by a person" if role else "left out by a person",
        )
        groups = (*self.groups[:number], new, *self.groups[number + 1 :])
        return msgspec.structs.replace(self, groups=groups)

    def problems(self) -> tuple[str, ...]:
        """Return what stands in the way of a montage, one sentence each."""
        return tuple(_problems(self))

    def montage(self, name: str = "", subject: Subject | None = None) -> Montage:
        """Return the montage of what was agreed; groups without a role are left out.

        Parameters
        ----------
        name
            Of the montage.
        subject
            Body measures that units need.

        Raises
        ------
        ConfigError
            Everything that stands in the way.
        """
        problems = self.problems()
        if problems:
            raise ConfigError(
                f"The roles cannot be saved: {' '.join(problems)}",
                still="The recording is as it was.",
                todo="Correct the roles, or leave those channels out.",
            )
        rules: list[StreamRule] = []
        for info in self.streams:
            channels = tuple(
                _rule(it) for it in self.groups if it.stream == info.id and it.role
            )
            if channels:
                rules.append(StreamRule(match_of(info, self.streams), channels))
        made = Montage(SCHEMA, tuple(rules), name=name, subject=subject or Subject())
        bind(made, self.streams)  # it fits what it was made for
        return made


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


def save_montage(montage: Montage, path: Path) -> None:
    """Write a montage as TOML; an existing file is not replaced.

    Raises
    ------
    ConfigError
        It exists or cannot be written.
    """
    if path.exists():
        raise ConfigError(
            f"{path} exists already and is never overwritten.",
            todo="Choose another name.",
        )
    try:
        replace_file(path, to_toml(montage).encode())
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror or error}).",
            still="The recording is as it was.",
            todo="Choose another folder or free space.",
        ) from error


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


def _problems(mapping: Mapping) -> Iterator[str]:
    roles = [it.role for it in mapping.groups if it.role]
    if not roles:
        yield "Nothing has a role."
    for role in dict.fromkeys(roles):
        if roles.count(role) > 1:
            yield f"{role} is given twice."
    for it in mapping.groups:
        if not it.role:
            continue
        known = names.ROLES.get(it.role)
        if known is None:
            yield f"{it.label}: there is no role {it.role}."
        elif known.channels not in (0, len(it.indices)):
            yield (
                f"{it.label}: {it.role} has {known.channels} channels, here are "
                f"{len(it.indices)}."
            )
        elif not it.unit:
            yield f"{it.label}: its unit is not known ({known.unit} is wanted)."
        elif not names.role_accepts(it.role, it.unit):
            yield f"{it.label}: {it.unit} cannot be {it.role} ({known.unit})."


def _rule(group: Proposed) -> ChannelRule:
    indices = group.indices
    pressure = group.role.endswith(".pressure")
    return ChannelRule(
        role=group.role,
        unit=group.unit,
        index=indices[0] if len(indices) == 1 else indices,
        layout=CELL_LAYOUTS.get(len(indices), "") if pressure else "",
    )
