"""A set of an earlier session as far as it was kept: its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.drills.set_result import SetResult

if TYPE_CHECKING:
    from lablive.drills.plan import Drill
    from lablive.drills.record import SetRecord


def as_result(record: SetRecord, drill: Drill) -> SetResult:
    """Return a kept set for the advice; it has no repetitions of its own."""
    return SetResult(
        drill=record.drill,
        title=drill.words().title,
        leg=record.leg,
        number=0,
        begin_s=record.t_s,
        end_s=record.t_s,
        passed=record.passed,
        failed=record.scored - record.passed,
        wanted=record.wanted,
        needed=record.needed,
        verdict=record.verdict,
        reasons=record.reasons,
        order=drill.order,
    )
