"""Drills of a recording beside its strides: rows and markers in, sets out.

Fed by the pipeline with the same rows as the lanes of strides; what it says of a set
follows from rows and markers alone, so that live view, replay and report agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablive.drills.catalogue import load_drill
from lablive.drills.kept_rows import KeptRows
from lablive.drills.marks import DrillMarks, begin_markers
from lablive.drills.set_meter import LEAD_S, SetMeter
from lablive.drills.set_result import Done, set_results
from lablive.drills.worn import Worn
from lablive.errors import ConfigError
from lablive.metrics.registry import METRICS
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lablive.drills.marks import SetMark, SetPlan
    from lablive.drills.plan import Drill, Leg
    from lablive.drills.set_result import SetResult
    from lablive.messages import Marker, StreamInfo
    from lablive.metrics.summary import Sample
    from lablive.signals.binding import Binding
    from lablive.signals.calibrations import Calibrations

_UNMEASURED = frozenset({"run", "timer"})


def rep_meter(
    binding: Binding,
    infos: Mapping[int, StreamInfo],
    calibrations: Calibrations,
    weight_n: float | None,
    between: Callable[[float, float], Sample],
) -> RepMeter:
    """Return the drills of a recording; see :class:`RepMeter` and :class:`Worn`."""
    soles = feet(binding, calibrations.insole)
    return RepMeter(Worn(binding, infos, calibrations, soles, weight_n), between)


class RepMeter:
    """The drills of one recording.

    Parameters
    ----------
    worn
        Sensors and what is calibrated.
    between
        Strides that ended in a time, for drills of running.
    own
        Folder of the lab's own drills, for sets that carry no plan.

    Attributes
    ----------
    kept
        Stream -> its newest rows, to be fed.
    """

    def __init__(
        self,
        worn: Worn,
        between: Callable[[float, float], Sample],
        own: Path | None = None,
    ) -> None:
        self._worn, self._between, self._own = worn, between, own
        self.kept = {stream: KeptRows() for stream in worn.streams}
        self._marks = DrillMarks(self._drill)
        self._meters: dict[float, SetMeter] = {}  # by the begin of their set
        self._busy = False  # a set waits for rows
        self._version = 0
        self._results: dict[object, tuple[SetResult, ...]] = {}

    # -- what is marked -----------------------------------------------------------

    def mark(self, marker: Marker) -> None:
        """Take a marker; those of other kinds are passed over."""
        if not self._marks.add(marker):
            return
        for mark in self._marks.sets():
            meter = self._meters.get(mark.begin_s)
            if meter is None or meter.mark.key != mark.key:
                self._meters[mark.begin_s] = SetMeter(self._worn, mark, self.kept)
            elif meter.mark != mark:
                meter.remark(mark)
        self._changed()
        self._busy = True

    def begin_whole(self, plan: SetPlan, leg: Leg, t_s: float) -> None:
        """Take everything from a time on as one set: a recording without markers."""
        for marker in begin_markers(plan, leg, t_s):
            self.mark(marker)

    def has(self, drill_id: str) -> bool:
        """Tell whether a set of a drill was marked."""
        return any(meter.mark.drill.id == drill_id for meter in self._meters.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """Markers that could not be used, one sentence each."""
        return self._marks.problems

    def spans(self, until_s: float = np.inf) -> tuple[tuple[float, float], ...]:
        """Return the times of exercises before a time: their steps are no gait."""
        return tuple(
            (mark.begin_s, mark.end_s)
            for mark in self._marks.sets(until_s)
            if mark.drill.movement not in _UNMEASURED
        )

    # -- rows ---------------------------------------------------------------------

    def work(self) -> None:
        """Look at the rows that have come since."""
        if not self._busy:
            return
        self._busy = False
        for meter in self._meters.values():
            if not meter.over:
                self._busy = True
                if self._begun(meter) and meter.work():
                    self._changed()

    def finish(self) -> None:
        """End the data: nothing waits any longer."""
        for meter in self._meters.values():
            if not meter.over:
                meter.finish()
        self._changed()
        self._busy = False

    def _begun(self, meter: SetMeter) -> bool:
        from_s = meter.mark.begin_s - LEAD_S
        return any(it.reached_s >= from_s for it in self.kept.values())

    # -- what is known ------------------------------------------------------------

    def sets(self, until_s: float = np.inf) -> tuple[SetResult, ...]:
        """Return the sets as they were known at a time, in order of begin."""
        marks = self._marks.sets(until_s)
        if not marks:
            return ()
        known = tuple(self._known(mark, until_s) for mark in marks)
        key = (until_s, self._version)
        if key not in self._results:
            self._results = dict(list(self._results.items())[-1:])
            self._results[key] = set_results(known)
        return self._results[key]

    def lost_s(self, result: SetResult) -> tuple[float, ...]:
        """Return when soles stopped within a set."""
        meter = self._meters.get(result.begin_s)
        return () if meter is None else meter.lost_s

    def _known(self, mark: SetMark, until_s: float) -> Done:
        meter = self._meters[mark.begin_s]
        found = tuple(it for it in meter.found if it.rep.done_s <= until_s)
        over = meter.over and until_s >= mark.end_s
        return Done(mark, found, over, self._running(mark, over=over))

    def _running(
        self, mark: SetMark, *, over: bool
    ) -> tuple[tuple[str, float, str, str], ...]:
        """Return the medians of the strides of a drill of running."""
        if mark.drill.movement != "run" or not over:
            return ()
        sample = self._between(mark.begin_s, mark.end_s)
        values = (
            (METRICS[score.metric], sample.summarise(METRICS[score.metric]))
            for score in mark.drill.scores
        )
        return tuple(
            (metric.id, value.stat("both").median, metric.unit, metric.label)
            for metric, value in values
        )

    def _changed(self) -> None:
        self._version += 1
        self._results = {}

    def _drill(self, drill_id: str) -> Drill | None:
        try:
            return load_drill(drill_id, self._own)
        except ConfigError:
            return None
