"""Parts of a session as markers: baseline, blocks, a cadence that is asked for.

Markers of kind ``block``; the text is ``<part> begin`` and ``<part> end``:
``baseline begin``, ``corrective end``; ``cadence 172 begin`` carries its target in
steps per minute, ``focus footfall_rel_db begin`` its metric. Parts may overlap.
Whoever runs a session plan writes these words, and nobody has to: an operator's two
markers do the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.marked import Edge, stretches
from lablive.messages import Marker
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

PartKind = Literal["baseline", "corrective", "rest", "cadence", "focus"]
MARKER_KIND: Final = "block"
WORDS: Final[dict[PartKind, str]] = {
    "baseline": "steady running that all the rest is held against",
    "corrective": "a pause of the run for exercises, until running begins again",
    "rest": "a pause of the run for nothing, until running begins again",
    "cadence": "running at a cadence that is asked for",
    "focus": "running with one metric in mind",
}
_KINDS: Final[dict[str, PartKind]] = {kind: kind for kind in WORDS}
CADENCE_SPM: Final = (60.0, 300.0)  # nobody walks slower or runs faster


class Part(msgspec.Struct, frozen=True):
    """One part of a session on the clock of the rows.

    Attributes
    ----------
    kind
        Key of :data:`WORDS`.
    t0_s, t1_s
        Begin and end.
    target_spm
        Cadence that was asked for; None for the other kinds.
    metric
        Of a focus; "" for the other kinds.
    """

    kind: PartKind
    t0_s: float
    t1_s: float
    target_spm: float | None = None
    metric: str = ""


def marker_of(
    kind: PartKind,
    edge: Edge,
    t_s: float,
    target_spm: float | None = None,
    metric: str = "",
) -> Marker:
    """Return one of the two markers of a part."""
    target = metric if target_spm is None else f"{target_spm:g}"
    words = [kind, *([target] if target else []), edge]
    return Marker(t_s, " ".join(words), MARKER_KIND)


def parts_of(markers: Iterable[Marker]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the parts that markers note, in order of begin, and what is wrong.

    Markers of other kinds are passed over. A part that was not ended, or begun twice,
    is left out and told.
    """
    found, problems = stretches(markers, MARKER_KIND, _read)
    parts = tuple(
        Part(
            _KINDS[it.kind],
            it.t0_s,
            it.t1_s,
            float(it.target) if it.target and it.kind == "cadence" else None,
            it.target if it.kind == "focus" else "",
        )
        for it in found
    )
    return parts, problems


def of_kind(parts: Iterable[Part], kind: PartKind) -> tuple[Part, ...]:
    """Return the parts of one kind, in the order given."""
    return tuple(part for part in parts if part.kind == kind)


def _read(text: str) -> tuple[str, str, Edge] | str:
    words = text.split()
    told = f'The block marker "{text}" is not understood'
    if len(words) not in (2, 3) or words[-1] not in ("begin", "end"):
        return f'{told}: write "<part> begin" and "<part> end".'
    kind = _KINDS.get(words[0])
    if kind is None:
        return f"{told}: parts are {', '.join(WORDS)}."
    target = words[1] if len(words) == 3 else ""
    if kind == "cadence" and not _cadence(target):
        return f'{told}: say the steps per minute, "cadence 172 begin".'
    if kind == "focus" and target not in METRICS:
        return f'{told}: say the metric, "focus footfall_rel_db begin".'
    if kind not in ("cadence", "focus") and target:
        return f"{told}: {kind} has no target."
    return kind, target, "begin" if words[-1] == "begin" else "end"


def _cadence(target: str) -> bool:
    try:
        asked_spm = float(target)
    except ValueError:
        return False
    low, high = CADENCE_SPM
    return math.isfinite(asked_spm) and low <= asked_spm <= high
