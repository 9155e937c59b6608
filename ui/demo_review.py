"""What the demo proves: counts, equality of live and replay, the true cadence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.live.agreement import differences
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.replaying import ReplaySession
    from lablive.pipeline import Pipeline
    from ui.session_model import SessionModel

CADENCE_TOLERANCE: Final = 0.005


def review(
    told: dict[str, Any],
    model: SessionModel,
    live: Pipeline,
    replay: ReplaySession,
    sent: dict[str, Any],
    pdf: Path,
) -> bool:
    """Fill ``told`` (the summary); return whether everything held."""
    counted = model.last_verify
    findings: list[str] = [] if counted is None else list(counted.findings)
    rows = {} if counted is None else {s.name: s.rows for s in counted.streams}
    lost = _lost(model, sent)
    unequal = differences(live, replay.pipeline)
    cadence = _cadence(replay)
    truth = sent.get("truth", {}).get("cadence_spm")
    told |= {
        "streams": rows,
        "samples_received": sum(rows.values()),
        "samples_lost": lost,
        "gaps": 0 if counted is None else len(counted.gaps),
        "steps": sum(contact.kind == "ic" for contact in replay.pipeline.contacts),
        "cadence_spm": cadence,
        "true_cadence_spm": truth,
        "metrics": _measured(replay),
        "drill": None,  # drills are not built yet
        "replay_equals_live": not unequal,
        "verified": counted is not None and counted.ok,
        "pdf": pdf.name if pdf.exists() else None,
        "pdf_pages": model.report_pages,
    }
    findings += unequal
    if lost:
        findings.append(f"{lost} samples were lost on the way")
    if truth and not _near(cadence, truth):
        findings.append(f"cadence {cadence} is not the runner's {truth:.2f}")
    if not pdf.exists():
        findings.append("no PDF was made")
    told["findings"] = findings
    return bool(rows) and not findings


def _lost(model: SessionModel, sent: dict[str, Any]) -> int:
    """Count recorded losses, and rows the simulator sent that never came."""
    counted = model.last_verify
    in_file = 0 if counted is None else sum(s.lost for s in counted.streams)
    report = model.live.report
    came = {
        info.name: status.rows
        for source in (report.sources if report else ())
        for info, status in zip(source.streams, source.status, strict=True)
    }
    missing = sum(
        max(0, told.get("rows", 0) - came[name])
        for name, told in sent.get("streams", {}).items()
        if name in came
    )
    return in_file + missing


def _measured(replay: ReplaySession) -> dict[str, dict[str, float]]:
    """Return skill -> metric -> its median of both feet, of what was measured."""
    sample = replay.pipeline.results.sample()
    found: dict[str, dict[str, float]] = {}
    for metric_id, metric in METRICS.items():
        both = sample.summarise(metric).stat("both")
        if both.n:
            found.setdefault(metric.skill, {})[metric_id] = round(both.median, 3)
    return found


def _cadence(replay: ReplaySession) -> float | None:
    value = replay.metric("cadence_spm").both
    found = getattr(value, "median", None)
    return None if found is None or found != found else round(float(found), 2)


def _near(cadence: float | None, truth: float) -> bool:
    return cadence is not None and abs(cadence / truth - 1) <= CADENCE_TOLERANCE
