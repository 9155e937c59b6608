"""A set of a drill as it is kept beside its trial."""

from __future__ import annotations

import msgspec

from lablive.drills.plan import Leg
from lablive.drills.rep import SetVerdict


class SetRecord(msgspec.Struct, frozen=True):
    """A set as it is kept beside its trial, for the ladder and the history.

    Attributes
    ----------
    drill, leg
        Which; ``date`` is the day of the session, ISO 8601, "" = today.
    passed, scored, wanted, needed
        Repetitions.
    verdict, reasons
        What it was worth.
    reference
        Medians of its repetitions: a first set is what later ones are held against.
    """

    drill: str
    leg: Leg
    passed: int
    scored: int
    wanted: int
    needed: int
    verdict: SetVerdict
    reasons: tuple[str, ...] = ()
    reference: dict[str, float] = {}
    date: str = ""
    t_s: float = 0.0
