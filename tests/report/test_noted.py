"""What people noted, what blocks did, what the session's plan adds."""

from __future__ import annotations

import msgspec
import pytest
import report_cases
from pipeline_cases import segments_as_worn
from test_over_time import at, session

from lablive.library.session_plan import SCHEMA, SessionPlan, save_plan
from lablive.messages import Marker
from lablive.protocol.effect import BlockEffect, MoreThanRest
from lablive.protocol.phases import Part
from lablive.protocol.session import SessionStatistics
from lablive.report.noted import calibration_lines, entries_of
from lablive.report.plan_facts import with_plan
from lablive.report.printed import page
from lablive.signals.calibrations import Calibrations


def test_pain_effort_and_notes_as_they_stand_now():
    markers = (
        Marker(110.0, "2", "pain"), Marker(130.0, "lands quiter", "note"),
        Marker(130.0, "lands quieter", "edit"), Marker(120.0, "7", "effort"),
        Marker(125.0, "marker", "marker"), Marker(140.0, "12", "pain"),
    )  # fmt: skip
    found = entries_of(markers, 100.0)
    assert [(it.t_s, it.kind, it.text, it.value) for it in found] == [
        (10.0, "pain", "2", 2.0), (20.0, "effort", "7", 7.0),
        (30.0, "note", "lands quieter", None),
    ]  # fmt: skip


def test_calibration_is_told_part_by_part():
    assert list(calibration_lines(None)) == ["Nothing was calibrated."]
    worn = segments_as_worn(("pelvis", "thigh_left"), None)
    (line,) = calibration_lines(Calibrations(segments=worn))
    assert line == "IMUs: functional: pelvis, thigh left."


def blocks(verdict, more=None):
    effect = BlockEffect(
        "corrective", "ms", mean=-8.0, low=-9.0, high=-7.0, verdict=verdict, n=5,
        why="" if verdict != "unknown" else
        "needs 4 corrective blocks for a mean, there are 2",
    )  # fmt: skip
    found = at("left", 0.0, corrective=effect, more_than_rest=more)
    parts = (Part("corrective", 60.0, 150.0), Part("baseline", 0.0, 50.0))
    report = msgspec.structs.replace(
        report_cases.bare(),
        session=SessionStatistics(parts, (), session(found).metrics),
    )
    return page(report)["blocks"]


@pytest.mark.parametrize(
    ("verdict", "more", "said"),
    [
        ("real", MoreThanRest("ms", verdict="real"), "more than after rests"),
        ("real", None, "real; the rest itself may be the cause"),
    ],
)
def test_a_real_effect_says_whether_rest_does_the_same(verdict, more, said):
    told = blocks(verdict, more)
    (row,) = told["rows"]
    assert (row["name"], row["mean"], row["said"]) == (
        "Ground contact time", "−8 (−9 … −7)", said,
    )  # fmt: skip
    assert told["summary"].startswith("1 of 1 values changed by more than error")
    assert told["parts"] == ["corrective 1:00, 1.5 min"]


@pytest.mark.parametrize("verdict", ["not shown", "unknown"])
def test_without_an_effect_none_is_claimed(verdict):
    told = blocks(verdict)
    assert told["summary"].startswith("0 of 1 values")
    assert told["rows"] == []  # neither worked on, nor a load, nor the cadence


def test_a_session_without_blocks_has_no_such_table():
    assert page(report_cases.rich())["blocks"] is None


def test_the_sessions_plan_adds_shoes_pain_and_notes_when_it_is_printed(tmp_path):
    report = report_cases.bare()
    assert with_plan(report, tmp_path) == report
    plan = SessionPlan(
        SCHEMA, "LB-0007", "2026-11-20", protocol="Soft landing", shoes="Own",
        pain_nrs=2, notes="New orthotics.", involved_side="left",
    )  # fmt: skip
    save_plan(tmp_path, plan)
    told = with_plan(msgspec.structs.replace(report, notes="Tired."), tmp_path)
    facts = {it.label: it.value for it in told.facts}
    assert facts["Protocol"] == "Soft landing"
    assert (facts["Shoes"], facts["Pain before"]) == ("Own", "2 / 10")
    assert facts["Involved side"] == "left"
    assert told.notes == "Tired.\nNew orthotics."
    (tmp_path / "session.toml").write_text("schema = [")
    assert with_plan(report, tmp_path) == report
