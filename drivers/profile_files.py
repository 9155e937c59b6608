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

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIX: Final = ".toml"


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, sorted."""
    files = _shipped().iterdir()
    return tuple(
        sorted(f.name.removesuffix(_SUFFIX) for f in files if f.name.endswith(_SUFFIX))
    )


def load_profile(name_or_path: str) -> Profile:
    """Read a profile.

    Parameters
    ----------
    name_or_path
        Name of a shipped profile, or the path of a TOML file.

    Raises
    ------
    ConfigError
        Lists every problem at once, with its line; or says which profiles there are.
    """
    if name_or_path in profile_names():
        file = _shipped() / (name_or_path + _SUFFIX)
        text = file.read_text(encoding="utf-8")
        return parse_toml(text, Profile, file.name, profile_problems)
    path = Path(name_or_path).expanduser()
    if path.suffix == _SUFFIX or path.exists():
        return load_toml(path, Profile, profile_problems)
    names = profile_names()
    near = difflib.get_close_matches(name_or_path, names, n=1)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    raise ConfigError(
        f'There is no device profile named "{name_or_path}".{hint}',
        todo=f"Use one of {', '.join(names)}, or the path of a TOML file.",
    )


def _shipped() -> Traversable:
    return importlib.resources.files("configs") / "devices"
