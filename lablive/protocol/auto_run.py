"""Start and stop by themselves: on movement, after so many reps, after a time.

Pure, on data time: the same rows start and stop at the same moment. Nothing starts or
stops without a count-down that can be cancelled, and nothing that was not asked for.

A rep is a landing: an initial contact, of both feet within 0.1 s one (a hop). Movement
has begun when six landings have followed each other within 1.5 s; it has ended when
none has come for 4 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import Contact

AutoState = Literal["off", "waiting", "starting", "running", "stopping"]
AutoDoes = Literal["start", "stop"]
StartBy = Literal["hand", "movement"]

TOGETHER_S: Final = 0.1  # both feet of one landing
STEADY: Final = 6  # landings that are movement, not a step aside
APART_S: Final = 1.5  # slow walking is 0.8 s from foot to foot
STILL_S: Final = 4.0
REPS: Final = (1, 10_000)
MINUTES: Final = (0.1, 600.0)
COUNTDOWN_S: Final = (1.0, 10.0)


class AutoRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """What starts and stops a recording; None = the operator does.

    Attributes
    ----------
    start
        ``movement``: some steps after it began; the file begins before them.
    stop_after_reps, stop_after_min
        Landings, and minutes of the recording.
    stop_when_still
        When nobody moves any more.
    countdown_s
        Before anything happens.
    """

    start: StartBy = "hand"
    stop_after_reps: int | None = None
    stop_after_min: float | None = None
    stop_when_still: bool = False
    countdown_s: float = 3.0

    @property
    def stops(self) -> bool:
        """Whether it stops a recording at all."""
        return bool(self.stop_words)

    @property
    def stop_words(self) -> str:
        """What it stops at, in words, "" = nothing."""
        reps, minutes = self.stop_after_reps, self.stop_after_min
        parts = [
            f"after {reps} reps" if reps is not None else "",
            f"after {minutes:g} min" if minutes is not None else "",
            "when movement has ended" if self.stop_when_still else "",
        ]
        return " or ".join(part for part in parts if part)


def rule_problems(rule: AutoRule) -> list[tuple[str, str]]:
    """Return key and sentence of everything that is out of range."""
    found: list[tuple[str, str]] = []
    for key, limits in (
        ("stop_after_reps", REPS),
        ("stop_after_min", MINUTES),
        ("countdown_s", COUNTDOWN_S),
    ):
        value = getattr(rule, key)
        if value is not None and not limits[0] <= value <= limits[1]:
            low, high = limits
            told = f"{key} = {value:g}: it must lie between {low:g} and {high:g}"
            found.append((key, told))
    return found


class Landings:
    """Landings of a growing list of contacts, each looked at once."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._seen = 0
        self.count = 0
        self.last_s = float("-inf")
        self.steady_since_s = float("inf")
        self.in_a_row = 0

    def look(self, contacts: Sequence[Contact]) -> None:
        """Take the contacts that are new, in the order of time."""
        if len(contacts) < self._seen:  # another recording or person
            self._begin()
        for contact in contacts[self._seen :]:
            if contact.kind == "ic":
                self._land(contact.t_s)
        self._seen = len(contacts)

    def _land(self, t_s: float) -> None:
        if t_s - self.last_s <= TOGETHER_S:
            return
        if t_s - self.last_s > APART_S:
            self.steady_since_s, self.in_a_row = t_s, 0
        self.count += 1
        self.in_a_row += 1
        self.last_s = t_s


class AutoRun:
    """One rule, from waiting for movement to the end of the recording.

    Attributes
    ----------
    state
        ``starting`` and ``stopping`` are count-downs, until :attr:`due_s`.
    why
        What they are for.
    began_s
        When the movement began that starts a recording.
    """

    def __init__(self, rule: AutoRule) -> None:
        self.rule = rule
        self.state: AutoState = "off"
        self.due_s = float("inf")
        self.why = ""
        self.began_s = float("inf")
        self.landings = Landings()
        self._since_s = float("inf")

    def wait(self) -> None:
        """Wait for movement, if the rule starts by it."""
        self.state = "waiting" if self.rule.start == "movement" else "off"

    def recording(self, since_s: float) -> None:
        """Look for the end of a recording that has begun, if the rule stops."""
        self.landings = Landings()
        self._since_s = since_s
        self.state = "running" if self.rule.stops else "off"

    def cancel(self) -> None:
        """Let the operator do it, until the next recording."""
        self.state = "off"

    def look(
        self, contacts: Sequence[Contact], t_s: float, clock_s: float
    ) -> AutoDoes | None:
        """Return what is to be done now.

        Parameters
        ----------
        contacts
            Of the pipeline, as far as it has come.
        t_s
            Data time up to which they are known.
        clock_s
            Lab clock, for count-downs: they go on when data stop.
        """
        landings = self.landings
        landings.look(contacts)
        if self.state == "waiting":
            moves = landings.in_a_row >= STEADY and t_s - landings.last_s <= APART_S
            if moves:
                self.began_s = landings.steady_since_s
                self._count_down("starting", "movement", clock_s)
        elif self.state == "starting":
            if t_s - landings.last_s > APART_S:  # a false start
                self.state = "waiting"
            elif clock_s >= self.due_s:
                self.state = "off"
                return "start"
        elif self.state == "running":
            self._look_for_end(t_s, clock_s)
        elif self.state == "stopping":
            if self.why == "still" and t_s - landings.last_s < STILL_S:
                self.state = "running"
            elif clock_s >= self.due_s:
                self.state = "off"
                return "stop"
        return None

    def _look_for_end(self, t_s: float, clock_s: float) -> None:
        rule, landings = self.rule, self.landings
        reps, minutes = rule.stop_after_reps, rule.stop_after_min
        ends_s = self._since_s + 60.0 * minutes if minutes is not None else float("inf")
        if reps is not None and landings.count >= reps:
            self._count_down("stopping", f"{reps} reps", clock_s)
        elif clock_s >= ends_s - rule.countdown_s:
            self._count_down("stopping", f"{minutes:g} min", clock_s)
        elif (
            rule.stop_when_still
            and landings.count >= STEADY
            and t_s - landings.last_s >= STILL_S
        ):
            self._count_down("stopping", "still", clock_s)

    def _count_down(self, state: AutoState, why: str, clock_s: float) -> None:
        self.state, self.why = state, why
        self.due_s = clock_s + self.rule.countdown_s
