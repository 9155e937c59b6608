"""What the pipeline asks of every signal that is measured in strides."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import Contact
    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.metrics.metric import EmgStride, SegmentRows, SoundStride

T = TypeVar("T")
_LONG_ROWS: Final = 8192  # so many are worked through without being asked for


@dataclass(slots=True, eq=False)
class Seen:
    """What the lanes know of one stride; see :class:`lablive.metrics.StrideData`.

    ``worn``: site -> how its sensor lies against gravity, "" = as described.
    """

    segments: dict[str, SegmentRows] = field(default_factory=dict["str", "SegmentRows"])
    emg: dict[str, EmgStride] = field(default_factory=dict["str", "EmgStride"])
    sound: SoundStride | None = None
    lacks: dict[str, str] = field(default_factory=dict[str, str])
    worn: dict[str, str] = field(default_factory=dict[str, str])


class SignalLane(Protocol):
    """One sensor from its rows to strides.

    Attributes
    ----------
    stream
        Where its rows come from; None = it can tell nothing, and says why.
    names
        Signals it brings, as metrics ask for them: ``pelvis``, ``sound``.
    """

    stream: int | None
    names: tuple[str, ...]

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows of its stream."""
        ...

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        ...

    def contact(self, contact: Contact) -> None:
        """Take the next contact of the feet, in time order."""
        ...

    def ready(self, stride: Stride) -> bool:
        """Tell whether everything a stride needs has come."""
        ...

    def look(self, strides: Sequence[tuple[Stride, Seen]]) -> None:
        """Add what each stride holds, or why it holds nothing; in time order.

        Strides of a file come many at once; what is said of each is the same as if it
        came alone.
        """
        ...

    def trim(self, before_s: float) -> None:
        """Give up what no stride that ends after ``before_s`` can need."""
        ...

    def early_s(self, stride: Stride, filter_hz: float) -> float:
        """Return until when rows must have come for an early look."""
        ...

    @property
    def reached_s(self) -> float:
        """Every row up to here has come, or never will."""
        ...

    def look_early(self, stride: Stride, glance: Glance, seen: Seen) -> None:
        """Do what :meth:`look` does, before the others; changes no later look."""
        ...


class Glance(NamedTuple):
    """What a look ahead of the others may use.

    Attributes
    ----------
    until_s
        Rows up to here.
    known_s
        What was learned from strides that ended up to here.
    """

    until_s: float
    known_s: float


class Learned(Generic[T]):
    """What a lane knew after each stride that it looked at."""

    def __init__(self) -> None:
        self._ends_s: list[float] = []
        self._known: list[T] = []

    def put(self, end_s: float, known: T) -> None:
        """Take what is known after a stride, in the order of their ends."""
        self._ends_s.append(end_s)
        self._known.append(known)

    def at(self, t_s: float) -> T | None:
        """Return what was known after the strides that ended up to a time."""
        n = bisect_right(self._ends_s, t_s)
        return self._known[n - 1] if n else None

    def trim(self, before_s: float) -> None:
        """Give up what was known before a time, but for the newest of it."""
        n = max(0, bisect_right(self._ends_s, before_s) - 1)
        del self._ends_s[:n], self._known[:n]


class Backlog:
    """Rows of one stream that wait to be worked through.

    Long pieces cost far less than many short ones, and no stage's result depends on
    the cut; so the work is put off until a stride asks for it.

    Attributes
    ----------
    reached_s
        Every row up to here has come, or never will.
    """

    def __init__(self) -> None:
        self.reached_s = -np.inf
        self._t: list[Floats] = []
        self._x: list[Values] = []
        self._rows = 0

    def append(self, t_s: Floats, x: Values) -> None:
        """Take rows, shapes (rows,) and (rows, channels)."""
        self._t.append(t_s)
        self._x.append(x)
        self._rows += len(t_s)
        self.reached_s = float(t_s[-1])

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self.reached_s = max(self.reached_s, t_s)

    @property
    def span_s(self) -> float:
        """From the first row that waits to the last."""
        return float(self._t[-1][-1] - self._t[0][0]) if self._rows else 0.0

    @property
    def long(self) -> bool:
        """Whether it should be worked through although nobody asked."""
        return self._rows > _LONG_ROWS

    def take(self) -> tuple[Floats, Values] | None:
        """Return all rows that wait, None when there are none."""
        if not self._rows:
            return None
        whole = len(self._t) == 1
        t = self._t[0] if whole else np.concatenate(self._t)
        x = self._x[0] if whole else np.concatenate(self._x)
        self._t, self._x, self._rows = [], [], 0
        return t, x

    def put_back(self, t_s: Floats, x: Values) -> None:
        """Let rows that were taken wait on, before any that come later."""
        self._t.insert(0, t_s)
        self._x.insert(0, x)
        self._rows += len(t_s)
