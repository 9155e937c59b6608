"""Options of a source, as typed by people and programs: checked, then typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Options = Mapping[str, str | float | bool]

_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0", "")


def check_options(name: str, options: Options, known: Sequence[str]) -> None:
    """Raise ConfigError when an option is not known to driver ``name``."""
    unknown = [key for key in options if key not in known]
    if unknown:
        raise ConfigError(
            f"Device source {name}: unknown option {', '.join(unknown)}.",
            todo=f"Options are {', '.join(known)}.",
        )


def number(options: Options, key: str, default: float) -> float:
    """Return an option as a number; raises ConfigError when it is none."""
    try:
        return float(options.get(key, default))
    except ValueError as error:
        raise ConfigError(
            f'Device source: {key} = "{options[key]}" is no number.',
            todo="Write it with a decimal point and without a unit.",
        ) from error


def flag(options: Options, key: str) -> bool:
    """Return an option as yes or no; raises ConfigError when it is neither."""
    value = str(options.get(key, "")).lower()
    if value not in (*_YES, *_NO):
        raise ConfigError(
            f'Device source: {key} = "{value}" is neither yes nor no.',
            todo=f"Write {key}=true or {key}=false.",
        )
    return value in _YES
