"""Which of several LSL streams was meant: asked once, remembered in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.errors import ConfigError
from lablive.structs import from_json
from lablive.whole_file import replace_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME: Final = "lsl_choices.json"
KEYS: Final = ("name", "type", "source_id", "hostname")  # what a stream is found by


class LslIdentity(msgspec.Struct, frozen=True, order=True):
    """What tells an LSL stream from others."""

    name: str = ""
    type: str = ""
    source_id: str = ""
    hostname: str = ""

    @property
    def words(self) -> str:
        """The stream as a person reads it."""
        return (
            f'"{self.name}" (type {self.type or "-"}, source_id '
            f"{self.source_id or '-'}, host {self.hostname})"
        )


class LslChoice(msgspec.Struct, frozen=True):
    """What was asked for, and which stream was meant by it."""

    wanted: dict[str, str]
    chosen: LslIdentity


def remembered(library: Path, wanted: Mapping[str, str]) -> LslIdentity | None:
    """Return the stream that was chosen before, None when nobody was asked.

    Raises
    ------
    ConfigError
        The file cannot be read.
    """
    for choice in reversed(_stored(library)):
        if choice.wanted == dict(wanted):
            return choice.chosen
    return None


def remember(library: Path, wanted: Mapping[str, str], chosen: LslIdentity) -> Path:
    """Keep an answer in place of an earlier one; the file is whole or as it was.

    Raises
    ------
    ConfigError
        It cannot be read or written.
    """
    path = library / FILE_NAME
    others = [it for it in _stored(library) if it.wanted != dict(wanted)]
    answers = [*others, LslChoice(dict(wanted), chosen)]
    try:
        library.mkdir(parents=True, exist_ok=True)
        replace_json(path, answers)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror or error}).",
            todo="Allow yourself to write there, or set LABLIVE_HOME elsewhere.",
        ) from error
    return path


def _stored(library: Path) -> tuple[LslChoice, ...]:
    path = library / FILE_NAME
    if not path.exists():
        return ()
    try:
        return from_json(path.read_bytes(), tuple[LslChoice, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}).",
            still="Streams that only one program sends work.",
            todo="Move that file away; you are asked again.",
        ) from error
