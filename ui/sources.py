"""Turn what a person types or a montage names into sources for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.errors import ConfigError
from lablive.live.sharing import lsl_settings, parse_wish
from lablive.messages import SourceSpec
from lablive.recording.folders import home

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.live.sharing import SharingWish
    from lablive.signals.montage import Montage

_NAMED: Final = {"lsl": "name", "microphone": "device"}  # option that a name stands for


def parse_source(text: str) -> SourceSpec:
    """Read ``profile:NAME@PORT``, ``lsl:NAME``, ``DRIVER:option=value,...``.

    A stream of LSL is named by more than its name: ``lsl:name=Emg,source_id=A1``.

    Raises
    ------
    ConfigError
        When the text is none of them.
    """
    driver, colon, rest = text.partition(":")
    if colon and driver in _NAMED and rest and "=" not in rest:
        return SourceSpec(text, driver, {_NAMED[driver]: rest})
    profile, at, port = rest.partition("@")
    if colon and driver == "profile" and profile and at and port:
        return SourceSpec(text, "profile", {"profile": profile, "port": port})
    bare = driver == "lsl" and not rest
    if colon and driver.isidentifier() and driver != "profile" and not bare:
        pairs = [part.partition("=") for part in _options(rest)]
        if all(key and equals for key, equals, _ in pairs):
            return SourceSpec(text, driver, {key: value for key, _, value in pairs})
    raise ConfigError(
        f"The source {text!r} cannot be understood.",
        todo="Write profile:NAME@PORT (profile:insole_a55a@/dev/ttyUSB0), lsl:NAME "
        "(or lsl:source_id=ID,name=NAME), microphone:NAME, or "
        "DRIVER:option=value,... (xbus:port=COM3,site=pelvis).",
    )


def lsl_wish(text: str | None) -> SharingWish:
    """Return what to publish on LSL: as typed, else as the library's ``lsl.toml`` says.

    Raises
    ------
    ConfigError
        The text or the file cannot be understood.
    """
    return lsl_settings(home()).wish if text is None else parse_wish(text)


def _options(text: str) -> list[str]:
    """Cut at commas; one without ``=`` behind it belongs to the value before it."""
    found: list[str] = []
    for part in text.split(",") if text else []:
        if "=" in part or not found:
            found.append(part)
        else:
            found[-1] += f",{part}"
    return found


def montage_sources(montage: Montage) -> Iterable[SourceSpec]:
    """Return one LSL source per stream that the montage names."""
    for rule in montage.streams:
        keys = {
            key: value
            for key in ("name", "type", "source_id", "hostname")
            if (value := getattr(rule.match, key))
        }
        yield SourceSpec(f"lsl:{rule.match.describe()}", "lsl", keys)
