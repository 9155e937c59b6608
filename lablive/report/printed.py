"""How numbers look on paper: names, decimals, signs, and the page as plain texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from lablive.names import SIDES
from lablive.report.figures import force_figure, gait_line_figure
from lablive.report.numbers import MINUS, clock, count, number
from lablive.report.over_time import over_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.report.data import (
        GapLine,
        MetricLine,
        ReportData,
        Stat,
        StreamLine,
    )

_FOLD: Final = "\N{ZERO WIDTH SPACE}"
_LINE: Final = 40  # letters that surely fit across the page
_GAPS_SHOWN: Final = 12
_STREAMS_SHOWN: Final = 8
_LOOSE: Final = 12  # lines of the skills that two pages carry with room around them
_TILES: Final = 4


class Style(NamedTuple):
    """Decimals, the word for the larger side, and the id of the symmetry index.

    Without an id the symmetry is that of the session, when there is a word for it.
    ``skill`` names the group of a line of the second table.
    """

    decimals: int
    larger: str = ""
    asymmetry: str = ""
    skill: str = ""


# what is printed of each skill, most telling first; all the rest is in the analysis
_SKILLS: Final[dict[str, dict[str, int]]] = {
    "Little outside the forward plane": {
        "pelvic_drop_deg": 1, "pelvic_drop_exc_deg": 1, "pelvis_rotation_rom_deg": 1,
        "trunk_rotation_rom_deg": 1, "thigh_sagittal_pct": 0, "arm_cross_pct": 0,
        "foot_progression_deg": 1, "arch_delta_pct": 1,
    },
    "Pelvis, trunk and head": {
        "pelvic_tilt_rel_deg": 1, "pelvic_neutral_pct": 0, "trunk_lean_deg": 1,
        "spine_flexion_deg": 1, "head_trunk_pitch_deg": 1, "head_sway_ml_cm": 1,
    },
    "Soft landing": {
        "valr_bw_s": 0, "impact_peak_bw": 2, "tibial_shock_g": 1, "footfall_rel_db": 1,
        "footfall_lr_db": 1, "vert_osc_cm": 1, "kleg_kn_m": 1,
    },
    "Landing close to the body": {
        "foot_ahead_leg": 2, "shank_angle_ic_deg": 1, "knee_flexion_ic_deg": 1,
        "rear_share_pct": 0, "knee_lift_deg": 1, "braking_dv_ms": 2,
    },
    "Pushing back": {
        "thigh_extension_peak_deg": 1, "hip_extension_to_deg": 1, "toe_last_pct": 0,
        "gmax_drive_pct": 0, "gmax_burst_present_pct": 0, "gmax_onset_ms": 0,
        "gmed_burst_present_pct": 0,
    },
}  # fmt: skip
# the order is the order of the tables
METRICS: Final[dict[str, Style]] = {
    "cadence_spm": Style(1),
    "contact_time_ms": Style(0, "longer", "contact_time_si_pct"),
    "flight_time_ms": Style(0, "longer"),
    "double_support_pct": Style(1),
    "step_time_ms": Style(0, "longer", "step_time_si_pct"),
    "stride_time_ms": Style(0, "longer"),
    "duty_factor_pct": Style(1),
    "step_length_m": Style(2, "longer"),
    "stride_time_cv_pct": Style(1),
    "contact_time_cv_pct": Style(1),
    "peak_force_bw": Style(2, "higher", "peak_force_si_pct"),
    "stance_impulse_bw_s": Style(3, "higher", "impulse_si_pct"),
    "strike_index_pct": Style(0),
    "cop_ml_excursion_pct": Style(0),
} | {
    metric_id: Style(decimals, skill=skill)
    for skill, group in _SKILLS.items()
    for metric_id, decimals in group.items()
}
# the first of these that were measured are printed large
_HEADLINE: Final = (
    "cadence_spm", "contact_time_ms", "peak_force_bw", "flight_time_ms",
    "step_length_m", "duty_factor_pct", "stride_time_ms",
)  # fmt: skip

_CONTESTED_ANYWAY: Final = (
    "Contested: studies disagree on what this number means for injury or performance."
)
# metric reference, section 12
_CONTESTED: Final = {
    "cadence_spm": "Contested: more and shorter steps lower the load of each, but the "
    "evidence for fewer injuries or better performance is insufficient; 180 is no "
    "target.",
    "peak_force_bw": "Contested: some studies link load at contact with injury, others "
    "find no link.",
    "strike_index_pct": "Contested: no evidence that a change of foot strike prevents "
    "injury; it moves load to the ankle and the Achilles tendon.",
}


def page(report: ReportData) -> dict[str, Any]:
    """Turn a report into the texts and curves its template lays out."""
    by_skill: dict[str, list[MetricLine]] = {"": [], **{it: [] for it in _SKILLS}}
    for line in report.metrics:
        by_skill[_skill(line)].append(line)
    notes: list[str] = []
    first = by_skill.pop("")
    rows = _table(first, notes)
    skills = [
        {"title": title, "rows": _table(lines, notes), "missing": _missing(lines)}
        for title, lines in by_skill.items()
        if any(not line.missing for line in lines)
    ]
    missing = _missing(first)
    missing += [
        [title, "; ".join(dict.fromkeys(line.missing for line in lines))]
        for title, lines in by_skill.items()
        if lines and all(line.missing for line in lines)
    ]
    return {
        "person": foldable(report.person, _LINE),
        "title": report.title,
        "clinic": foldable(report.clinic, _LINE),
        "notes": foldable(report.notes, _LINE),
        "footer": f"{_cut(report.person)} · {_cut(report.files[0].name)}",
        "facts": [[fact.label, foldable(fact.value)] for fact in report.facts],
        "quality": _quality(report),
        "tiles": _tiles(report.metrics),
        "rows": rows,
        "footnotes": notes,
        "skills": skills,
        "dense": sum(len(skill["rows"]) for skill in skills) > _LOOSE,
        "missing": missing,
        "over_time": over_time(
            report.session,
            report.t0_s,
            {metric_id: style.decimals for metric_id, style in METRICS.items()},
        ),
        "remarks": [foldable(remark, _LINE) for remark in report.remarks],
        "force": force_figure(report.force, report.force_from),
        "force_from": report.force_from,
        "force_missing": report.force_missing,
        "gait_line": gait_line_figure(report.gait_line, report.sole),
        "gait_line_missing": report.gait_line_missing,
        "streams": [_stream(stream) for stream in _alike(report.streams)],
        "gaps": [_gap(gap) for gap in _longest(report.gaps)],
        "gaps_more": max(0, len(report.gaps) - _GAPS_SHOWN),
        "software": report.software,
        "files": [[foldable(file.name, _LINE), file.sha256] for file in report.files],
    }


def foldable(text: str, longest: int = 17) -> str:
    """Let words that are longer than a column break anywhere (zero-width spaces)."""
    return re.sub(rf"[^\s-]{{{longest + 1},}}", lambda it: _FOLD.join(it[0]), text)


def _cut(text: str, longest: int = 24) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _stream(stream: StreamLine) -> list[str]:
    return [
        foldable(stream.name),
        foldable(stream.type),
        f"{stream.rate_hz:g}" if stream.rate_hz else "irregular",
        count(stream.rows),
        "not counted" if stream.lost is None else _lost(stream.lost, [stream]),
        count(stream.gaps),
    ]


def _alike(streams: tuple[StreamLine, ...]) -> list[StreamLine]:
    """Return the streams; of many, those of one kind without known loss in one line."""
    if len(streams) <= _STREAMS_SHOWN:
        return list(streams)
    kinds: dict[object, list[StreamLine]] = {}
    for place, stream in enumerate(streams):
        # "not counted" (None) is neither a loss nor the same as none lost
        whole = not stream.lost and not stream.gaps
        kind = (stream.type, stream.rate_hz, stream.lost) if whole else place
        kinds.setdefault(kind, []).append(stream)
    return [
        msgspec.structs.replace(
            kind[0],
            name=f"{kind[0].name} and {len(kind) - 1} more"
            if kind[1:]
            else kind[0].name,
            rows=sum(stream.rows for stream in kind),
        )
        for kind in kinds.values()
    ]


def _longest(gaps: tuple[GapLine, ...]) -> list[GapLine]:
    """Pick the longest gaps, in the order of their time."""
    kept = sorted(gaps, key=lambda gap: -gap.duration_s)[:_GAPS_SHOWN]
    return sorted(kept, key=lambda gap: gap.t_s)


def _gap(gap: GapLine) -> list[str]:
    return [
        clock(gap.t_s),
        foldable(gap.stream),
        number(gap.duration_s, 2),
        "unknown" if gap.rows_lost is None else count(gap.rows_lost),
        foldable(gap.why),
    ]


def _quality(report: ReportData) -> dict[str, Any]:
    used, total = report.strides_used, report.strides_total
    lost = sum(stream.lost or 0 for stream in report.streams)
    blind = sum(stream.lost is None for stream in report.streams)
    told = [
        _counted(len(report.streams), "stream"),
        _counted(sum(stream.rows for stream in report.streams), "row"),
        _counted(len(report.gaps), "gap"),
    ]
    if blind < len(report.streams):
        told.insert(2, f"{_lost(lost, report.streams)} lost")
    if blind:
        told.append(f"loss cannot be counted on {_counted(blind, 'stream')}")
    if report.damaged:
        told.append(f"{_counted(report.damaged, 'damaged place')} in the file")
    mark, verdict = _verdict(lost, len(report.gaps), blind, report.damaged)
    if report.part_of:
        told.append(foldable(report.part_of, _LINE))
        if not report.damaged:
            mark, verdict = "caution", "Part of a recording"
    left_out = sorted(report.left_out.items(), key=lambda item: -item[1])
    return {
        "mark": mark,
        "verdict": verdict,
        "used": count(used),
        "total": count(total),
        "share": used / total if total else 0.0,
        "percent": number(100 * used / total, 1) if total else "",
        "data": told,
        "left_out": ", ".join(f"{reason} {count(n)}" for reason, n in left_out),
    }


def _lost(lost: int, streams: Iterable[StreamLine]) -> str:
    at_least = any(stream.at_least for stream in streams)
    return f"≥ {count(lost)}" if at_least else count(lost)


def _verdict(lost: int, gaps: int, blind: int, damaged: int) -> tuple[str, str]:
    if damaged:
        return "caution", "File damaged"
    if lost:
        return "caution", "Data lost"
    if gaps:
        return "caution", "Gaps in the data"
    return ("info", "No loss seen") if blind else ("good", "Nothing lost")


def _counted(n: int, noun: str) -> str:
    return f"{count(n)} {noun}" + ("" if n == 1 else "s")


def _tiles(metrics: tuple[MetricLine, ...]) -> list[dict[str, str]]:
    known = {line.id: line for line in metrics if not line.missing}
    chosen = [known[key] for key in _HEADLINE if key in known][:_TILES]
    return [_tile(line) for line in chosen]


def _tile(line: MetricLine) -> dict[str, str]:
    style = METRICS[line.id]
    main = line.both or line.left or line.right
    assert main is not None  # a line without values is "missing"
    only = "" if line.both else ", left" if line.left else ", right"
    sides = [
        f"{side[0].upper()} {number(stat.median, style.decimals)}"
        for side, stat in ((side, getattr(line, side)) for side in SIDES)
        if stat is not None
    ]
    return {
        "name": line.label + only,
        "value": number(main.median, style.decimals),
        "unit": line.unit,
        "sides": " · ".join(sides) if line.both else "",
        "n": f"{count(main.n)} of {count(main.n_total)} used",
    }


def _skill(line: MetricLine) -> str:
    return METRICS[line.id].skill if line.id in METRICS else ""


def _missing(lines: Iterable[MetricLine]) -> list[list[str]]:
    """Return names and reason, those with one reason together."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.missing:
            found.setdefault(line.missing, []).append(line.label)
    return [[", ".join(names), why] for why, names in found.items()]


