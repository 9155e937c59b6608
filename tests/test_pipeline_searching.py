"""IMUs whose axes nobody gave must not hold back what insoles tell."""

from __future__ import annotations

import pytest
from pipeline_cases import SOLES, bits, run, simulated

from lablive.messages import Chunk
from lablive.signals.auto_montage import auto_montage

FEET = ("Sim foot left IMU", "Sim foot right IMU")
LOST_S = (8.0, 10.0)
ROWS = 40


@pytest.fixture(scope="module")
def lab():
    found = simulated(24.0, (*SOLES, *FEET), standing_s=2.0, left_insole_lost_s=LOST_S)
    found.montage = auto_montage(found.streams)  # says nothing of axes
    return found


def test_live_results_go_on_after_a_hole_while_axes_are_searched(lab):
    chunks = [
        Chunk(stream, first, t_s[first : first + ROWS], x[first : first + ROWS])
        for stream, (t_s, x) in lab.rows.items()
        for first in range(0, len(t_s), ROWS)
    ]
    pipeline = lab.pipeline()
    late_s = []
    for chunk in sorted(chunks, key=lambda it: it.t_s[-1]):
        pipeline.feed(chunk)
        if chunk.t_s[-1] > LOST_S[1] + 2.0:
            late_s.append(chunk.t_s[-1] - pipeline.watermark_s)
    assert max(late_s) < 2.0  # it was 28 s
    assert any("not known" in found.text for found in pipeline.findings())


def test_any_cut_gives_the_same_bits(lab):
    whole, _ = run(lab)
    for seed in range(5):
        pieces, _ = run(lab, seed)
        assert pieces.contacts == whole.contacts
        assert bits(pieces.strides) == bits(whole.strides)
