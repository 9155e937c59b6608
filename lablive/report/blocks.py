"""Before and after of corrective blocks, beside rests that did nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.metrics.registry import METRICS
from lablive.report.board import SHOWN
from lablive.report.lines import at_baseline
from lablive.report.next_skill import focus_line
from lablive.report.numbers import clock, number
from lablive.report.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.metrics.metric import StatKey
    from lablive.protocol.effect import BlockEffect
    from lablive.protocol.session import AtSpeed
    from lablive.report.data import ReportData
    from lablive.report.settings import ReportSettings
    from lablive.report.words import Words

_ROWS: Final = 6
_FEET: Final[tuple[StatKey, ...]] = ("left", "right")
_PLATE: Final[tuple[StatKey, ...]] = ("both",)


def block_table(
    report: ReportData, words: Words, settings: ReportSettings
) -> dict[str, Any] | None:
    """Return what the blocks of a session did; None without any.

    Parameters
    ----------
    report, words, settings
        The session, and how it is told.
    """
    parts = [it for it in report.session.parts if it.kind in ("corrective", "rest")]
    if not parts:
        return None
    rows = [
        _row(metric_id, key, at, words, settings)
        for metric_id in (it for ids in SHOWN.values() for it in ids)
        for key, at in _sides(report, metric_id)
        if at.corrective is not None or at.rest_only is not None
    ]
    # without an effect: what is worked on, a load, the cadence (metric reference 9)
    chosen = [row for row in rows if row["real"]][:_ROWS]
    if not chosen:
        line = focus_line(report, settings)
        asked = (line.id if line else "", "peak_force_bw", "cadence_spm")
        chosen = [row for row in rows if row["id"] in asked][:_ROWS]
    real = sum(row["real"] for row in rows)
    summary = words.say(
        "{n} of {m} values changed by more than error after the blocks.",
        n=real,
        m=len(rows),
    )
    return {
        "rows": chosen,
        "more": max(0, real - len(chosen)),
        "summary": summary if rows else "",
        "parts": [
            words.say(
                "{kind} {at}, {length} min",
                kind=words.say(it.kind),
                at=clock(it.t0_s - report.t0_s),
                length=number((it.t1_s - it.t0_s) / 60, 1),
            )
            for it in parts
        ],
    }


def _sides(report: ReportData, metric_id: str) -> Iterator[tuple[StatKey, AtSpeed]]:
    held = report.session.metrics.get(metric_id)
    if held is None:
        return
    for key in _FEET if held.left or held.right else _PLATE:
        at = at_baseline(held.at_speeds(key))
        if at is not None:
            yield key, at


def _row(
    metric_id: str, key: StatKey, at: AtSpeed, words: Words, settings: ReportSettings
) -> dict[str, Any]:
    how = shown(metric_id, settings.units)
    more = at.more_than_rest
    real = at.corrective is not None and at.corrective.verdict == "real"
    if not real:
        said = _why(at.corrective or at.rest_only, words)
    elif more is not None and more.verdict == "real":
        said = words.say("more than after rests")
    else:
        said = words.say("real; the rest itself may be the cause")
    return {
        "id": metric_id,
        "name": words.title(metric_id)
        if words.language != "en"
        else METRICS[metric_id].label[:1].upper() + METRICS[metric_id].label[1:],
        "unit": words.say(how.unit) if how.unit else "",
        "side": key,
        "each": _each(at.corrective, how.factor, how.decimals),
        "mean": _mean(at.corrective, how.factor, how.decimals),
        "rest": _mean(at.rest_only, how.factor, how.decimals)
        or _each(at.rest_only, how.factor, how.decimals),
        "said": said,
        "real": real,
    }


def _each(effect: BlockEffect | None, factor: float, decimals: int) -> str:
    """Print the change of every block, a dash where it could not be told."""
    if effect is None:
        return ""
    return ", ".join(
        "–" if it.why else number(factor * it.delta, decimals, signed=True)
        for it in effect.changes
    )


def _mean(effect: BlockEffect | None, factor: float, decimals: int) -> str:
    if effect is None or effect.mean != effect.mean:
        return ""
    mean, low, high = (
        number(factor * it, decimals, signed=True)
        for it in (effect.mean, effect.low, effect.high)
    )
    return f"{mean} ({low} … {high})"


def _why(effect: BlockEffect | None, words: Words) -> str:
    if effect is None:
        return ""
    if effect.verdict == "not shown":
        return words.say("not shown")
    return words.tell(effect.why) or words.say("not known")
