"""The first page: the five-skill board, the findings, and what to work on next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.report.numbers import MINUS, count, number
from lablive.report.shown import shown
from lablive.report.tables import (
    FEW,
    SKILLS,
    Footnotes,
    footnotes,
    label_of,
    missing,
    span_told,
    standing,
    stat_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.metrics.bands import Verdict
    from lablive.metrics.metric import Skill, StatKey
    from lablive.report.data import MetricLine, ReportData, Shift
    from lablive.report.settings import ReportSettings
    from lablive.report.words import Words

# what a page of summary shows of each skill, most telling first
SHOWN: Final[dict[Skill, tuple[str, ...]]] = {
    "temporal": (
        "cadence_spm", "contact_time_ms", "flight_time_ms", "double_support_pct",
        "step_length_m", "stride_time_cv_pct",
    ),
    "sagittal": (
        "pelvic_drop_deg", "pelvis_rotation_rom_deg", "trunk_rotation_rom_deg",
        "trunk_side_lean_deg", "foot_progression_deg", "thigh_sagittal_pct",
        "arm_cross_pct", "arch_delta_pct",
    ),
    "spine": (
        "trunk_lean_deg", "pelvic_tilt_rel_deg", "spine_flexion_deg",
        "head_trunk_pitch_deg", "pelvic_neutral_pct", "head_sway_ml_cm",
    ),
    "landing": (
        "footfall_rel_db", "peak_force_bw", "valr_bw_s", "tibial_shock_g",
        "impact_peak_bw", "vert_osc_cm", "footfall_sel_dba", "strike_index_pct",
    ),
    "reach": (
        "shank_angle_ic_deg", "foot_ahead_leg", "knee_flexion_ic_deg",
        "rear_share_pct", "knee_lift_deg", "hip_flexion_ic_deg",
    ),
    "drive": (
        "thigh_extension_peak_deg", "hip_extension_to_deg", "toe_last_pct",
        "gmax_drive_pct", "gmax_burst_present_pct", "gmax_onset_ms",
        "gmed_burst_present_pct",
    ),
}  # fmt: skip
_ROWS: Final[dict[Skill, int]] = {"temporal": 5}
_MOST_ROWS: Final = 3
_FINDINGS: Final = 5
WORST: Final[tuple[Verdict, ...]] = ("poor", "caution", "good")
GRADES: Final = ("A", "B", "C", "D", "")
_FEET: Final[tuple[StatKey, ...]] = ("left", "right")
_KEYS: Final[tuple[StatKey, ...]] = (*_FEET, "both")
# asymmetry of these is told when it is beyond what the lab calls even
_UNEVEN: Final = {
    "contact_time_ms": "contact_time_si_pct", "step_time_ms": "step_time_si_pct",
    "peak_force_bw": "peak_force_si_pct",
}  # fmt: skip
_HEAVIER: Final = {"peak_force_bw": "higher"}


def worst(line: MetricLine) -> Verdict | None:
    """Return the worst verdict of a line's sides; None where none is due."""
    told = [line.verdicts[key] for key in _told_sides(line) if key in line.verdicts]
    return next((it for it in WORST if it in told), None)


def _told_sides(line: MetricLine) -> tuple[StatKey, ...]:
    """Return the sides that are told: the feet, both only where no foot is."""
    feet: list[StatKey] = []
    for key in _FEET:
        if line.stat(key) is not None:
            feet.append(key)
    if feet:
        return tuple(feet)
    return ("both",) if line.both is not None else ()


def sides_with(line: MetricLine, verdict: Verdict | None) -> Iterator[StatKey]:
    """Yield the sides of a line that have a verdict, None = no verdict."""
    for key in _told_sides(line):
        if line.verdicts.get(key) == verdict:
            yield key


def judged(report: ReportData, skills: Iterable[Skill] = tuple(SKILLS)) -> bool:
    """Tell whether any value of the board has a verdict, or any of these skills."""
    shown_ids = {it for skill in skills for it in SHOWN[skill]}
    return any(it.id in shown_ids and worst(it) is not None for it in report.metrics)


