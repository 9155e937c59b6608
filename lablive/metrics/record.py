"""A stride with everything that was measured in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from lablive.gait.strides import Stride


@dataclass(frozen=True, slots=True, eq=False)
class StrideRecord:
    """A stride with what was measured in it.

    Attributes
    ----------
    stride
        Its contacts and whether it counts.
    values
        Metric id -> value; forces in the unit of the sensor, not yet per body weight.
    force_curve
        Force at 0 to 100 % of stance, the zero taken off, shape (101,), same unit;
        None when not measured.
    gait_line
        Centre of pressure at 0 to 100 % of stance, shape (101, 2).
    lacks
        Site, muscle and side, or ``sound`` -> why this stride has none of it; metric
        id -> why this stride cannot give it.
    notes
        Site, muscle and side -> what a reader of its values must know.
    highest
        Highest value of the sole's channels, where it stays for several rows; NaN =
        it does not, or nothing was measured.
    """

    stride: Stride
    values: Mapping[str, float]
    force_curve: NDArray[np.float32] | None = None
    gait_line: NDArray[np.float32] | None = None
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Mapping[str, str] = field(default_factory=dict[str, str])
    highest: float = NAN
