"""The session over time, on paper: change against the baseline, drift, blocks.

Only what the analysis found; without a marked baseline and a shown drift there is
nothing here, and the page is as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.metrics.registry import METRICS
from lablive.report.numbers import MINUS, clock, number, signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lablive.metrics.metric import StatKey
    from lablive.protocol.effect import BlockEffect
    from lablive.protocol.mdc import Mdc
    from lablive.protocol.session import AtSpeed, MetricSession, SessionStatistics

_ROWS: Final = 6
_LINES: Final = 4
_SHOWN: Final[tuple[StatKey, ...]] = ("left", "right")
_PLATE: Final[tuple[StatKey, ...]] = ("both",)


def over_time(
    session: SessionStatistics, t0_s: float, decimals: Mapping[str, int]
) -> dict[str, Any] | None:
    """Return the texts of the section; None when there is nothing to tell.

    Parameters
    ----------
    session
        Of the analysis.
    t0_s
        Start of the trial, on the clock of the session.
    decimals
        Metric id -> decimals, for the metrics that a report prints, in its order.
    """
    told = {key: session.metrics[key] for key in decimals if key in session.metrics}
    rows = [row for key, it in told.items() for row in _changes(key, it, decimals[key])]
    changed = [row for row in rows if row["beyond"]]
    lines = [line for key, it in told.items() for line in _drifts(key, it)]
    lines += [line for key, it in told.items() for line in _effects(key, it)]
    if not rows and not lines:
        return None
    # what is within error needs no line; without any MDC the first few are shown
    judged = any(row["mdc"] for row in rows)
    worth = changed if judged else rows
    return {
        "about": _about(told, t0_s),
        "summary": _summary(len(changed), rows),
        "rows": worth[:_ROWS],
        "more": max(0, len(worth) - _ROWS),
        "lines": lines[:_LINES],
        "lines_more": max(0, len(lines) - _LINES),
    }


def _sides(session: MetricSession) -> Iterator[tuple[StatKey, AtSpeed]]:
    """Yield the strides of each foot at the speed that has a baseline, else most."""
    keys = _SHOWN if session.left or session.right else _PLATE
    for key in keys:
        speeds = session.at_speeds(key)
        if speeds:
            known = (it for it in speeds if not it.baseline.why)
            yield key, next(known, speeds[0])


def _changes(
    metric_id: str, session: MetricSession, decimals: int
) -> Iterator[dict[str, Any]]:
    """Yield a line per foot whose last minute can be held against its baseline."""
    for key, at in _sides(session):
        change, mdc = at.change, at.baseline.mdc
        if change.delta != change.delta:
            continue
        delta = number(change.delta, decimals, signed=True)
        yield {
            "name": _label(metric_id),
            "unit": session.unit,
            "side": key,
            "baseline": number(change.baseline, decimals),
            "now": number(change.value, decimals),
            "delta": delta,
            "mdc": "" if mdc.why else _mdc(mdc, decimals),
            # a change that prints as 0 is none to a reader
            "beyond": change.verdict == "change" and delta[0] in "+" + MINUS,
            "n": f"{change.n} / {change.n_baseline}",
        }


def _mdc(mdc: Mdc, decimals: int) -> str:
    return number(mdc.threshold, decimals + 1) + ("*" if mdc.citation else "")


def _drifts(metric_id: str, session: MetricSession) -> Iterator[str]:
    for key, at in _sides(session):
        drift = at.drift
        if drift.verdict != "drift":
            continue
        low, high = (signed(it, 2) for it in (drift.low_per_min, drift.high_per_min))
        yield (
            f"Drift: {_label(metric_id)}{_of(key)} {signed(drift.per_min, 2)}"
            f" {drift.unit} (95 % {low} to {high}) over {drift.minutes:.0f} min,"
            f" {signed(drift.total, 3)} {session.unit} in all."
        )


def _effects(metric_id: str, session: MetricSession) -> Iterator[str]:
    for key, at in _sides(session):
        name = _label(metric_id) + _of(key)
        if at.corrective is not None and at.corrective.verdict == "real":
            more = at.more_than_rest is not None and at.more_than_rest.verdict == "real"
            yield _effect(name, at.corrective, "corrective blocks") + (
                " More than after rests."
                if more
                else " The rest itself may be the cause."
            )
        if at.rest_only is not None and at.rest_only.verdict == "real":
            yield _effect(name, at.rest_only, "rests")


def _effect(name: str, effect: BlockEffect, what: str) -> str:
    return (
        f"After {effect.n} {what}: {name} {signed(effect.mean, 3)} {effect.unit}"
        f" (95 % {signed(effect.low, 3)} to {signed(effect.high, 3)})."
    )


def _about(told: Mapping[str, MetricSession], t0_s: float) -> str:
    """Say what the baseline is, and what it is held against."""
    mdcs = (at.baseline.mdc for it in told.values() for _, at in _sides(it))
    cited = dict.fromkeys(mdc.citation for mdc in mdcs if mdc.citation)
    published = f" * Published, between days: {'; '.join(cited)}." if cited else ""
    for session in told.values():
        for _, at in _sides(session):
            base = at.baseline
            if base.why:
                continue
            begin, end = (clock(it - t0_s) for it in (base.start_s, base.end_s))
            return (
                f"Baseline: {begin} to {end}, {number(base.low_mps, 2)} m/s. Now: the"
                " last minute at that speed. MDC: the smallest change that the"
                f" baseline's own minutes let one detect.{published}"
            )
    return ""


def _summary(changed: int, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    if all(not row["mdc"] for row in rows):
        return "A baseline of five minutes or more is needed to tell change from error."
    known = [row for row in rows if row["mdc"]]
    return f"{changed} of {len(known)} values changed by more than their MDC."


def _label(metric_id: str) -> str:
    label = METRICS[metric_id].label
    return label[:1].upper() + label[1:]


def _of(key: StatKey) -> str:
    return f", {key}" if key != "both" else ""
