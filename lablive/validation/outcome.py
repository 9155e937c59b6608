"""What the comparison with one recorded set found: errors, goals, verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats

Verdict = Literal["pass", "short", "info"]

_LIMITS = 1.96  # standard deviations: 95 % limits of agreement


class Goal(NamedTuple):
    """One line of the error budget.

    Attributes
    ----------
    what, wanted, seen
        In words and figures with their unit.
    verdict
        ``info``: nobody set a goal.
    """

    what: str
    wanted: str
    seen: str
    verdict: Verdict


def at_most(what: str, seen: float, limit: float, unit: str, digits: int = 1) -> Goal:
    """Return a goal for a size that must not exceed a limit; NaN falls short."""
    good = abs(seen) <= limit
    return Goal(
        what, f"<= {limit:g} {unit}", f"{seen:.{digits}f} {unit}", _verdict(good)
    )


def near(
    what: str, seen: float, wanted: float, tolerance: float, unit: str, digits: int = 1
) -> Goal:
    """Return a goal for a value that is known."""
    good = abs(seen - wanted) <= tolerance
    asked = f"{wanted:.{digits}f} ± {tolerance:.{digits}f} {unit}"
    return Goal(what, asked, f"{seen:.{digits}f} {unit}", _verdict(good))


def exactly(what: str, seen: int, wanted: int) -> Goal:
    """Return a goal for a count that is known."""
    return Goal(what, str(wanted), str(seen), _verdict(seen == wanted))


def at_least(what: str, seen: int, wanted: int) -> Goal:
    """Return a goal for a count that must be reached."""
    return Goal(what, f">= {wanted}", str(seen), _verdict(seen >= wanted))


def told(what: str, seen: str) -> Goal:
    """Return a line that informs: no goal was set."""
    return Goal(what, "-", seen, "info")


def _verdict(good: bool) -> Verdict:
    return "pass" if good else "short"


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Ours less the truth, one value per event or stride.

    Attributes
    ----------
    what, unit
        What was compared, and the unit of ``error``.
    error
        Shape (n,).
    at
        What the errors are drawn over, shape (n,): the mean of both values
        (Bland-Altman) or the time.
    over
        What ``at`` is, in words, with its unit.
    missed, extra
        Events of the truth that we lack, and events of ours that it lacks; None where
        nothing can be missed.
    """

    what: str
    unit: str
    error: Floats
    at: Floats
    over: str
    missed: int | None = None
    extra: int | None = None

    @property
    def n(self) -> int:
        """How many values were compared."""
        return len(self.error)

    @property
    def median(self) -> float:
        """Median error; NaN without any."""
        return float(np.median(self.error)) if self.n else np.nan

    @property
    def p95(self) -> float:
        """Size that 95 % of the errors stay within; NaN without any."""
        return float(np.percentile(np.abs(self.error), 95)) if self.n else np.nan

    @property
    def spread95(self) -> float:
        """The same about the median."""
        if not self.n:
            return np.nan
        return float(np.percentile(np.abs(self.error - self.median), 95))

    @property
    def rms(self) -> float:
        """Root mean square error; NaN without any."""
        return float(np.sqrt(np.mean(self.error**2))) if self.n else np.nan

    @property
    def mean(self) -> float:
        """Mean error; NaN without any."""
        return float(self.error.mean()) if self.n else np.nan

    @property
    def limits(self) -> tuple[float, float]:
        """95 % limits of agreement: mean less and plus 1.96 SD; NaN below two."""
        if self.n < 2:
            return np.nan, np.nan
        half = _LIMITS * float(self.error.std(ddof=1))
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one set showed.

    Attributes
    ----------
    truth
        What it was compared with, and at which threshold.
    ours
        Which part of LabLive spoke, and at which threshold.
    errors, goals
        The figures, and what was asked of them.
    notes
        What a reader must know, also where we are worse than hoped.
    """

    truth: str
    ours: str
    errors: tuple[Errors, ...]
    goals: tuple[Goal, ...]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One set in the report: what it showed, or why it was not run.

    Attributes
    ----------
    name, title
        Key on the command line, and the heading.
    folder
        Where in the data it lies.
    outcome
        None when it was not run.
    absent
        Why it was not run: what is not there.
    failed
        Why it could not be read although it is there.
    """

    name: str
    title: str
    folder: str
    outcome: Outcome | None
    absent: str = ""
    failed: str = ""

    @property
    def short(self) -> tuple[Goal, ...]:
        """Goals that were missed."""
        goals = self.outcome.goals if self.outcome else ()
        return tuple(goal for goal in goals if goal.verdict == "short")
