"""Tables of a report as plain texts: every metric, streams, gaps, footnotes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.names import SIDES
from lablive.report.numbers import MINUS, clock, count, number
from lablive.report.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.metrics.metric import Skill, StatKey
    from lablive.report.data import GapLine, MetricLine, ReportData, Stat, StreamLine
    from lablive.report.settings import Units
    from lablive.report.words import Words

_FOLD: Final = "\N{ZERO WIDTH SPACE}"
LINE: Final = 40  # letters that surely fit across the page
_GAPS_SHOWN: Final = 12
_STREAMS_SHOWN: Final = 8
_EITHER: Final = ("flight_time_ms", "double_support_pct")
_NO_NUMBER: Final = ("gait_mode", "cop_path")  # a word, a curve
# the gap that a table's n tells of is worth a mark below this share
FEW: Final = 0.85
SKILLS: Final[dict[Skill, str]] = {
    "temporal": "Timing and rhythm",
    "sagittal": "Little outside the forward plane",
    "spine": "Pelvis, trunk and head",
    "landing": "Soft landing",
    "reach": "Landing close to the body",
    "drive": "Pushing back",
}
# metric -> the word for the larger side
_LARGER: Final = {
    "contact_time_ms": "longer", "flight_time_ms": "longer", "step_time_ms": "longer",
    "stride_time_ms": "longer", "step_length_m": "longer", "peak_force_bw": "higher",
    "stance_impulse_bw_s": "higher",
}  # fmt: skip
_CONTESTED_ANYWAY: Final = (
    "Contested: studies disagree on what this number means for injury or performance."
)
# metric reference, section 12
_CONTESTED: Final = {
    "cadence_spm": "Contested: more and shorter steps lower the load of each, but the "
    "evidence for fewer injuries or better performance is insufficient; 180 is no "
    "target.",
    "strike_index_pct": "Contested: no evidence that a change of foot strike prevents "
    "injury; it moves load to the ankle and the Achilles tendon.",
    "pelvic_drop_deg": "Contested: injured runners drop more in some studies, not in "
    "others; there is no cut-off, and a sensor errs by as much as the effect.",
    "trunk_lean_deg": "Contested: some lean unloads the knee, a large one loads more.",
    "foot_ahead_leg": "Contested: overstriding has no agreed measure.",
    "gmax_drive_pct": "Contested: activation that training shall raise may fall when "
    "running gets easier.",
} | dict.fromkeys(
    ("peak_force_bw", "impact_peak_bw", "valr_bw_s", "vilr_bw_s", "tibial_shock_g"),
    "Contested: some studies link load at contact with injury, others find no link.",
) | dict.fromkeys(
    ("thigh_extension_peak_deg", "thigh_extension_to_deg", "hip_extension_to_deg",
     "thigh_pendulum_ratio"),
    "Contested: coaches ask for a long swing back; running economy favours less "
    "extension at toe-off.",
)  # fmt: skip


@dataclass
class Footnotes:
    """Texts that marks in tables refer to; each is told once.

    Attributes
    ----------
    texts
        In the order in which they were first needed.
    """

    texts: list[str] = field(default_factory=list[str])

    def marks(self, texts: Iterable[str]) -> str:
        """Return the numbers of footnotes, adding new ones."""
        wanted = list(texts)
        self.texts += [text for text in wanted if text not in self.texts]
        return ", ".join(str(self.texts.index(text) + 1) for text in wanted)


def foldable(text: str, longest: int = 17) -> str:
    """Let words that are longer than a column break anywhere (zero-width spaces)."""
    return re.sub(rf"[^\s-]{{{longest + 1},}}", lambda it: _FOLD.join(it[0]), text)


def worth_telling(lines: Sequence[MetricLine]) -> list[MetricLine]:
    """Return the lines without what the other gait alone has.

    A runner has no double support, a walker no flight: the other one is enough.
    """
    measured = any(not it.missing for it in lines if it.id in _EITHER)
    return [
        it
        for it in lines
        if it.id not in _NO_NUMBER
        and not (it.id in _EITHER and it.missing and measured)
    ]


def skill_tables(
    report: ReportData, notes: Footnotes, words: Words, units: Units
) -> list[dict[str, Any]]:
    """Return a table for every skill: what was measured, and what was not and why."""
    found: list[dict[str, Any]] = []
    for skill, title in SKILLS.items():
        lines = [it for it in worth_telling(report.metrics) if it.skill == skill]
        found.append(
            {
                "title": words.say(title),
                "rows": [
                    metric_row(it, notes, words, units)
                    for it in lines
                    if not it.missing
                ],
                "missing": missing(lines, words),
            }
        )
    return [it for it in found if it["rows"] or it["missing"]]


def missing(lines: Iterable[MetricLine], words: Words) -> list[list[str]]:
    """Return names and reason of what was not measured, one reason a line."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.missing:
            found.setdefault(line.missing, []).append(label_of(line, words))
    return [[", ".join(names), words.tell(why)] for why, names in found.items()]


