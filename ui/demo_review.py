"""What the demo proves: counts, equality of live and replay, the true cadence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lablive.live.agreement import differences
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.replaying import ReplaySession
    from lablive.live.reports import HostReport
    from lablive.pipeline import Pipeline
    from lablive.recording.verify import VerifyReport
    from ui.session_model import SessionModel

CADENCE_TOLERANCE: Final = 0.005


def review(
    told: dict[str, Any],
    model: SessionModel,
    live: Pipeline,
    replay: ReplaySession,
    sent: dict[str, Any],
    heard: HostReport | None,
    pdf: Path,
) -> bool:
    """Fill ``told`` (the summary); return whether everything held.

    ``heard`` is what the host told when all was sent and the wires were still open.
    """
    counted = model.last_verify
    findings: list[str] = [] if counted is None else list(counted.findings)
    rows = {} if counted is None else {s.name: s.rows for s in counted.streams}
    lost = count_lost(counted, heard, sent)
    unequal = differences(live, replay.pipeline)
    cadence = _cadence(replay)
    truth = sent.get("truth", {}).get("cadence_spm")
    told |= {
        "streams": rows,
        "samples_received": sum(rows.values()),
        "samples_lost": lost.in_trial,
        "samples_lost_outside": lost.outside,
        "samples_lost_unnoticed": lost.unnoticed,
        "samples_before_the_first": lost.at_opening,
        "gaps": 0 if counted is None else len(counted.gaps),
        "steps": sum(contact.kind == "ic" for contact in replay.pipeline.contacts),
        "cadence_spm": cadence,
        "true_cadence_spm": truth,
        "metrics": _measured(replay),
        "drill": None,  # the simulated runner only runs
        "replay_equals_live": not unequal,
        "verified": counted is not None and counted.ok,
        "pdf": pdf.name if pdf.exists() else None,
        "pdf_pages": model.report_pages,
    }
    findings += unequal
    findings += lost.findings()
    if truth and not _near(cadence, truth):
        findings.append(f"cadence {cadence} is not the runner's {truth:.2f}")
    if not pdf.exists():
        findings.append("no PDF was made")
    told["findings"] = findings
    return bool(rows) and not findings


class Lost(NamedTuple):
    """Rows that are missing, by who knows of them; every row in one place only.

    Parameters
    ----------
    in_trial
        Counted in the file, each with a gap.
    outside
        Told by the host, before the recording began or after it had ended.
    at_opening
        Sent while a silent port was closed and opened again: nothing had come yet, so
        that nobody could count them, and nothing recorded is missing.
    unnoticed
        Sent, never come and never told.
    away
        Streams that were opened again between their rows.
    """

    in_trial: int = 0
    outside: int = 0
    at_opening: int = 0
    unnoticed: int = 0
    away: tuple[str, ...] = ()

    def findings(self) -> list[str]:
        """Return what a person must know, a line each."""
        found = [f"{name} was opened again between its rows" for name in self.away]
        if self.in_trial:
            found.append(f"{self.in_trial} samples are missing in the trial")
        if self.outside:
            found.append(f"{self.outside} samples were lost outside of the trial")
        if self.unnoticed:
            found.append(f"{self.unnoticed} samples were lost and nobody noticed")
        return found


def count_lost(
    counted: VerifyReport | None, heard: HostReport | None, sent: dict[str, Any]
) -> Lost:
    """Compare what the simulator sent, the host heard and the file holds."""
    in_file = {it.name: it.lost for it in counted.streams} if counted else {}
    outside = at_opening = unnoticed = 0
    away: list[str] = []
    for source in heard.sources if heard else ():
        for info, status in zip(source.streams, source.status, strict=True):
            rows = sent.get("streams", {}).get(info.name, {}).get("rows", 0)
            missing = max(0, rows - status.rows - status.lost)
            outside += max(0, status.lost - in_file.get(info.name, 0))
            if status.reconnects and not status.lost_is_exact:
                away.append(info.name)
            elif status.reconnects:
                at_opening += missing
            else:
                unnoticed += missing
    return Lost(sum(in_file.values()), outside, at_opening, unnoticed, tuple(away))


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
