"""Flights of hops, jumps and bounds from the contacts of both feet (reference 8.1).

Pure: the same contacts give the same repetitions, and one that is decided stays so
whatever comes later. ``until_s`` is the time before which no contact can be added.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.drills.marks import Cue
from lablive.drills.rep import Rep
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.drills.marks import SetMark
    from lablive.drills.rep import Fault
    from lablive.gait.contacts import Contact
    from lablive.names import Side

LEAST_FLIGHT_S: Final = 0.1  # [design] a shorter one is a landing that bounces
LONGEST_S: Final = 1.5  # [design] no flight lasts longer: there was no landing
TOGETHER_S: Final = 0.15  # [design] both feet of one landing
TOUCH_S: Final = 0.5  # metric reference 8.1: the other foot stays up so long
EARLY_S: Final = 1.0  # [design] before a cue: too early; longer before: on the way back
_HELPED_S: Final = 0.2  # [design] a foot that left so shortly before pushed as well
_BOUNCE_S: Final = 0.25  # [design] a foot back so soon bounced, later it stepped
_NAN: Final = float("nan")
MISSING: Final = "rows were missing in the flight"
MISSING_AFTER: Final = "rows were missing after the landing"


class Flight(NamedTuple):
    """Both feet in the air.

    Attributes
    ----------
    off_s, on_s
        Last toe-off, first contact; NaN = not seen, ``gap`` says why if a sensor is.
    pushed
        The foot that left last.
    together, helped
        The other one left shortly before; and it had not only touched.
    contact_s
        How long the foot that left last had been down; NaN = since before the rows.
    """

    off_s: float
    on_s: float
    gap: str
    pushed: Side
    together: bool
    helped: bool
    contact_s: float


def flights_of(
    contacts: Iterable[Contact], worn: frozenset[Side], until_s: float
) -> Iterator[Flight]:
    """Yield every time with both feet in the air.

    A foot that has shown nothing yet counts as in the air: who begins on one leg has
    never put the other down.
    """
    down_s: dict[Side, float] = {}  # feet on the ground -> since when
    left_s: dict[Side, float] = {}
    came_s: dict[Side, float] = {}  # last initial contact
    unknown: set[Side] = set()
    up: Flight | None = None
    for contact in contacts:
        side = contact.side
        if side == "unknown" or side not in worn:
            continue
        known = contact.kind in ("ic", "to")
        if known:
            unknown.discard(side)
        else:
            unknown.add(side)
        if up is not None and (contact.kind != "to" or side == up.pushed):
            # a second toe-off without a contact: it landed where no row was
            yield _ended(up, contact)
            up = None
        if contact.kind == "ic":
            down_s[side] = came_s[side] = contact.t_s
            continue
        since_s = down_s.pop(side, _NAN)
        if not known:
            continue
        other = _other(side)
        near = contact.t_s - left_s.get(other, -np.inf) <= _HELPED_S
        # a foot that came down later only touched: that is the landing's fault
        helped = near and not came_s.get(other, _NAN) > since_s
        left_s[side] = contact.t_s
        if not down_s and not unknown:
            stood_s = contact.t_s - since_s
            up = Flight(contact.t_s, _NAN, "", side, near, helped, stood_s)
    if up is not None and until_s >= up.off_s + LONGEST_S:
        yield up


def _ended(flight: Flight, contact: Contact) -> Flight:
    """Return a flight that ends with a contact, or with what took its place."""
    if contact.t_s - flight.off_s > LONGEST_S:
        return flight
    if contact.kind == "ic":
        return flight._replace(on_s=contact.t_s)
    return flight._replace(gap=MISSING)


def flight_reps(
    mark: SetMark,
    contacts: Sequence[Contact],
    until_s: float,
    worn: frozenset[Side] = frozenset(SIDES),
) -> list[Rep]:
    """Return the repetitions of a set that are decided.

    Parameters
    ----------
    mark
        The set; its drill has flights.
    contacts
        Of the feet, in time order.
    until_s
        Every contact before it is there.
    worn
        Feet that are measured.
    """
    found: list[Rep] = []
    flights = [
        it
        for it in flights_of(contacts, worn, until_s)
        if mark.begin_s <= it.off_s < mark.end_s and _counts(mark, it)
    ]
    for flight, cue in _of_set(mark, flights, until_s):
        number = len(found) + 1
        if flight is None:
            rep = _missed(mark, cue, number)
        else:
            rep = _rep(mark, flight, cue, contacts, number, both=len(worn) > 1)
            if mark.drill.movement == "bounds" and found:
                rep = _after(rep, found[-1])
        done_s = max(rep.done_s, found[-1].done_s if found else -np.inf)
        if done_s > until_s or (mark.drill.reps and number > mark.drill.reps):
            break
        found.append(msgspec.structs.replace(rep, done_s=done_s))
    return found


def _counts(mark: SetMark, flight: Flight) -> bool:
    """Tell whether a time in the air is a jump, no bounce and no step off the soles."""
    if np.isfinite(flight.on_s):
        return flight.on_s - flight.off_s >= LEAST_FLIGHT_S
    return mark.drill.legs != "two" or flight.together


def _of_set(
    mark: SetMark, flights: Sequence[Flight], until_s: float
) -> Iterator[tuple[Flight | None, Cue]]:
    """Yield what answers a cue, in time order; None: nobody jumped after it."""
    drill, way = mark.drill, mark.drill.directions
    if drill.cue.kind == "start" or not mark.cues:
        go_s = mark.cues[0].t_s if mark.cues else -np.inf
        for number, flight in enumerate(flights):
            yield flight, Cue(go_s, way[number % len(way)] if way else "")
        return
    starts = [it.off_s for it in flights]
    for number, cue in enumerate(mark.cues):
        end_s = cue.t_s + drill.cue.every_s - EARLY_S
        if number + 1 < len(mark.cues):
            end_s = min(end_s, mark.cues[number + 1].t_s - EARLY_S)
        first = bisect_left(starts, cue.t_s - EARLY_S)
        if first < len(starts) and starts[first] < end_s:
            yield flights[first], cue
        elif end_s <= min(until_s - LONGEST_S, mark.end_s):
            yield None, cue
        elif mark.end_s > until_s:
            return  # it may still come


def _missed(mark: SetMark, cue: Cue, number: int) -> Rep:
    """Return the repetition that was not done."""
    done_s = cue.t_s + mark.drill.cue.every_s - EARLY_S + LONGEST_S
    return Rep(
        number, cue.t_s, _NAN, _NAN, done_s, mark.leg,
        faults=("no jump",), direction=cue.direction,
    )  # fmt: skip


def _rep(
    mark: SetMark,
    flight: Flight,
    cue: Cue,
    contacts: Sequence[Contact],
    number: int,
    *,
    both: bool,
) -> Rep:
    drill, leg = mark.drill, mark.leg
    faults: list[Fault] = ["early"] if flight.off_s < cue.t_s else []
    foot = leg
    if leg in SIDES and flight.pushed != leg:
        faults.append("other foot pushed")
    elif leg in SIDES and flight.helped:
        faults.append("other foot helped")
    whole = Rep(
        number, flight.off_s, flight.off_s, flight.on_s,
        flight.off_s + LONGEST_S, foot,
        contact_s=_NAN if drill.movement == "jumps" else flight.contact_s,
        gap=flight.gap, direction=cue.direction,
    )  # fmt: skip
    if not np.isfinite(flight.on_s):
        if not flight.gap:
            faults.append("no landing")
        return msgspec.structs.replace(whole, faults=tuple(faults))
    on_s = flight.on_s
    lasts_s = max(drill.window_s, TOUCH_S if leg in SIDES else 0.0)
    landed = _landing(contacts, on_s)
    if leg == "both":
        if drill.legs == "alternate":
            foot = next(iter(landed))
            if len(landed) > 1:
                faults.append("other foot touched")
        elif both and len(landed) < len(SIDES):
            faults.append("one foot only")
    elif leg not in landed:
        faults.append("wrong foot")
    after = [it for it in contacts if on_s < it.t_s <= on_s + lasts_s]
    faults += _after_landing(mark, landed, after, flight)
    gap = MISSING_AFTER if _lost_on_the_ground(landed, after) else ""
    return msgspec.structs.replace(
        whole,
        done_s=on_s + lasts_s,
        foot=foot,
        left_on_s=landed.get("left", _NAN),
        right_on_s=landed.get("right", _NAN),
        faults=tuple(dict.fromkeys(faults)),
        gap=gap,
    )


def _landing(contacts: Sequence[Contact], on_s: float) -> dict[Side, float]:
    """Return when each foot landed, the first one first."""
    found: dict[Side, float] = {}
    for it in contacts:
        near = on_s <= it.t_s <= on_s + TOGETHER_S
        if near and it.kind == "ic" and it.side != "unknown":
            found.setdefault(it.side, it.t_s)
    return found


def _after_landing(
    mark: SetMark, landed: dict[Side, float], after: Sequence[Contact], flight: Flight
) -> Iterator[Fault]:
    """Yield what went wrong between the landing and the end of its window."""
    drill, own = mark.drill, mark.leg
    away_s: dict[Side, float] = {}
    up: set[Side] = set()
    for it in after:
        side = it.side
        if side == "unknown":
            continue
        since_s = it.t_s - flight.on_s
        if own in SIDES and side != own:
            if it.kind == "ic" and since_s <= TOUCH_S:
                yield "other foot touched" if own in landed else "wrong foot"
            continue
        if it.kind == "to":
            away_s[side] = it.t_s
            up.add(side)
            if drill.movement == "jumps" and since_s <= drill.stick_s:
                back = (n for n in after if n.side == side and n.kind == "ic")
                back_s = next((n.t_s for n in back if n.t_s > it.t_s), np.inf)
                bounced = back_s - it.t_s <= _BOUNCE_S
                yield "second contact" if bounced else "not held"
        elif it.kind == "ic" and side in away_s:
            in_air_s = it.t_s - max(away_s.values())
            both = up >= set(landed)
            if both and in_air_s >= LEAST_FLIGHT_S:
                return  # the next flight: what follows is the next repetition's
            up.discard(side)
            if drill.movement != "jumps" or since_s <= drill.stick_s:
                yield "second contact"


def _lost_on_the_ground(landed: dict[Side, float], after: Sequence[Contact]) -> bool:
    """Tell whether a sole stopped before the next flight began."""
    down = set(landed)
    for it in after:
        if it.kind == "to":
            down -= {it.side}
        elif it.kind == "ic" and it.side != "unknown":
            down.add(it.side)
        elif it.kind in ("lost", "stuck"):
            return bool(down)
    return False


def _after(rep: Rep, before: Rep) -> Rep:
    """Return a bound that knows which foot was before it."""
    if rep.foot in SIDES and rep.foot == before.foot:
        faults: tuple[Fault, ...] = (*rep.faults, "same foot twice")
        return msgspec.structs.replace(rep, faults=faults)
    return rep


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