def _table(lines: Iterable[MetricLine], notes: list[str]) -> list[dict[str, Any]]:
    return [_row(line, notes) for line in lines if not line.missing]


def _row(line: MetricLine, notes: list[str]) -> dict[str, Any]:
    """Print one line; texts it refers to are added once to ``notes``."""
    style = METRICS[line.id]
    row: dict[str, Any] = {
        "name": line.label,
        "unit": line.unit,
        "grade": line.grade,
        "standing": _standing(line),
        "marks": _marks(_footnotes(line), notes),
        "asymmetry": _asymmetry(line.asymmetry_pct, style.larger),
    }
    for key in (*SIDES, "both"):
        row[key] = _stat(getattr(line, key), style.decimals)
    return row


def _marks(texts: list[str], notes: list[str]) -> str:
    """Return the numbers of footnotes, adding new ones to ``notes``."""
    notes += [text for text in texts if text not in notes]
    return ", ".join(str(notes.index(text) + 1) for text in texts)


def _footnotes(line: MetricLine) -> list[str]:
    texts: list[str] = []
    if line.contested:
        texts.append(_CONTESTED.get(line.id, _CONTESTED_ANYWAY))
    if line.note:
        texts.append(f"{line.note[0].upper()}{line.note[1:]}.")
    return texts


def _standing(line: MetricLine) -> str:
    """Say what a grade alone does not: disputed, or nobody's but the lab's."""
    if line.contested:
        return "contested"
    return "lab default" if line.grade == "D" else ""


def _stat(stat: Stat | None, decimals: int) -> dict[str, str] | None:
    if stat is None:
        return None
    return {
        "median": number(stat.median, decimals),
        "sd": "" if stat.sd is None else number(stat.sd, decimals),
        "n": f"{count(stat.n)} / {count(stat.n_total)}",
    }


def _asymmetry(percent: float | None, larger: str) -> dict[str, str] | None:
    if percent is None:
        return None
    text = number(percent, 1, signed=True)
    equal = text[0] not in (MINUS, "+")
    side = "right" if percent > 0 else "left"
    return {"percent": text, "larger": "equal" if equal else f"{side} {larger}"}
