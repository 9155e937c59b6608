"""What a torture saw: how often it was done, and every promise that broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lablive.clock import now_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SHOWN = 20


@dataclass
class Seen:
    """Counts and broken promises, filled while a torture runs."""

    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def expect(self, holds: bool, case: object, what: str) -> None:
        """Note a broken promise with the case that repeats it."""
        if not holds:
            self.break_(case, what)

    def break_(self, case: object, what: str) -> None:
        self.counts["broken"] += 1
        if len(self.broken) < _SHOWN:
            self.broken.append(f"case {case}: {what}")


class Job(NamedTuple):
    """What a torture is given: how often, from which seed, where it may write.

    ``until_s`` (lab clock): no case is begun later; what was done counts.
    """

    count: int
    seed: int
    folder: Path
    first: int = 0
    until_s: float = float("inf")

    @property
    def cases(self) -> Iterator[int]:
        for case in range(self.first, self.first + self.count):
            if now_s() > self.until_s:
                return
            yield case


class Torture(NamedTuple):
    """A torture: what is done, what must hold, how often in tests and in full."""

    title: str
    must_hold: str
    run: Callable[[Job], Seen]
    short: int
    full: int
