"""The session over time, on paper: change against the baseline, and drift.

Only what the analysis found; without a marked baseline and a shown drift there is
nothing here, and the page is as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.report.lines import at_baseline
from lablive.report.numbers import MINUS, clock, number, signed
from lablive.report.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lablive.metrics.metric import StatKey
    from lablive.protocol.mdc import Mdc
    from lablive.protocol.session import AtSpeed, MetricSession, SessionStatistics
    from lablive.report.settings import Units
    from lablive.report.words import Words

_ROWS: Final = 6
_LINES: Final = 4
_SHOWN: Final[tuple[StatKey, ...]] = ("left", "right")
_PLATE: Final[tuple[StatKey, ...]] = ("both",)


def over_time(
    session: SessionStatistics,
    t0_s: float,
    metrics: Sequence[str],
    words: Words,
    units: Units = "metric",
) -> dict[str, Any] | None:
    """Return the texts of the section; None when there is nothing to tell.

    Parameters
    ----------
    session
        Of the analysis.
    t0_s
        Start of the trial, on the clock of the session.
    metrics
        Ids of the metrics that a report prints, in its order.
    words, units
        How it is told.
    """
    told = {key: session.metrics[key] for key in metrics if key in session.metrics}
    rows = [row for key, it in told.items() for row in _changes(key, it, words, units)]
    changed = [row for row in rows if row["beyond"]]
    lines = [line for key, it in told.items() for line in _drifts(key, it, words)]
    if not rows and not lines:
        return None
    # what is within error needs no line; without any MDC the first few are shown
    judged = any(row["mdc"] for row in rows)
    worth = changed if judged else rows
    return {
        "about": _about(told, t0_s, words),
        "summary": _summary(len(changed), rows, words),
        "rows": worth[:_ROWS],
        "more": max(0, len(worth) - _ROWS),
        "lines": lines[:_LINES],
        "lines_more": max(0, len(lines) - _LINES),
    }


def _sides(session: MetricSession) -> Iterator[tuple[StatKey, AtSpeed]]:
    """Yield the strides of each foot at the speed that has a baseline, else most."""
    for key in _SHOWN if session.left or session.right else _PLATE:
        at = at_baseline(session.at_speeds(key))
        if at is not None:
            yield key, at


def _changes(
    metric_id: str, session: MetricSession, words: Words, units: Units
) -> Iterator[dict[str, Any]]:
    """Yield a line per foot whose last minute can be held against its baseline."""
    how = shown(metric_id, units)
    for key, at in _sides(session):
        change, mdc = at.change, at.baseline.mdc
        if change.delta != change.delta:
            continue
        delta = number(how.factor * change.delta, how.decimals, signed=True)
        yield {
            "name": words.title(metric_id),
            "unit": words.say(how.unit) if how.unit else "",
            "side": key,
            "baseline": number(how.factor * change.baseline, how.decimals),
            "now": number(how.factor * change.value, how.decimals),
            "delta": delta,
            "mdc": "" if mdc.why else _mdc(mdc, how.factor, how.decimals),
            # a change that prints as 0 is none to a reader
            "beyond": change.verdict == "change" and delta[0] in "+" + MINUS,
            "n": f"{change.n} / {change.n_baseline}",
        }


def _mdc(mdc: Mdc, factor: float, decimals: int) -> str:
    return number(factor * mdc.threshold, decimals + 1) + ("*" if mdc.citation else "")


def _drifts(metric_id: str, session: MetricSession, words: Words) -> Iterator[str]:
    for key, at in _sides(session):
        drift = at.drift
        if drift.verdict != "drift":
            continue
        low, high = (signed(it, 2) for it in (drift.low_per_min, drift.high_per_min))
        yield words.say(
            "Drift: {name} {slope} {unit} (95 % {low} to {high}) over {minutes} min,"
            " {total} in all.",
            name=words.title(metric_id)
            + (f", {words.say(key)}" if key != "both" else ""),
            slope=signed(drift.per_min, 2),
            unit=drift.unit,
            low=low,
            high=high,
            minutes=f"{drift.minutes:.0f}",
            total=f"{signed(drift.total, 3)} {session.unit}",
        )


def _about(told: Mapping[str, MetricSession], t0_s: float, words: Words) -> str:
    """Say what the baseline is, and what it is held against."""
    mdcs = (at.baseline.mdc for it in told.values() for _, at in _sides(it))
    cited = dict.fromkeys(mdc.citation for mdc in mdcs if mdc.citation)
    published = ""
    if cited:
        published = " " + words.say(
            "* Published, between days: {who}.", who="; ".join(cited)
        )
    for session in told.values():
        for _, at in _sides(session):
            base = at.baseline
            if base.why:
                continue
            begin, end = (clock(it - t0_s) for it in (base.start_s, base.end_s))
            return (
                words.say(
                    "Baseline: {begin} to {end}, {speed} m/s. Now: the last minute at "
                    "that speed. MDC: the smallest change that the baseline's own "
                    "minutes let one detect.",
                    begin=begin,
                    end=end,
                    speed=number(base.low_mps, 2),
                )
                + published
            )
    return ""


def _summary(changed: int, rows: list[dict[str, Any]], words: Words) -> str:
    if not rows:
        return ""
    if all(not row["mdc"] for row in rows):
        return words.say(
            "A baseline of five minutes or more is needed to tell change from error."
        )
    known = [row for row in rows if row["mdc"]]
    return words.say(
        "{n} of {m} values changed by more than their MDC.", n=changed, m=len(known)
    )
