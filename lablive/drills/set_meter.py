"""One set from rows to repetitions with their values; the same for any cut.

Everything is worked out from the rows from 20 s before the set's begin on, so that it
does not matter when the set was marked or what was fed before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np

from lablive.drills.body_track import (
    MARGIN_S,
)
from lablive.drills.flights import LONGEST_S, flight_reps
from lablive.drills.measure import Measured
from lablive.drills.movements import bend_reps, hand_reps, hold_reps, swing_reps
from lablive.drills.set_result import Found
from lablive.drills.tracks import held_rows
from lablive.gait.contacts import Contact
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.drills.kept_rows import KeptRows
    from lablive.drills.marks import SetMark
    from lablive.drills.rep import Rep
    from lablive.drills.worn import Worn
    from lablive.messages import Floats, Values


class _Track(Protocol):
    """What the rows of a stream are handed to."""

    stream: int
    reached_s: float

    def feed(self, t_s: Floats, x: Values) -> None: ...

    def advance(self, t_s: float) -> None: ...


LEAD_S: Final = 20.0  # filters and orientation settle before the set
_BENDS_EVERY_S: Final = 0.1
_NEAR_S: Final = 0.1  # a fall the pelvis saw belongs to a take-off so near


class SetMeter:
    """One set while its rows come.

    Parameters
    ----------
    lab
        What is worn.
    mark
        The set as marked so far; :attr:`mark` is replaced when more is marked.
    kept
        The rows of every stream.

    Attributes
    ----------
    found
        Repetitions that are decided and measured.
    over
        No further one can come.
    lost_s
        When a sole stopped during the set.
    """

    def __init__(self, lab: Worn, mark: SetMark, kept: Mapping[int, KeptRows]) -> None:
        self.mark = mark
        self.found: list[Found] = []
        self.over = False
        self._kept = kept
        self._from_s = mark.begin_s - LEAD_S
        self._tracks = lab.tracks(mark)
        self._worn = frozenset(self._tracks.feet)
        self._at: dict[int, int] = {}
        self._finished = self._stale = False
        self._bent_s = -np.inf
        self._bends: list[Rep] = []
        self._quiet: list[float] = []
        self._by_stream: dict[int, list[_Track]] = {}
        self._route()

    @property
    def lost_s(self) -> tuple[float, ...]:
        """When soles stopped within the set."""
        return tuple(
            it.t_s
            for foot in self._tracks.feet.values()
            for it in foot.contacts
            if it.kind in ("lost", "stuck")
            and self.mark.begin_s <= it.t_s <= self.mark.end_s
        )

    def work(self) -> bool:
        """Take the rows that have come; tell whether a repetition was added."""
        if self.over or (not self._take() and not self._finished):
            return False
        before = len(self.found)
        decided = self._decided()
        for rep in decided[before:]:
            if not self._seen(rep):
                break
            self._measure(rep)
        self.over = len(self.found) == len(decided) and self._is_over()
        return len(self.found) > before or self.over

    def remark(self, mark: SetMark) -> None:
        """Take the set as it is marked now; ranges by hand change what was found."""
        if mark.hand != self.mark.hand:
            self.found.clear()
            self._quiet.clear()
        self.mark = mark
        self.over = False
        self._stale = True
        if self._finished:
            self.work()
            self.over = True

    def finish(self) -> None:
        """End the data: nothing waits any longer."""
        self.work()
        for foot in self._tracks.feet.values():
            foot.finish()
        self._finished = True
        self._bent_s = -np.inf
        self.over = False
        self.work()
        self.over = True

    # -- rows ---------------------------------------------------------------------

    def _route(self) -> None:
        tracks = self._tracks
        every: list[_Track] = [*tracks.feet.values(), *tracks.segments.values()]
        every += [
            it for it in (tracks.muscles, tracks.sound, tracks.fall) if it is not None
        ]
        for track in every:
            self._by_stream.setdefault(track.stream, []).append(track)

    def _take(self) -> bool:
        took = False
        for stream, tracks in self._by_stream.items():
            kept = self._kept[stream]
            for t, x in kept.since(self._at.get(stream, 0), self._from_s):
                took = True
                for track in tracks:
                    if x is None:
                        track.advance(float(t[-1]))
                    else:
                        track.feed(t, x)
            self._at[stream] = kept.end
        return took

    # -- repetitions --------------------------------------------------------------

    @property
    def _until_s(self) -> float:
        if self._finished:
            return np.inf
        feet = self._tracks.feet.values()
        fall = self._tracks.fall
        if feet:
            return min(foot.until_s for foot in feet)
        return fall.reached_s if fall is not None else -np.inf

    def _decided(self) -> list[Rep]:
        mark, movement = self.mark, self.mark.drill.movement
        reps: list[Rep] = []
        until_s = self._until_s
        if mark.drill.has_flight:
            worn = self._worn or frozenset(SIDES)
            reps = flight_reps(mark, self._contacts(until_s), until_s, worn)
            reps = [self._with_fall(rep) for rep in reps]
        elif movement == "swings":
            reps = swing_reps(mark, self._contacts(until_s), until_s)
        elif movement == "bends":
            reps = self._bend_reps()
        elif movement == "holds":
            until_s = self._feet_reach_s()
            t, held = held_rows(
                self._tracks.feet,
                mark.leg,
                mark.begin_s,
                min(until_s, mark.end_s + 600),
            )
            reps = hold_reps(mark, t, held, until_s)
        return hand_reps(mark, reps, until_s)

    def _feet_reach_s(self) -> float:
        if self._finished:
            return np.inf
        feet = self._tracks.feet.values()
        others = self._tracks.segments.values()
        tracks = [*feet] or [*others]
        return min((track.reached_s for track in tracks), default=-np.inf)

    def _contacts(self, until_s: float) -> list[Contact]:
        feet = self._tracks.feet.values()
        if feet:
            found = [it for foot in feet for it in foot.contacts if it.t_s < until_s]
            return sorted(found, key=lambda it: (it.t_s, it.side))
        fall, mark = self._tracks.fall, self.mark
        if fall is None:
            return []
        sides = SIDES if mark.leg == "both" else (mark.leg,)
        found = []
        for off_s, on_s in fall.falls(mark.begin_s, until_s):
            for side in sides:
                found.append(Contact(off_s, side, "to", "pelvis_imu"))
            for side in sides:
                found.append(Contact(on_s, side, "ic", "pelvis_imu"))
        return found

    def _with_fall(self, rep: Rep) -> Rep:
        """Return a repetition timed by the pelvis where the soles saw nothing."""
        fall = self._tracks.fall
        if not self._worn:
            return msgspec.structs.replace(rep, source="pelvis_imu")
        if not rep.gap or np.isfinite(rep.on_s) or fall is None:
            return rep
        near = [
            it
            for it in fall.falls(rep.off_s - _NEAR_S, rep.off_s + LONGEST_S)
            if abs(it[0] - rep.off_s) <= _NEAR_S
        ]
        if not near or (fall.reached_s < rep.off_s + LONGEST_S and not self._finished):
            return rep
        off_s, on_s = near[0]
        return msgspec.structs.replace(rep, off_s=off_s, on_s=on_s, source="pelvis_imu")

    def _bend_reps(self) -> list[Rep]:
        """Return the squats so far; looked for again every tenth of a second."""
        site = f"thigh_{self.mark.leg if self.mark.leg in SIDES else 'left'}"
        track = self._tracks.segments.get(site)
        if track is None:
            return []
        until_s = min(track.reached_s - MARGIN_S, self.mark.end_s + LEAD_S)
        if until_s < self._bent_s + _BENDS_EVERY_S or until_s <= self.mark.begin_s:
            return self._bends
        self._bent_s = until_s
        found = track.angles(self.mark.begin_s, until_s, zeroed=False, smooth=False)
        if isinstance(found, str):
            return self._bends
        contacts = self._contacts(np.inf)
        reps = bend_reps(self.mark, found.t_s, -found.lean, contacts)
        self._bends = reps
        return reps

    # -- values -------------------------------------------------------------------

    def _seen(self, rep: Rep) -> bool:
        """Tell whether every signal has passed a repetition."""
        if self._finished:
            return True
        tracks, done_s = self._tracks, rep.done_s
        last_s = rep.on_s if np.isfinite(rep.on_s) else rep.begin_s
        if any(foot.reached_s < done_s + 0.02 for foot in tracks.feet.values()):
            return False
        ends_s = done_s + MARGIN_S
        if any(track.reached_s < ends_s for track in tracks.segments.values()):
            return False
        if tracks.muscles is not None and tracks.muscles.reached_s < done_s:
            return False
        if (
            tracks.fall is not None
            and not self._worn
            and tracks.fall.reached_s < done_s
        ):
            return False
        sound = tracks.sound
        return sound is None or sound.reached_s >= last_s + sound.after_s

    def _measure(self, rep: Rep) -> None:
        rep = self._checked(rep)
        if self._tracks.sound is not None and np.isfinite(rep.on_s):
            self._quiet.append(self._tracks.sound.quiet(rep.on_s))
        known = [it for it in self._quiet if np.isfinite(it)]
        noise = float(np.median(known)) if known else float("nan")
        made = Measured(self.mark.drill, rep, self._tracks, noise)
        self.found.append(Found(rep, made.values, made.lacks))

    def _checked(self, rep: Rep) -> Rep:
        """Return a repetition that knows of missing rows and missing soles."""
        feet = self._tracks.feet
        if rep.gap or not feet or not self.mark.drill.has_flight:
            return rep
        missing = [side for side in SIDES if side not in feet]
        if missing and (self.mark.leg in ("both", *missing)):
            why = f"the {missing[0]} foot has no sole"
            return msgspec.structs.replace(rep, gap=why)
        if not np.isfinite(rep.on_s):
            return rep
        for foot in feet.values():
            if foot.has_hole(rep.off_s - 0.02, rep.on_s + 0.1):
                return msgspec.structs.replace(
                    rep, gap="rows were missing in the flight"
                )
        return rep

    def _is_over(self) -> bool:
        """Tell whether no repetition can come any more."""
        drill, mark = self.mark.drill, self.mark
        if self._finished:
            return True
        if drill.reps and len(self.found) >= drill.reps:
            return np.isfinite(mark.end_s)
        until_s = self._until_s if drill.movement != "bends" else self._bent_s
        if drill.movement in ("run", "timer", "holds"):
            until_s = self._feet_reach_s()
        longest_s = max(drill.window_s, drill.hold_s) + 2 * LONGEST_S
        return until_s >= mark.end_s + longest_s
