"""Simulated drills with a foot on the ground: lunges, marches, bends, holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.sim.drill_acting import (
    END_S,
    Acting,
    TrueRep,
)
from drivers.sim.exercise import (
    Bounce,
    Pulse,
    Stand,
)
from lablive.names import SIDES

if TYPE_CHECKING:
    from drivers.sim.exercise import Curve
    from lablive.names import Side


class OnGround(Acting):
    """Drills without a flight."""

    def _swings(self) -> float:
        return self._march() if self.drill.legs == "alternate" else self._lunges()

    def _lunges(self) -> float:
        foot, other, how = self.foot, self.other, self.how
        curve: Curve = "thigh_left" if foot == "left" else "thigh_right"
        from_s, landing = 0.0, 0.0
        end_s = 0.0
        for number in range(1, self.reps + 1):
            off_s = self._cue(number) + 0.5
            on_s, back_s, home_s = off_s + 0.5, off_s + 1.5, off_s + 2.0
            self._foot_stands(foot, from_s, off_s, 0.5, landing)
            self._foot_stands(foot, on_s, back_s, 0.6, how.landing)
            from_s, landing = home_s, 0.0
            self.ex.pulses.append(Pulse(curve, off_s, on_s + 0.5, how.thigh_deg))
            self._body(on_s, 0.3)
            self.done.reps.append(TrueRep(number, "", off_s, on_s))
            end_s = home_s + 1.0
        self._foot_stands(foot, from_s, end_s + END_S, 0.5, 0.0)
        self.ex.pieces.append(Stand(other, 0.0, end_s + END_S, ((0.0, 0.5),)))
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
            self._foot_stands(side, from_s[side], end_s + END_S, 0.5, 0.0)
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
        self._stand(0.0, t_s + END_S, 0.0)
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
        last_s = end_s + END_S + 30.0
        self.ex.pieces.append(Stand(self.foot, 0.0, last_s, tuple(down)))
        self.ex.pieces.append(Stand(self.other, 0.0, last_s, tuple(free)))
        return end_s + 1.0

    def _stands_only(self) -> float:
        self._cue(1)
        self._stand(0.0, self.begin_s + self.drill.seconds + END_S, 0.0)
        return self.begin_s + self.drill.seconds
