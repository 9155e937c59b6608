"""OpenSim storage, TRC markers and Xsens text."""

from __future__ import annotations

import numpy as np
import pytest
from import_cases import FORCES, MARKERS, XSENS, bring, write

from lablive.errors import ConfigError, RecordingError

nan = np.nan


def test_forces_of_opensim(tmp_path):
    got = bring(write(tmp_path, "grf.mot", FORCES))
    info = got.infos["opensim forces"]
    assert [(c.label, c.unit) for c in info.channels] == [
        ("ground_force_l_vy", "N"),
        ("ground_force_r_vy", "N"),
    ]
    np.testing.assert_array_equal(got.x[info.name], [[1, 2], [3, 4], [5, nan], [7, 8]])
    np.testing.assert_allclose(got.t_s[info.name], [0.50, 0.51, 0.52, 0.53])


def test_angles_of_opensim_are_degrees(tmp_path):
    text = FORCES.replace(
        "ground_force_l_vy\tground_force_r_vy", "pelvis_tilt\tpelvis_tx"
    )
    got = bring(write(tmp_path, "ik.mot", text))
    units = [(c.label, c.unit) for c in got.infos["ik"].channels]
    assert units == [("pelvis_tilt", "deg"), ("pelvis_tx", "")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.52\t5", "0.52\tfive", 'line 10: column "ground_force_l_vy": "five"'),
        ("0.52\t5\tnan", "0.52\t5", "line 10: 2 columns, expected 3"),
        ("time\t", "t\t", "line 7: .* not called time"),
        ("0.53", "0.50", "line 11: the time goes back"),
    ],
)
def test_broken_storage_is_one_message(tmp_path, old, new, said):
    with pytest.raises(RecordingError, match=said):
        bring(write(tmp_path, "a.mot", FORCES.replace(old, new)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mot", FORCES.replace("nRows=4", "nRows=9")),
        ("a.mot", FORCES.replace("nRows=4", "datarows 9")),
        ("a.trc", MARKERS.replace("100\t100\t2\t2", "100\t100\t9\t2")),
    ],
)
def test_rows_that_the_header_promises_and_are_not_there_are_told(tmp_path, name, text):
    got = bring(write(tmp_path, name, text))
    assert any("header promises 9 rows" in note for note in got.report.notes)


def test_a_complete_file_has_nothing_to_tell(tmp_path):
    assert bring(write(tmp_path, "grf.mot", FORCES)).report.notes == ()


def test_markers_not_seen_are_missing(tmp_path):
    got = bring(write(tmp_path, "a.trc", MARKERS))
    info = got.infos["trc markers"]
    assert info.type == "MoCap"
    assert info.labels[:4] == ("L.ASIS.x", "L.ASIS.y", "L.ASIS.z", "R.ASIS.x")
    assert {c.unit for c in info.channels} == {"mm"}
    np.testing.assert_array_equal(
        got.x[info.name], [[1, 2, 3, 4, 5, 6], [1, 2, 3, nan, nan, nan]]
    )


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5])
def test_a_trc_header_cut_off_is_one_message(tmp_path, lines):
    text = "\n".join(MARKERS.splitlines()[:lines])
    with pytest.raises(RecordingError, match=r"header|no row"):
        bring(write(tmp_path, "a.trc", text))


def test_xsens_counter_over_its_wrap_with_a_loss(tmp_path):
    got = bring(write(tmp_path, "MT_00B42268.txt", XSENS))
    info = got.infos["xsens 00B42268"]
    assert [(c.label, c.unit) for c in info.channels] == [
        ("Acc_X", "m/s^2"), ("Acc_Y", "m/s^2"), ("Acc_Z", "m/s^2"), ("Gyr_X", "rad/s"),
    ]  # fmt: skip
    np.testing.assert_allclose(got.t_s[info.name], [655.34, 655.35, 655.38])
    (gap,) = got.gaps
    assert (gap.after_row, gap.rows_lost) == (2, 2)
    assert any("SampleTimeFine" in note for note in got.report.notes)


def test_xsens_without_a_rate_asks_for_it(tmp_path):
    path = write(tmp_path, "a.txt", XSENS.replace("// Update Rate: 100.0Hz\n", ""))
    with pytest.raises(ConfigError, match="--rate"):
        bring(path)
    got = bring(path, rate_hz=60)
    assert got.infos["xsens a"].rate_hz == 60


def test_options_that_no_file_needs_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"--rate is for tables.*OpenSim storage"):
        bring(write(tmp_path, "grf.mot", FORCES), rate_hz=100)


def test_a_table_beside_others_takes_the_type_its_montage_gives(tmp_path):
    """Nothing in such a file says that its rows are envelopes already."""
    text = FORCES.replace("ground_force_l_vy\tground_force_r_vy", "soleus\tglut_max")
    paths = [write(tmp_path, "grf.mot", FORCES), write(tmp_path, "emg.sto", text)]
    montage = """
schema = 1
[[stream]]
match = { name = "opensim forces" }
[[stream.channel]]
label = "ground_force_r_vy"
role = "insole_right.force"
unit = "N"
[[stream]]
match = { name = "emg", type = "EMG envelope" }
[[stream.channel]]
label = "glut_max"
role = "emg_gluteus_maximus_right"
unit = "adc"
"""
    got = bring(*paths, montage=montage)
    assert {name: info.type for name, info in got.infos.items()} == {
        "opensim forces": "Force",
        "emg": "EMG envelope",
    }
    assert got.report.roles["emg_gluteus_maximus_right"] == "emg"
