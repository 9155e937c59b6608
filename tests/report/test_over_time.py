"""The session over time on paper: only what is beyond error, and that on two pages."""

from __future__ import annotations

import msgspec

from lablive.protocol.baseline import Baseline, Change
from lablive.protocol.drift import Drift
from lablive.protocol.mdc import Mdc
from lablive.protocol.session import AtSpeed, MetricSession, SessionStatistics
from lablive.report.over_time import over_time
from lablive.report.words import words_of

METRICS = ("contact_time_ms", "cadence_spm")
ENGLISH = words_of("en")


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
        METRICS,
        ENGLISH,
    )
    (row,) = told["rows"]
    assert (row["side"], row["delta"], row["mdc"]) == ("left", "−10", "2.0")
    assert (row["baseline"], row["now"], row["n"]) == ("250", "240", "80 / 480")
    assert told["summary"] == "1 of 2 values changed by more than their MDC."
    assert "Baseline: 1:00 to 7:00, 3.00 m/s" in told["about"]


def test_a_change_too_small_to_print_gets_no_line():
    told = over_time(session(at("left", -0.3)), 0.0, METRICS, ENGLISH)
    assert told["rows"] == []
    assert told["summary"] == "0 of 1 values changed by more than their MDC."


def test_without_an_mdc_the_change_is_shown_and_not_judged():
    short = Mdc("ms", why="needs 5 one-minute baseline blocks at one speed")
    told = over_time(
        session(at("left", -10.0, verdict="unknown", mdc=short)), 0.0, METRICS, ENGLISH
    )
    assert told["rows"][0]["mdc"] == ""
    assert not told["rows"][0]["beyond"]
    assert "five minutes" in told["summary"]


def test_a_published_mdc_is_marked_as_such():
    known = Mdc("ms", 32.0, 32.0, n=100, citation="Patoz 2022")
    told = over_time(session(at("left", -40.0, mdc=known)), 0.0, METRICS, ENGLISH)
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
    assert over_time(session(nothing), 0.0, METRICS, ENGLISH) is None
    assert over_time(SessionStatistics(), 0.0, METRICS, ENGLISH) is None


def test_drift_in_words():
    drift = Drift(
        "contact_time_ms", "ms/min", "left", 0.9, 0.7, 1.1, 12.0, 10.8, 2.0, "drift"
    )
    found = session(at("left", 0.0, verdict="within error", drift=drift))
    told = over_time(found, 0.0, METRICS, ENGLISH)
    assert told["rows"] == []
    assert told["lines"] == [
        "Drift: Ground contact time, left +0.9 ms/min (95 % +0.7 to +1.1) over 12 min,"
        " +10.8 ms in all."
    ]


def test_lengths_in_feet_and_texts_in_german():
    length = msgspec.structs.replace(
        session(at("left", -0.1)).metrics["contact_time_ms"], unit="m"
    )
    found = SessionStatistics(metrics={"step_length_m": length})
    told = over_time(found, 0.0, ("step_length_m",), words_of("de"), "imperial")
    assert told["rows"][0]["unit"] == "ft"
    assert told["rows"][0]["delta"] == "\u22120.33"
    assert told["rows"][0]["name"] == "Schrittlänge"
    assert "Basis: 1:00 bis 7:00" in told["about"]
