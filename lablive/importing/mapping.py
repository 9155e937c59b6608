"""Streams of another program given roles: proposed, corrected by a person, a montage.

Nothing here decides: :func:`.proposing.propose` says what each group of channels
probably is and why, a dialog shows it, :meth:`Mapping.montage` takes what was agreed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from lablive import names
from lablive.errors import ConfigError
from lablive.messages import StreamInfo
from lablive.signals.auto_montage import CELL_LAYOUTS, match_of
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
    from collections.abc import Iterator
    from pathlib import Path

Certainty = Literal["named", "likely", "open"]


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
