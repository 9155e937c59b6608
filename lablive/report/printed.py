"""A report as the texts and curves its template lays out; nothing is computed here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from lablive.report.blocks import block_table
from lablive.report.board import SHOWN, board, findings
from lablive.report.figures import (
    force_figure,
    gait_line_figure,
    pelvis_figure,
    trace_figure,
)
from lablive.report.next_skill import focus
from lablive.report.noted import hurt
from lablive.report.numbers import clock, number
from lablive.report.over_time import over_time
from lablive.report.runner import runner_page
from lablive.report.settings import ReportSettings
from lablive.report.tables import (
    FEW,
    LINE,
    Footnotes,
    foldable,
    gap_rows,
    quality,
    skill_tables,
    stream_rows,
)
from lablive.report.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.metrics.metric import StatKey
    from lablive.report.data import Fact, MetricLine, ReportData
    from lablive.report.history import History
    from lablive.report.words import Words

_ZONES: Final = 6
_SECONDS: Final = 60.0
# phases of stance that the EMG of a muscle is told in, metric reference 7
_EMG: Final = {
    "gmax_drive_pct": "Gluteus maximus, −10 to 60 % of stance",
    "gmax_pushoff_pct": "Gluteus maximus, 60 to 100 % of stance",
    "gmed_stance_peak_pct": "Gluteus medius, peak in stance",
}
_TRACE_NAMES: Final = {
    "footfall_sel_dba": "Foot-contact sound of each step",
    "footfall_sel_db": "Foot-contact sound of each step",
    "pelvic_drop_deg": "Pelvic drop per stance side",
}
# a number, not a version or a part of a name
_POINT: Final = re.compile(r"(?<![\d.\w])(\d+)\.(\d+)(?![\d.\w])")
_AS_IS: Final = (
    "words", "software", "files", "footer", "person", "code", "notes", "spoken",
    "heading", "closing", "clinic", "title", "sections", "facts",
)  # fmt: skip
_TYPED: Final = ("devices", "title")  # further down: names, not numbers of ours
_MEASURED: Final = ("Belt speed", "Body mass")
_RUNGS: Final = {
    "passed": "passed",
    "tried": "tried",
    "now": "work on this one",
    "open": "",
}
_TRACE_UNITS: Final = {
    "footfall_sel_dba": "dB(A)",
    "footfall_sel_db": "dB",
    "pelvic_drop_deg": "°",
}


def page(
    report: ReportData,
    settings: ReportSettings | None = None,
    name: str = "",
    history: History | None = None,
) -> dict[str, Any]:
    """Turn a report into what its template lays out.

    Parameters
    ----------
    report
        Numbers and texts of a trial.
    settings
        Sections, language, units; None = the defaults.
    name
        Of the person, where the settings ask for it in place of the code.
    history
        What the library keeps of the person; None = no library.
    """
    settings = settings or ReportSettings()
    words = words_of(settings.language)
    summary, details = Footnotes(), Footnotes()
    person = name or report.person
    told: dict[str, Any] = {
        "sections": list(settings.sections),
        "language": settings.language,
        "words": dict(words.texts),
        "person": foldable(person, LINE),
        "code": report.person if name else "",
        "title": _title(report, person, words),
        "clinic": foldable(settings.clinic or report.clinic, LINE),
        "heading": foldable(settings.heading, LINE),
        "closing": foldable(settings.closing, LINE),
        "footer": f"{_cut(report.person)} · {_cut(report.files[0].name)}",
        "facts": [[words.say(it.label), foldable(_fact(it, words))]
                  for it in report.facts],
        "quality": quality(report, words),
        "findings": findings(report, words, settings),
        "board": board(report, summary, words, settings),
        "focus": focus(report, words, settings, history),
        "footnotes": summary.texts,
        "over_time": over_time(
            report.session,
            report.t0_s,
            [it for ids in SHOWN.values() for it in ids],
            words,
            settings.units,
        ),
        "blocks": block_table(report, words, settings),
        "drills": [
            {
                "title": foldable(it.title),
                "side": it.side,
                "reps": words.say(
                    "{passed} of {scored} passed", passed=it.passed, scored=it.scored
                ),
                "left": it.total - it.scored,
                "mark": {"pass": "good", "caution": "caution", "fail": "poor"}.get(
                    it.verdict, "info"
                ),
                "verdict": words.say(it.verdict or "not scored"),
                "why": words.tell(it.why),
            }
            for it in report.drills
        ],
        "rungs": [
            {
                "title": foldable(it.title, LINE),
                "mark": {"passed": "good", "now": "caution"}.get(it.state, "info"),
                "state": words.say(_RUNGS[it.state]),
                "words": it.words,
            }
            for it in (history.rungs if history else ())
            if it.state != "open"
        ],
        "force": force_figure(report.force, report.force_from, words),
        "force_from": words.say(report.force_from),
        "force_missing": words.tell(report.force_missing),
        "gait_line": gait_line_figure(
            report.gait_line, report.sole, report.soles, words
        ),
        "gait_line_missing": words.tell(report.gait_line_missing),
        "pelvis": pelvis_figure(report.pelvis, words, _few_sides(report)),
        "traces": list(_traces(report, words)),
        "emg": list(_emg(report, words)),
        "zones": list(_zones(report, words)),
        "entries": _entries(report, words),
        "notes": foldable(report.notes, LINE),
        "spoken": [
            [clock(it.t_s), foldable(it.text, LINE)]
            for it in report.entries
            if it.kind == "note"
        ],
        "software": report.software,
        "files": [[foldable(it.name, LINE), it.sha256] for it in report.files],
        "gaps_more": 0,
    }  # fmt: skip
    # the mark is explained once, below the board
    told["board"]["few"] |= _few_in_figures(told)
    if "runner" in settings.sections:
        told["runner"] = runner_page(report, words, settings, history)
    if "details" in settings.sections:
        told["details"] = _details(report, details, words, settings)
    return told if settings.language == "en" else with_commas(told)


def with_commas(told: dict[str, Any]) -> dict[str, Any]:
    """Return a page with decimal commas, but for what is no number of ours."""
    return {key: it if key in _AS_IS else _commas(it) for key, it in told.items()}


def _commas(told: Any) -> Any:
    if isinstance(told, str):
        return _POINT.sub(r"\1,\2", told)
    if isinstance(told, dict):
        items: dict[str, Any] = told
        return {key: it if key in _TYPED else _commas(it) for key, it in items.items()}
    if isinstance(told, list | tuple):
        parts: list[Any] = list(told)
        return [_commas(it) for it in parts]
    return told


def _title(report: ReportData, person: str, words: Words) -> str:
    """Return the document's title; its start is the last part of the report's own."""
    _, sign, started = report.title.partition(", ")
    head = words.say("LabLive session report {who}", who=person)
    return head + sign + started


def _fact(fact: Fact, words: Words) -> str:
    """Print a fact; what people typed (protocol, shoes) stays as they typed it."""
    if fact.label == "Involved side":
        return words.say(fact.value)
    if fact.label in _MEASURED and words.language != "en":
        return _commas(fact.value.replace(" to ", f" {words.say('to')} "))
    return fact.value


def _cut(text: str, longest: int = 20) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _details(
    report: ReportData, notes: Footnotes, words: Words, settings: ReportSettings
) -> dict[str, Any]:
    tables = skill_tables(report, notes, words, settings.units)
    gaps, more = gap_rows(report.gaps, words)
    return {
        "tables": tables,
        "footnotes": notes.texts,
        "remarks": [foldable(words.tell(it), LINE) for it in report.remarks],
        "streams": stream_rows(report.streams, words),
        "devices": [
            [foldable(it.name), foldable(it.device, LINE)]
            for it in report.streams
            if it.device
        ],
        "gaps": gaps,
        "gaps_more": more,
        "calibration": [words.tell(it) for it in report.calibration],
        "edits": [words.tell(it) for it in report.edits],
    }


def _traces(report: ReportData, words: Words) -> Iterator[dict[str, Any]]:
    parts = [
        (it.kind, it.t0_s - report.t0_s, it.t1_s - report.t0_s)
        for it in report.session.parts
    ]
    for metric_id, of in report.traces.items():
        unit = _TRACE_UNITS[metric_id]
        name = words.say(_TRACE_NAMES[metric_id])
        found = trace_figure(of, name, unit, parts, report.duration_s, words)
        yield found | {
            "id": metric_id,
            "name": name,
            "unit": f"{unit}, {found['about']}",
        }


def _emg(report: ReportData, words: Words) -> Iterator[dict[str, Any]]:
    known = {line.id: line for line in report.metrics}
    for metric_id, name in _EMG.items():
        line = known.get(metric_id)
        if line is None or line.missing:
            continue
        sides = {
            side: {
                "value": stat.median,
                "text": number(stat.median, 0),
                "n": f"{stat.n}/{stat.n_total}",
                "few": stat.n < FEW * stat.n_total,
            }
            for side in ("left", "right")
            if (stat := line.stat(side)) is not None
        }
        if sides:
            yield {
                "name": words.say(name),
                "sides": sides,
                "flags": words.tell(_warning(line)),
            }


def _few_in_figures(told: dict[str, Any]) -> bool:
    drawn = [it for key in ("force", "gait_line", "pelvis") if (it := told[key])]
    figures = [*drawn, *told["traces"], *told["emg"]]
    sides = [side for figure in figures for side in figure["sides"].values()]
    return any(it["few"] for it in (*sides, *told["zones"]))


def _few_sides(report: ReportData) -> tuple[StatKey, ...]:
    """Return the feet whose pelvic drop stands beside gaps; its curve is a sample."""
    line = next((it for it in report.metrics if it.id == "pelvic_drop_deg"), None)
    sides: tuple[StatKey, ...] = ("left", "right")
    return tuple(
        side
        for side in sides
        if line and (stat := line.stat(side)) and stat.n < FEW * stat.n_total
    )


def _warning(line: MetricLine) -> str:
    """Return what is wrong with a muscle's signal, as the analysis said it."""
    known = ("hum", "movement", "low SNR", "clipping")
    return ", ".join(it for it in known if it in line.note)


