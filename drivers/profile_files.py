"""Where device profiles come from: the ones shipped with LabLive, and a lab's own."""

from __future__ import annotations

import difflib
import importlib.resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.profile import Profile
from drivers.profile_check import profile_problems
from lablive.config import load_toml, parse_toml
from lablive.errors import ConfigError
from lablive.recording.folders import home

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIX: Final = ".toml"


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, then of the right ones of the lab."""
    return (*_shipped_names(), *_own()[0])


def own_problems() -> tuple[str, ...]:
    """Say what is wrong with the lab's own profiles, a message each."""
    return _own()[1]


def own_folder() -> Path:
    """Return the folder of the lab's own profiles: ``devices`` in the library."""
    return home() / "devices"


def load_profile(name_or_path: str) -> Profile:
    """Read a profile.

    Parameters
    ----------
    name_or_path
        Name of a shipped profile or of one of the lab's own, or a TOML file.

    Raises
    ------
    ConfigError
        Lists every problem at once, with its line; or says which profiles there are.
    """
    if name_or_path in _shipped_names():
        file = _shipped() / (name_or_path + _SUFFIX)
        text = file.read_text(encoding="utf-8")
        return parse_toml(text, Profile, file.name, profile_problems)
    path = Path(name_or_path).expanduser()
    if path.suffix == _SUFFIX or path.exists():
        return load_toml(path, Profile, profile_problems)
    own = own_folder() / (name_or_path + _SUFFIX)
    if own.exists():
        return load_toml(own, Profile, profile_problems)
    names = profile_names()
    near = difflib.get_close_matches(name_or_path, names, n=1)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    raise ConfigError(
        f'There is no device profile named "{name_or_path}".{hint}',
        todo=f"Use one of {', '.join(names)}, or the path of a TOML file.",
    )


def _own() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the lab's own profiles, and what is wrong with others."""
    names: list[str] = []
    wrong: list[str] = []
    for file in sorted(own_folder().glob("*" + _SUFFIX)):
        name = file.name.removesuffix(_SUFFIX)
        if name in _shipped_names():
            wrong.append(
                f'{file}: there is a shipped profile "{name}", which is used instead. '
                "Give yours another name."
            )
            continue
        try:
            load_toml(file, Profile, profile_problems)
        except ConfigError as error:
            wrong.append(str(error))
        else:
            names.append(name)
    return tuple(names), tuple(wrong)


def _shipped_names() -> tuple[str, ...]:
    found = (file.name for file in _shipped().iterdir())
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in found if n.endswith(_SUFFIX)))


def _shipped() -> Traversable:
    return importlib.resources.files("configs") / "devices"
