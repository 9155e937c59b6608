"""A person's own footfalls in a baseline minute: what later ones are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.errors import CalibrationError
from lablive.names import SIDES, Side
from lablive.signals.level_meter import Weighting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.messages import Floats

_BASELINE_STEPS: Final = 20  # per side


class SoundBaseline(msgspec.Struct, frozen=True):
    """Median footfalls of a person's baseline minute; dated, never overwritten.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    person, microphone
        Pseudonymous code; where the microphone stands.
    speed_mps
        Speed of the belt.
    weighting, unit
        The one weighting kept for this person; unit of the level rows.
    left_db, right_db
        Median exposure level of each foot.
    left_n, right_n
        Footfalls behind them.
    """

    made_at: str
    person: str
    microphone: str
    speed_mps: float
    weighting: Weighting
    unit: str
    left_db: float
    right_db: float
    left_n: int
    right_n: int

    def relative_db(self, sel_db: float, side: Side) -> float:
        """Return a footfall against the same foot's baseline: negative = quieter."""
        return sel_db - (self.left_db if side == "left" else self.right_db)


def sound_baseline(
    sel_db: Mapping[Side, Sequence[float]],
    *,
    made_at: str,
    person: str,
    microphone: str,
    speed_mps: float,
    weighting: Weighting,
    unit: str,
) -> SoundBaseline:
    """Take the footfalls of the baseline minute as what later ones are compared with.

    Parameters
    ----------
    sel_db
        Exposure levels of every footfall of each foot, NaN = not measured.
    made_at, person, microphone, speed_mps, weighting, unit
        As in :class:`SoundBaseline`.

    Raises
    ------
    CalibrationError
        Fewer than 20 measured footfalls of a foot.
    """
    measured: dict[Side, Floats] = {}
    for side in SIDES:
        levels = np.array(sel_db.get(side, ()), float)
        measured[side] = levels[np.isfinite(levels)]
        if len(measured[side]) < _BASELINE_STEPS:
            raise CalibrationError(
                f"The sound baseline has {len(measured[side])} measured footfalls of "
                f"the {side} foot, {_BASELINE_STEPS} are needed.",
                still="Levels are shown without a comparison.",
                todo="Run one minute at test speed; if footfalls drown in the noise of "
                "the belt, bring the microphone closer.",
            )
    return SoundBaseline(
        made_at=made_at,
        person=person,
        microphone=microphone,
        speed_mps=speed_mps,
        weighting=weighting,
        unit=unit,
        left_db=float(np.median(measured["left"])),
        right_db=float(np.median(measured["right"])),
        left_n=len(measured["left"]),
        right_n=len(measured["right"]),
    )


def left_right_db(left_db: Sequence[float], right_db: Sequence[float]) -> float:
    """Return the right foot's median level minus the left's; NaN without one.

    Only a microphone on the centre line of the belt can tell: one at the side hears
    the near foot louder.
    """
    left, right = (np.array(side, float) for side in (left_db, right_db))
    left, right = left[np.isfinite(left)], right[np.isfinite(right)]
    if not len(left) or not len(right):
        return float("nan")
    return float(np.median(right) - np.median(left))
