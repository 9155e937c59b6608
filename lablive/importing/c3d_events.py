"""Events of a C3D file as markers: kind ``ic``, ``to`` or ``event``, side first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lablive.importing.lines import plain
from lablive.messages import Marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.importing.c3d_file import Group

_IC = re.compile(
    r"foot[ _-]?strike|heel[ _-]?strike|initial[ _-]?contact|FS|HS|IC", re.I
)
_TO = re.compile(r"foot[ _-]?off|toe[ _-]?off|FO|TO", re.I)
_SHORT = re.compile(r"([LR])[ _-]?(HS|FS|IC|TO|FO)", re.IGNORECASE)
_SIDES: Final = {"left": "left", "l": "left", "right": "right", "r": "right"}


def events_of(header: dict[str, Any], group: Group) -> tuple[Marker, ...]:
    """Return the events in order of time, from the EVENT group or the old header.

    The text is the side (``left``, ``right`` or ``unknown``), then the file's label:
    ``left Foot Strike``.
    """
    found = list(_from_group(group)) or list(_from_header(header))
    return tuple(sorted(found, key=lambda marker: marker.t_s))


def _from_group(group: Group) -> Iterator[Marker]:
    times = group.numbers("TIMES")
    if times.ndim != 2 or len(times) != 2:
        return
    labels, sides = group.texts("LABELS"), group.texts("CONTEXTS")
    for number, (minutes, seconds) in enumerate(times.T.tolist()):
        label = labels[number] if number < len(labels) else ""
        side = sides[number] if number < len(sides) else ""
        yield _marker(60.0 * minutes + seconds, label, side)


def _from_header(header: dict[str, Any]) -> Iterator[Marker]:
    events = header.get("events", {})
    labels = [plain(str(label)) for label in events.get("events_label", ())]
    for t_s, label in zip(events.get("events_time", ()), labels, strict=False):
        if label:
            yield _marker(float(t_s), label, "")


def _marker(t_s: float, label: str, context: str) -> Marker:
    short = _SHORT.fullmatch(label)
    word = short[2] if short else label
    side = _SIDES.get((short[1] if short else context).strip().lower(), "unknown")
    kind = "ic" if _IC.fullmatch(word) else "to" if _TO.fullmatch(word) else "event"
    return Marker(t_s, f"{side} {label}", kind)
