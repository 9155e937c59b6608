"""Sets of every drill, done well or with mistakes, with the truth beside them."""

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
    bounce_bw,
    peak_bw,
    push_bw,
    settles_s,
)
from lablive.drills.marks import (
    SetMark,
    SetPlan,
    begin_markers,
    end_marker,
    go_marker,
)
from lablive.metrics.jumps import drop_flight_s
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.sim.exercise import Curve
    from lablive.drills.marks import Reference
    from lablive.drills.plan import Drill, Leg
    from lablive.messages import Marker
    from lablive.names import Side

BEGIN_S: Final = 22.0  # of the set: filters have settled
_SHIFT_S: Final = 0.5  # from two legs to one
_BOUNCE_S, _GAP_S = 0.08, 0.08  # of a second contact
_TOUCH_S: Final = (0.06, 0.20)  # after a landing, of the other foot
_END_S: Final = 9.0  # after the last landing


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


def perform(
    drill: Drill,
    leg: Leg,
    mistakes: Mapping[int, str] | None = None,
    manner: Manner = Manner(),  # noqa: B008 - frozen
    *,
    begin_s: float = BEGIN_S,
    reference: dict[str, Reference] | None = None,
    reps: int = 0,
) -> Performed:
    """Return a set of a drill from second 0, the runner standing at first.

    Parameters
    ----------
    drill, leg
        What is done.
    mistakes
        Number of a repetition -> fault, or ``gap``: rows are missing in its flight.
    manner
        How.
    begin_s
        When the set begins.
    reference
        Earlier first sets, into the set's plan.
    reps
        How many, 0 = as planned.
    """
    return _Acting(drill, leg, dict(mistakes or {}), manner, begin_s, reps).all(
        SetPlan(drill, reference or {})
    )


