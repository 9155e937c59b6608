"""Every metric by its id, in the order of the metric reference, section 10."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lablive.metrics import (
    drive,
    foot_line,
    footfall,
    impact,
    landing,
    muscles,
    reach,
    rhythm,
    sagittal,
    spine,
    spring_mass,
    temporal,
)
from lablive.metrics.reasons import placed
from lablive.metrics.record import StrideRecord
from lablive.metrics.shared import ApartError, NotMeasuredError
from lablive.metrics.stack import stacked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from lablive.gait.contacts import ContactSide
    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Metric, Skill, StrideData
    from lablive.metrics.stack import StrideStack

    _One = tuple[StrideData, dict[str, float], dict[str, str]]
    Curves = tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]

_ROOMS: Final = (
    temporal,
    rhythm,
    sagittal,
    foot_line,
    spine,
    landing,
    impact,
    spring_mass,
    footfall,
    reach,
    drive,
    muscles,
)
METRICS: Final[dict[str, Metric]] = {
    metric.id: metric for room in _ROOMS for metric in room.METRICS
}
# what only other metrics are made of: measured in every stride, never shown
PARTS: Final[dict[str, Metric]] = {
    metric.id: metric
    for room in (spine, impact, spring_mass, footfall, drive, muscles)
    for metric in room.PARTS
}
# what a person's own baseline is taken of, for metrics that are held against it
HELD_AGAINST: Final = (temporal.cadence_spm, footfall.footfall_sel_db)
TILES: Final = tuple(
    metric.id for room in (temporal, landing) for metric in room.METRICS
)
WINDOWS: Final = tuple(sorted({metric.window for metric in METRICS.values()}))
# what stands for a skill on the board of the screen: the first that is measured
LEADS: Final[dict[Skill, tuple[str, ...]]] = {
    "sagittal": ("pelvic_drop_deg", "trunk_side_lean_deg", "foot_progression_deg"),
    "spine": ("pelvic_tilt_rel_deg", "trunk_lean_deg", "spine_flexion_deg"),
    "landing": ("footfall_rel_db", "tibial_shock_g", "peak_force_bw"),
    "reach": ("shank_angle_ic_deg", "foot_ahead_leg", "knee_flexion_ic_deg"),
    "drive": ("thigh_pendulum_ratio", "hip_extension_to_deg", "toe_last_pct"),
}
_SIDES: Final[tuple[ContactSide, ...]] = ("left", "right", "unknown")
_AT_ONCE: Final = {
    side: tuple(
        (metric, frozenset(placed(signal, side) for signal in metric.signals))
        for metric in (*METRICS.values(), *PARTS.values())
        if metric.of_stride is not None and not metric.on_belt
    )
    for side in _SIDES
}


def stride_records(
    strides: Sequence[StrideData], curves: Sequence[Curves] | None = None
) -> list[StrideRecord]:
    """Return strides with every metric that their own rows can give.

    Metrics that need the belt speed come later, when strides are summarised. No
    stride's values depend on the strides it comes with.

    Parameters
    ----------
    strides
        In time order per side.
    curves
        Force curve and gait line of each, as in
        :class:`lablive.metrics.summary.StrideRecord`.
    """
    drawn = curves or [(None, None)] * len(strides)
    found: dict[int, StrideRecord] = {}
    for numbers, stack in stacked(strides):
        every = zip(numbers, stack.members, _measured(stack), strict=True)
        for number, data, (values, lacks) in every:
            found[number] = StrideRecord(
                data.stride, values, *drawn[number], lacks, _notes(data)
            )
    return [found[number] for number in range(len(strides))]


def record_of(data: StrideData, metrics: Sequence[Metric]) -> StrideRecord:
    """Return a stride with a few metrics only."""
    values, lacks = dict[str, float](), dict(data.lacks)
    for metric in metrics:
        _measure(metric, data, values, lacks)
    return StrideRecord(data.stride, values, lacks=lacks, notes=_notes(data))


def stride_record(data: StrideData) -> StrideRecord:
    """Return :func:`stride_records` of one stride."""
    (record,) = stride_records((data,))
    return record


def _measured(stack: StrideStack) -> list[tuple[dict[str, float], dict[str, str]]]:
    """Return the values of each stride, and why it has not the others."""
    about = stack.about
    have = (*about.segments, *about.emg, *(("sound",) if about.sound else ()))
    metrics = _measurable(stack.side, frozenset(have))
    every = [(it, dict[str, float](), dict(it.lacks)) for it in stack.members]
    for metric in metrics:
        if metric.of_stack is None or len(every) == 1:
            for one in every:
                _measure(metric, *one)
        else:
            _measure_all(metric, metric.of_stack, stack, every)
    return [(values, lacks) for _, values, lacks in every]


@lru_cache(maxsize=64)
def _measurable(side: ContactSide, have: frozenset[str]) -> tuple[Metric, ...]:
    """Return the metrics of one stride that these signals allow."""
    return tuple(metric for metric, wanted in _AT_ONCE[side] if wanted <= have)


def _measure_all(
    metric: Metric,
    of_stack: Callable[[StrideStack], PerStride],
    stack: StrideStack,
    every: list[_One],
) -> None:
    """Add a metric of strides that are alike, or why they have none."""
    try:
        found = of_stack(stack).tolist()
    except NotMeasuredError as refusal:
        for _, _, lacks in every:
            lacks[metric.id] = str(refusal)
    except ApartError:
        for one in every:
            _measure(metric, *one)
    else:
        for value, (_, values, _) in zip(found, every, strict=True):
            if value == value:
                values[metric.id] = value


def _measure(
    metric: Metric, data: StrideData, values: dict[str, float], lacks: dict[str, str]
) -> None:
    """Add a metric of one stride, or why it has none."""
    if metric.of_stride is not None:
        try:
            value = metric.of_stride(data)
        except NotMeasuredError as refusal:
            lacks[metric.id] = str(refusal)
        else:
            if value == value:
                values[metric.id] = value


def measure(data: StrideData) -> dict[str, float]:
    """Return the values of :func:`stride_record` alone."""
    return dict(stride_record(data).values)


def _notes(data: StrideData) -> dict[str, str]:
    """Return what a reader of each signal's values must know."""
    notes = {site: rows.note for site, rows in data.segments.items() if rows.note}
    for muscle, activity in data.emg.items():
        told = [*activity.flags, *([activity.note] if activity.note else [])]
        if told:
            name = muscle.rpartition("_")[0].replace("_", " ")
            notes[muscle] = f"{name}: {', '.join(told)}"
    return notes
