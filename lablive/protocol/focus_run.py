"""Focus runs: what this one asks for, what it brought, what a person has completed.

One skill a run, a minute more each time, feedback that fades (metric reference 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.feedback.schedule import PLANNED_RUNS, Schedule, faded_share
from lablive.metrics.metric import NAN
from lablive.metrics.registry import METRICS
from lablive.protocol.focus import (
    COUNTS_PCT,
    FocusRecord,
    focus_in_target_pct,
    focus_minutes_target,
    run_counts,
)
from lablive.protocol.phases import of_kind, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lablive.feedback.offers import Offers
    from lablive.messages import Floats, Marker
    from lablive.metrics.summary import Sample
    from lablive.protocol.pain import PainEntry
    from lablive.protocol.phases import Part
    from lablive.protocol.session import SessionStatistics

_MINUTE_S: Final = 60.0
_LEAST_WITH_RETENTION_MIN: Final = 2
_BEFORE_S: Final = 3600.0  # pain counts as before a focus for so long
_CADENCE: Final = "cadence_spm"
_SOUND: Final = "footfall_rel_db"


class FocusPlan(NamedTuple):
    """What the next run asks for.

    ``run`` counts from 0; ``share`` is how much of each minute has feedback;
    ``retention`` a last minute without any.
    """

    metric: str
    run: int
    minutes: int
    share: float
    retention: bool

    def schedule(self, begin_s: float) -> Schedule:
        """Return when there is feedback, from the begin of the focus on."""
        end_s = begin_s + _MINUTE_S * self.minutes
        return Schedule(self.share, begin_s, end_s, self.retention)


def focus_plan(
    metric: str, history: Iterable[FocusRecord], planned: int = PLANNED_RUNS
) -> FocusPlan:
    """Return the next focus run of a metric: 1 minute, and 1 more per completed run.

    Parameters
    ----------
    metric
        What the runner has in mind.
    history
        Focus runs so far, of any metric.
    planned
        Runs of the programme: all feedback in the first half, then less.
    """
    done = sum(it.counts for it in history if it.metric == metric)
    minutes = focus_minutes_target(done)
    share = faded_share(done, planned)
    retention = share < 1.0 and minutes >= _LEAST_WITH_RETENTION_MIN
    return FocusPlan(metric, done, minutes, share, retention)


def focus_records(
    sample: Sample,
    markers: Iterable[Marker],
    session: SessionStatistics,
    offers: Offers,
    pains: Sequence[PainEntry] = (),
) -> tuple[FocusRecord, ...]:
    """Return what the focus parts of a trial brought, in time order.

    Parameters
    ----------
    sample
        All strides.
    markers
        Of the trial.
    session
        Its baselines: some targets are in % of them.
    offers
        Targets of the metrics that can be fed back.
    pains
        Pain that was noted.
    """
    parts, _ = parts_of(markers)
    return tuple(
        _record(sample, part, session, offers, pains)
        for part in of_kind(parts, "focus")
    )


def _record(
    sample: Sample,
    part: Part,
    session: SessionStatistics,
    offers: Offers,
    pains: Sequence[PainEntry],
) -> FocusRecord:
    begin_s, end_s = part.t0_s, part.t1_s
    before = _pain(pains, begin_s - _BEFORE_S, begin_s)
    after = _pain(pains, begin_s, end_s + _BEFORE_S)
    base = FocusRecord(
        part.metric,
        (end_s - begin_s) / _MINUTE_S,
        pain_before=_known(before),
        pain_after=_known(after),
    )
    target = _target(part.metric, session, offers)
    if isinstance(target, str):
        return msgspec.structs.replace(base, why=target)
    ends_s, lasted_s, values = _strides(sample, part.metric, session)
    within = focus_in_target_pct(ends_s, lasted_s, values, target, (begin_s, end_s))
    last_s = (max(begin_s, end_s - _MINUTE_S), end_s)
    kept = focus_in_target_pct(ends_s, lasted_s, values, target, last_s)
    counts = run_counts(within, before, after)
    return msgspec.structs.replace(
        base,
        in_target_pct=_known(within),
        retention_pct=_known(kept),
        counts=counts,
        why="" if counts else _why_not(within, before, after),
    )


def _known(value: float) -> float | None:
    """Return a value as it can be kept: JSON has no NaN."""
    return value if np.isfinite(value) else None


def _why_not(within: float, before: float, after: float) -> str:
    if not np.isfinite(within):
        return "less than half of the focus time was measured"
    if within < COUNTS_PCT:
        return f"{within:.0f} % in target, {COUNTS_PCT:.0f} % needed"
    if not np.isfinite([before, after]).all():
        return "pain was not asked for before and after"
    return f"pain rose from {before:.0f} to {after:.0f}"


def _pain(pains: Sequence[PainEntry], from_s: float, to_s: float) -> float:
    """Return the newest pain before a focus, the worst from its begin on."""
    found = [it for it in pains if from_s <= it.t_s < to_s]
    return float(max(it.nrs for it in found)) if found else NAN


def _target(
    metric: str, session: SessionStatistics, offers: Offers
) -> tuple[float, float] | str:
    offer = offers.metric.get(metric)
    if offer is None:
        return "there is no target for this metric (configs/feedback.toml)"
    if offer.of == "value":
        return offer.low, offer.high
    base = _baseline(metric, session)
    if not np.isfinite(base):
        return "no baseline was marked, and the target is in % of it"
    return base * offer.low / 100.0, base * offer.high / 100.0


def _baseline(metric: str, session: SessionStatistics) -> float:
    """Return the person's baseline of a metric, NaN = none."""
    of = {_CADENCE: "stride_time_ms", _SOUND: "footfall_sel_dba"}.get(metric, metric)
    held = session.metrics.get(of)
    values = (
        [it.baseline.value for it in held.both if not it.baseline.why] if held else []
    )
    if not values:
        return NAN
    return 120e3 / values[0] if metric == _CADENCE else values[0]


def _strides(
    sample: Sample, metric: str, session: SessionStatistics
) -> tuple[Floats, Floats, Floats]:
    """Return end, duration and value of each valid stride of both feet."""
    records = sorted(sample.valid("both"), key=lambda it: it.stride.next_ic_s)
    ends_s = np.array([it.stride.next_ic_s for it in records])
    # two feet: each stride stands for half of its time
    lasted_s = np.array([it.stride.stride_s / 2 for it in records])
    values = np.array([_value(it.values, metric) for it in records])
    if metric == _SOUND:
        values = values - _baseline(metric, session)
    elif metric in METRICS and METRICS[metric].per_weight:
        values = values / sample.weight.value
    return ends_s, lasted_s, values


def _value(values: Mapping[str, float], metric: str) -> float:
    if metric == _CADENCE:
        return 120e3 / values.get("stride_time_ms", NAN)
    return values.get("footfall_sel_dba" if metric == _SOUND else metric, NAN)
