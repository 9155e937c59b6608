"""What the pipeline asks of every signal that is measured in strides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from lablive.gait.contacts import Contact
    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.metrics.metric import EmgStride, SegmentRows, SoundStride

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

    def look(self, stride: Stride, seen: Seen) -> None:
        """Add what the stride holds, or why it holds nothing; in time order."""
        ...

    def trim(self, before_s: float) -> None:
        """Give up what no stride that ends after ``before_s`` can need."""
        ...


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
