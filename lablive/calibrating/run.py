"""A calibration made live: phase after phase, each with a verdict when it ends.

No Qt and no clock: time is that of the rows, so the markers this run gives out lead to
the same calibrations when its trial is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.calibrating.calibrate import (
    NOTHING,
    PART_PHASES,
    Outcome,
    Part,
    parts_of,
    work_out,
)
from lablive.calibrating.phases import PHASES, REPEATED, Phase, marker_of
from lablive.calibrating.plan import streams_for
from lablive.calibrating.rows import LEAD_S, About, Lab
from lablive.messages import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lablive.calibrating.phases import PhaseKind
    from lablive.calibrating.record import CalibrationRecord
    from lablive.calibrating.verdict import PhaseVerdict
    from lablive.messages import Floats, Gap, Marker, StreamInfo, Values
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibrations import Calibrations

PATIENCE_S: Final = 2.0  # a silent sensor holds up the end of a phase no longer
_IDLE_S: Final = LEAD_S + 0.5  # rows kept while nothing is asked


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Rows of one phase and of a little before it."""

    phase: Phase
    rows: Mapping[int, tuple[Floats, Values]]


class CalibrationRun:
    """Phases of one calibration over live rows.

    Parameters
    ----------
    binding, streams
        Which channel measures what, and the streams that are there.
    about
        Person, mounting, body mass, microphone, date.
    parts
        What to calibrate; streams of other parts are not looked at.

    Attributes
    ----------
    phases
        Finished phases, in order of begin; earlier tries are left out.
    calibrations
        What the finished phases give.
    """

    def __init__(
        self,
        binding: Binding,
        streams: Iterable[StreamInfo],
        about: About,
        parts: Sequence[Part] = tuple(PART_PHASES),
    ) -> None:
        self._about = about
        self._parts = parts
        self._lab = Lab({info.id: info for info in streams}, binding, self)
        self._wanted = self._wanted_streams()
        self._outcome: Outcome = NOTHING
        self._kept: list[_Kept] = []
        self._recent: dict[int, list[Chunk]] = {}
        self._last_s: dict[int, float] = {}
        self._newest_s = -np.inf
        self._asked: tuple[PhaseKind, str, float] | None = None
        self._begun_s: float | None = None

    # -- what the operator does ---------------------------------------------------
    def begin(self, kind: PhaseKind, target: str = "", seconds: float = 0.0) -> None:
        """Take the next rows as a phase; an unfinished one is given up.

        Parameters
        ----------
        kind, target
            As in :class:`lablive.calibrating.phases.Phase`.
        seconds
            How long; 0 = as :data:`lablive.calibrating.phases.PHASES` says.
        """
        self._asked = (kind, target, seconds or PHASES[kind].seconds)
        self._begun_s = None

    def give_up(self) -> None:
        """End the running phase without a result."""
        self._asked = self._begun_s = None

    def change(self, about: About) -> None:
        """Go on with another body mass or date; what depends on it is worked out.

        What was finished before keeps its date.
        """
        dated = msgspec.structs.replace(self._about, made_at=about.made_at)
        self._about = about
        if dated != about:
            self._work_out(self._parts)

    def goes_on_with(self, binding: Binding, streams: Iterable[StreamInfo]) -> bool:
        """Take a newer binding, more streams in it; False: phases do not hold for it.

        Streams that have come since sent nothing in the phases before; of those that
        have gone, what they gave stays.
        """
        new = Lab({info.id: info for info in streams}, binding, self)
        own, found = self._lab.binding.sources, binding.sources
        for role in own.keys() & found.keys():
            before = self._lab.streams[own[role].stream]
            now = new.streams[found[role].stream]
            device = (before.name, before.source_id, before.device)
            if device != (now.name, now.source_id, now.device):
                return False
            if not same_channels(own[role], found[role]):
                return False
        self._lab = new
        self._wanted = self._wanted_streams()
        self.give_up()
        return True

    # -- rows ---------------------------------------------------------------------
    def feed(self, items: Iterable[Chunk | Gap]) -> list[Marker]:
        """Take live rows; return the markers that note the phase in the trial.

        The begin comes with the first rows, the end when every sensor of the phase
        has passed it or was silent for 2 s.
        """
        markers: list[Marker] = []
        for rows in items:
            item = self._new(rows) if isinstance(rows, Chunk) else None
            if item is None or item.stream not in self._wanted:
                continue
            if self._asked is not None and self._begun_s is None:
                first_s = float(item.t_s[0])
                before_s = self._newest_s
                self._begun_s = first_s if before_s == -np.inf else before_s
                kind, target, _ = self._asked
                markers.append(marker_of(kind, "begin", self._begun_s, target))
            self._newest_s = max(self._newest_s, float(item.t_s[-1]))
            self._recent.setdefault(item.stream, []).append(item)
        if self._asked is not None and self._begun_s is not None:
            kind, target, seconds = self._asked
            phase = Phase(kind, self._begun_s, self._begun_s + seconds, target)
            if self._passed(phase):
                markers.append(marker_of(kind, "end", phase.t1_s, target))
                self._finish(phase)
        elif self._asked is None:
            self._trim()
        return markers

    @property
    def running(self) -> tuple[PhaseKind, str] | None:
        """Kind and target of the phase whose rows are being taken."""
        return None if self._asked is None else self._asked[:2]

    @property
    def share(self) -> float:
        """How much of the running phase is done, 0 to 1."""
        if self._asked is None or self._begun_s is None:
            return 0.0
        share = (self._newest_s - self._begun_s) / self._asked[2]
        return min(max(share, 0.0), 1.0)

    # -- results ------------------------------------------------------------------
    @property
    def phases(self) -> tuple[Phase, ...]:
        """Finished phases, in order of begin; earlier tries are left out."""
        return tuple(kept.phase for kept in self._kept)

    @property
    def calibrations(self) -> Calibrations:
        """What the finished phases give."""
        return self._outcome.calibrations

    @property
    def verdicts(self) -> tuple[PhaseVerdict, ...]:
        """The verdict on each finished phase."""
        return self._outcome.verdicts(self.phases)

    def verdicts_of(self, part: Part) -> tuple[PhaseVerdict, ...]:
        """Return the verdict on each finished phase as far as one part goes."""
        ledger = self._outcome.ledgers.get(part)
        kinds = PART_PHASES[part]
        phases = [phase for phase in self.phases if phase.kind in kinds]
        return ledger.verdicts(phases) if ledger is not None else ()

    def record(self) -> CalibrationRecord:
        """Return everything so far as it is stored."""
        from lablive.calibrating.record import record_of

        return record_of(self._lab, self._outcome, self.phases, self._about)

    def has(self, kind: PhaseKind, target: str = "") -> bool:
        """Tell whether a phase is finished."""
        return any((p.kind, p.target) == (kind, target) for p in self.phases)

    def fits(self, binding: Binding) -> bool:
        """Tell whether finished phases hold for the channels of a newer binding."""
        own = self._lab.binding.sources
        roles = streams_for(self._lab, self._parts)
        new = Lab(self._lab.streams, binding, self)
        return roles == streams_for(new, self._parts) and all(
            same_channels(source, own[role])
            for role, source in binding.sources.items()
            if source.stream in roles and role in own
        )

    def window(
        self, stream_id: int, t0_s: float, t1_s: float, /
    ) -> tuple[Floats, Values]:
        """Return kept rows with ``t0_s <= t < t1_s`` (a phase and 0.7 s before it)."""
        for kept in self._kept:
            if kept.phase.t0_s - LEAD_S <= t0_s and t1_s <= kept.phase.t1_s:
                if stream_id not in kept.rows:
                    break
                t_s, x = kept.rows[stream_id]
                first, end = np.searchsorted(t_s, (t0_s, t1_s))
                return t_s[first:end], x[first:end]
        channels = len(self._lab.streams[stream_id].channels)
        return np.empty(0), np.empty((0, channels), dtype=np.float32)

    # -- inside -------------------------------------------------------------------
    def _wanted_streams(self) -> frozenset[int]:
        """Return those of all phases: the belt's speed, soles under marching feet."""
        return frozenset[int]().union(
            *(streams_for(self._lab, self._parts, kind) for kind in PHASES)
        )

    def _new(self, rows: Chunk) -> Chunk | None:
        """Return what is new of some rows: a recording hands them out once more."""
        last_s = self._last_s.get(rows.stream, -np.inf)
        first = int(np.searchsorted(rows.t_s, last_s, side="right"))
        if first >= len(rows):
            return None
        self._last_s[rows.stream] = float(rows.t_s[-1])
        if not first:
            return rows
        row, t_s, x = rows.first_row + first, rows.t_s[first:], rows.x[first:]
        return Chunk(rows.stream, row, t_s, x, None, rows.arrival_s)

    def _passed(self, phase: Phase) -> bool:
        if self._newest_s >= phase.t1_s + PATIENCE_S:
            return True
        ends_s = [
            float(self._recent[stream][-1].t_s[-1])
            if stream in self._recent
            else -np.inf
            for stream in streams_for(self._lab, self._parts, phase.kind)
        ]
        return min(ends_s, default=self._newest_s) >= phase.t1_s

    def _finish(self, phase: Phase) -> None:
        rows: dict[int, tuple[Floats, Values]] = {}
        for stream, chunks in self._recent.items():
            t_s = np.concatenate([chunk.t_s for chunk in chunks])
            x = np.concatenate([chunk.x for chunk in chunks])
            first, end = np.searchsorted(t_s, (phase.t0_s - LEAD_S, phase.t1_s))
            rows[stream] = t_s[first:end], x[first:end]
        again = (phase.kind, phase.target)
        self._kept = [
            kept
            for kept in self._kept
            if phase.kind in REPEATED or (kept.phase.kind, kept.phase.target) != again
        ]
        self._kept.append(_Kept(phase, rows))
        self.give_up()
        self._trim()
        self._work_out([part for part in parts_of(phase.kind) if part in self._parts])

    def _work_out(self, parts: Sequence[Part]) -> None:
        self._outcome = work_out(
            self._lab, self.phases, self._about, before=self._outcome, parts=parts
        )

    def _trim(self) -> None:
        """Let go of rows that no later phase can need."""
        for stream, chunks in self._recent.items():
            old = [c for c in chunks if float(c.t_s[-1]) < self._newest_s - _IDLE_S]
            if old:
                self._recent[stream] = chunks[len(old) :]


def same_channels(one: Source, other: Source) -> bool:
    """Tell whether two sources are the same channels, read in the same way."""
    return (
        (one.stream, one.unit) == (other.stream, other.unit)
        and np.array_equal(one.columns, other.columns)
        and np.array_equal(one.scale, other.scale)
    )
