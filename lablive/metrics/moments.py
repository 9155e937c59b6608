"""Instants of a stride by which metrics read their curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from lablive.metrics.shared import NotMeasuredError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.strides import Stride

Phase = Literal["stride", "stance", "swing"]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """An instant of every stride: at a share of a phase, and so much later.

    Metrics name theirs once; they are told apart by identity, which is quick.
    """

    phase: Phase
    share: float
    later_s: float = 0.0


def stance_part(begin: float, end: float) -> tuple[Moment, Moment]:
    """Return a part of stance, 0 to 1."""
    return Moment("stance", begin), Moment("stance", end)


CONTACT: Final = Moment("stride", 0.0)
TOE_OFF: Final = Moment("stance", 1.0)
NEXT_CONTACT: Final = Moment("stride", 1.0)
STRIDE: Final = CONTACT, NEXT_CONTACT
STANCE: Final = CONTACT, TOE_OFF
SWING: Final = TOE_OFF, NEXT_CONTACT

# looked up all at once in several strides; others one by one
_OFTEN: Final = (*SWING, CONTACT)


class Times:
    """When the moments of some strides are.

    Parameters
    ----------
    strides
        In time order.

    Attributes
    ----------
    ic_s, to_s, next_ic_s
        Numbers of a stride alone, else of shape (strides,); ``to_s`` is None when
        no toe-off was seen.
    table
        Of several strides: times of moments that many curves are read at, shape
        (moments, strides).
    """

    def __init__(self, strides: Sequence[Stride]) -> None:
        ends = [(it.ic_s, it.to_s, it.next_ic_s) for it in strides]
        self._at_s: dict[Moment, Any] = {}
        self._number: dict[Moment, int] = {}
        if len(ends) == 1:
            self.ic_s, self.to_s, self.next_ic_s = ends[0]
            return
        self.ic_s, to_s, self.next_ic_s = np.array(ends, np.float64).T.copy()
        self.to_s = None if np.isnan(to_s).any() else to_s
        often = [it for it in _OFTEN if self.to_s is not None or it.phase == "stride"]
        self._number = {moment: at for at, moment in enumerate(often)}
        self.table = np.array([self.of(it) for it in often])

    def number(self, when: Moment | Any) -> int | None:
        """Return the place in :attr:`table`, None when it is not there."""
        return self._number.get(when) if isinstance(when, Moment) else None

    def of(self, when: Moment | Any) -> Any:
        """Return the time of a moment in every stride, in s; times as they are.

        Raises
        ------
        NotMeasuredError
            No toe-off was seen.
        """
        if not isinstance(when, Moment):
            return when
        known = self._at_s.get(when)
        if known is None:
            known = self._at_s[when] = self._of(when)
        return known

    def _of(self, when: Moment) -> Any:
        to_s = self.ic_s if when.phase == "stride" else self.to_s
        if to_s is None:
            raise NotMeasuredError("no toe-off was seen")
        begin_s = to_s if when.phase == "swing" else self.ic_s
        end_s = to_s if when.phase == "stance" else self.next_ic_s
        if when.share == 0.0:
            at_s = begin_s
        elif when.share == 1.0:
            at_s = end_s
        else:
            at_s = begin_s + when.share * (end_s - begin_s)
        return at_s + when.later_s if when.later_s else at_s
