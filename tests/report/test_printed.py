"""The page as texts: tables, data quality, footnotes, streams, what is left out."""

from __future__ import annotations

import doctest

import msgspec
import pytest
import report_cases

from lablive.metrics.zones import Zone
from lablive.report import figures, numbers
from lablive.report.data import Fact, GapLine, MetricLine, Stat, StreamLine
from lablive.report.numbers import clock, count, number
from lablive.report.printed import page, with_commas
from lablive.report.settings import SECTIONS, ReportSettings

ALL = ReportSettings(sections=SECTIONS)


@pytest.mark.parametrize("module", [figures, numbers])
def test_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (246.6, 0, False, "247"),
        (-3.14, 1, True, "−3.1"),
        (3.14, 1, True, "+3.1"),
        (-0.004, 2, True, "0.00"),
        (0.363, 3, False, "0.363"),
    ],
)
def test_number(value, decimals, signed, text):
    assert number(value, decimals, signed=signed) == text


def test_counts_and_times():
    assert count(2564798) == "2\u202f564\u202f798"
    assert clock(59.6) == "1:00"
    assert clock(3599.4) == "59:59"
    assert clock(3754) == "1:02:34"


def details(report) -> dict:
    return page(report, ALL)["details"]


def row_of(line: MetricLine) -> dict:
    report = msgspec.structs.replace(report_cases.bare(), metrics=(line,))
    return details(report)["tables"][0]["rows"][0]


@pytest.mark.parametrize(
    ("percent", "said"),
    [(1.62, "right longer"), (-3.08, "left longer"), (0.04, "equal")],
)
def test_asymmetry_names_the_larger_side(percent, said):
    line = report_cases.sides(
        "contact_time_ms", "ms", 245, 249, 6, asymmetry_pct=percent
    )
    assert row_of(line)["asymmetry"]["larger"] == said


def test_a_side_that_was_not_measured_stays_empty():
    row = row_of(report_cases.line("flight_time_ms", "ms", left=Stat(118, 6, 57, 58)))
    assert row["left"] == {"median": "118", "sd": "6", "n": "57 / 58", "few": False}
    assert row["right"] is None
    assert row["both"] is None


def test_a_value_beside_gaps_is_marked():
    row = row_of(report_cases.line("flight_time_ms", "ms", left=Stat(118, 6, 40, 58)))
    assert row["left"]["few"]


def test_metrics_missing_for_one_reason_share_a_line():
    report = msgspec.structs.replace(
        report_cases.bare(),
        metrics=(
            report_cases.line("step_length_m", "m", missing="needs belt speed"),
            report_cases.line("peak_force_bw", "BW", missing="needs the body mass"),
            report_cases.line("stride_length_m", "m", missing="needs belt speed"),
        ),
    )
    tables = details(report)["tables"]
    assert [it["missing"] for it in tables] == [
        [["Step length, Stride length", "needs belt speed"]],
        [["Peak vertical force (in-shoe)", "needs the body mass"]],
    ]
    assert not any(it["rows"] for it in tables)


def test_many_streams_of_one_kind_share_a_line_unless_something_was_lost():
    report = report_cases.full_lab()
    rows = details(report)["streams"]
    assert [row[0] for row in rows] == [
        "Insoles", "Pelvis and 9 more", "Gluteal EMG", "Belt microphone", "Treadmill",
    ]  # fmt: skip
    lossy = msgspec.structs.replace(report.streams[-1], lost=3)
    report = msgspec.structs.replace(report, streams=(*report.streams[:-1], lossy))
    assert details(report)["streams"][-1][0] == lossy.name
    assert len(details(report_cases.rich())["streams"]) == 5


def test_streams_that_cannot_count_loss_share_a_line_of_their_own():
    imu = StreamLine("IMU", "IMU", 200.0, 100, 0, 0)
    blind = msgspec.structs.replace(imu, name="blind", lost=None)
    lossy = msgspec.structs.replace(imu, name="twin", lost=3, gaps=1)
    streams = (*(imu,) * 4, *(blind,) * 3, lossy, lossy)
    report = msgspec.structs.replace(report_cases.bare(), streams=streams)
    assert [(row[0], row[3], row[4]) for row in details(report)["streams"]] == [
        ("IMU and 3 more", "400", "0"), ("blind and 2 more", "300", "not counted"),
        ("twin", "100", "3"), ("twin", "100", "3"),
    ]  # fmt: skip


def test_footnotes_are_told_once_and_numbered():
    told = details(report_cases.rich())
    rows = {row["name"]: row for it in told["tables"] for row in it["rows"]}
    assert rows["Cadence"]["marks"] == "1"
    assert rows["Ground contact time"]["marks"] == "2"
    assert rows["Peak vertical force (in-shoe)"]["marks"] == "3, 4"
    assert rows["Stance impulse"]["marks"] == "4"
    assert rows["Stride time"]["marks"] == ""
    assert "180 is no target" in told["footnotes"][0]
    assert told["footnotes"][3] == "Body weight from the running itself."
    assert len(told["footnotes"]) == 5


