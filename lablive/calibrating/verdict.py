"""What became of each phase: green, amber or red, with cause and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.calibrating.phases import PhaseKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.calibrating.phases import Phase

Light = Literal["green", "amber", "red"]
NOTHING: Final = "Nothing that this phase is for is connected."


class PhaseVerdict(msgspec.Struct, frozen=True):
    """One phase and what it was good for.

    Attributes
    ----------
    phase, target, t0_s, t1_s
        Which phase, and when on the clock of the trial.
    title
        The phase as a person says it.
    light
        Green: all of it counts. Amber: some of it counts, or with a caution. Red:
        nothing does.
    made
        What was found, in words with numbers.
    problems
        What does not count: cause and remedy.
    notes
        What to know about what counts.
    """

    phase: PhaseKind
    target: str
    t0_s: float
    t1_s: float
    title: str
    light: Light
    made: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Ledger:
    """Collects what every phase was good for, in any order."""

    def __init__(self) -> None:
        self._made: dict[Phase, list[str]] = {}
        self._problems: dict[Phase, list[str]] = {}
        self._notes: dict[Phase, list[str]] = {}

    def made(self, phase: Phase, what: str) -> None:
        """Note something a phase gave."""
        _append(self._made, phase, what)

    def problem(self, phase: Phase, *texts: str) -> None:
        """Note what of a phase does not count, with cause and remedy."""
        for text in texts:
            _append(self._problems, phase, text)

    def note(self, phase: Phase, text: str) -> None:
        """Note something to know about what counts."""
        _append(self._notes, phase, text)

    def has_problem(self, phase: Phase) -> bool:
        """Tell whether something of a phase does not count so far."""
        return phase in self._problems

    def take(self, other: Ledger) -> None:
        """Add what another ledger holds."""
        for own, more in (
            (self._made, other._made),
            (self._problems, other._problems),
            (self._notes, other._notes),
        ):
            for phase, texts in more.items():
                for text in texts:
                    _append(own, phase, text)

    def verdict(self, phase: Phase) -> PhaseVerdict:
        """Return what became of one phase."""
        made = tuple(self._made.get(phase, ()))
        notes = tuple(self._notes.get(phase, ()))
        problems = tuple(self._problems.get(phase, ()))
        if not made and not notes and not problems:
            problems = (NOTHING,)
        light: Light = "green"
        if problems and not made:
            light = "red"
        elif problems or notes:
            light = "amber"
        return PhaseVerdict(
            phase.kind, phase.target, phase.t0_s, phase.t1_s,
            phase.title, light, made, problems, notes,
        )  # fmt: skip

    def verdicts(self, phases: Iterable[Phase]) -> tuple[PhaseVerdict, ...]:
        """Return what became of several phases, in their order."""
        return tuple(self.verdict(phase) for phase in phases)


def worked(verdicts: Sequence[PhaseVerdict]) -> bool:
    """Tell whether any phase was good for anything."""
    return any(verdict.made for verdict in verdicts)


def _append(where: dict[Phase, list[str]], phase: Phase, text: str) -> None:
    texts = where.setdefault(phase, [])
    if text not in texts:
        texts.append(text)
