"""The public countermovement jump through ``lablive analyze --drill`` (decision 13)."""

from __future__ import annotations

import msgspec
import pytest

from lablive.analysis import analysis_json, analyze
from lablive.drills.catalogue import load_drill
from lablive.drills.told import wanted_drill
from lablive.importing.import_trial import import_trial
from lablive.importing.imported import Options
from lablive.signals.montage import parse_montage
from lablive.validation.jump import _MONTAGE, PUBLISHED_S, RATE_HZ


def test_flight_and_height_of_a_real_jump(real_data, tmp_path):
    path = real_data / "jump_force_jumpmetrics/cmj_example.txt"
    out = tmp_path / "jump.xdf"
    montage = parse_montage(_MONTAGE, "two plates")
    import_trial([path], out, montage=montage, options=Options(rate_hz=RATE_HZ))
    wanted = wanted_drill(load_drill("jump_two"))
    found = msgspec.json.decode(analysis_json(analyze(out, drill=wanted)))["drill"]
    assert found["id"] == "jump_two"
    assert found["flight_method"] == "jumpmetrics"
    (rep,) = found["reps"]
    assert rep["flight_ms"] == pytest.approx(1e3 * PUBLISHED_S, abs=5.0)
    assert rep["values"]["jump_height_cm"] == pytest.approx(31.8, abs=0.6)
    assert rep["flight_contacts_ms"] == pytest.approx(528.0, abs=5.0)
    assert rep["pass"] is True
    assert rep["values"]["landing_share_pct"] == pytest.approx(52.4, abs=2.0)
