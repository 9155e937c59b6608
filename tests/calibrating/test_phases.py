"""Calibration markers: what is a phase, what is told, which try counts."""

from __future__ import annotations

import pytest

from lablive.calibrating.phases import (
    PHASES,
    Phase,
    last_tries,
    marker_of,
    phases_of,
)
from lablive.messages import Marker


def marks(*texts, kind="calibration"):
    return [Marker(float(at), text, kind) for at, text in enumerate(texts)]


@pytest.mark.parametrize("kind", PHASES)
def test_every_phase_is_two_markers(kind):
    target = "left" if kind == "single_leg" else ""
    phase = Phase(kind, 3.0, 9.0, target)
    found, problems = phases_of(phase.markers)
    assert found == (phase,)
    assert problems == ()
    assert phase.title.startswith(PHASES[kind].title)


def test_phases_may_overlap_and_other_markers_are_passed_over():
    texts = ("stand begin", "emg_rest begin", "emg_rest end", "stand end")
    found, problems = phases_of([*marks(*texts), *marks("bows begin", kind="drill")])
    assert [(p.kind, p.t0_s, p.t1_s) for p in found] == [
        ("stand", 0.0, 3.0),
        ("emg_rest", 1.0, 2.0),
    ]
    assert problems == ()


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["stand begin"], '"stand" was begun but never ended'),
        (["stand end"], '"stand" ended without a begin'),
        (["stand begin", "stand begin", "stand end"], '"stand" began twice'),
        (["stand"], 'write "<phase> begin"'),
        (["stand start"], 'write "<phase> begin"'),
        (["dance begin"], "phases are zero, stand"),
        (["single_leg begin"], "say which leg"),
        (["single_leg both begin"], "say which leg"),
        (["mvc nose_left begin"], '"nose_left" is no muscle and side'),
        (["mvc gluteus_maximus begin"], "is no muscle and side"),
        (["belt_noise fast begin"], '"fast" is no belt speed'),
        (["zero front begin"], '"front" is no side'),
        (["bows left begin"], "bows has no target"),
        (["", " "], "is not understood"),
    ],
)
def test_what_is_wrong_with_a_marker_is_told(texts, told):
    _, problems = phases_of(marks(*texts))
    assert told in problems[0]


def test_a_phase_begun_twice_counts_from_the_second_begin():
    found, _ = phases_of(marks("stand begin", "stand begin", "stand end"))
    assert [(p.t0_s, p.t1_s) for p in found] == [(1.0, 2.0)]


def test_the_last_try_counts_but_every_contraction():
    phases = (
        Phase("stand", 0, 1),
        Phase("single_leg", 1, 2, "left"),
        Phase("stand", 2, 3),
        Phase("single_leg", 3, 4, "right"),
        Phase("mvc", 4, 5),
        Phase("mvc", 5, 6),
        Phase("belt_noise", 6, 7, "2.5"),
        Phase("belt_noise", 7, 8, "3.0"),
    )
    assert last_tries(phases) == phases[1:]


def test_targets_stand_in_the_text():
    mark = marker_of("mvc", "begin", 2.0, "gluteus_medius_left")
    assert mark.text == "mvc gluteus_medius_left begin"
    assert phases_of([mark, marker_of("mvc", "end", 8.0, "gluteus_medius_left")])[
        0
    ] == (Phase("mvc", 2.0, 8.0, "gluteus_medius_left"),)
