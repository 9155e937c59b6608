"""Every metric by its id, in the order of the metric reference, section 10."""

from __future__ import annotations

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
from lablive.metrics.shared import NotMeasuredError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lablive.gait.contacts import ContactSide
    from lablive.metrics.metric import Metric, StrideData

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
WINDOWS: Final = tuple(sorted({METRICS[metric_id].window for metric_id in TILES}))
_SIDES: Final[tuple[ContactSide, ...]] = ("left", "right", "unknown")
_AT_ONCE: Final = {
    side: tuple(
        (metric, frozenset(placed(signal, side) for signal in metric.signals))
        for metric in (*METRICS.values(), *PARTS.values())
        if metric.of_stride is not None and not metric.on_belt
    )
    for side in _SIDES
}


def stride_record(
    data: StrideData,
    force_curve: NDArray[np.float32] | None = None,
    gait_line: NDArray[np.float32] | None = None,
) -> StrideRecord:
    """Return a stride with every metric that its own rows can give.

    Metrics that need the belt speed come later, when strides are summarised.

    Parameters
    ----------
    data
        The stride.
    force_curve, gait_line
        As in :class:`lablive.metrics.summary.StrideRecord`.
    """
    values: dict[str, float] = {}
    lacks = dict(data.lacks)
    have = {*data.segments, *data.emg, *(("sound",) if data.sound else ())}
    for metric, wanted in _AT_ONCE[data.stride.side]:
        if wanted <= have and metric.of_stride is not None:
            try:
                value = metric.of_stride(data)
            except NotMeasuredError as refusal:
                lacks[metric.id] = str(refusal)
            else:
                if value == value:
                    values[metric.id] = value
    return StrideRecord(
        data.stride, values, force_curve, gait_line, lacks, _notes(data)
    )


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