def label_of(line: MetricLine, words: Words) -> str:
    """Return a metric's name; where force was measured is told in English only."""
    return line.label if words.language == "en" else words.title(line.id)


def metric_row(
    line: MetricLine, notes: Footnotes, words: Words, units: Units
) -> dict[str, Any]:
    """Print one line; what its marks refer to is added to ``notes``."""
    how = shown(line.id, units)
    row: dict[str, Any] = {
        "name": label_of(line, words),
        "unit": words.say(how.unit) if how.unit else "",
        "grade": line.grade,
        "standing": words.say(standing(line)),
        "marks": notes.marks(footnotes(line, words)),
        "asymmetry": _asymmetry(line.asymmetry_pct, _LARGER.get(line.id, ""), words),
        "mdc": _mdc(line, how.factor, how.decimals),
    }
    for key in (*SIDES, "both"):
        row[key] = stat_text(line.stat(key), how.factor, how.decimals)
    return row


def footnotes(line: MetricLine, words: Words) -> list[str]:
    """Return what a reader of a line must know."""
    texts: list[str] = []
    if line.contested:
        texts.append(words.say(_CONTESTED.get(line.id, _CONTESTED_ANYWAY)))
    if line.note:
        told = words.tell(line.note)
        texts.append(f"{told[0].upper()}{told[1:].rstrip('.')}.")
    return texts


def standing(line: MetricLine) -> str:
    """Say what a grade alone does not: nobody's cut-off but the lab's, or disputed."""
    if line.grade == "D" or (not line.info and line.band_grade == "D"):
        return "lab default"
    return "contested" if line.contested else ""


def stat_text(stat: Stat | None, factor: float, decimals: int) -> dict[str, Any] | None:
    """Print one value with what it stands on; ``few`` marks fewer than 85 %."""
    if stat is None:
        return None
    return {
        "median": number(factor * stat.median, decimals),
        "sd": "" if stat.sd is None else number(factor * stat.sd, decimals),
        "n": f"{count(stat.n)} / {count(stat.n_total)}",
        "few": stat.n < FEW * stat.n_total,
    }


def span_told(span: tuple[float, float], factor: float, words: Words) -> str:
    """Print what is good: ``≤ 5``, ``≥ 20``, ``3 to 12``, ``±6``."""
    low, high = (f"{factor * it:.3g}".replace("-", MINUS) for it in span)
    if math.isinf(span[0]):
        return f"≤ {high}"
    if math.isinf(span[1]):
        return f"≥ {low}"
    return f"±{high}" if span[0] == -span[1] else f"{low} {words.say('to')} {high}"


def _mdc(line: MetricLine, factor: float, decimals: int) -> str:
    """Print the smallest change that counts, of either foot."""
    keys: tuple[StatKey, ...] = ("left", "right", "both")
    known = [line.shifts[key].mdc for key in keys if key in line.shifts]
    known = [it for it in known if it == it]
    if not known:
        return ""
    text = number(factor * max(known), decimals + 1)
    least = number(10.0 ** -(decimals + 1), decimals + 1)
    return text if float(text) else f"< {least}"


def _asymmetry(
    percent: float | None, larger: str, words: Words
) -> dict[str, str] | None:
    if percent is None or not larger:
        return None
    text = number(percent, 1, signed=True)
    equal = text[0] not in (MINUS, "+")
    side = "right" if percent > 0 else "left"
    said = words.say("equal") if equal else words.say(f"{side} {larger}")
    return {"percent": text, "larger": said}


