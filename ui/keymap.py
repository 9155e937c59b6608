"""Keys of the actions: as shipped, or as the lab's own ``keys.toml`` says.

``[keys]`` names actions of :mod:`ui.action_table`::

    schema = 1
    [keys]
    marker = ["M", "Space", "F8"]
    skip = "Shift+X"

What is wrong in the file is told at once and with its lines; the shipped keys stay.
"""

from __future__ import annotations

from difflib import get_close_matches
from itertools import combinations
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtGui import QKeySequence

from lablive.config import Problem, load_toml
from lablive.errors import ConfigError
from ui.action_table import ACTIONS, WORDS, ActionSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Keys = tuple[str, ...]
FILE: Final = "keys.toml"
SCHEMA: Final = 1
_NATIVE: Final = QKeySequence.SequenceFormat.NativeText
_PORTABLE: Final = QKeySequence.SequenceFormat.PortableText


class KeyFile(msgspec.Struct, frozen=True):
    """A lab's own keys: action -> one key, or several; "" or none = no key."""

    schema: int
    keys: dict[str, str | tuple[str, ...]]


class _InUse:
    """The keys that count, for the whole program."""

    def __init__(self) -> None:
        self.own: dict[str, Keys] = {}


_in_use = _InUse()


def keys_of(action: str) -> Keys:
    """Return the keys of an action; the first one stands on its button."""
    return _in_use.own.get(action, ACTIONS[action].keys)


def key_text(action: str) -> str:
    """Return the key of an action as this computer writes it, "" = none."""
    keys = keys_of(action)
    return QKeySequence(keys[0]).toString(_NATIVE) if keys else ""


def use(own: Mapping[str, Keys]) -> None:
    """Use these keys in place of the shipped ones, for windows made from now on."""
    _in_use.own = dict(own)


def load_keys(folder: Path) -> dict[str, Keys]:
    """Return the keys of a folder's ``keys.toml``, none without the file.

    Raises
    ------
    ConfigError
        An action is not known, a key is none, or two actions share one; every mistake
        at once, with its line.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    return _own(load_toml(path, KeyFile, _problems))


def own_keys(folder: Path) -> str:
    """Use a folder's keys; return what is wrong with them: the shipped ones stay."""
    try:
        use(load_keys(folder))
    except ConfigError as error:
        use({})
        return str(error)
    return ""


def _own(read: KeyFile) -> dict[str, Keys]:
    return {
        action: tuple(
            _normal(key) for key in ((keys,) if isinstance(keys, str) else keys) if key
        )
        for action, keys in read.keys.items()
    }


def clashes(own: Mapping[str, Keys]) -> Iterator[tuple[str, str, str]]:
    """Yield two actions and the key that both would have in one place."""
    users: dict[str, list[ActionSpec]] = {}
    for spec in ACTIONS.values():
        for key in own.get(spec.id, spec.keys):
            users.setdefault(_normal(key), []).append(spec)
    for key, specs in users.items():
        for one, other in combinations(specs, 2):
            if set(one.where) & set(other.where):
                yield one.id, other.id, key


def _problems(read: KeyFile) -> list[Problem | str]:
    return list(_wrong(read))


def _wrong(read: KeyFile) -> Iterator[Problem | str]:
    if read.schema != SCHEMA:
        yield ("schema",), f"schema {read.schema}: this LabLive knows {SCHEMA}"
    for action, keys in read.keys.items():
        if action not in ACTIONS:
            near = get_close_matches(action, ACTIONS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield ("keys", action), f"there is no action {action!r}{hint}"
        for key in (keys,) if isinstance(keys, str) else keys:
            if key and not _normal(key):
                yield ("keys", action), f"{action}: {key!r} is no key"
    for one, other, key in clashes(_own(read)):
        changed = one if one in read.keys else other
        common = set(ACTIONS[one].where) & set(ACTIONS[other].where)
        place = next(words for where, words in WORDS.items() if where in common)
        told = f'{one} and {other} would share the key "{key}" ({place})'
        yield ("keys", changed), told


def _normal(key: str) -> str:
    """Return a key as Qt writes it, "" when it is none."""
    sequence = QKeySequence(key)
    return sequence.toString(_PORTABLE) if sequence.count() == 1 else ""
