"""What a metric is: a pure function of one stride or of a sample of strides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.gait.strides import Stride
    from lablive.messages import Floats
    from lablive.metrics.summary import Sample

Skill = Literal["temporal", "sagittal", "spine", "landing", "reach", "drive"]
Direction = Literal["information", "lower is better", "higher is better", "in a band"]
Need = Literal[
    "two feet",
    "one kind of sensor",
    "force",
    "body weight",
    "cells",
    "belt speed",
    "leg length",
    "running",
    "walking",
    "20 strides",
    "50 strides",
    "standing",
]
StatKey = Literal["left", "right", "both"]
NAN: Final = float("nan")


class Stat(msgspec.Struct, frozen=True):
    """One number and what it stands on; NaN (JSON null) where there is none."""

    median: float = NAN
    mean: float = NAN
    sd: float = NAN
    n: int = 0
    n_total: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StrideForce:
    """Force of one foot over a stride, the zero taken off.

    Attributes
    ----------
    t_s, force
        Rows from initial contact to the next, shape (rows,), N or counts.
    weight
        Body weight in the same unit as the contacts were found with.
    """

    t_s: Floats
    force: Floats
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class StridePressure:
    """Centre of pressure of one foot over a stance.

    Attributes
    ----------
    t_s, xy
        Rows of the stance, shapes (rows,) and (rows, 2): x medial +0.5, y toe 1; NaN
        where the force is too small.
    load
        Force on the cells, shape (rows,), the zero taken off.
    least_load
        Below this the first contact does not count (0.1 body weights).
    line
        The same path at 0 to 100 % of stance, shape (101, 2).
    """

    t_s: Floats
    xy: Floats
    load: Floats
    least_load: float
    line: Floats


@dataclass(frozen=True, slots=True, eq=False)
class StrideData:
    """All that a stride's metrics may look at; None or NaN = not measured."""

    stride: Stride
    force: StrideForce | None = None
    pressure: StridePressure | None = None
    speed_mps: float = NAN
    leg_length_m: float = NAN


class Found(msgspec.Struct, frozen=True):
    """Result of a metric over a sample: a number per side, and what to say."""

    stats: dict[StatKey, Stat] = {}
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One line of the metric reference, section 10.

    Attributes
    ----------
    id, label, unit, skill
        Name, words for people, unit, which of the five skills (or temporal).
    sensors
        Kinds of sensor it can come from.
    direction
        Where better lies.
    grade, contested
        Evidence grade of the quantity ("" for plain information); disputed or not.
    citation
        Section and sources of the metric reference.
    needs
        What must be there, in the order in which a person would look for it.
    of_stride
        Pure function of one stride; NaN = not measured.
    of_sample
        Pure function of a sample of strides, for what no single stride has.
    per_weight
        ``of_stride`` returns force; the summary divides it by body weight.
    on_belt
        Needs the belt speed, which is looked up when strides are summarised.
    window
        Strides per side on a live tile.
    """

    id: str
    label: str
    unit: str
    skill: Skill
    sensors: tuple[str, ...]
    direction: Direction
    citation: str
    grade: str = ""
    contested: bool = False
    needs: tuple[Need, ...] = ()
    of_stride: Callable[[StrideData], float] | None = None
    of_sample: Callable[[Sample], Found] | None = None
    per_weight: bool = False
    on_belt: bool = False
    window: int = 10


def stride_metric(
    **about: Any,
) -> Callable[[Callable[[StrideData], float]], Metric]:
    """Make a metric of a function of one stride; the function's name is its id.

    Parameters
    ----------
    **about
        Fields of :class:`Metric`.
    """

    def make(function: Callable[[StrideData], float]) -> Metric:
        return Metric(id=function.__name__, of_stride=function, **about)

    return make


def sample_metric(
    **about: Any,
) -> Callable[[Callable[[Sample], Found]], Metric]:
    """Make a metric of a function of many strides; the function's name is its id.

    Parameters
    ----------
    **about
        Fields of :class:`Metric`.
    """

    def make(function: Callable[[Sample], Found]) -> Metric:
        return Metric(id=function.__name__, of_sample=function, **about)

    return make