def test_what_a_grade_does_not_say():
    tables = details(report_cases.rich())["tables"]
    rows = {row["name"]: row for it in tables for row in it["rows"]}
    assert rows["Cadence"]["standing"] == "contested"
    assert rows["Contact CV"]["standing"] == "lab default"
    assert rows["Duty factor"]["standing"] == ""


@pytest.mark.parametrize(
    ("streams", "gaps", "verdict"),
    [
        ([0, 0], 0, "Nothing lost"),
        ([0, None], 0, "No loss seen"),
        ([0, 3], 1, "Data lost"),
        ([0, 0], 1, "Gaps in the data"),
    ],
)
def test_verdict_on_the_data(streams, gaps, verdict):
    report = msgspec.structs.replace(
        report_cases.bare(),
        streams=tuple(StreamLine("s", "t", 100, 9, lost, 0) for lost in streams),
        gaps=tuple(GapLine("s", 1.0, 2.0, None) for _ in range(gaps)),
    )
    quality = page(report)["quality"]
    assert quality["verdict"] == verdict
    assert (quality["mark"] == "good") is (verdict == "Nothing lost")


def test_no_stride_at_all():
    report = msgspec.structs.replace(
        report_cases.bare(), strides_used=0, strides_total=0, metrics=()
    )
    told = page(report)
    assert told["quality"]["share"] == 0.0
    assert told["quality"]["percent"] == ""
    assert told["findings"] == []
    assert told["focus"] is None


def test_the_longest_gaps_are_shown_in_order():
    told = details(report_cases.with_gaps())
    times = [gap[0] for gap in told["gaps"]]
    assert len(times) == 12
    assert told["gaps_more"] == 29
    assert times == sorted(times, key=lambda text: int(text.replace(":", "")))


def test_rows_lost_while_silent_are_told_as_at_least():
    report = msgspec.structs.replace(
        report_cases.bare(),
        streams=(
            StreamLine("s", "t", 100, 9, 36, 1, at_least=True),
            StreamLine("u", "t", 100, 9, 2, 1),
        ),
    )
    assert "≥ 38 lost" in page(report)["quality"]["data"]
    assert [line[4] for line in details(report)["streams"]] == ["≥ 36", "2"]


def test_only_the_sections_asked_for_are_made():
    told = page(report_cases.rich())
    assert "runner" not in told
    assert "details" not in told
    assert {"runner", "details"} <= page(report_cases.rich(), ALL).keys()


def test_the_name_stands_for_the_code_only_when_it_is_given():
    told = page(report_cases.rich(), None, "Muster, Eva")
    assert (told["person"], told["code"]) == ("Muster, Eva", "LB-0042")
    assert told["footer"].startswith("LB-0042")
    assert page(report_cases.rich())["person"] == "LB-0042"


def test_pain_that_calls_for_a_stop_says_so():
    pain, effort = page(report_cases.full_lab())["entries"]
    assert pain["values"] == [["1:00", "1"], ["9:00", "4"]]
    assert pain["stop"]
    assert not effort["stop"]
    assert page(report_cases.full_lab())["spoken"] == [["6:40", "lands quieter"]]


def test_decimal_commas_leave_versions_names_and_notes_alone():
    told = with_commas(
        {"a": ["−2.5 °", "0.1.0", {"b": "3.10 m/s"}], "notes": "2.5 km", "n": 1.5}
    )
    assert told["a"] == ["−2,5 °", "0.1.0", {"b": "3,10 m/s"}]
    assert (told["notes"], told["n"]) == ("2.5 km", 1.5)


def test_what_people_typed_stays_as_they_typed_it_in_german():
    imu = StreamLine("IMU", "IMU", 200.0, 100, 0, 0, device="maker, firmware 1.4")
    report = msgspec.structs.replace(
        report_cases.bare(),
        streams=(imu,),
        facts=(
            Fact("Protocol", "Return to run 2.5"),
            Fact("Belt speed", "2.50 to 3.00 m/s"),
            Fact("Involved side", "left"),
        ),
    )
    told = page(report, msgspec.structs.replace(ALL, language="de"))
    assert [value for _, value in told["facts"]] == [
        "Return to run 2.5", "2,50 bis 3,00 m/s", "links",
    ]  # fmt: skip
    assert told["details"]["devices"] == [["IMU", "maker, firmware 1.4"]]


def test_figures_and_bars_beside_gaps_are_marked_and_the_mark_is_told():
    report = report_cases.full_lab()
    few = {
        "emg": report_cases.sides("gmax_drive_pct", "% ref", 80, 90, 5),
        "zones": report_cases.line(
            "pelvic_drop_deg", "°", left=Stat(4, 1, 90, 225),
            zones={"left": Zone(40.0, 35.0, 25.0, 90, 225)},
        ),
    }  # fmt: skip
    told = page(msgspec.structs.replace(report, metrics=tuple(few.values())))
    assert [it["few"] for it in told["zones"]] == [True]
    assert told["emg"][0]["sides"]["left"]["few"] is False
    drawn = told["pelvis"]["sides"]
    assert (drawn["left"]["few"], drawn["right"]["few"]) == (True, False)
    sparse = msgspec.structs.replace(report.force["left"], n=100)
    told = page(msgspec.structs.replace(report, metrics=(), force={"left": sparse}))
    assert told["force"]["sides"]["left"]["few"]
    assert told["board"]["few"]
