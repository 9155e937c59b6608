"""Simulated drills with a flight: hops, jumps, bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.sim.drill_acting import (
    BOUNCE_S,
    END_S,
    GAP_S,
    Acting,
    TrueRep,
)
from drivers.sim.exercise import (
    Bounce,
    Stand,
    bounce_bw,
    peak_bw,
    push_bw,
    settles_s,
)
from lablive.metrics.jumps import drop_flight_s

if TYPE_CHECKING:
    from lablive.names import Side


class InFlight(Acting):
    """Drills that leave the ground."""

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
                self._bounce(on_s, on_s + BOUNCE_S, 0.8, None)
                on_again_s = on_s + BOUNCE_S + GAP_S
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
                piece = self._land(on_s, on_s + END_S, 0.0)
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
        self._until(from_s, landed_s, from_s + END_S + 20.0, 0.0)
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
            self._bounce(on_s, on_s + BOUNCE_S, 0.8, None)
            again_s = on_s + BOUNCE_S + GAP_S
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
                off_s = on_s + END_S
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
