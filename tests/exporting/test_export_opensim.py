"""OpenSim files through a parser of their own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from export_cases import exported
from pipeline_cases import simulated
from trial_files import recorded

from lablive.analysis import analyze
from lablive.errors import ConfigError
from lablive.exporting.export_trial import export
from lablive.importing.import_trial import import_trial
from lablive.names import HeaderKey
from lablive.signals.montage import load_montage, to_toml

REPO = Path(__file__).resolve().parents[2]


def storage(path):
    """Return header, labels and cells of an OpenSim file: a parser of its own."""
    head, _, body = path.read_text().partition("endheader\n")
    labels, *rows = (line.split("\t") for line in body.splitlines())
    return head, labels, rows


def test_sto_turns_of_the_pelvis(file, trial, tmp_path):
    head, labels, rows = storage(exported(file, "sto", tmp_path / "t.sto"))
    assert "DataType=Quaternion" in head
    assert labels == ["time", "pelvis_imu"]
    turns = np.array([[float(n) for n in row[1].split(",")] for row in rows])
    assert np.allclose(np.linalg.norm(turns, axis=1), 1.0, atol=1e-6)
    assert len(turns) == pytest.approx(8.0 * 200.0, abs=2)
    assert float(rows[0][0]) == pytest.approx(0.0, abs=0.01)
    # upright: the segment's z is near the world's
    x, y = turns[:, 1], turns[:, 2]
    assert (1 - 2 * (x**2 + y**2)).min() > 0.9


@pytest.mark.parametrize(
    ("form", "streams", "why"),
    [
        ("mot", ("Sim pelvis IMU", "Sim treadmill"), "No force is measured in newtons"),
        ("sto", ("left_sole", "right_sole"), "No IMU has acceleration and rates"),
    ],
)
def test_what_was_not_measured_is_refused_and_leaves_nothing(
    tmp_path, form, streams, why
):
    file = recorded(tmp_path / "t.xdf", simulated(6.0, streams))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigError, match=why):
        export(file, form, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_mot_comes_back_through_its_montage(tmp_path):
    lab = simulated(18.0, standing_s=6.0)
    lab.montage = msgspec.structs.replace(
        lab.montage, calibration=type(lab.montage.calibration)((1.0, 5.0))
    )
    file = recorded(tmp_path / "t.xdf", lab, {HeaderKey.MONTAGE: to_toml(lab.montage)})
    out = exported(file, "mot", tmp_path / "t.mot", from_s=None, until_s=None)
    head, labels, rows = storage(out)
    assert f"nRows={len(rows)}\n" in head
    assert labels == ["time", "ground_force_l_vy", "ground_force_r_vy"]
    montage = load_montage(REPO / "configs" / "montages" / "opensim_grf.toml")
    import_trial([out], tmp_path / "back.xdf", montage=montage)
    ours, back = analyze(file), analyze(tmp_path / "back.xdf")
    of_left = [it.t_s for it in ours.events if (it.side, it.kind) == ("left", "ic")]
    again = [it.t_s for it in back.events if (it.side, it.kind) == ("left", "ic")]
    assert len(again) == pytest.approx(len(of_left), abs=1)
    near = [min(abs(a - b) for b in of_left) for a in again[1:-1]]
    assert max(near) < 0.006
