"""Turn what a person types or a montage names into sources for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.errors import ConfigError
from lablive.messages import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.signals.montage import Montage


def parse_source(text: str) -> SourceSpec:
    """Read ``profile:NAME@PORT`` or ``lsl:NAME``.

    Raises
    ------
    ConfigError
        When the text is neither.
    """
    driver, colon, rest = text.partition(":")
    if colon and driver == "lsl" and rest:
        return SourceSpec(text, "lsl", {"name": rest})
    profile, at, port = rest.partition("@")
    if colon and driver == "profile" and profile and at and port:
        return SourceSpec(text, "profile", {"profile": profile, "port": port})
    raise ConfigError(
        f"The source {text!r} cannot be understood.",
        todo="Write profile:NAME@PORT (profile:insole_a55a@/dev/ttyUSB0) or lsl:NAME.",
    )


def montage_sources(montage: Montage) -> Iterable[SourceSpec]:
    """Return one LSL source per stream that the montage names."""
    for rule in montage.streams:
        keys = {
            key: value
            for key in ("name", "type", "source_id", "hostname")
            if (value := getattr(rule.match, key))
        }
        yield SourceSpec(f"lsl:{rule.match.describe()}", "lsl", keys)
