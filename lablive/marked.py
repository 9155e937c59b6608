"""Stretches of a trial that markers note: ``<what> begin`` and ``<what> end``.

Calibrations and session plans have words of their own; how two markers make a stretch
is the same for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lablive.messages import Marker

Edge = Literal["begin", "end"]


class Stretch(NamedTuple):
    """What was marked, its target ("" = none), begin and end in seconds."""

    kind: str
    target: str
    t0_s: float
    t1_s: float


def stretches(
    markers: Iterable[Marker],
    marker_kind: str,
    read: Callable[[str], tuple[str, str, Edge] | str],
) -> tuple[tuple[Stretch, ...], tuple[str, ...]]:
    """Return the stretches in the order of their begin, and what is wrong.

    A stretch that was not ended, or begun twice, is left out and told.

    Parameters
    ----------
    markers
        Of any kind, in any order.
    marker_kind
        The kind to look at.
    read
        Returns kind, target and edge of a marker's text, or what is wrong with it.
    """
    problems: list[str] = []
    open_s: dict[tuple[str, str], float] = {}
    found: list[Stretch] = []
    for marker in sorted(markers, key=lambda marker: marker.t_s):
        if marker.kind != marker_kind:
            continue
        told = read(marker.text)
        if isinstance(told, str):
            problems.append(told)
            continue
        kind, target, edge = told
        name = f"{kind} {target}".strip()
        begun_s = open_s.pop((kind, target), None)
        if edge == "begin":
            if begun_s is not None:
                problems.append(
                    f'"{name}" began twice without an end: the first is out.'
                )
            open_s[kind, target] = marker.t_s
        elif begun_s is None:
            problems.append(f'"{name}" ended without a begin: it is left out.')
        else:
            found.append(Stretch(kind, target, begun_s, marker.t_s))
    problems += [
        f'"{f"{kind} {target}".strip()}" was begun but never ended: it is left out.'
        for kind, target in open_s
    ]
    return tuple(sorted(found, key=lambda it: it.t0_s)), tuple(problems)
