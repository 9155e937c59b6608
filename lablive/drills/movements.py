"""Repetitions without a flight: swings, bends, holds, and those marked by hand.

Pure, as :mod:`.flights`: what is decided stays so whatever comes later.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.drills.rep import Rep
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.drills.marks import SetMark
    from lablive.drills.plan import Leg
    from lablive.drills.rep import Fault, Source
    from lablive.gait.contacts import Contact
    from lablive.messages import Floats
    from lablive.names import Side

LEAST_SWING_S: Final = 0.15  # [design]
LONGEST_SWING_S: Final = 2.0  # [design]
GRACE_S: Final = 2.0  # [design] from the cue to the position
STEADY_S: Final = 0.3  # [design] who wobbles into a position has not taken it yet
_STANDING_S: Final = 1.0  # of the set's begin: the thigh in standing
_NAN: Final = float("nan")


def swing_reps(mark: SetMark, contacts: Sequence[Contact], until_s: float) -> list[Rep]:
    """Return the swings of the working foot that are decided.

    With a cue for each repetition the first swing after it counts; without any cue and
    with one leg every other one: forward, then back.
    """
    drill = mark.drill
    swings = list(_swings(mark, contacts))
    if drill.cue.kind == "each" and mark.cues:
        ends_s = [*(cue.t_s for cue in mark.cues[1:]), np.inf]
        chosen = [
            next((it for it in swings if cue.t_s <= it[0] < end_s), None)
            for cue, end_s in zip(mark.cues, ends_s, strict=True)
        ]
        swings = [it for it in chosen if it is not None]
    elif drill.legs == "one":
        swings = swings[::2]
    found: list[Rep] = []
    for off_s, on_s, side, gap in swings[: drill.reps or None]:
        done_s = on_s + drill.window_s
        if done_s > until_s:
            break
        on = {side: on_s}
        found.append(
            Rep(
                len(found) + 1, off_s, off_s, on_s, done_s, side,
                left_on_s=on.get("left", _NAN), right_on_s=on.get("right", _NAN),
                gap=gap,
            )
        )  # fmt: skip
    return found


def _swings(
    mark: SetMark, contacts: Sequence[Contact]
) -> Iterator[tuple[float, float, Side, str]]:
    off_s: dict[Side, float] = {}
    for it in contacts:
        side = it.side
        if side == "unknown" or not mark.begin_s <= it.t_s:
            continue
        if mark.leg in SIDES and side != mark.leg:
            continue
        if it.kind == "to":
            off_s[side] = it.t_s
        elif it.kind == "ic" and side in off_s:
            begun_s = off_s.pop(side)
            long = LEAST_SWING_S <= it.t_s - begun_s <= LONGEST_SWING_S
            if long and begun_s < mark.end_s:
                yield begun_s, it.t_s, side, ""
        else:
            off_s.pop(side, None)


def bend_reps(
    mark: SetMark, t_s: Floats, thigh_deg: Floats, contacts: Sequence[Contact]
) -> list[Rep]:
    """Return the squats that are decided: the thigh came forward and went back.

    Parameters
    ----------
    mark
        The set.
    t_s, thigh_deg
        Of the working thigh from the begin of the set, knee ahead +, shape (rows,).
    contacts
        Of the feet.
    """
    drill, begin_s = mark.drill, mark.begin_s
    standing = (t_s >= begin_s) & (t_s <= begin_s + _STANDING_S)
    if not len(t_s) or t_s[-1] < begin_s + _STANDING_S or not standing.any():
        return []
    bent = thigh_deg - float(np.median(thigh_deg[standing]))
    deep, half = bent >= drill.least_deg, bent >= drill.least_deg / 2
    go_s = mark.cues[0].t_s if mark.cues else -np.inf
    found: list[Rep] = []
    edges = np.flatnonzero(np.diff(half, prepend=False, append=False))
    for first, end in edges.reshape(-1, 2).tolist():
        done = end < len(t_s)
        down_s = float(t_s[first])
        if not done or not deep[first:end].any() or down_s < begin_s:
            continue
        if down_s >= mark.end_s or (drill.reps and len(found) >= drill.reps):
            break
        up_s = float(t_s[end])
        faults: list[Fault] = ["early"] if down_s < go_s else []
        faults += _off_the_leg(mark, contacts, down_s, up_s)
        found.append(
            Rep(
                len(found) + 1, down_s, down_s, _NAN, up_s, mark.leg,
                faults=tuple(faults), source="thigh_imu",
            )
        )  # fmt: skip
    return found


def _off_the_leg(
    mark: SetMark, contacts: Sequence[Contact], t0_s: float, t1_s: float
) -> Iterator[Fault]:
    """Yield faults of a foot that must stay, or stay away; a step needs both feet."""
    if mark.leg not in SIDES or "step" in mark.drill.surface:
        return
    for it in contacts:
        if t0_s < it.t_s <= t1_s:
            if it.kind == "ic" and it.side != mark.leg:
                yield "other foot touched"
            elif it.kind == "to" and it.side == mark.leg:
                yield "left the ground"


def hold_reps(mark: SetMark, t_s: Floats, held: Floats, until_s: float) -> list[Rep]:
    """Return the holds that are decided; each begins within 2 s of its cue.

    Parameters
    ----------
    mark
        The set; without a cue its begin is one.
    t_s, held
        Whether the position is held (1 or 0, NaN = nobody knows), shape (rows,).
    until_s
        Rows have come so far.
    """
    drill = mark.drill
    starts_s = [cue.t_s for cue in mark.cues] or [mark.begin_s]
    found: list[Rep] = []
    for start_s in starts_s[: drill.reps or None]:
        if start_s >= mark.end_s:
            break
        taken_s = _taken_s(t_s, held, start_s)
        faults: tuple[Fault, ...] = ()
        if np.isfinite(taken_s):
            begin_s, done_s = taken_s, taken_s + drill.hold_s
        else:
            begin_s, done_s = start_s, start_s + GRACE_S + STEADY_S
            faults = ("not taken",)
        if done_s > until_s:
            break
        found.append(
            Rep(
                len(found) + 1, begin_s, begin_s, _NAN, done_s, mark.leg,
                faults=faults, source="cue",
            )
        )  # fmt: skip
    return found


def _taken_s(t_s: Floats, held: Floats, start_s: float) -> float:
    """Return when a position was taken that was kept for a moment; NaN = never."""
    edges = np.flatnonzero(np.diff(held > 0, prepend=False, append=False))
    for first, end in edges.reshape(-1, 2).tolist():
        begin_s = max(float(t_s[first]), start_s)
        last_s = float(t_s[end - 1])
        if begin_s > start_s + GRACE_S:
            break
        if last_s - begin_s >= STEADY_S:
            return begin_s
    return _NAN


def hand_reps(mark: SetMark, reps: Sequence[Rep], until_s: float) -> list[Rep]:
    """Return repetitions with those marked by hand among them, numbered anew.

    One marked by hand takes the place of what was found within it.
    """
    if not mark.hand:
        return list(reps)
    kept = [rep for rep in reps if not any(_within(rep, span) for span in mark.hand)]
    kept += [_by_hand(mark, span) for span in mark.hand]
    kept.sort(key=lambda rep: rep.begin_s)
    known: list[Rep] = []
    for rep in kept:
        if rep.done_s > until_s:
            break
        known.append(msgspec.structs.replace(rep, number=len(known) + 1))
    return known


def _within(rep: Rep, span: tuple[float, float]) -> bool:
    return span[0] <= rep.begin_s < span[1]


def _by_hand(mark: SetMark, span: tuple[float, float]) -> Rep:
    source: Source = "hand"
    leg: Leg = mark.leg
    return Rep(0, span[0], span[0], _NAN, span[1], leg, source=source)


def rhythm_cv_pct(reps: Sequence[Rep]) -> float:
    """Return the unevenness of the landings: 100 SD / mean of their intervals."""
    landed_s = [rep.on_s for rep in reps if np.isfinite(rep.on_s)]
    steps_s = np.array([b - a for a, b in pairwise(landed_s)])
    if len(steps_s) < 3:
        return _NAN
    return 100.0 * float(np.std(steps_s, ddof=1) / np.mean(steps_s))
