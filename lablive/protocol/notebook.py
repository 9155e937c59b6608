"""What was marked so far in a recording, and the baselines that follow from it."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Final

from lablive.metrics.registry import HELD_AGAINST, METRICS, TILES
from lablive.protocol.marked import baselines, change_before, held_against, weighed
from lablive.protocol.phases import MARKER_KIND, Part, of_kind, parts_of
from lablive.protocol.series import series_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.messages import Marker
    from lablive.metrics.metric import StatKey
    from lablive.metrics.summary import Sample
    from lablive.protocol.baseline import Change
    from lablive.protocol.marked import Baselines

Changes = dict[str, "dict[StatKey, Change]"]
CHANGE_EVERY_S: Final = 10.0  # of data time
_SHOWN: Final = tuple(METRICS[metric_id] for metric_id in TILES)
_KNOWN: Final = tuple({m.id: m for m in (*_SHOWN, *HELD_AGAINST)}.values())


class Notebook:
    """Markers of a recording; everything said is of those before a given time.

    Baselines are worked out once: anew only when a part, a stride or a belt speed came
    that changes them. The change of the last minute is worked out every 10 s.
    """

    def __init__(self) -> None:
        self._markers: list[Marker] = []
        self._parts: tuple[int, tuple[Part, ...]] = (-1, ())
        self._baselines: tuple[object, Baselines] = (None, {})
        self._changes: tuple[object, Changes] = (None, {})

    def add(self, marker: Marker) -> None:
        """Take a marker; in any order, any kind."""
        if marker.kind == MARKER_KIND:
            insort(self._markers, marker, key=lambda it: it.t_s)
            self._parts = (-1, ())

    def parts(self, until_s: float) -> tuple[Part, ...]:
        """Return the parts that had ended before a time."""
        n = bisect_left(self._markers, until_s, key=lambda it: it.t_s)
        if self._parts[0] != n:
            self._parts = (n, parts_of(self._markers[:n])[0])
        return self._parts[1]

    def baselines(
        self,
        until_s: float,
        state: Callable[[float], object],
        sample: Callable[[float], Sample],
    ) -> Baselines:
        """Return the baselines known at a time, forces in sensor units.

        Parameters
        ----------
        until_s
            Lab clock.
        state, sample
            Of a time: what the strides before it depend on, and those strides.
        """
        parts = of_kind(self.parts(until_s), "baseline")
        if not parts:
            return {}
        end_s = max(part.t1_s for part in parts)
        key = (parts, state(end_s))
        if key != self._baselines[0]:
            self._baselines = (key, baselines(sample(end_s), parts, _KNOWN))
        return self._baselines[1]

    def told(self, sample: Sample, known: Baselines, until_s: float) -> Sample:
        """Return a sample that knows baselines and the cadence asked for."""
        parts = self.parts(until_s)
        return held_against(sample, parts, known) if parts else sample

    def changes(
        self,
        until_s: float,
        known: Baselines,
        state: Callable[[float], object],
        sample: Callable[[float], Sample],
    ) -> Changes:
        """Return the change of the last minute of the tiles' metrics against baseline.

        Parameters
        ----------
        until_s
            Lab clock; what is shown stands for the last whole 10 s.
        known
            From :meth:`baselines`.
        state, sample
            Of a time: what the strides before it depend on, and those of the last
            minute.
        """
        if not known:
            return {}
        end_s = until_s // CHANGE_EVERY_S * CHANGE_EVERY_S
        key = (end_s, self._baselines[0], state(end_s))
        if key != self._changes[0]:
            self._changes = (key, _changes(sample(end_s), known, end_s))
        return self._changes[1]


def _changes(sample: Sample, known: Baselines, end_s: float) -> Changes:
    found: Changes = {}
    own = weighed(known, sample.weight, _SHOWN)
    for metric in _SHOWN:
        sides: dict[StatKey, Change] = {}
        for key, bases in own.get(metric.id, {}).items():
            series = series_of(sample, metric, key)
            made = (change_before(base, series, end_s) for base in bases)
            sides[key] = max(made, key=lambda change: change.n)
        if sides:
            found[metric.id] = sides
    return found
