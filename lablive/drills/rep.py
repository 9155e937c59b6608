"""One repetition: when it was, what went wrong, what it measured, what it is worth."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from lablive.drills.plan import Leg

Fault = Literal[
    "early",
    "no jump",
    "no landing",
    "second contact",
    "other foot touched",
    "other foot helped",
    "other foot pushed",
    "wrong foot",
    "one foot only",
    "not held",
    "not taken",
    "same foot twice",
    "left the ground",
]
WORDS: Final[dict[Fault, str]] = {
    "early": "jumped before the cue",
    "no jump": "no jump after the cue",
    "no landing": "no landing was seen",
    "second contact": "landed twice",
    "other foot touched": "other foot touched",
    "other foot helped": "pushed off with both feet",
    "other foot pushed": "pushed off from the other foot",
    "wrong foot": "landed on the other foot",
    "one foot only": "landed on one foot",
    "not held": "did not stand still after landing",
    "not taken": "the position was not taken",
    "same foot twice": "same foot twice",
    "left the ground": "the foot left the ground",
}
RepState = Literal["passed", "failed", "not scored", "not counted"]
SetVerdict = Literal[
    "pass", "caution", "fail",
    "not scored",  # a sensor, the other leg or an earlier set is missing
    "not complete",  # ended early, and what is left could have decided it
    "not judged",  # the drill has no limits
    "open", "redone", "done", "not done",
]  # fmt: skip
Source = Literal["insole", "treadmill", "pelvis_imu", "thigh_imu", "cue", "hand"]


class Rep(msgspec.Struct, frozen=True):
    """A repetition as it was found, before anything is measured.

    Attributes
    ----------
    number
        From 1 in its set.
    begin_s, off_s, on_s, done_s
        From where its rows matter; take-off and landing (NaN = there is none); end of
        what belongs to it: the verdict follows.
    foot
        The foot that landed or works; ``both``.
    left_on_s, right_on_s
        Landing of each foot; NaN = did not.
    contact_s
        Ground contact before the take-off; NaN = it began in standing.
    faults
        What was done wrong.
    gap
        Rows were missing where it matters: nobody knows.
    direction
        As cued.
    source
        Which sensor, or who, told it.
    """

    number: int
    begin_s: float
    off_s: float
    on_s: float
    done_s: float
    foot: Leg = "both"
    left_on_s: float = float("nan")
    right_on_s: float = float("nan")
    contact_s: float = float("nan")
    faults: tuple[Fault, ...] = ()
    gap: str = ""
    direction: str = ""
    source: Source = "insole"

    @property
    def flight_s(self) -> float:
        """Time in the air."""
        return self.on_s - self.off_s

    @property
    def t_s(self) -> float:
        """Where it stands on the time line: the landing, else its begin."""
        return self.on_s if self.on_s == self.on_s else self.begin_s


class ValueView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value against its limits.

    Attributes
    ----------
    metric, unit, value
        NaN = not measured, and ``why`` says why.
    verdict
        ``good``, ``caution``, ``poor``; "" = not judged.
    passes
        Whether it is inside the span that a repetition or set needs; None = not judged
        or not measured.
    limit
        The span in words: ``pass <= 3.0 BW``.
    """

    metric: str
    label: str
    unit: str
    value: float
    verdict: Literal["good", "caution", "poor", ""] = ""
    passes: bool | None = None
    limit: str = ""
    evidence: str = ""
    why: str = ""


class RepResult(msgspec.Struct, frozen=True):
    """A repetition with its values and what it is worth.

    Attributes
    ----------
    rep
        As it was found.
    values, lacks
        Every quantity that was measured; why another was not.
    views
        The scores of the drill, in its order.
    state
        ``passed``, ``failed``, ``not scored`` (a sensor or reference is missing) or
        ``not counted`` (before or after the scored ones).
    reasons
        Why, in plain words.
    by_hand
        The operator's word instead of the sensors'.
    """

    rep: Rep
    values: dict[str, float] = {}
    lacks: dict[str, str] = {}
    views: tuple[ValueView, ...] = ()
    state: RepState = "not scored"
    reasons: tuple[str, ...] = ()
    by_hand: Literal["", "accept", "reject"] = ""
