"""The path of gates at one moment: which is done, which is next, and why.

Pure functions of frozen data: the same facts and choices give the same path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.calibrating.phases import REPEATED, PhaseKind
from lablive.calibrating.verdict import Light, PhaseVerdict
from lablive.protocol.gates import Gate, GatePart, Step
from lablive.protocol.template import GateKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GateState = Literal["done", "skipped", "now", "ahead"]
Activity = Literal["idle", "live", "practice", "recording", "review"]
_WORST: Final[tuple[Light, ...]] = ("red", "amber", "green")


class Held(msgspec.Struct, frozen=True):
    """A part of the calibration that was there before this session's gates.

    ``words``: when it was made; ``doubt``: why it may no longer hold, "" = it does.
    """

    words: str
    doubt: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is so at this moment.

    Attributes
    ----------
    activity
        What goes on besides calibrating.
    missing
        Devices that the template needs and that are not there.
    verdicts
        Part -> the verdict on each phase that was finished for it.
    held
        Part -> an earlier calibration that is in use.
    running
        Step that runs, and the gate it belongs to.
    broken
        Gate -> why its last step came to no end.
    """

    activity: Activity = "idle"
    missing: tuple[str, ...] = ()
    verdicts: dict[GatePart, tuple[PhaseVerdict, ...]] = {}
    held: dict[GatePart, Held] = {}
    running: GateKind | None = None
    broken: dict[GateKind, str] = {}


class Choices(msgspec.Struct, frozen=True):
    """What the operator decided.

    Attributes
    ----------
    skipped
        Gates passed by.
    accepted
        Amber gates that are good enough.
    opened
        Gate gone back to; None = the next one.
    """

    skipped: frozenset[GateKind] = frozenset()
    accepted: frozenset[GateKind] = frozenset()
    opened: GateKind | None = None


class GateView(msgspec.Struct, frozen=True):
    """One gate as the window shows it.

    Attributes
    ----------
    gate, state
        Which, and where it stands on the path.
    light
        Green: all counts. Amber: some of it, or with a caution. Red: nothing does.
        None: not done yet.
    told
        What was found, in words with numbers.
    causes
        What does not count or wants care: cause and remedy.
    ahead
        Steps still to be done.
    """

    gate: Gate
    state: GateState
    light: Light | None = None
    told: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    ahead: tuple[Step, ...] = ()


def path_of(
    gates: Sequence[Gate], facts: Facts, choices: Choices
) -> tuple[GateView, ...]:
    """Return every gate with its verdict; exactly one is ``now``."""
    judged = [_judged(gate, facts, choices) for gate in gates]
    now = _now(judged, facts, choices)
    return tuple(
        msgspec.structs.replace(view, state="now") if index == now else view
        for index, view in enumerate(judged)
    )


def now_of(path: Iterable[GateView]) -> GateView:
    """Return the gate that the session stands at."""
    return next(view for view in path if view.state == "now")


def steps_ahead(gate: Gate, verdicts: Sequence[PhaseVerdict]) -> tuple[Step, ...]:
    """Return the steps of a gate that have no verdict yet, or a red one."""
    left = {kind: _good(kind, verdicts) for kind in REPEATED}
    found: list[Step] = []
    for step in gate.steps:
        if step.kind in REPEATED:
            if left[step.kind]:
                left[step.kind] -= 1
            else:
                found.append(step)
            continue
        own = _of(step, verdicts)
        if own is None or own.light == "red":
            found.append(step)
    return tuple(found)


def _judged(gate: Gate, facts: Facts, choices: Choices) -> GateView:
    if gate.part is None:
        return _plain(gate, facts, choices)
    verdicts = facts.verdicts.get(gate.part, ())
    ahead = steps_ahead(gate, verdicts)
    mine = _counting(gate, verdicts)
    broken = facts.broken.get(gate.kind, "")
    lights: set[Light] = {own.light for own in mine}
    light: Light | None = next((one for one in _WORST if one in lights), None)
    told = tuple(dict.fromkeys(text for own in mine for text in own.made))
    worst = sorted(mine, key=lambda own: _WORST.index(own.light))
    causes = tuple(
        dict.fromkeys(text for own in worst for text in (*own.problems, *own.notes))
    )
    held = facts.held.get(gate.part)
    if ahead and held is not None:
        light = "amber" if held.doubt else "green"
        told, ahead = (held.words,), ()
        causes = (held.doubt,) if held.doubt else ()
    elif ahead and light != "red":
        light = None
    if broken:
        light, causes = "red" if ahead else "amber", (broken, *causes)
    state: GateState = "ahead"
    if light == "green" or (light == "amber" and gate.kind in choices.accepted):
        state = "done"
    elif gate.kind in choices.skipped:
        state = "skipped"
    return GateView(gate, state, light, told, causes, ahead)


def _plain(gate: Gate, facts: Facts, choices: Choices) -> GateView:
    """Return connect, run and review: what goes on decides."""
    if gate.kind == "connect":
        if facts.activity == "idle":
            return GateView(gate, "ahead")
        if facts.missing and gate.kind not in choices.accepted:
            told = f"Not connected: {', '.join(facts.missing)}."
            return GateView(gate, "ahead", "amber", causes=(told,))
        return GateView(gate, "done", "green")
    if gate.kind == "run" and facts.activity == "review":
        return GateView(gate, "done", "green")
    return GateView(gate, "ahead")


def _now(judged: Sequence[GateView], facts: Facts, choices: Choices) -> int:
    kinds = [view.gate.kind for view in judged]
    if facts.activity == "review" and "review" in kinds:
        return kinds.index("review")
    if facts.activity in ("recording", "practice", "review"):
        return kinds.index("run")
    if facts.activity == "idle":
        return kinds.index("connect")
    for wanted in (facts.running, choices.opened):
        if wanted in kinds:
            return kinds.index(wanted)
    first = (
        index
        for index, view in enumerate(judged)
        if view.state not in ("done", "skipped")
    )
    return next(first)


def _of(step: Step, verdicts: Sequence[PhaseVerdict]) -> PhaseVerdict | None:
    """Return the verdict on the last try of a step."""
    return next(
        (
            own
            for own in reversed(verdicts)
            if (own.phase, own.target) == (step.kind, step.target)
        ),
        None,
    )


def _good(kind: PhaseKind, verdicts: Sequence[PhaseVerdict]) -> int:
    return sum(own.phase == kind and own.light != "red" for own in verdicts)


def _counting(gate: Gate, verdicts: Sequence[PhaseVerdict]) -> list[PhaseVerdict]:
    """Return the verdicts that make a gate's: of repeated phases the newest that count.

    A red try stands until as many good ones as are needed stand in for it.
    """
    found: list[PhaseVerdict] = []
    for kind in dict.fromkeys(step.kind for step in gate.steps):
        steps = [step for step in gate.steps if step.kind == kind]
        if kind not in REPEATED:
            found += [own for step in steps if (own := _of(step, verdicts)) is not None]
            continue
        tries = [own for own in verdicts if own.phase == kind]
        good = [own for own in tries if own.light != "red"]
        found += (
            good[-len(steps) :] if len(good) >= len(steps) else tries[-len(steps) :]
        )
    return found
