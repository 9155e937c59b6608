"""Body-weight calibration from live rows: zero with feet in the air, then a stand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.errors import CalibrationError
from lablive.messages import Chunk
from lablive.signals.calibration import Calibration, Stretch, calibrate
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lablive.messages import Gap
    from lablive.names import Side
    from lablive.signals.binding import Binding

Step = Literal["unloaded", "two_leg"]
STEP_S: Final[dict[Step, float]] = {"unloaded": 2.0, "two_leg": 6.0}


class Weighing:
    """Collect the rows of one step after the other, then calibrate.

    Parameters
    ----------
    binding
        Where the insoles are.

    Raises
    ------
    CalibrationError
        When there is no insole.
    """

    def __init__(self, binding: Binding) -> None:
        self._feet = feet(binding)
        if not self._feet:
            raise CalibrationError(
                "No insole is connected, so there is nothing to weigh with.",
                todo="Connect the insoles first.",
            )
        self._done: dict[Step, dict[Side, Stretch]] = {}
        self._rows: dict[int, list[Chunk]] = {}
        self._step: Step | None = None
        self._from_s = float("inf")

    @property
    def step(self) -> Step | None:
        """The step whose rows are being collected."""
        return self._step

    @property
    def collecting(self) -> bool:
        """Whether a step is under way."""
        return self._step is not None

    @property
    def done(self) -> tuple[Step, ...]:
        """Steps that are finished."""
        return tuple(self._done)

    def fits(self, binding: Binding) -> bool:
        """Whether the finished steps hold for the insoles of a newer binding."""
        found = feet(binding)
        return found.keys() == self._feet.keys() and all(
            (foot.force.stream, foot.force.role) == (own.force.stream, own.force.role)
            and np.array_equal(foot.force.columns, own.force.columns)
            for foot, own in ((found[side], own) for side, own in self._feet.items())
        )

    def begin(self, step: Step) -> None:
        """Collect from the next row on; an earlier try of this step is replaced."""
        self._step, self._rows, self._from_s = step, {}, float("inf")
        self._done.pop(step, None)

    def feed(self, items: Iterable[Chunk | Gap]) -> float:
        """Take live rows; return how much of the step is done, 0 to 1."""
        if self._step is None:
            return 0.0
        wanted = {foot.force.stream for foot in self._feet.values()}
        for item in items:
            if isinstance(item, Chunk) and item.stream in wanted and len(item):
                self._rows.setdefault(item.stream, []).append(item)
                self._from_s = min(self._from_s, float(item.t_s[0]))
        ends = [float(rows[-1].t_s[-1]) for rows in self._rows.values()]
        if len(ends) < len(wanted):
            return 0.0
        share = (min(ends) - self._from_s) / STEP_S[self._step]
        if share >= 1.0:
            self._finish(self._step)
        return min(share, 1.0)

    def _finish(self, step: Step) -> None:
        self._done[step] = {
            side: Stretch(
                np.concatenate([c.t_s for c in self._rows[foot.force.stream]]),
                np.concatenate([c.x for c in self._rows[foot.force.stream]]),
            )
            for side, foot in self._feet.items()
        }
        self._step = None

    def result(self, mass_kg: float | None, person: str) -> Calibration:
        """Return the calibration of the finished steps.

        Raises
        ------
        CalibrationError
            With the cause and the step to repeat.
        """
        none: Mapping[Side, Stretch] = {}
        return calibrate(
            self._feet,
            self._done.get("two_leg", none),
            mass_kg=mass_kg,
            made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            person=person,
            unloaded=self._done.get("unloaded"),
        )
