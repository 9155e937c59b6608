"""A metric over the sessions: like with like, and only what is beyond error."""

from __future__ import annotations

import pytest
from library_cases import ANNA, contact_time, made, session, trial

from lablive.library.records import Result


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path, ANNA)
    yield found
    found.close()


def sessions(library, *days, **plan):
    """One session a day; each a list of results, or of lists for several trials."""
    for day, results in enumerate(days, 1):
        folder = session(
            library.home, f"2026-10-{day:02d}", "LB-0001", trials=(), **plan
        )
        trials = results if results and isinstance(results[0], list) else [results]
        for number, held in enumerate(trials, 1):
            trial(folder / f"trial-{number:02d}.xdf", results=held)
    library.sync()


def lines(library, side="left", metric="contact_time_ms"):
    return library.history("LB-0001", metric, side).lines


def test_nothing_is_nothing(library):
    found = library.history("LB-0001", "contact_time_ms")
    assert (found.lines, found.unit) == ((), "")
    assert library.history("nobody", "contact_time_ms").lines == ()


def test_changes_are_held_against_the_published_error(library):
    sessions(
        library, [contact_time(250.0)], [contact_time(270.0)], [contact_time(283.0)]
    )
    (line,) = lines(library)
    assert line.mdc.value == 32.0
    assert "Patoz" in line.mdc.citation
    assert [p.changed for p in line.points] == ["first", "no change", "change"]
    assert [p.since_first for p in line.points] == [0.0, 20.0, 33.0]
    assert "within the minimal detectable change of 32 ms" in line.points[1].why


def test_without_a_published_error_no_change_is_claimed(library):
    insole = [contact_time(v, source="insole") for v in (250.0, 300.0)]
    sessions(library, [insole[0]], [insole[1]])
    (line,) = lines(library)
    assert line.points[1].changed == "unknown"
    assert "no minimal detectable change between days" in line.points[1].why


@pytest.mark.parametrize(
    "other",
    [
        {"source": "insole"}, {"low": 3.0, "high": 3.05}, {"low": 2.85, "high": 2.9},
        {"low": None, "high": None},
    ],
)  # fmt: skip
def test_other_sensors_and_speeds_are_other_lines(library, other):
    sessions(
        library, [contact_time(250.0)], [contact_time(290.0, **other)],
        [contact_time(255.0)],
    )  # fmt: skip
    found = lines(library)
    assert [[p.value for p in line.points] for line in found] == [
        [250.0, 255.0],
        [290.0],
    ]


def test_a_line_never_spans_more_than_one_speed(library):
    speeds = [2.70, 2.76, 2.82, 2.88, 2.94]
    sessions(library, *([contact_time(250.0, low=v, high=v)] for v in speeds))
    found = lines(library)
    assert sum(len(line.points) for line in found) == 5
    assert all(line.high_mps - line.low_mps <= 0.1 + 1e-9 for line in found)


def test_unknown_speeds_are_shown_and_not_compared(library):
    unknown = {"low": None, "high": None}
    sessions(library, *([contact_time(v, **unknown)] for v in (250.0, 350.0)))
    (line,) = lines(library)
    assert (line.low_mps, line.points[1].changed) == (None, "unknown")
    assert line.points[1].why == "needs the belt speed"


def test_other_shoes_are_told(library):
    sessions(library, [contact_time(250.0)], shoes="red")
    folder = session(library.home, "2026-10-09", "LB-0001", trials=(), shoes="blue")
    trial(folder / "trial-01.xdf", results=[contact_time(300.0)])
    library.sync()
    (line,) = lines(library)
    assert line.points[1].why == "other shoes: red then, blue now"


def test_a_session_of_several_trials_is_the_one_with_most_strides(library):
    several = [[contact_time(250.0, n=40)], [contact_time(260.0, n=300)]]
    sessions(library, several, [contact_time(262.0)])
    (line,) = lines(library)
    assert [(p.value, p.trial, p.trials) for p in line.points] == [
        (260.0, "trial-02.xdf", 2), (262.0, "trial-01.xdf", 1),
    ]  # fmt: skip


def test_sides_and_metrics_stay_apart(library):
    both = [
        contact_time(250.0), contact_time(255.0, side="right"),
        Result("cadence_spm", "both", "steps/min", 168.0, 200),
    ]  # fmt: skip
    sessions(library, both)
    assert [p.value for p in lines(library)[0].points] == [250.0]
    assert [p.value for p in lines(library, "right")[0].points] == [255.0]
    cadence = lines(library, "both", "cadence_spm")
    assert [p.value for p in cadence[0].points] == [168.0]
