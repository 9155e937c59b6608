"""Who does a simulated drill: how, what really happened, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.sim.exercise import (
    Bounce,
    Exercise,
    Pulse,
    Sound,
    Stand,
    both,
)
from lablive.drills.marks import (
    go_marker,
)
from lablive.names import SIDES

if TYPE_CHECKING:
    from lablive.drills.plan import Drill, Leg
    from lablive.messages import Marker
    from lablive.names import Side

BEGIN_S: Final = 22.0  # of the set: filters have settled
SHIFT_S: Final = 0.5  # from two legs to one
BOUNCE_S, GAP_S = 0.08, 0.08  # of a second contact
TOUCH_S: Final = (0.06, 0.20)  # after a landing, of the other foot
END_S: Final = 9.0  # after the last landing


class Manner(NamedTuple):
    """How somebody does a drill; times in s, sizes in degrees, levels in dB."""

    flight_s: float = 0.35
    contact_s: float = 0.22
    landing: float = 1.0  # over body weight
    drop_deg: float = 4.0
    lean_deg: float = 6.0
    thigh_deg: float = 50.0
    sel_dba: float = 70.0
    effort: float = 20.0


class TrueRep(NamedTuple):
    """What really happened; None = there was no such thing.

    ``mistake`` is a :data:`lablive.drills.rep.Fault`, or ``gap``; "" = done well.
    """

    number: int
    mistake: str = ""
    off_s: float | None = None
    on_s: float | None = None
    contact_s: float | None = None
    peak_bw: float | None = None
    tts_s: float | None = None

    @property
    def flight_s(self) -> float | None:
        """Time in the air."""
        if self.off_s is None or self.on_s is None:
            return None
        return self.on_s - self.off_s


@dataclass
class Performed:
    """A set as it was done.

    Attributes
    ----------
    exercise, markers, reps
        Forces and angles; what the operator's program marked; the truth.
    missing
        Times in which a sole's rows did not arrive.
    """

    exercise: Exercise
    markers: list[Marker]
    reps: list[TrueRep] = field(default_factory=list[TrueRep])
    missing: list[tuple[Side, float, float]] = field(
        default_factory=list[tuple["Side", float, float]]
    )


class Acting:
    """Somebody who does a set: the pieces that every drill is made of."""

    def __init__(
        self,
        drill: Drill,
        leg: Leg,
        mistakes: dict[int, str],
        how: Manner,
        begin_s: float,
        reps: int,
    ) -> None:
        self.drill, self.mistakes, self.how = drill, mistakes, how
        self.leg: Leg = leg
        self.begin_s = begin_s
        self.asked, self.reps = bool(reps), reps or drill.reps or 8
        self.ex = Exercise()
        self.done = Performed(self.ex, [])
        self.foot: Side = "right" if leg == "right" else "left"
        self.other: Side = "left" if self.foot == "right" else "right"
        self.two = leg == "both" and drill.legs == "two"
        self.go_s = begin_s + drill.cue.lead_s
        self.marks: list[Marker] = []

    # -- pieces -------------------------------------------------------------------

    def _cue(self, number: int) -> float:
        way = self.drill.directions
        at_s = self.go_s + (number - 1) * self.drill.cue.every_s
        self.marks.append(go_marker(at_s, way[(number - 1) % len(way)] if way else ""))
        return at_s

    def _stand(self, t0_s: float, t1_s: float, push: float = 0.0) -> None:
        """Stand as the drill is done; from the start first on two legs."""
        if self.two or self.leg == "both":
            knots = ((t0_s, 1.0),)
            self.ex.pieces += both([Stand("left", t0_s, t1_s, knots, push)])
            return
        if t0_s > 0.0:
            knots = ((t0_s, 1.0),)
            self.ex.pieces.append(Stand(self.foot, t0_s, t1_s, knots, push))
            return
        shift_s = self.begin_s - 2.0
        on = ((shift_s, 0.5), (shift_s + SHIFT_S, 1.0))
        off = ((shift_s, 0.5), (shift_s + SHIFT_S, 0.0))
        self.ex.pieces.append(Stand(self.foot, t0_s, t1_s, on, push))
        self.ex.pieces.append(Stand(self.other, t0_s, shift_s + SHIFT_S, off))

    def _land(self, on_s: float, until_s: float, push: float) -> Stand:
        """Land and stand until the next take-off; return the whole landing."""
        knots = ((on_s, 1.0),)
        whole = Stand(self.foot, on_s, until_s, knots, push, self.how.landing)
        self.ex.pieces += both([whole]) if self.two else [whole]
        return whole

    def _bounce(
        self, on_s: float, off_s: float, peak: float, foot: Side | None
    ) -> None:
        piece = Bounce(foot or self.foot, on_s, off_s, peak)
        self.ex.pieces += both([piece]) if self.two and foot is None else [piece]

    def _body(self, on_s: float, lasts_s: float, foot: Side | None = None) -> None:
        """Let pelvis and trunk move in a landing, and let it be heard."""
        sign = -1.0 if (foot or self.foot) == "right" else 1.0
        if not self.two:
            drop = sign * self.how.drop_deg
            self.ex.pulses.append(Pulse("obliquity", on_s, on_s + lasts_s, drop))
        self.ex.pulses.append(Pulse("lean", on_s, on_s + lasts_s, self.how.lean_deg))
        self.ex.sounds.append(Sound(on_s, self.how.sel_dba))

    def _touch(self, on_s: float) -> None:
        first_s, end_s = (on_s + at_s for at_s in TOUCH_S)
        self.ex.pieces.append(Bounce(self.other, first_s, end_s, 0.4))

    def _lose(self, off_s: float, on_s: float) -> None:
        feet = SIDES if self.two else (self.foot,)
        for side in feet:
            self.done.missing.append((side, off_s + 0.1, on_s + 0.06))
