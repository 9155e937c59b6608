"""Parts of a session from markers."""

from __future__ import annotations

import pytest

from lablive.messages import Marker
from lablive.protocol.phases import Part, marker_of, of_kind, parts_of


def marks(*told):
    return [Marker(t_s, text, "block") for t_s, text in told]


def test_pairs_become_parts_in_order():
    found, problems = parts_of(
        [
            *marks((70.0, "baseline end"), (10.0, "baseline begin")),
            Marker(20.0, "baseline begin"),  # of another kind
            *marks((65.0, "cadence 172.5 begin"), (90.0, "cadence 172.5 end")),
        ]
    )
    assert not problems
    assert found == (Part("baseline", 10.0, 70.0), Part("cadence", 65.0, 90.0, 172.5))
    assert of_kind(found, "cadence") == found[1:]


@pytest.mark.parametrize(
    "part",
    [
        Part("baseline", 1.0, 2.0),
        Part("rest", 1.0, 2.0),
        Part("cadence", 1.0, 2.0, 171),
        Part("cadence", 1.0, 2.0, 172.5),
    ],
)
def test_a_part_comes_back_from_its_markers(part):
    begin = marker_of(part.kind, "begin", part.t0_s, part.target_spm)
    end = marker_of(part.kind, "end", part.t1_s, part.target_spm)
    assert parts_of([end, begin]) == ((part,), ())


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (((1.0, "warmup begin"),), "parts are baseline, corrective, rest, cadence"),
        (((1.0, "baseline"),), 'write "<part> begin"'),
        (((1.0, "rest left begin"),), "rest has no target"),
        (((1.0, "cadence begin"),), "say the steps per minute"),
        (((1.0, "cadence fast begin"),), "say the steps per minute"),
        (((1.0, "cadence 3 begin"),), "say the steps per minute"),
        (((1.0, "cadence nan begin"),), "say the steps per minute"),
        (((1.0, "rest begin"),), "never ended"),
        (((1.0, "rest end"),), "without a begin"),
        (((1.0, "rest begin"), (2.0, "rest begin")), "began twice"),
    ],
)
def test_what_is_wrong_is_told(told, why):
    found, problems = parts_of(marks(*told))
    assert found == ()
    assert why in problems[0]
