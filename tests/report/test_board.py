"""The first page: what is told first, how it is marked, what to work on next."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import report_cases
from report_cases import line, sides

from lablive.drills.ladder import Rung
from lablive.drills.record import SetRecord
from lablive.metrics.bands import load_bands
from lablive.protocol.focus import FocusRecord
from lablive.report.board import SHOWN
from lablive.report.data import Entry, Shift, Stat
from lablive.report.history import History
from lablive.report.lines import good_span
from lablive.report.printed import page
from lablive.report.settings import ReportSettings
from lablive.report.tables import span_told
from lablive.report.words import words_of

BANDS = load_bands()


def made(*lines, **settings):
    report = msgspec.structs.replace(report_cases.bare(), metrics=lines)
    return page(report, ReportSettings(**settings))


def rows(told):
    return {row["name"]: row for it in told["board"]["groups"] for row in it["rows"]}


def test_what_is_not_good_is_never_left_to_the_details():
    good = [
        sides(key, "°", 0.0, 0.0, 1.0)
        for key in SHOWN["sagittal"]
        if BANDS.judge(key, 0.0, 3.0) == "good"
    ]
    assert len(good) > 3
    bad = sides("foot_progression_deg", "°", 20.0, 2.0, 1.0, grade="D")
    told = made(*(it for it in good if it.id != bad.id), bad)
    group = next(it for it in told["board"]["groups"] if it["rows"])
    assert len(group["rows"]) == 3
    assert rows(told)["Toe-out at push-off"]["verdict"] == "poor"
    assert rows(told)["Toe-out at push-off"]["whose"] == "left"


@pytest.mark.parametrize(
    ("metric_id", "speeds_mps", "span", "words"),
    [
        ("pelvic_drop_deg", (3.0,), (-np.inf, 5.0), "≤ 5"),
        ("thigh_extension_peak_deg", (3.0,), (20.0, np.inf), "≥ 20"),
        ("trunk_lean_deg", (3.0,), (3.0, 12.0), "3 to 12"),
        ("spine_flexion_deg", (3.0,), (-6.0, 6.0), "±6"),
        ("cadence_spm", (3.0,), None, ""),
        ("vert_osc_cm", (3.0,), (0.0, 9.0), "0 to 9"),
    ],
)
def test_what_is_good_is_told_as_it_is_judged(metric_id, speeds_mps, span, words):
    found = good_span(BANDS.band[metric_id], speeds_mps)
    assert found == span
    if span is not None:
        assert span_told(span, 1.0, words_of("en")) == words
        for edge in (it for it in span if np.isfinite(it)):
            assert BANDS.judge(metric_id, edge, speeds_mps[0]) == "good"


def test_a_value_just_out_of_its_band_does_not_read_as_its_edge():
    told = made(sides("pelvic_drop_deg", "°", 5.03, 5.2, 0.4, grade="B"))
    assert "left 5.03, right 5.2 °, caution (good ≤ 5," in told["findings"][0]["text"]


def test_a_band_that_moves_with_the_belt_has_one_edge_at_one_speed():
    moving = [it for it, band in BANDS.band.items() if band.faster and band.good]
    assert moving
    for metric_id in moving:
        band = BANDS.band[metric_id]
        fast_mps = band.faster.above_mps + 0.4
        span = good_span(band, (fast_mps,))
        edge = next(it for it in span[::-1] if np.isfinite(it))
        assert edge > 0.0
        assert BANDS.judge(metric_id, edge - 1e-6, fast_mps) == "good"
        assert BANDS.judge(metric_id, edge + 1e-6, fast_mps) != "good"
        assert good_span(band, (band.faster.above_mps, fast_mps)) is None


def test_what_has_no_band_has_no_colour():
    told = made(sides("cadence_spm", "steps/min", 120.0, 240.0, 2.0, grade="B"))
    assert rows(told)["Cadence"]["mark"] == "info"
    assert [it["mark"] for it in told["findings"]] == ["info"]


def test_findings_are_sentences_with_side_band_evidence_and_strides():
    told = made(
        sides("pelvic_drop_deg", "°", 4.0, 8.6, 0.4, grade="B", contested=True),
        sides("foot_progression_deg", "°", 12.0, 2.0, 1.0, grade="D"),
    )
    assert [(it["mark"], it["text"]) for it in told["findings"]] == [
        ("poor", "Contralateral pelvic drop: right 8.6 °, poor (good ≤ 5, contested,"
         " evidence B, 206 of 225 strides)."),
        ("caution", "Toe-out at push-off: left 12.0 °, caution (good −3 to 10, lab"
         " default, 206 of 225 strides)."),
    ]  # fmt: skip


def test_change_and_asymmetry_have_a_place_among_many_findings():
    many = [
        sides(key, "°", 90.0, 90.0, 1.0)
        for key in ("pelvic_drop_deg", "trunk_lean_deg", "pelvic_tilt_rel_deg",
                    "shank_angle_ic_deg", "spine_flexion_deg", "head_trunk_pitch_deg")
    ]  # fmt: skip
    told = made(
        sides("cadence_spm", "steps/min", 160, 160, 1,
              shifts={"left": Shift(6.2, 2.0, beyond=True, n=80)}),
        sides("contact_time_ms", "ms", 236, 262, 5),
        line("contact_time_si_pct", "%", both=Stat(10.4, None, 206, 225)),
        *many,
    )["findings"]  # fmt: skip
    assert [it["mark"] for it in told] == ["poor"] * 3 + ["info", "poor", "info"]
    assert told[3]["text"] == (
        "Cadence, left: +6.2 steps/min against the baseline, more than error explains "
        "(MDC 2.00, n 80)."
    )
    assert "+10.4 %, right longer (poor, lab default" in told[4]["text"]
    assert told[5]["text"] == "3 more are marked in the tables."


def test_a_change_within_error_is_no_finding():
    told = made(
        sides("cadence_spm", "steps/min", 160, 160, 1,
              shifts={"left": Shift(1.2, 2.0, n=80)}),
    )  # fmt: skip
    assert "against the baseline" not in str(told["findings"])
    assert rows(told)["Cadence"]["shift"] == [
        {"side": "left", "text": "+1.2", "beyond": False}
    ]


def test_the_strides_behind_a_value_stand_beside_it():
    told = made(line("flight_time_ms", "ms", left=Stat(118, 6, 40, 58)))
    row = rows(told)["Flight time"]
    assert (row["n"], row["few"]) == ("40 / 58", True)
    assert told["board"]["few"]


def test_a_skill_nobody_measured_says_why():
    told = made(line("trunk_lean_deg", "°", missing="needs a trunk IMU"))
    groups = {it["title"]: it for it in told["board"]["groups"]}
    assert groups["Pelvis, trunk and head"]["missing"] == "needs a trunk IMU"


@pytest.mark.parametrize(("runs", "minutes"), [(-1, 0), (0, 1), (3, 4), (99, 30)])
def test_the_gravest_with_the_best_evidence_is_worked_on(runs, minutes):
    told = made(
        sides("pelvic_tilt_rel_deg", "°", 20.0, 20.0, 1.0, grade="D"),
        sides("pelvic_drop_deg", "°", 9.0, 4.0, 1.0, grade="B"),
        sides("valr_bw_s", "BW/s", 70.0, 30.0, 1.0, grade="A"),
        focus_runs=runs,
    )["focus"]
    assert told["id"] == "pelvic_drop_deg"
    assert told["cue"] == "High pelvis on the swing side"
    assert (told["chosen"], told["minutes"]) == (False, minutes)


@pytest.mark.parametrize(
    ("tilt_deg", "cue"),
    [(20.0, "Tuck the tail a little"), (-20.0, "Let the back relax")],
)
def test_the_cue_points_back_into_the_band(tilt_deg, cue):
    told = made(sides("pelvic_tilt_rel_deg", "°", tilt_deg, tilt_deg, 1.0))
    assert told["focus"]["cue"] == cue


def test_the_clinicians_choice_comes_first():
    told = made(
        sides("pelvic_drop_deg", "°", 9.0, 9.0, 1.0),
        sides("cadence_spm", "steps/min", 160, 160, 1.0),
        focus="cadence_spm",
        sections=("focus", "runner"),
    )
    assert told["focus"]["id"] == "cadence_spm"
    assert told["focus"]["chosen"]
    assert told["runner"]["told"] == "We chose this together."


def test_nothing_is_proposed_where_nothing_calls_for_it():
    told = made(
        sides("pelvic_drop_deg", "°", 2.0, 2.0, 1.0), sections=("focus", "runner")
    )
    assert told["focus"] is None
    assert told["runner"]["cue"] == ""
    assert told["runner"]["boxes"] == []
    assert told["board"]["judged"]


GOOD = sides("pelvic_drop_deg", "°", 2.0, 2.0, 1.0)
STEADY = line("stride_time_cv_pct", "%", left=Stat(1.1, None, 206, 225), grade="B")
INFO = sides("flight_time_ms", "ms", 114, 116, 7)
POOR = sides("trunk_rotation_rom_deg", "°", 80.0, 80.0, 1.0)


@pytest.mark.parametrize(
    ("lines", "pain", "words"),
    [
        ((GOOD, INFO), 3.0, "looks fine"),
        ((STEADY,), 0.0, "could not measure enough"),
        ((INFO,), 0.0, "could not measure enough"),
        ((), 0.0, "could not measure enough"),
        ((GOOD, POOR), 0.0, "want to talk about with you first"),
        ((GOOD,), 4.0, "want to talk about with you first"),
    ],
    ids=[
        "all good",
        "rhythm alone",
        "nothing judged",
        "no stride",
        "poor without a cue",
        "pain",
    ],
)
def test_a_runner_is_told_fine_only_where_it_is(lines, pain, words):
    report = msgspec.structs.replace(
        report_cases.bare(), metrics=lines, entries=(Entry(1.0, "pain", "", pain),)
    )
    told = page(report, ReportSettings(sections=("focus", "runner")))
    assert told["focus"] is None
    assert words in told["runner"]["told"]
    assert told["board"]["judged"] is (GOOD in lines or STEADY in lines)


def test_what_was_worked_on_goes_on_with_the_runs_the_library_counts():
    run = FocusRecord(
        "cadence_spm", 3.0, 71.0, 64.0, 1.0, 1.0, counts=True, date="2026-11-20"
    )
    report = msgspec.structs.replace(
        report_cases.bare(),
        metrics=(
            sides("pelvic_drop_deg", "°", 9.0, 9.0, 1.0),
            sides("cadence_spm", "steps/min", 160, 160, 1.0),
        ),
        focus=(run,),
    )
    history = History({"cadence_spm": 4, "pelvic_drop_deg": 9})
    told = page(report, ReportSettings(), "", history)["focus"]
    assert (told["id"], told["worked_on"], told["minutes"]) == ("cadence_spm", True, 5)
    assert told["done"] == [
        "Cadence: 71 % of 3 min of focus in target (goal 60 %), last minute 64 %; "
        "counts."
    ]
    by_hand = page(report, ReportSettings(focus_runs=1), "", history)["focus"]
    assert by_hand["minutes"] == 2
    missed = msgspec.structs.replace(
        run, in_target_pct=float("nan"), why="less than half was measured"
    )
    report = msgspec.structs.replace(report, focus=(missed,))
    assert page(report)["focus"]["done"] == [
        "Cadence: 3 min of focus, not measured (less than half was measured)."
    ]
    assert page(report)["focus"]["runs"] == -1


def test_the_ladder_shows_what_was_ever_done():
    best = SetRecord("hop_two", "both", 9, 10, 10, 8, "pass", date="2026-11-13")
    rungs = (
        Rung("hop_two", "both", "Two-leg hops", 1, "passed", best, 2),
        Rung("hop_one", "left", "One-leg hops, left", 2, "now"),
        Rung("hop_one", "right", "One-leg hops, right", 2, "open"),
    )
    told = page(report_cases.bare(), None, "", History(rungs=rungs))["rungs"]
    assert [(it["title"], it["mark"], it["words"]) for it in told] == [
        ("Two-leg hops", "good", "9/10 · 2026-11-13"),
        ("One-leg hops, left", "caution", ""),
    ]
