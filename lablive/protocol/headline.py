"""The numbers of a run that are read first: a short list for the review gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from lablive.metrics.metric import StatKey
    from lablive.pipeline import Pipeline


FIRST: Final = (
    "cadence_spm",
    "contact_time_ms",
    "contact_time_si_pct",
    "flight_time_ms",
    "peak_force_bw",
)
# named only where they were measured
ALSO: Final = (
    "footfall_sel_dba",
    "pelvic_drop_deg",
    "foot_strike_angle_deg",
    "trunk_lean_deg",
)


class Headline(msgspec.Struct, frozen=True):
    """One metric over the whole run.

    ``both`` is NaN without a number, ``why`` then says why. ``n`` valid strides of
    ``n_total``.
    """

    metric_id: str
    label: str
    unit: str
    both: float
    left: float
    right: float
    n: int
    n_total: int
    why: str = ""


def headlines(pipeline: Pipeline) -> tuple[Headline, ...]:
    """Return the medians over all strides of a run: timing, load, and what else is."""
    sample = pipeline.results.sample()
    found: list[Headline] = []
    for metric_id in (*FIRST, *ALSO):
        metric = METRICS[metric_id]
        value = sample.summarise(metric)
        key: StatKey = "both"
        both = value.stat(key)
        left, right = value.stat("left"), value.stat("right")
        if metric_id in ALSO and not both.n:
            continue
        found.append(
            Headline(
                metric.id,
                f"{metric.label[:1].upper()}{metric.label[1:]}",
                metric.unit,
                both.median,
                left.median,
                right.median,
                both.n,
                both.n_total,
                "" if both.n else value.note,
            )
        )
    return tuple(found)
