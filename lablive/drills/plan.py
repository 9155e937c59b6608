"""A drill as frozen data: ``configs/drills/*.toml`` and a lab's own, schema 1.

The file name is the drill's id. A lab's own lie in the ``drills`` folder of its library
and win over a shipped one of the same file name.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

SCHEMA: Final = 1
LANGUAGES: Final = ("en", "de")

Span = tuple[float, float]
Movement = Literal[
    "hops",  # one flight after the other, no rest between
    "jumps",  # single flights, each landing held
    "bounds",  # flights from one foot to the other
    "swings",  # the foot leaves the ground and lands: lunge, step, march
    "bends",  # the thigh comes up to the front and goes back: squats
    "holds",  # a position from the cue on
    "run",  # running for a time, measured by strides
    "timer",  # nothing is measured
]
Legs = Literal["two", "one", "alternate"]
Leg = Literal["both", "left", "right"]
CueKind = Literal["start", "each"]
Method = Literal["unfiltered", "jumpmetrics"]


class CueRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """When the runner is told to go.

    Attributes
    ----------
    kind
        ``start``: once, then at the runner's own pace; ``each``: before every one.
    lead_s
        Count-down before the first.
    every_s
        ``each``: from one to the next.
    beats_per_min
        Metronome from the first cue on; 0 = none.
    """

    kind: CueKind = "start"
    lead_s: float = 3.0
    every_s: float = 0.0
    beats_per_min: float = 0.0


class Words(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person reads and hears, in one language.

    Attributes
    ----------
    title, instruction
        Name of the drill, and what to do in a sentence or two.
    go
        Spoken at a cue.
    directions
        Spoken instead, one for each direction in turn.
    """

    title: str
    instruction: str
    go: str = ""
    directions: tuple[str, ...] = ()


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that is shown, and its limits when it is judged.

    Attributes
    ----------
    metric, unit
        Key of :data:`.quantities.QUANTITIES` (of the metrics of strides in a drill of
        running), and the unit of the limits.
    of
        Judged in each repetition, or as the median of the set.
    passes
        Closed span a repetition or set needs; ``pass`` in the file.
    good, caution
        Colours: good = inside ``good`` (else inside ``pass``), caution = inside
        ``caution`` or the rest of ``pass``, poor = beyond.
    info
        Shown without colour, never judged.
    against
        Earlier set it is held against: ``first set`` (of this drill and leg), or the id
        of another drill (its first set).
    either
        Of the scores with the same word here one is enough.
    compares
        ``lsi_pct``: which value of both legs.
    evidence
        Grade of the limit: A to C, or D = lab default, no published cut-off.
    source
        Of the limit, in words.
    """

    metric: str
    unit: str
    of: Literal["rep", "set"] = "rep"
    passes: Span | None = msgspec.field(default=None, name="pass")
    good: Span | None = None
    caution: Span | None = None
    info: bool = False
    against: str = ""
    either: str = ""
    compares: str = ""
    evidence: Literal["A", "B", "C", "D"] = "D"
    source: str = "lab default"


class Drill(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drill.

    Attributes
    ----------
    schema
        Of the file: 1.
    movement, legs
        How repetitions are found, and with which legs it is done.
    text
        Language -> words; English must be there.
    reps
        Planned repetitions of a set; 0 = as many as come.
    seconds
        A set ends after so long; 0 = when the repetitions are done.
    scored
        First and last repetition that count, from 1; left out = all.
    needed
        Passing repetitions of a set that passes; 0 = the set is not judged by them.
    back_below
        Fewer passing ones advise a step back, as many or more are caution.
    window_s
        From the landing on: what belongs to it. The verdict follows its end.
    stick_s
        ``jumps``: neither foot may move for so long after the landing.
    hold_s
        ``holds``: how long.
    least_deg
        ``bends``: how far the thigh must come forward to count.
    box_m
        Height of the box, the operator may change it before a set.
    flight_method
        How flight time is read off the force (decision 13).
    directions
        Cued in turn: ``forward``, ``back``, ``left``, ``right``.
    order, next
        Place on the ladder and the drill above; 0, "" = not on it.
    off_belt
        Never on a moving belt.
    surface, equipment
        Where, and what is needed.
    exclusions
        The operator asks for each before the first set.
    evidence, source
        Grade of the whole, and whose it is.
    id
        File name without ``.toml``.
    """

    schema: int
    movement: Movement
    legs: Legs
    text: dict[str, Words]
    reps: int = 0
    seconds: float = 0.0
    scored: tuple[int, int] | None = None
    needed: int = 0
    back_below: int = 0
    window_s: float = 0.5
    stick_s: float = 0.0
    hold_s: float = 0.0
    least_deg: float = 20.0
    box_m: float = 0.0
    flight_method: Method = "unfiltered"
    directions: tuple[Literal["forward", "back", "left", "right"], ...] = ()
    order: int = 0
    next: str = ""
    off_belt: bool = False
    surface: str = ""
    equipment: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    evidence: Literal["A", "B", "C", "D"] = "D"
    source: str = "lab default"
    note: str = ""
    cue: CueRule = CueRule()
    scores: tuple[Score, ...] = msgspec.field(name="score", default=())
    id: str = ""

    def words(self, language: str = "en") -> Words:
        """Return the texts of a language, English where it has none."""
        return self.text.get(language) or self.text["en"]

    @property
    def sides(self) -> tuple[Leg, ...]:
        """The legs that a set is done with: ``both``, or left and right in turn."""
        return ("left", "right") if self.legs == "one" else ("both",)

    @property
    def has_flight(self) -> bool:
        """Whether its repetitions are flights."""
        return self.movement in ("hops", "jumps", "bounds")

    def counts(self, number: int) -> bool:
        """Tell whether a repetition is scored; the first is 1."""
        return self.scored is None or self.scored[0] <= number <= self.scored[1]

    @property
    def wanted(self) -> int:
        """How many scored repetitions a whole set has; 0 = as many as come."""
        if self.scored is None:
            return self.reps
        return self.scored[1] - self.scored[0] + 1