# --------------------------------------------------------------------------- board
def board(
    report: ReportData, notes: Footnotes, words: Words, settings: ReportSettings
) -> dict[str, Any]:
    """Return the board: a few rows per skill, or why there are none.

    What is not good comes before what is, so that nothing poor is left to the
    details; within the same word the order is that of :data:`SHOWN`.
    """
    known = {line.id: line for line in report.metrics}
    groups: list[dict[str, Any]] = []
    for skill, ids in SHOWN.items():
        lines = [known[it] for it in ids if it in known]
        measured = [line for line in lines if not line.missing]
        most = _ROWS.get(skill, _MOST_ROWS)
        chosen = sorted(measured, key=_urgency)[:most]
        rows = [
            _row(line, notes, words, settings) for line in measured if line in chosen
        ]
        told = "" if rows else "; ".join(why for _, why in missing(lines, words)[:2])
        groups.append(
            {"title": words.say(SKILLS[skill]), "rows": rows, "missing": told}
        )
    shifts = any(row["shift"] for group in groups for row in group["rows"])
    few = any(row["few"] for group in groups for row in group["rows"])
    return {
        "groups": groups,
        "shifts": shifts,
        "few": few,
        "judged": judged(report),
        "empty": not any(group["rows"] for group in groups),
    }


def _urgency(line: MetricLine) -> int:
    verdict = worst(line)
    return {"poor": 0, "caution": 1}.get(verdict or "", 2)


def _row(
    line: MetricLine, notes: Footnotes, words: Words, settings: ReportSettings
) -> dict[str, Any]:
    how = shown(line.id, settings.units)
    verdict = worst(line)
    sides = tuple(sides_with(line, verdict))
    whose = "" if len(sides) != 1 or sides[0] == "both" else sides[0]
    stats = {key: stat_text(line.stat(key), how.factor, how.decimals) for key in _KEYS}
    return {
        "name": label_of(line, words),
        "unit": words.say(how.unit) if how.unit else "",
        **stats,
        "shift": [
            _shift(key, line.shifts[key], how.factor, how.decimals)
            for key in _told_sides(line)
            if key in line.shifts
        ],
        "mark": verdict or "info",
        "verdict": words.say(verdict or ("info" if line.info else "not judged")),
        "whose": words.say(whose) if whose and verdict in ("caution", "poor") else "",
        "n": strides_text(line),
        "few": any(
            stat.n < FEW * stat.n_total
            for key in _told_sides(line)
            if (stat := line.stat(key)) is not None
        ),
        "grade": line.grade,
        "standing": words.say(standing(line)),
        "marks": notes.marks(footnotes(line, words)),
    }


def strides_text(line: MetricLine) -> str:
    """Print the strides used of each foot and all there were: ``206 + 205 / 450``."""
    stats = [stat for key in _told_sides(line) if (stat := line.stat(key)) is not None]
    used = " + ".join(str(stat.n) for stat in stats)
    return f"{used} / {sum(stat.n_total for stat in stats)}"


def _shift(key: StatKey, shift: Shift, factor: float, decimals: int) -> dict[str, Any]:
    text = number(factor * shift.delta, decimals, signed=True)
    # a change that prints as 0 is none to a reader
    return {
        "side": key,
        "text": text,
        "beyond": shift.beyond and text[0] in "+" + MINUS,
    }


# ------------------------------------------------------------------------ findings
def findings(
    report: ReportData, words: Words, settings: ReportSettings
) -> list[dict[str, str]]:
    """Return what a reader must know first, one sentence each, the gravest first."""
    found: list[dict[str, str]] = []
    shown_ids = [it for ids in SHOWN.values() for it in ids]
    known = {line.id: line for line in report.metrics}
    lines = [known[it] for it in shown_ids if it in known and not known[it].missing]
    for verdict in ("poor", "caution"):
        ordered = sorted(
            (line for line in lines if worst(line) == verdict),
            key=lambda line: GRADES.index(line.band_grade),
        )
        found += [_banded(line, verdict, words, settings) for line in ordered]
    changes = [it for line in lines for it in _changes(line, words, settings)]
    uneven = list(_uneven(known, words))
    # a change and an asymmetry are told even where many values are out of band
    keep = _FINDINGS - min(1, len(changes)) - min(1, len(uneven))
    told = found[:keep] + changes[:1] + uneven[:1]
    rest = found[keep:] + changes[1:] + uneven[1:]
    told = told[:_FINDINGS] + rest[: max(0, _FINDINGS - len(told))]
    if not told and lines:
        judged = [line for line in lines if worst(line) is not None]
        text = (
            words.say("{n} of {m} values shown have a band; all of them are good.",
                      n=len(judged), m=len(lines))
            if judged
            else words.say("No value shown here has a band that holds at this speed.")
        )  # fmt: skip
        told = [{"mark": "good" if judged else "info", "text": text}]
    more = len(found) + len(changes) + len(uneven) - len(told)
    if more > 0 and len(told) == _FINDINGS:
        text = words.say("{n} more are marked in the tables.", n=more)
        told.append({"mark": "info", "text": text})
    return told


