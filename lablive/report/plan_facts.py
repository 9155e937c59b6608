"""What the session's plan adds to a report; read when it is printed, never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lablive.errors import LabLiveError
from lablive.library.session_plan import NAME, load_plan
from lablive.report.data import Fact, ReportData

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.library.session_plan import SessionPlan


def with_plan(report: ReportData, folder: Path) -> ReportData:
    """Return a report with protocol, shoes, pain and notes of its session.

    A folder without a plan, or with one that cannot be read, adds nothing: that is told
    where plans are written.
    """
    if not (folder / NAME).exists():
        return report
    try:
        plan = load_plan(folder)
    except LabLiveError:
        return report
    facts = tuple(
        Fact(it.label, it.value or plan.protocol) if it.label == "Protocol" else it
        for it in report.facts
    )
    notes = dict.fromkeys(it for it in (report.notes, plan.notes) if it)
    return msgspec.structs.replace(
        report, facts=(*facts, *_facts(plan)), notes="\n".join(notes)
    )


def _facts(plan: SessionPlan) -> Iterator[Fact]:
    yield Fact("Shoes", plan.shoes)
    if plan.pain_nrs is not None:
        yield Fact("Pain before", f"{plan.pain_nrs} / 10")
    if plan.involved_side:
        yield Fact("Involved side", plan.involved_side)
