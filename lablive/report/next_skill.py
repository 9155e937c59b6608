"""The one skill to work on: which, with what cue, for how many minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lablive.feedback.offers import load_cues
from lablive.metrics.bands import load_bands
from lablive.protocol.focus import focus_minutes_target
from lablive.report.board import GRADES, SHOWN, WORST, sides_with, worst
from lablive.report.numbers import number
from lablive.report.tables import SKILLS, label_of

if TYPE_CHECKING:
    from lablive.protocol.focus import FocusRecord
    from lablive.report.data import MetricLine, ReportData
    from lablive.report.history import History
    from lablive.report.settings import ReportSettings
    from lablive.report.words import Words


def focus_line(report: ReportData, settings: ReportSettings) -> MetricLine | None:
    """Return the metric of the skill to work on; None where nothing calls for it.

    The clinician's choice, else what was worked on, else the gravest verdict among
    what has a cue, at equal verdicts the better evidence.
    """
    cues = load_cues().words(settings.language).cue
    known = {line.id: line for line in report.metrics}
    if settings.focus:
        return known.get(settings.focus)
    if report.focus and report.focus[-1].metric in known:
        return known[report.focus[-1].metric]
    asked = [
        line
        for ids in SHOWN.values()
        for it in ids
        if (line := known.get(it)) is not None
        and it in cues
        and worst(line) in ("poor", "caution")
        and _cue_of(line, settings) != ""
    ]
    if not asked:
        return None
    return min(
        asked,
        key=lambda it: (WORST.index(worst(it) or "good"),
                        GRADES.index(it.band_grade)),
    )  # fmt: skip


def _cue_of(line: MetricLine, settings: ReportSettings) -> str:
    """Return the cue in the direction that a line's worst side calls for."""
    cue = load_cues().words(settings.language).cue.get(line.id)
    if cue is None:
        return ""
    if not cue.lower or not cue.higher:
        return cue.lower or cue.higher
    good = load_bands().band[line.id].good
    told = worst(line)
    stats = [
        stat for key in sides_with(line, told) if (stat := line.stat(key)) is not None
    ]
    if good is None or not stats:
        return cue.higher
    return cue.lower if stats[0].median > good[1] else cue.higher


def _focus_run(run: FocusRecord, words: Words) -> str:
    """Tell a focus run: how long, how much of it in target, whether it counts."""
    name, minutes = words.title(run.metric), number(run.minutes, 0)
    share_pct, kept_pct = run.in_target_pct, run.retention_pct
    if share_pct is None or share_pct != share_pct:
        text = words.say("{name}: {minutes} min of focus", name=name, minutes=minutes)
        return f"{text}, {words.say('not measured')} ({words.tell(run.why)})."
    text = words.say(
        "{name}: {share} % of {minutes} min of focus in target (goal 60 %)",
        name=name,
        share=number(share_pct, 0),
        minutes=minutes,
    )
    if kept_pct is not None and kept_pct == kept_pct:
        share = number(kept_pct, 0)
        text += ", " + words.say("last minute {share} %", share=share)
    said = words.say("counts") if run.counts else words.say("does not count")
    why = f": {words.tell(run.why)}" if run.why and not run.counts else ""
    return f"{text}; {said}{why}."


def completed_runs(
    metric_id: str, settings: ReportSettings, history: History | None
) -> int:
    """Return the focus runs completed: as told, else as kept; -1 = not known."""
    if settings.focus_runs >= 0 or history is None:
        return settings.focus_runs
    return history.focus_runs.get(metric_id, 0)


def focus(
    report: ReportData,
    words: Words,
    settings: ReportSettings,
    history: History | None = None,
) -> dict[str, Any] | None:
    """Return the one skill to work on with its cue and minutes; None without any."""
    line = focus_line(report, settings)
    if line is None:
        return None
    runs = completed_runs(line.id, settings, history)
    worked_on = not settings.focus and any(it.metric == line.id for it in report.focus)
    return {
        "id": line.id,
        "skill": words.say(SKILLS[line.skill]),
        "number": list(SKILLS).index(line.skill),
        "name": label_of(line, words),
        "chosen": bool(settings.focus),
        "worked_on": worked_on,
        "done": [_focus_run(it, words) for it in report.focus],
        "cue": _cue_of(line, settings) or label_of(line, words),
        "minutes": focus_minutes_target(runs) if runs >= 0 else 0,
        "runs": runs,
    }
