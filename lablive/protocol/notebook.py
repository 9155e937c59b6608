"""What was marked so far in a recording, and the baselines that follow from it."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from lablive.metrics.registry import HELD_AGAINST, LEADS, METRICS, TILES
from lablive.protocol.baseline import MINUTE_S
from lablive.protocol.marked import OwnBaselines, change_before, held_against
from lablive.protocol.phases import MARKER_KIND, Part, of_kind, parts_of
from lablive.protocol.series import series_of

if TYPE_CHECKING:
    from lablive.messages import Marker
    from lablive.metrics.metric import StatKey
    from lablive.metrics.summary import Sample
    from lablive.protocol.baseline import Change

Changes = dict[str, "dict[StatKey, Change]"]
CHANGE_EVERY_S: Final = 10.0  # of data time
SETTLED_AFTER_S: Final = 1.0  # of data time: the strides before have come
SHOWN_AFTER_S: Final = 3.0
_LEADS: Final = tuple(it for ids in LEADS.values() for it in ids)
_SHOWN: Final = tuple(
    METRICS[it]
    for it in dict.fromkeys((*TILES, *_LEADS))
    if METRICS[it].of_stride is not None
)
K = TypeVar("K")
V = TypeVar("V")


class Strides(Protocol):
    """The strides of a recording, as :class:`lablive.results.Results` keeps them."""

    def state(self, t_s: float) -> object:
        """Return what changes when anything before a time is still to come."""
        ...

    def between(self, t0_s: float, t1_s: float) -> Sample:
        """Return the strides that ended in a time."""
        ...


class Notebook:
    """Markers of a recording; everything said is of those before a given time.

    What a baseline and a last minute say is shown 3 s after their end. In the last two
    of these, when the strides have come, :meth:`prepare` works at one metric at a time:
    no tick of the screen waits for all of them. Who asks later gets the same at once.
    """

    def __init__(self) -> None:
        self._markers: list[Marker] = []
        self._parts: dict[int, tuple[Part, ...]] = {}
        self._own: dict[tuple[Part, ...], tuple[object, OwnBaselines]] = {}
        self._minutes: dict[float, _Minute] = {}

    def add(self, marker: Marker) -> None:
        """Take a marker; in any order, any kind."""
        if marker.kind == MARKER_KIND:
            insort(self._markers, marker, key=lambda it: it.t_s)
            self._parts = {}

    def parts(self, until_s: float) -> tuple[Part, ...]:
        """Return the parts that had ended before a time."""
        n = bisect_left(self._markers, until_s, key=lambda it: it.t_s)
        if n not in self._parts:
            self._parts = _newest(self._parts)
            self._parts[n] = parts_of(self._markers[:n])[0]
        return self._parts[n]

    def told(self, sample: Sample, until_s: float, strides: Strides) -> Sample:
        """Return a sample that knows baselines and the cadence asked for."""
        parts = self.parts(until_s)
        if not parts:
            return sample
        own = self._baselines(until_s - SHOWN_AFTER_S, strides)
        return held_against(sample, parts, own)

    def prepare(self, t_s: float, strides: Strides) -> None:
        """Work out one thing that will be shown soon, if there is one."""
        own = self._baselines(t_s - SETTLED_AFTER_S, strides)
        if own is None:
            return
        for metric in HELD_AGAINST:
            if not own.knows(metric):
                own.of(metric)
                return
        minute = self._minute(t_s - SETTLED_AFTER_S, own, strides)
        if not minute.done:
            minute.step()

    def changes(self, until_s: float, strides: Strides) -> Changes:
        """Return the change of the last minute of the tiles' metrics against baseline.

        Parameters
        ----------
        until_s
            Lab clock; what is shown stands for the last whole 10 s that are 3 s past.
        strides
            Of the recording.
        """
        own = self._baselines(until_s - SHOWN_AFTER_S, strides)
        if own is None:
            return {}
        minute = self._minute(until_s - SHOWN_AFTER_S, own, strides)
        while not minute.done:
            minute.step()
        return minute.found

    def _baselines(self, until_s: float, strides: Strides) -> OwnBaselines | None:
        """Return the baselines known at a time, None before the first one."""
        parts = of_kind(self.parts(until_s), "baseline")
        if not parts:
            return None
        end_s = max(part.t1_s for part in parts)
        state = strides.state(end_s)
        known = self._own.get(parts)
        if known is None or known[0] != state:
            begin_s = min(part.t0_s for part in parts)
            own = OwnBaselines(strides.between(begin_s, end_s), parts)
            self._own = _newest(self._own)
            self._own[parts] = state, own
        return self._own[parts][1]

    def _minute(self, t_s: float, own: OwnBaselines, strides: Strides) -> _Minute:
        """Return the work on the minute before the last whole 10 s."""
        end_s = t_s // CHANGE_EVERY_S * CHANGE_EVERY_S
        state = strides.state(end_s)
        known = self._minutes.get(end_s)
        if known is None or known.own is not own or known.state != state:
            sample = strides.between(end_s - MINUTE_S, end_s)
            self._minutes = _newest(self._minutes)
            self._minutes[end_s] = _Minute(own, state, sample, end_s)
        return self._minutes[end_s]


class _Minute:
    """The change of one minute against the baselines, a metric at a time."""

    def __init__(
        self, own: OwnBaselines, state: object, sample: Sample, end_s: float
    ) -> None:
        self.own, self.state = own, state
        self.found: Changes = {}
        self._sample, self._end_s = sample, end_s
        self._todo = list(_SHOWN[::-1])

    @property
    def done(self) -> bool:
        return not self._todo

    def step(self) -> None:
        """Work out the next metric: first its baseline, then its change."""
        metric = self._todo[-1]
        if not self.own.knows(metric):
            self.own.of(metric)
            return
        self._todo.pop()
        sides: dict[StatKey, Change] = {}
        for key, bases in self.own.weighed(metric, self._sample.weight).items():
            series = series_of(self._sample, metric, key)
            made = (change_before(base, series, self._end_s) for base in bases)
            sides[key] = max(made, key=lambda change: change.n)
        if sides:
            self.found[metric.id] = sides


def _newest(known: dict[K, V]) -> dict[K, V]:
    """Return the newest entry: what is shown now, and what will be next, are kept."""
    return dict(list(known.items())[-1:])
