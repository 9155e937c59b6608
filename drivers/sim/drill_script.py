"""Sets of every drill, done well or with mistakes, with the truth beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.sim.drill_acting import (
    BEGIN_S,
    END_S,
    Manner,
    Performed,
)
from drivers.sim.drill_flight import InFlight
from drivers.sim.drill_ground import OnGround
from lablive.drills.marks import (
    SetMark,
    SetPlan,
    begin_markers,
    end_marker,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.drills.marks import Reference
    from lablive.drills.plan import Drill, Leg


def perform(
    drill: Drill,
    leg: Leg,
    mistakes: Mapping[int, str] | None = None,
    manner: Manner = Manner(),  # noqa: B008 - frozen
    *,
    begin_s: float = BEGIN_S,
    reference: dict[str, Reference] | None = None,
    reps: int = 0,
) -> Performed:
    """Return a set of a drill from second 0, the runner standing at first.

    Parameters
    ----------
    drill, leg
        What is done.
    mistakes
        Number of a repetition -> fault, or ``gap``: rows are missing in its flight.
    manner
        How.
    begin_s
        When the set begins.
    reference
        Earlier first sets, into the set's plan.
    reps
        How many, 0 = as planned.
    """
    return _Acting(drill, leg, dict(mistakes or {}), manner, begin_s, reps).all(
        SetPlan(drill, reference or {})
    )


class _Acting(OnGround, InFlight):
    def all(self, plan: SetPlan) -> Performed:
        movement = self.drill.movement
        acts = {
            "hops": self._hops,
            "jumps": self._jumps,
            "bounds": self._bounds,
            "swings": self._swings,
            "bends": self._bends,
            "holds": self._holds,
        }
        end_s = acts[movement]() if movement in acts else self._stands_only()
        mark = SetMark(plan, self.leg, self.begin_s)
        self.done.markers = [
            *begin_markers(plan, self.leg, self.begin_s),
            *self.marks,
            end_marker(mark, end_s),
        ]
        self.ex.end_s = end_s + END_S
        return self.done