def _zones(report: ReportData, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the time in each zone: what is out of its band longest comes first."""
    lines = [
        (line, key, zone)
        for line in report.metrics
        if any(line.id in ids for ids in SHOWN.values())
        for key, zone in line.zones.items()
    ]
    lines.sort(key=lambda it: (it[2].good_pct, -it[2].poor_pct))
    for line, key, zone in lines[:_ZONES]:
        shares = (zone.good_pct, zone.caution_pct, zone.poor_pct)
        yield {
            "name": words.title(line.id),
            "side": key,
            "shares": shares,
            "texts": [number(it, 0) for it in shares],
            "n": f"{zone.n}/{zone.n_total}",
            "few": zone.n < FEW * zone.n_total,
            "lab": line.band_grade == "D",
        }


def _entries(report: ReportData, words: Words) -> list[dict[str, Any]]:
    """Return pain and effort, each as its numbers in order of time."""
    found: list[dict[str, Any]] = []
    for kind, title in (("pain", "Pain, 0 to 10"), ("effort", "Effort, 0 to 10")):
        values = [it for it in report.entries if it.kind == kind]
        if values:
            found.append(
                {
                    "title": words.say(title),
                    "values": [
                        [clock(it.t_s), number(it.value or 0.0, 0)] for it in values
                    ],
                    "stop": kind == "pain" and hurt(report),
                }
            )
    return found
