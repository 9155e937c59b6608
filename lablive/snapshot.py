"""What the screen shows at one moment: tiles, recent contacts, how good the data is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from lablive.gait.contacts import Contact, ContactSide
from lablive.gait.strides import Gait
from lablive.metrics.bands import Verdict
from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS, TILES
from lablive.metrics.summary import MetricValue
from lablive.protocol.baseline import Change
from lablive.steps import Steps, StepSound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lablive.metrics.bands import Bands
    from lablive.metrics.summary import Sample


class Wanted(NamedTuple):
    """What a screen asks for: what is not shown need not be worked out.

    Attributes
    ----------
    tiles
        Metrics with a number.
    steps
        Metrics with one number per step.
    sound
        Whether the footfalls are shown.
    """

    tiles: tuple[str, ...] = TILES
    steps: tuple[str, ...] = ()
    sound: bool = False


USUAL: Final = Wanted()


class Tile(msgspec.Struct, frozen=True):
    """One value of the last strides: label, numbers per side, colour per side."""

    label: str
    value: MetricValue
    verdicts: dict[StatKey, Verdict] = {}


class Snapshot(msgspec.Struct, frozen=True):
    """The state at one time, the same in live view and replay.

    Attributes
    ----------
    t_s
        What ended before it is in.
    gait
        Gait of the last stride; "unknown" when there was none for 3 s.
    speed_mps
        Belt speed, NaN when unknown.
    tiles
        Metric id -> median of the last strides per side.
    contacts
        Contacts of the last 10 s, in time order.
    last_stride_s
        When the newest stride of each side ended; a side without any is left out.
    strides_used, strides_expected
        Valid strides since the beginning, and how many the time holds.
    weight_note
        What a reader of the forces must know.
    changes
        Metric id -> side -> the last whole minute against the person's baseline, anew
        every 10 s; empty without a marked baseline.
    steps
        Metric id -> the last strides, one by one.
    sound
        The last footfalls, one by one; None = not asked for.
    """

    t_s: float
    gait: Gait = "unknown"
    speed_mps: float = NAN
    tiles: dict[str, Tile] = {}
    contacts: tuple[Contact, ...] = ()
    last_stride_s: dict[ContactSide, float] = {}
    strides_used: int = 0
    strides_expected: int = 0
    weight_note: str = ""
    changes: dict[str, dict[StatKey, Change]] = {}
    steps: dict[str, Steps] = {}
    sound: StepSound | None = None


def make_tiles(
    metric_ids: Iterable[str],
    samples: Mapping[int, Sample],
    bands: Bands,
    speed_mps: float,
) -> dict[str, Tile]:
    """Return metrics with their numbers and colours.

    Parameters
    ----------
    metric_ids
        Which.
    samples
        Number of strides per side -> the last so many (:attr:`Metric.window`).
    bands, speed_mps
        Colours, and the belt speed they depend on.
    """
    tiles: dict[str, Tile] = {}
    for metric in (METRICS[metric_id] for metric_id in metric_ids):
        sample = samples[metric.window]
        value = sample.summarise(metric)
        condition = bands.band[metric.id].poor_with
        also = sample.summarise(METRICS[condition.metric]) if condition else None
        verdicts = _verdicts(metric.id, value, bands, speed_mps, also)
        tiles[metric.id] = Tile(metric.label, value, verdicts)
    return tiles


def _verdicts(
    metric_id: str,
    value: MetricValue,
    bands: Bands,
    speed_mps: float,
    also: MetricValue | None,
) -> dict[StatKey, Verdict]:
    keys: tuple[StatKey, ...] = ("left", "right", "both")
    verdicts: dict[StatKey, Verdict] = {}
    for key in keys:
        other = also.stat(key).median if also is not None else NAN
        verdict = bands.judge(metric_id, value.stat(key).median, speed_mps, other)
        if verdict is not None:
            verdicts[key] = verdict
    return verdicts
