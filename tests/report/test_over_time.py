"""The session over time on paper: only what is beyond error, and that on two pages."""

from __future__ import annotations

import msgspec
import pypdf
import pytest
import report_cases

from lablive.protocol.baseline import Baseline, Change
from lablive.protocol.drift import Drift
from lablive.protocol.effect import BlockEffect, MoreThanRest
from lablive.protocol.mdc import Mdc
from lablive.protocol.session import AtSpeed, MetricSession, SessionStatistics
from lablive.report.over_time import over_time
from lablive.report.paper import write_pdf

DECIMALS = {"contact_time_ms": 0, "cadence_spm": 1}


def at(key, delta, *, verdict="change", mdc=None, drift=None, **more):
    about = ("contact_time_ms", "ms", key)
    mdc = Mdc("ms", 2.0, 2.0, 0.7, 6) if mdc is None else mdc
    base = Baseline(*about, mdc, 250.0, 480, 6, "insole", 3.0, 3.0, 60.0, 420.0)
    found = Change(
        *about, 250.0 + delta, 250.0, delta, threshold=2.0, verdict=verdict, n=80,
        n_baseline=480,
    )  # fmt: skip
    drift = drift or Drift("contact_time_ms", "ms/min", key)
    return AtSpeed(
        "insole", 3.0, 3.0, 250.0, 900, baseline=base, change=found, drift=drift, **more
    )


def session(left, right=()):
    return SessionStatistics(
        metrics={"contact_time_ms": MetricSession("ms", (left,), right)}
    )


def test_only_a_change_beyond_error_gets_a_line():
    told = over_time(
        session(at("left", -10.0), (at("right", 1.0, verdict="within error"),)),
        0.0,
        DECIMALS,
    )
    (row,) = told["rows"]
    assert (row["side"], row["delta"], row["mdc"]) == ("left", "−10", "2.0")
    assert (row["baseline"], row["now"], row["n"]) == ("250", "240", "80 / 480")
    assert told["summary"] == "1 of 2 values changed by more than their MDC."
    assert "Baseline: 1:00 to 7:00, 3.00 m/s" in told["about"]


def test_a_change_too_small_to_print_gets_no_line():
    told = over_time(session(at("left", -0.3)), 0.0, DECIMALS)
    assert told["rows"] == []
    assert told["summary"] == "0 of 1 values changed by more than their MDC."


def test_without_an_mdc_the_change_is_shown_and_not_judged():
    short = Mdc("ms", why="needs 5 one-minute baseline blocks at one speed")
    told = over_time(
        session(at("left", -10.0, verdict="unknown", mdc=short)), 0.0, DECIMALS
    )
    assert told["rows"][0]["mdc"] == ""
    assert not told["rows"][0]["beyond"]
    assert "five minutes" in told["summary"]


def test_a_published_mdc_is_marked_as_such():
    known = Mdc("ms", 32.0, 32.0, n=100, citation="Patoz 2022")
    told = over_time(session(at("left", -40.0, mdc=known)), 0.0, DECIMALS)
    assert told["rows"][0]["mdc"] == "32.0*"
    assert told["about"].endswith("* Published, between days: Patoz 2022.")


def test_a_session_without_baseline_and_drift_is_not_there():
    nothing = msgspec.structs.replace(
        at("left", 0.0),
        baseline=Baseline(
            "contact_time_ms", "ms", "left", Mdc("ms"), why="no baseline was marked"
        ),
        change=Change("contact_time_ms", "ms", "left"),
    )
    assert over_time(session(nothing), 0.0, DECIMALS) is None
    assert over_time(SessionStatistics(), 0.0, DECIMALS) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("real", "More than after rests."),
        ("not shown", "The rest itself may be the cause."),
    ],
)
def test_drift_and_blocks_in_words(more, words):
    drift = Drift(
        "contact_time_ms", "ms/min", "left", 0.9, 0.7, 1.1, 12.0, 10.8, 2.0, "drift"
    )
    blocks = {
        "corrective": BlockEffect(
            "corrective", "ms", mean=-8.0, low=-9.0, high=-7.0, verdict="real", n=5
        ),
        "more_than_rest": MoreThanRest("ms", verdict=more),
    }
    found = session(at("left", 0.0, verdict="within error", drift=drift, **blocks))
    told = over_time(found, 0.0, DECIMALS)
    assert told["rows"] == []
    assert told["lines"] == [
        "Drift: Ground contact time, left +0.9 ms/min (95 % +0.7 to +1.1) over 12 min,"
        " +10.8 ms in all.",
        "After 5 corrective blocks: Ground contact time, left −8 ms"
        f" (95 % −9 to −7). {words}",
    ]


def test_two_pages_still_hold_a_whole_lab_with_everything_changed(tmp_path):
    data = report_cases.full_lab()
    drift = Drift("x", "ms/min", "left", 0.9, 0.7, 1.1, 12.0, 10.8, 2.0, "drift")
    metrics = {
        line.id: MetricSession(
            "ms",
            (at("left", -10.0, drift=drift),),
            (at("right", 9.0, drift=drift),),
        )
        for line in data.metrics
    }
    data = msgspec.structs.replace(data, session=SessionStatistics(metrics=metrics))
    pdf = tmp_path / "report.pdf"
    assert write_pdf(data, pdf) == 2
    pages = pypdf.PdfReader(pdf).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Over the session" in text
    assert "Left 250.0 240.0 −10.0 2.00 80 / 480" in text
    assert "more are in the analysis of the trial" in text
