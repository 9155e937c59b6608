"""The softness ladder: where a person stands over sessions, two legs to the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from lablive.drills.plan import Leg
from lablive.drills.quantities import QUANTITIES, RELATIVE
from lablive.drills.record import SetRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lablive.drills.plan import Drill
    from lablive.drills.told import ToldSet

RungState = Literal["passed", "tried", "now", "open"]


class Rung(msgspec.Struct, frozen=True):
    """One step of the ladder with one leg.

    Attributes
    ----------
    drill, leg, title, order
        Which.
    state
        ``passed``: its newest set that was scored passed; ``tried``; ``now``: the
        lowest that has not been passed; ``open``.
    best
        The newest scored set, None = never done.
    sets
        How many were scored.
    """

    drill: str
    leg: Leg
    title: str
    order: int
    state: RungState
    best: SetRecord | None = None
    sets: int = 0

    @property
    def words(self) -> str:
        """``8/10 · 2026-11-13``; "" when it was never done."""
        if self.best is None:
            return ""
        day = self.best.date or "today"
        return f"{self.best.passed}/{self.best.wanted or self.best.scored} · {day}"


def ladder(
    catalogue: Mapping[str, Drill],
    records: Sequence[SetRecord],
    language: str = "en",
) -> tuple[Rung, ...]:
    """Return the steps of the ladder, lowest first, and where a person stands.

    Parameters
    ----------
    catalogue
        All drills; those with an order make the ladder.
    records
        Sets of all sessions, oldest first.
    language
        Of the titles.
    """
    steps = sorted(
        (drill for drill in catalogue.values() if drill.order),
        key=lambda drill: (drill.order, drill.id),
    )
    found: list[Rung] = []
    for drill in steps:
        for leg in drill.sides:
            own = [
                it
                for it in records
                if (it.drill, it.leg) == (drill.id, leg) and it.scored
                and it.verdict not in ("redone", "open", "not done")
            ]  # fmt: skip
            newest = own[-1] if own else None
            state: RungState = "open" if newest is None else "tried"
            if newest is not None and newest.verdict == "pass":
                state = "passed"
            side = "" if leg == "both" else f", {leg}"
            title = f"{drill.words(language).title}{side}"
            found.append(
                Rung(drill.id, leg, title, drill.order, state, newest, len(own))
            )
    return _with_now(found, catalogue)


def _with_now(found: list[Rung], catalogue: Mapping[str, Drill]) -> tuple[Rung, ...]:
    """Return the steps with the lowest judged one that is not passed marked."""
    for at, rung in enumerate(found):
        if rung.state != "passed" and catalogue[rung.drill].needed:
            found[at] = msgspec.structs.replace(rung, state="now")
            break
    return tuple(found)


def records_of(sets: Iterable[ToldSet], date: str = "") -> tuple[SetRecord, ...]:
    """Return sets as they are kept beside their trial."""
    return tuple(
        SetRecord(
            drill=it.id,
            leg=it.leg,
            passed=it.passed,
            scored=it.passed + it.failed,
            wanted=it.wanted,
            needed=it.needed,
            verdict=it.verdict,
            reasons=it.reasons,
            reference=_medians(it),
            date=date,
            t_s=it.t0_s,
        )
        for it in sets
    )


def _medians(told: ToldSet) -> dict[str, float]:
    """Return the medians of the scored repetitions without fault."""
    held: dict[str, list[float]] = {}
    for rep in told.reps:
        if rep.state == "not counted" or rep.faults:
            continue
        for metric, value in rep.values.items():
            if metric not in RELATIVE:
                size = abs(value) if QUANTITIES[metric].absolute else value
                held.setdefault(metric, []).append(size)
    return {metric: float(np.median(values)) for metric, values in held.items()}


def references_of(records: Iterable[SetRecord]) -> dict[str, dict[str, float]]:
    """Return the first set of each drill and leg that counts; records oldest first."""
    found: dict[str, dict[str, float]] = {}
    for it in records:
        if it.reference and it.verdict not in ("redone", "open"):
            found.setdefault(f"{it.drill} {it.leg}", it.reference)
            found.setdefault(it.drill, it.reference)
    return found