# ------------------------------------------------------------------ streams and gaps
def stream_rows(streams: tuple[StreamLine, ...], words: Words) -> list[list[str]]:
    """Return the streams; of many, those of one kind without known loss in one line."""
    return [
        [
            foldable(_named(stream, words)),
            foldable(stream.type),
            f"{stream.rate_hz:g}" if stream.rate_hz else words.say("irregular"),
            count(stream.rows),
            words.say("not counted")
            if stream.lost is None
            else lost_text(stream.lost, [stream]),
            count(stream.gaps),
        ]
        for stream in _alike(streams)
    ]


def _named(stream: StreamLine, words: Words) -> str:
    name, sign, more = stream.name.partition("\n")
    return f"{name} {words.say('and {n} more', n=more)}" if sign else name


def _alike(streams: tuple[StreamLine, ...]) -> list[StreamLine]:
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
            name=f"{kind[0].name}\n{len(kind) - 1}" if kind[1:] else kind[0].name,
            rows=sum(stream.rows for stream in kind),
        )
        for kind in kinds.values()
    ]


def gap_rows(gaps: tuple[GapLine, ...], words: Words) -> tuple[list[list[str]], int]:
    """Return the longest gaps in the order of their time, and how many more."""
    kept = sorted(gaps, key=lambda gap: -gap.duration_s)[:_GAPS_SHOWN]
    rows = [
        [
            clock(gap.t_s),
            foldable(gap.stream),
            number(gap.duration_s, 2),
            words.say("unknown") if gap.rows_lost is None else count(gap.rows_lost),
            foldable(words.tell(gap.why)),
        ]
        for gap in sorted(kept, key=lambda gap: gap.t_s)
    ]
    return rows, max(0, len(gaps) - _GAPS_SHOWN)


def lost_text(lost: int, streams: Iterable[StreamLine]) -> str:
    """Print a count of lost rows; streams that cannot count all of them say so."""
    at_least = any(stream.at_least for stream in streams)
    return f"≥ {count(lost)}" if at_least else count(lost)


def quality(report: ReportData, words: Words) -> dict[str, Any]:
    """Return what was recorded, what was lost and what was used."""
    used, total = report.strides_used, report.strides_total
    lost = sum(stream.lost or 0 for stream in report.streams)
    blind = sum(stream.lost is None for stream in report.streams)
    told = [
        _counted(len(report.streams), "stream", words),
        _counted(sum(stream.rows for stream in report.streams), "row", words),
        _counted(len(report.gaps), "gap", words),
    ]
    if blind < len(report.streams):
        told.insert(2, words.say("{n} lost", n=lost_text(lost, report.streams)))
    if blind:
        streams = _counted(blind, "stream", words)
        told.append(words.say("loss cannot be counted on {streams}", streams=streams))
    if report.damaged:
        places = _counted(report.damaged, "damaged place", words)
        told.append(words.say("{places} in the file", places=places))
    mark, verdict = _verdict(lost, len(report.gaps), blind, report.damaged)
    if report.part_of:
        told.append(foldable(report.part_of, LINE))
        if not report.damaged:
            mark, verdict = "caution", "Part of a recording"
    left_out = sorted(report.left_out.items(), key=lambda item: -item[1])
    return {
        "mark": mark,
        "verdict": words.say(verdict),
        "used": count(used),
        "total": count(total),
        "share": used / total if total else 0.0,
        "percent": number(100 * used / total, 1) if total else "",
        "data": told,
        "left_out": ", ".join(
            f"{words.tell(reason)} {count(n)}" for reason, n in left_out
        ),
    }


def _verdict(lost: int, gaps: int, blind: int, damaged: int) -> tuple[str, str]:
    if damaged:
        return "caution", "File damaged"
    if lost:
        return "caution", "Data lost"
    if gaps:
        return "caution", "Gaps in the data"
    return ("info", "No loss seen") if blind else ("good", "Nothing lost")


def _counted(n: int, noun: str, words: Words) -> str:
    return f"{count(n)} {words.say(noun if n == 1 else noun + 's')}"
