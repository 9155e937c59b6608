"""What a metric is: a pure function of one stride or of a sample of strides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lablive.gait.strides import Stride
    from lablive.messages import Floats
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample
    from lablive.signals.emg_activation import Activation
    from lablive.signals.sound import Footfall

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
    "body mass",
    "body height",
    "cadence target",
]
StatKey = Literal["left", "right", "both"]
NAN: Final = float("nan")
_LEAST_REACH_S: Final = 0.3
_ROW_S: Final = 0.035  # of the slowest IMU that gives angles


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
    regions
        Load on heel, midfoot, forefoot and toes, shape (rows, 4); NaN = no cell
        there. None = the sole tells only where the centre lies.
    halves
        Load on the medial and the lateral cells, shape (rows, 2); NaN = no cell
        there. None as for ``regions``.
    """

    t_s: Floats
    xy: Floats
    load: Floats
    least_load: float
    line: Floats
    regions: Floats | None = None
    halves: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRows:
    """Orientation and movement of one body segment around a stride.

    Attributes
    ----------
    t_s
        Times, shape (rows,), from before the stride to after it by 0.3 s or half a
        stride, whichever is longer (:func:`reach_s`).
        Within the stride no hole is longer than 20 ms or one row.
    rotation
        Segment to world, shape (rows, 3, 3); its heading is arbitrary and drifts.
    rate_rps, acc_mps2
        Rates less the gyroscope's bias and specific force, segment axes, shape
        (rows, 3).
    rate_hz
        Rows per second, for filters.
    has_angles
        Whether forward and left are known.
    zeroed
        Whether standing is zero (``*_rel`` angles) and up and the gyroscope's bias are
        known; else the axes are the montage's and only ranges and changes mean
        something, or nobody's (:attr:`has_up`).
    settled
        Whether the inclination can be trusted in every row of the stride.
    note
        What a reader of its values must know, empty when nothing.
    """

    t_s: Floats
    rotation: Floats
    rate_rps: Floats
    acc_mps2: Floats
    rate_hz: float
    has_angles: bool = True
    zeroed: bool = True
    settled: bool = True
    note: str = ""

    @property
    def has_up(self) -> bool:
        """Whether the segment's own up is known, from a stand or from the montage.

        Without it only what no mounting changes can be told: acceleration along the
        world's vertical, and when a peak came.
        """
        return self.zeroed or self.has_angles


@dataclass(frozen=True, slots=True, eq=False)
class EmgStride:
    """Activity of one muscle in a stride of its own side.

    Attributes
    ----------
    activation
        Amplitudes in the unit of the channel.
    full
        What counts as 100 %, same unit; NaN = not known yet
        (``activation.in_percent(full)``).
    flags
        What is wrong with the channel (:class:`lablive.signals.emg_quality.EmgFlag`
        kinds) in the newest whole 10 s; empty = good.
    note
        What a reader of its values must know, empty when nothing.
    """

    activation: Activation
    full: float = NAN
    flags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SoundStride:
    """Sound of the footfall that begins a stride, in the three weightings.

    Attributes
    ----------
    a, c, z
        Exposure level, peak and how far they stand out of the noise.
    noise_db
        Level of the noise in A, C and Z; NaN = not known.
    latency_s
        Of the microphone, already taken into account.
    unit
        ``Pa^2``, or ``FS^2`` of a microphone that was not calibrated.
    """

    a: Footfall
    c: Footfall
    z: Footfall
    noise_db: tuple[float, float, float]
    latency_s: float
    unit: str

    @property
    def measurable(self) -> bool:
        """Whether the footfall stands out of the noise by 3 dB or more."""
        return self.a.quality in ("clear", "noise subtracted")


def reach_s(stride_s: float) -> float:
    """Return how far around a stride its rows must reach.

    0.3 s for filters; half a stride where the drift of a heading is taken off
    (:func:`lablive.signals.angles.stride_rotation_deg`), and one slow row.
    """
    return max(_LEAST_REACH_S, 0.5 * stride_s + _ROW_S)


@dataclass(frozen=True, slots=True, eq=False)
class StrideData:
    """All that a stride's metrics may look at; None or NaN = not measured.

    Attributes
    ----------
    stride
        Its contacts, with those of the other foot inside it.
    force, pressure
        Of the stride's own foot.
    segments
        Site -> its rows; a site without usable rows in this stride is left out.
    emg
        Muscle and side (``gluteus_maximus_left``) -> activity; muscles of the
        stride's own side.
    sound
        Of the initial contact.
    lacks
        Site, muscle and side, or ``sound`` -> why it is left out of this stride,
        for what the montage has: "no pelvis IMU rows in this stride".
    speed_mps, leg_length_m, mass_kg, height_m
        NaN when unknown.
    pelvic_neutral_deg
        Lowest and highest neutral pelvic tilt from standing; None = not shown.
    standing_medial_pct
        Medial load of the own foot in two-leg standing; NaN = not measured.
    memo
        What several metrics of this stride share (:mod:`lablive.metrics.shared`).
    """

    stride: Stride
    force: StrideForce | None = None
    pressure: StridePressure | None = None
    segments: Mapping[str, SegmentRows] = field(default_factory=dict[str, SegmentRows])
    emg: Mapping[str, EmgStride] = field(default_factory=dict[str, EmgStride])
    sound: SoundStride | None = None
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])
    speed_mps: float = NAN
    leg_length_m: float = NAN
    mass_kg: float = NAN
    height_m: float = NAN
    pelvic_neutral_deg: tuple[float, float] | None = None
    standing_medial_pct: float = NAN
    memo: dict[object, Any] = field(default_factory=dict[object, Any], repr=False)


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
        Pure function of one stride; NaN = not measured. It may say why by
        :class:`lablive.metrics.shared.NotMeasuredError`.
    of_stack
        The same for strides that are measured together, shape (strides,); ``of_stride``
        is then the stack of one. It may raise
        :class:`lablive.metrics.shared.ApartError` when only some have no value.
    of_sample
        Pure function of a sample of strides, for what no single stride has; it may
        say why not in the same way.
    per_weight
        ``of_stride`` returns force; the summary divides it by body weight.
    on_belt
        Needs the belt speed, which is looked up when strides are summarised.
    window
        Strides per side on a live tile.
    signals
        What a stride must bring besides force: sites (``pelvis``), sites and muscles
        of the stride's own side without it (``thigh``, ``gluteus_maximus``), sites of
        the other side (``other thigh``), ``sound``. Their absence is told in its note.
    made_of
        Metrics of one stride it is worked out from: why it has no number is why they
        have none.
    remark
        What a reader of a sample's numbers must know, empty when nothing.
    formula
        How it is computed, in one line.
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
    of_stack: Callable[[StrideStack], Floats] | None = None
    of_sample: Callable[[Sample], Found] | None = None
    per_weight: bool = False
    on_belt: bool = False
    window: int = 10
    signals: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    remark: Callable[[Sample], str] | None = None
    formula: str = ""


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
        told: dict[str, Any] = {
            "id": function.__name__,
            "formula": first_line(function),
        }
        return Metric(of_stride=function, **(told | about))

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
        told: dict[str, Any] = {
            "id": function.__name__,
            "formula": first_line(function),
        }
        return Metric(of_sample=function, **(told | about))

    return make


def first_line(function: Callable[..., object]) -> str:
    """Return a function's summary as a noun, without its full stop."""
    line = (function.__doc__ or "").partition("\n")[0].removesuffix(".")
    line = line.removeprefix("Return ")
    return line[:1].upper() + line[1:]