def _banded(
    line: MetricLine, verdict: Verdict, words: Words, settings: ReportSettings
) -> dict[str, str]:
    how = shown(line.id, settings.units)
    sides = tuple(sides_with(line, verdict))
    edges = [how.factor * it for it in line.good or ()]
    values = [
        f"{words.say(key) + ' ' if key != 'both' else ''}"
        f"{_beyond(how.factor * stat.median, how.decimals, edges)}"
        for key in sides
        if (stat := line.stat(key)) is not None
    ]
    good = ""
    if line.good is not None:
        good = f"{words.say('good')} {span_told(line.good, how.factor, words)}"
    grade = (
        words.say("lab default") if line.band_grade == "D"
        else words.say("evidence {grade}", grade=line.band_grade)
        if line.band_grade
        else ""
    )  # fmt: skip
    disputed = line.contested and line.band_grade != "D"
    contested = words.say("contested") if disputed else ""
    parts = (good, contested, grade, _n(line, sides, words))
    about = ", ".join(it for it in parts if it)
    unit = f" {words.say(how.unit)}" if how.unit else ""
    text = f"{label_of(line, words)}: {', '.join(values)}{unit}, {words.say(verdict)}"
    return {"mark": verdict, "text": f"{text} ({about})."}


def _beyond(value: float, decimals: int, edges: Sequence[float]) -> str:
    """Print a value that is not good so that it does not read as the edge of good."""
    for more in range(3):
        text = number(value, decimals + more)
        if float(text.replace(MINUS, "-")) not in edges:
            return text
    return number(value, decimals)


def _n(line: MetricLine, sides: Sequence[StatKey], words: Words) -> str:
    stats = [stat for key in sides if (stat := line.stat(key)) is not None]
    used, total = sum(it.n for it in stats), sum(it.n_total for it in stats)
    return words.say("{n} of {m} strides", n=count(used), m=count(total))


def _changes(
    line: MetricLine, words: Words, settings: ReportSettings
) -> Iterator[dict[str, str]]:
    how = shown(line.id, settings.units)
    for key in _told_sides(line):
        shift = line.shifts.get(key)
        if shift is None or not shift.beyond:
            continue
        delta = number(how.factor * shift.delta, how.decimals, signed=True)
        if delta[0] not in "+" + MINUS:
            continue
        side = f", {words.say(key)}" if key != "both" else ""
        unit = f" {words.say(how.unit)}" if how.unit else ""
        text = words.say(
            "{name}: {delta} against the baseline, more than error explains "
            "(MDC {mdc}, n {n}).",
            name=label_of(line, words) + side,
            delta=delta + unit,
            mdc=number(how.factor * shift.mdc, how.decimals + 1),
            n=shift.n,
        )
        yield {"mark": "info", "text": text}


def _uneven(known: dict[str, MetricLine], words: Words) -> Iterator[dict[str, str]]:
    for metric_id, index_id in _UNEVEN.items():
        line, index = known.get(metric_id), known.get(index_id)
        if line is None or index is None or index.both is None:
            continue
        verdict = index.verdicts.get("both")
        if verdict not in ("poor", "caution"):
            continue
        percent = index.both.median
        side = "right" if percent > 0 else "left"
        larger = words.say(f"{side} {_HEAVIER.get(metric_id, 'longer')}")
        text = words.say(
            "{name} is uneven: {percent} %, {larger} ({verdict}, lab default, "
            "{n} strides a side).",
            name=label_of(line, words),
            percent=number(percent, 1, signed=True),
            larger=larger,
            verdict=words.say(verdict),
            n=count(index.both.n),
        )
        yield {"mark": verdict, "text": text}
