"""A montage to start from, for streams that nobody has given a role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from lablive import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.messages import StreamInfo

_SHOWN: Final = 40  # channels listed per stream
_ROLELESS: Final = ("MoCap",)  # the vocabulary has no roles for marker paths


def montage_template(streams: Sequence[StreamInfo], name: str) -> str:
    """Return TOML text with the streams; their channels stand in comments.

    Parameters
    ----------
    streams
        What a trial holds.
    name
        Name of the montage.
    """
    lines = ["schema = 1", f"name = {json.dumps(name, ensure_ascii=False)}"]
    for stream in streams:
        if stream.type in _ROLELESS:
            continue
        keys = {"name": stream.name, "type": stream.type}
        match = ", ".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in keys.items()
            if value
        )
        lines += ["", "[[stream]]", f"match = {{ {match} }}", *_channels(stream)]
        lines += _example(stream)
    return "\n".join(lines) + "\n"


def _channels(stream: StreamInfo) -> Iterator[str]:
    yield "# channels: index, label, unit"
    for number, channel in enumerate(stream.channels[:_SHOWN]):
        label = json.dumps(channel.label, ensure_ascii=False)
        yield f"#   {number}  {label}  {channel.unit}".rstrip()
    if len(stream.channels) > _SHOWN:
        yield f"#   ... {len(stream.channels) - 1}"


def _example(stream: StreamInfo) -> Iterator[str]:
    first = stream.channels[0]
    unit = first.unit if first.unit in names.UNITS else ""
    yield "# [[stream.channel]]"
    yield f"# label = {json.dumps(first.label, ensure_ascii=False)}"
    yield '# role = ""'
    yield f'# unit = "{unit}"'


def free_roles(given: Iterable[str]) -> list[str]:
    """Return the roles nobody feeds, one line per group of alike sites.

    >>> free_roles(set(names.ROLES) - {"treadmill.speed", "treadmill.incline"})
    ['treadmill: speed [m/s], incline [%]']
    """
    taken = set(given)
    sites: dict[str, list[str]] = {}
    for role in names.ROLES.values():
        site, _, quantity = role.name.partition(".")
        if role.name not in taken:
            sites.setdefault(site, []).append(f"{quantity} [{role.unit}]".strip())
    groups: dict[tuple[str, ...], list[str]] = {}
    for site, quantities in sites.items():
        groups.setdefault((site.partition("_")[0], *quantities), []).append(site)
    return [
        f"{_alike(alike)}: {', '.join(quantities)}"
        for (_, *quantities), alike in groups.items()
    ]


def _alike(sites: Sequence[str]) -> str:
    """Return sites of one first word: ``insole_{left,right}``."""
    first = sites[0].partition("_")[0]
    rest = [site.removeprefix(first).removeprefix("_") for site in sites]
    return sites[0] if len(rest) == 1 else f"{first}_{{{', '.join(rest)}}}"
