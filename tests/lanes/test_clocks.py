"""A shank IMU whose clock runs away from the insole's is named."""

from __future__ import annotations

import pytest
from pipeline_cases import SOLES, run, segments_as_worn, simulated

from lablive.signals.calibrations import Calibrations

SHANK = "Sim shank left IMU"


@pytest.mark.parametrize(("ppm", "told"), [(0.0, []), (800.0, ["clocks drift"])])
def test_a_drifting_clock_is_named(ppm, told):
    lab = simulated(45.0, (*SOLES, SHANK), standing_s=3.0)
    (stream,) = (info.id for info in lab.streams if info.name == SHANK)
    t_s, x = lab.rows[stream]
    lab.rows[stream] = (t_s * (1.0 + 1e-6 * ppm), x)
    calibrations = Calibrations(segments=segments_as_worn(["shank_left"]))
    pipeline, _ = run(lab, rows_per_chunk=1000, calibrations=calibrations)
    found = [it for it in pipeline.findings() if it.name == "clocks drift"]
    assert [it.name for it in found] == told
    assert all("left insole and left shank IMU" in it.text for it in found)
