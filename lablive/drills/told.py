"""Drills as ``lablive analyze``, summaries and reports tell them; times of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lablive.drills.plan import Drill, Leg, Method
from lablive.drills.rep import Fault, RepState, SetVerdict, ValueView
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.drills.rep import RepResult
    from lablive.drills.set_result import SetResult

_MS = 1e3


class ToldRep(msgspec.Struct, frozen=True):
    """A repetition.

    Attributes
    ----------
    number, t_s
        In its set; the landing, else its begin.
    contact_ms, flight_ms
        Ground contact before it and flight by the drill's method; NaN = none.
    flight_contacts_ms
        Flight from the last toe-off to the first contact, whatever the method.
    passed
        None = not scored, or not counted.
    state, reasons, faults
        In words, why, and which faults were seen.
    foot, direction
        That landed or worked; as cued.
    values, lacks
        Every quantity that was measured, and why others were not.
    """

    number: int
    t_s: float
    contact_ms: float
    flight_ms: float
    flight_contacts_ms: float
    passed: bool | None = msgspec.field(name="pass")
    state: RepState
    reasons: tuple[str, ...]
    faults: tuple[Fault, ...]
    foot: Leg
    direction: str
    values: dict[str, float]
    lacks: dict[str, str]


class ToldSet(msgspec.Struct, frozen=True):
    """A set; see :class:`lablive.drills.set_result.SetResult`."""

    id: str
    title: str
    leg: Leg
    number: int
    t0_s: float
    t1_s: float
    verdict: SetVerdict
    reasons: tuple[str, ...]
    passed: int
    failed: int
    not_scored: int
    wanted: int
    needed: int
    order: int
    values: tuple[ValueView, ...]
    reps: tuple[ToldRep, ...]


class ToldDrill(msgspec.Struct, frozen=True):
    """One drill of a trial: all its repetitions, and what its newest set is worth.

    ``verdict`` is pass, caution or fail; else why there is none.
    """

    id: str
    title: str
    reps: tuple[ToldRep, ...]
    verdict: SetVerdict
    reasons: tuple[str, ...] = ()
    flight_method: Method = "unfiltered"


def told_sets(results: Iterable[SetResult]) -> tuple[ToldSet, ...]:
    """Return the sets of a trial, in order of begin."""
    return tuple(_set(result) for result in results)


def told_drill(
    results: Sequence[SetResult], wanted: Drill | None = None
) -> ToldDrill | None:
    """Return one drill of a trial, the first when none is asked for; None without."""
    drill_id = wanted.id if wanted else results[0].drill if results else ""
    own = [it for it in results if it.drill == drill_id]
    if not own:
        return None
    counted = [it for it in own if it.verdict != "redone"] or own
    newest = counted[-1]
    return ToldDrill(
        newest.drill,
        newest.title,
        tuple(_rep(rep) for it in counted for rep in it.reps),
        newest.verdict,
        newest.reasons,
        flight_method=newest.flight_method,
    )


def _set(result: SetResult) -> ToldSet:
    return ToldSet(
        id=result.drill,
        title=result.title,
        leg=result.leg,
        number=result.number,
        t0_s=result.begin_s,
        t1_s=result.end_s,
        verdict=result.verdict,
        reasons=result.reasons,
        passed=result.passed,
        failed=result.failed,
        not_scored=result.not_scored,
        wanted=result.wanted,
        needed=result.needed,
        order=result.order,
        values=result.views,
        reps=tuple(_rep(rep) for rep in result.reps),
    )


def _rep(result: RepResult) -> ToldRep:
    rep = result.rep
    known: dict[RepState, bool] = {"passed": True, "failed": False}
    return ToldRep(
        number=rep.number,
        t_s=rep.t_s,
        contact_ms=_MS * rep.contact_s,
        flight_ms=result.values.get("flight_ms", float("nan")),
        flight_contacts_ms=_MS * rep.flight_s,
        passed=known.get(result.state),
        state=result.state,
        reasons=result.reasons,
        faults=rep.faults,
        foot=rep.foot,
        direction=rep.direction,
        values=result.values,
        lacks=result.lacks,
    )


class WantedDrill(msgspec.Struct, frozen=True):
    """A drill that a recording is looked at for.

    Without a marked set of it the whole recording is one.
    """

    drill: Drill
    leg: Leg = "both"


def wanted_drill(drill: Drill, leg: str = "") -> WantedDrill:
    """Return what to look for.

    Raises
    ------
    ConfigError
        A drill on one leg needs to know which.
    """
    if leg in drill.sides:
        return WantedDrill(drill, "both" if leg == "both" else _side(leg))
    if leg or drill.legs == "one":
        one = ", ".join(drill.sides)
        raise ConfigError(
            f"{drill.words().title} is done with: {one}.",
            todo=f"Say which with --leg {drill.sides[0]}.",
        )
    return WantedDrill(drill)


def _side(leg: str) -> Leg:
    return "left" if leg == "left" else "right"