class _Acting:
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

    def all(self, plan: SetPlan) -> Performed:
        movement = self.drill.movement
        acts = {
            "hops": self._hops,
            "jumps": self._jumps,
            "bounds": self._bounds,
            "swings": self._swings,
            "bends": self._bends,
            "holds": self._holds,
        }
        end_s = acts[movement]() if movement in acts else self._stands_only()
        mark = SetMark(plan, self.leg, self.begin_s)
        self.done.markers = [
            *begin_markers(plan, self.leg, self.begin_s),
            *self.marks,
            end_marker(mark, end_s),
        ]
        self.ex.end_s = end_s + _END_S
        return self.done

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
        on = ((shift_s, 0.5), (shift_s + _SHIFT_S, 1.0))
        off = ((shift_s, 0.5), (shift_s + _SHIFT_S, 0.0))
        self.ex.pieces.append(Stand(self.foot, t0_s, t1_s, on, push))
        self.ex.pieces.append(Stand(self.other, t0_s, shift_s + _SHIFT_S, off))

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
        first_s, end_s = (on_s + at_s for at_s in _TOUCH_S)
        self.ex.pieces.append(Bounce(self.other, first_s, end_s, 0.4))

    def _lose(self, off_s: float, on_s: float) -> None:
        feet = SIDES if self.two else (self.foot,)
        for side in feet:
            self.done.missing.append((side, off_s + 0.1, on_s + 0.06))

    # -- movements ----------------------------------------------------------------

    def _hops(self) -> float:
        how, mistakes = self.how, self.mistakes
        reps = (
            self.reps
            if self.asked or self.drill.reps
            else (
                int(self.drill.seconds / (self.how.flight_s + self.how.contact_s)) - 1
            )
        )
        go_s = self._cue(1)
        off_s = go_s + 0.5
        if mistakes.get(1) == "early":
            off_s = go_s - 0.4
        self._stand(0.0, off_s, push_bw(how.flight_s))
        whole = bounce_bw(how.contact_s, how.flight_s, how.flight_s)
        contact_s: float | None = None
        wrong = False  # stands on the other foot
        for number in range(1, reps + 1):
            wrong_now = mistakes.get(number, "")
            on_s = off_s + how.flight_s
            last = number == reps
            next_s = on_s + how.contact_s
            foot: Side | None = None
            landed = self._landed_peak(whole, last=last)
            if wrong_now == "second contact":
                self._bounce(on_s, on_s + _BOUNCE_S, 0.8, None)
                on_again_s = on_s + _BOUNCE_S + _GAP_S
                next_s = on_again_s + how.contact_s
                self._bounce(on_again_s, next_s, whole, None)
                landed = None
            elif wrong_now == "wrong foot":
                foot = self.other
                self._bounce(on_s, next_s, whole, foot)
                landed = None
            elif wrong_now == "one foot only":
                self._bounce(on_s, next_s, whole, "left")
                landed = None
            elif last:
                piece = self._land(on_s, on_s + _END_S, 0.0)
                landed = peak_bw(piece) / (2 if self.two else 1)
            else:
                self._bounce(on_s, next_s, whole, None)
            if wrong_now == "other foot touched":
                self._touch(on_s)
            if wrong_now == "gap":
                self._lose(off_s, on_s)
                landed = None
            told = wrong_now or ("other foot pushed" if wrong else "")
            self._body(on_s, how.contact_s)
            self.done.reps.append(TrueRep(number, told, off_s, on_s, contact_s, landed))
            contact_s = (
                next_s - on_s if wrong_now != "second contact" else how.contact_s
            )
            wrong = foot is not None
            off_s = next_s
        return self.done.reps[-1].off_s + how.flight_s + 1.0  # type: ignore[operator]

    def _landed_peak(self, whole: float, *, last: bool) -> float | None:
        return None if last else whole / (2 if self.two else 1)

    def _jumps(self) -> float:
        how, drill = self.how, self.drill
        flight_s = how.flight_s
        drops = drill.id.startswith("drop")
        if drops:
            flight_s = drop_flight_s(drill.box_m)
        push = push_bw(0.0 if drops else flight_s)
        from_s, landed_s = 0.0, 0.0
        for number in range(1, self.reps + 1):
            cue_s = self._cue(number)
            mistake = self.mistakes.get(number, "")
            if mistake == "no jump":
                self.done.reps.append(TrueRep(number, mistake))
                continue
            off_s = cue_s - 0.3 if mistake == "early" else cue_s + 0.7
            self._until(from_s, landed_s, off_s, push)
            on_s = off_s + flight_s
            told = TrueRep(number, mistake, off_s, on_s)
            from_s, landed_s, told = self._landing(told, on_s)
            self.done.reps.append(told)
        self._until(from_s, landed_s, from_s + _END_S + 20.0, 0.0)
        return self.go_s + self.reps * drill.cue.every_s

    def _until(self, from_s: float, landed_s: float, off_s: float, push: float) -> None:
        """Stand from a landing (0 = none) to the next take-off."""
        if landed_s:
            self._land(landed_s, off_s, push)
        else:
            self._stand(from_s, off_s, push)

    def _landing(self, told: TrueRep, on_s: float) -> tuple[float, float, TrueRep]:
        """Land; return from when the runner stands, the ringing landing, the truth."""
        mistake, how = told.mistake, self.how
        feet = 2 if self.two else 1
        piece = Stand(self.foot, on_s, on_s + 9.0, ((on_s, 1.0),), 0.0, how.landing)
        good = told._replace(peak_bw=peak_bw(piece) / feet, tts_s=settles_s(piece))
        self._body(on_s, 0.3)
        if mistake == "no landing":
            return on_s + 2.0, 0.0, told._replace(on_s=None)
        if mistake == "second contact":
            self._bounce(on_s, on_s + _BOUNCE_S, 0.8, None)
            again_s = on_s + _BOUNCE_S + _GAP_S
            return again_s, again_s, told
        if mistake == "wrong foot":
            self._bounce(on_s, on_s + 0.6, 1.5, self.other)
            return on_s + 0.5, 0.0, told
        if mistake == "one foot only":
            self._bounce(on_s, on_s + 0.6, 2.0, "left")
            return on_s + 0.4, 0.0, told
        if mistake == "not held":
            self._bounce(on_s, on_s + 0.8, 1.5, None)
            if not self.two:
                self.ex.pieces.append(Bounce(self.other, on_s + 0.7, on_s + 1.4, 1.0))
            else:
                self.ex.pieces.append(Bounce("left", on_s + 0.7, on_s + 1.4, 0.8))
            return on_s + 1.3, 0.0, told
        if mistake == "other foot touched":
            self._touch(on_s)
        if mistake == "gap":
            assert told.off_s is not None
            self._lose(told.off_s, on_s)
        return on_s, on_s, good if mistake in ("", "early") else told

    def _bounds(self) -> float:
        how = self.how
        off_s = self._cue(1) + 0.6
        self._stand(0.0, off_s, push_bw(how.flight_s))
        peak = bounce_bw(how.contact_s, how.flight_s, how.flight_s)
        foot: Side = "left"
        contact_s: float | None = None
        on_s = off_s
        for number in range(1, self.reps + 1):
            on_s = off_s + how.flight_s
            mistake = self.mistakes.get(number, "")
            if mistake == "same foot twice":
                foot = "left" if foot == "right" else "right"
            off_s = on_s + how.contact_s
            if number == self.reps:
                off_s = on_s + _END_S
                knots = ((on_s, 1.0),)
                self.ex.pieces.append(Stand(foot, on_s, off_s, knots, 0.0, how.landing))
            else:
                self.ex.pieces.append(Bounce(foot, on_s, off_s, peak))
            if mistake == "other foot touched":
                other: Side = "left" if foot == "right" else "right"
                self.ex.pieces.append(Bounce(other, on_s + 0.05, on_s + 0.15, 0.4))
            self._body(on_s, how.contact_s, foot)
            self.done.reps.append(
                TrueRep(number, mistake, on_s - how.flight_s, on_s, contact_s)
            )
            contact_s = how.contact_s
            foot = "left" if foot == "right" else "right"
        return on_s + 2.0

    def _swings(self) -> float:
        return self._march() if self.drill.legs == "alternate" else self._lunges()

    def _lunges(self) -> float:
        foot, other, how = self.foot, self.other, self.how
        curve: Curve = "thigh_left" if foot == "left" else "thigh_right"
        down: list[tuple[float, float]] = []
        from_s, landing = 0.0, 0.0
        end_s = 0.0
        for number in range(1, self.reps + 1):
            off_s = self._cue(number) + 0.5
            on_s, back_s, home_s = off_s + 0.5, off_s + 1.5, off_s + 2.0
            down.append((off_s, on_s))
            down.append((back_s, home_s))
            self._foot_stands(foot, from_s, off_s, 0.5, landing)
            self._foot_stands(foot, on_s, back_s, 0.6, how.landing)
            from_s, landing = home_s, 0.0
            self.ex.pulses.append(Pulse(curve, off_s, on_s + 0.5, how.thigh_deg))
            self._body(on_s, 0.3)
            self.done.reps.append(TrueRep(number, "", off_s, on_s))
            end_s = home_s + 1.0
        self._foot_stands(foot, from_s, end_s + _END_S, 0.5, 0.0)
        self.ex.pieces.append(Stand(other, 0.0, end_s + _END_S, ((0.0, 0.5),)))
        return end_s

    def _foot_stands(
        self, foot: Side, t0_s: float, t1_s: float, share: float, landing: float
    ) -> None:
        """Bear a share, and give it up over the last 0.2 s."""
        knots = ((t1_s - 0.2, share), (t1_s, 0.0))
        self.ex.pieces.append(Stand(foot, t0_s, t1_s, knots, 0.0, landing))

    def _march(self) -> float:
        how, drill = self.how, self.drill
        begin_s, step_s, swing_s = self._cue(1) + 0.5, 0.6, 0.45
        from_s: dict[Side, float] = {"left": 0.0, "right": 0.0}
        number = 0
        t_s = begin_s
        while t_s < self.begin_s + drill.seconds - 2 * step_s:
            foot = SIDES[number % 2]
            number += 1
            self._foot_stands(foot, from_s[foot], t_s, 1.0, 0.0)
            on_s = t_s + swing_s
            from_s[foot] = on_s
            curve: Curve = "thigh_left" if foot == "left" else "thigh_right"
            self.ex.pulses.append(Pulse(curve, t_s, on_s, how.thigh_deg))
            sign = -1.0 if foot == "left" else 1.0  # the other leg stands
            drop = sign * how.drop_deg
            self.ex.pulses.append(Pulse("obliquity", t_s, on_s, drop))
            self.done.reps.append(TrueRep(number, "", t_s, on_s))
            t_s += step_s
        end_s = self.begin_s + drill.seconds
        for side in SIDES:
            self._foot_stands(side, from_s[side], end_s + _END_S, 0.5, 0.0)
        return end_s

    def _bends(self) -> float:
        how = self.how
        curve: Curve = "thigh_left" if self.foot == "left" else "thigh_right"
        t_s = self._cue(1) + 0.5
        sign = -1.0 if self.foot == "right" else 1.0
        for number in range(1, self.reps + 1):
            mistake = self.mistakes.get(number, "")
            done_s = t_s + 2.4
            self.ex.pulses.append(Pulse(curve, t_s, done_s, how.thigh_deg))
            drop = sign * how.drop_deg
            self.ex.pulses.append(Pulse("obliquity", t_s, done_s, drop))
            if mistake == "other foot touched":
                self.ex.pieces.append(Bounce(self.other, t_s + 1.0, t_s + 1.3, 0.4))
            self.done.reps.append(TrueRep(number, mistake, t_s, None))
            t_s = done_s + 0.6
        self._stand(0.0, t_s + _END_S, 0.0)
        return t_s + 0.5

    def _holds(self) -> float:
        how, drill = self.how, self.drill
        lies = self.ex.lies = "lying" in drill.surface
        share = 0.3 if lies else 1.0
        end_s = 0.0
        down: list[tuple[float, float]] = [(0.0, 0.05 if lies else 0.5)]
        free: list[tuple[float, float]] = [(0.0, 0.05 if lies else 0.5)]
        for number in range(1, self.reps + 1):
            cue_s = self._cue(number)
            mistake = self.mistakes.get(number, "")
            up_s, end_s = cue_s + 1.0, cue_s + 1.0 + drill.hold_s + 0.5
            if mistake == "not taken":
                up_s, end_s = cue_s + 2.8, cue_s + 3.5
            if mistake == "short":
                end_s = up_s + 0.5 * drill.hold_s
            rest = (down[0][1], free[0][1])
            down += [(up_s - 0.3, rest[0]), (up_s, share)]
            down += [(end_s, share), (end_s + 0.3, rest[0])]
            held = share if self.two else 0.0
            free += [(up_s - 0.3, rest[1]), (up_s, held)]
            free += [(end_s, held), (end_s + 0.3, rest[1])]
            if mistake == "other foot touched":
                begin_s = up_s + 0.5 * drill.hold_s
                self.ex.pieces.append(Bounce(self.other, begin_s, begin_s + 0.3, 0.4))
            wide_s = 0.3 * (end_s - up_s)
            self.ex.pulses.append(
                Pulse("muscle", up_s - wide_s, end_s + wide_s, how.effort)
            )
            self.done.reps.append(TrueRep(number, mistake, up_s, None))
        last_s = end_s + _END_S + 30.0
        self.ex.pieces.append(Stand(self.foot, 0.0, last_s, tuple(down)))
        self.ex.pieces.append(Stand(self.other, 0.0, last_s, tuple(free)))
        return end_s + 1.0

    def _stands_only(self) -> float:
        self._cue(1)
        self._stand(0.0, self.begin_s + self.drill.seconds + _END_S, 0.0)
        return self.begin_s + self.drill.seconds
