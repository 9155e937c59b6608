"""Vendor exports of insoles: loadsol, pedar, F-Scan, XSENSOR."""

from __future__ import annotations

import numpy as np
import pytest
from import_cases import FSCAN, LOADSOL, bring, pedar, write, xsensor

from lablive.errors import RecordingError
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.signals.binding import bind
from lablive.signals.montage import parse_montage

nan = np.nan


def role(got, name):
    """Return what the stored montage makes of a role, shape (rows, channels)."""
    montage = parse_montage(got.header[HeaderKey.MONTAGE], "stored")
    binding = bind(montage, list(got.infos.values()))
    source = binding.sources[name]
    trial = Trial(got.path)
    try:
        return binding.extract(name, trial.window(source.stream, -1e12, 1e12)[1])
    finally:
        trial.close()


# -------------------------------------------------------------------- loadsol


def test_loadsol_lost_packets_are_missing_not_zero(tmp_path):
    got = bring(write(tmp_path, "a.txt", LOADSOL))
    assert got.report.kinds == {"a.txt": "novel loadsol"}
    assert got.infos["loadsol"].rate_hz == 100
    zones = role(got, "insole_left.zones")
    np.testing.assert_array_equal(
        zones, [[10, 20, 30], [nan] * 3, [11, 21, 31], [0, 0, 0]]
    )
    # whoever reads the file with another montage finds no value either
    forces = got.x["loadsol"][:, 1:5]
    np.testing.assert_array_equal(np.isnan(forces).all(axis=1), [0, 1, 0, 0])
    np.testing.assert_array_equal(forces[2], [11, 21, 31, 63])
    acc = role(got, "insole_left.acc") / 9.80665
    np.testing.assert_allclose(acc, [[0, 0, 1], [nan] * 3, [0, 0.5, 1], [0, 0, 1]])
    assert any("left: 1 rows are lost radio packets" in n for n in got.report.notes)
    assert got.header["started"] == "2024-03-05T10:11:12"


def test_loadsol_comments_and_end_are_markers(tmp_path):
    got = bring(write(tmp_path, "a.txt", LOADSOL))
    assert [(m.t_s, m.text) for m in got.markers] == [
        (pytest.approx(0.02), "jump"),
        (pytest.approx(0.03), "End measurement"),
    ]


def test_loadsol_with_a_cell_that_is_none(tmp_path):
    path = write(tmp_path, "a.txt", LOADSOL.replace("\t21\t", "\t2l\t"))
    with pytest.raises(RecordingError, match=r'line 7: column "AA-L::medial": "2l"'):
        bring(path)


def test_loadsol_without_rows(tmp_path):
    head = LOADSOL.partition("0.000")[0]
    with pytest.raises(RecordingError, match="no row behind the header"):
        bring(write(tmp_path, "a.txt", head))


# ---------------------------------------------------------------------- pedar


def test_pedar_cells_and_sides(tmp_path):
    got = bring(write(tmp_path, "a.asc", pedar()))
    assert got.infos["pedar"].rate_hz == 50
    left = role(got, "insole_left.pressure")
    np.testing.assert_array_equal(left[2], 200 + np.arange(1, 100))
    np.testing.assert_array_equal(role(got, "insole_right.pressure"), -left)
    assert got.header["started"] == "2014-11-13T13:42:00"
    assert got.report.notes == ()


def test_pedar_in_another_unit_is_converted(tmp_path):
    got = bring(write(tmp_path, "a.asc", pedar(unit="N/cm^2")))
    assert role(got, "insole_left.pressure")[0, 0] == pytest.approx(10.0)


def test_pedar_rate_that_the_times_do_not_keep_is_told(tmp_path):
    text = pedar().replace("scanning rate[Hz]: 50", "scanning rate[Hz]: 100")
    got = bring(write(tmp_path, "a.asc", text))
    assert any("says 100 Hz, the times 50 Hz" in note for note in got.report.notes)
    assert got.infos["pedar"].rate_hz == 50


def test_pedar_with_masks_is_refused(tmp_path):
    lines = [line.rpartition("\t")[0] or line for line in pedar().splitlines()]
    with pytest.raises(RecordingError, match="line 6: 197 cells, expected 99"):
        bring(write(tmp_path, "a.asc", "\n".join(lines)))


# --------------------------------------------------------------------- F-Scan


def test_fscan_sensels_and_load(tmp_path):
    got = bring(write(tmp_path, "walk_L.asf", FSCAN))
    assert got.report.roles == {"insole_left.force": "f-scan left load"}
    cells = got.infos["f-scan left"]
    assert cells.labels == ("r01c02", "r01c03", "r02c01", "r02c02")
    np.testing.assert_array_equal(
        got.x["f-scan left"], [[1, 2, 3, 4], [10, 20, 30, 40]]
    )
    # 10 kPa on 2 cm2 are 2 N
    np.testing.assert_allclose(role(got, "insole_left.force"), [[2.0], [20.0]])
    np.testing.assert_allclose(got.t_s["f-scan left"], [0, 0.02])


def test_two_fscan_files_are_two_feet(tmp_path):
    paths = [write(tmp_path, f"walk_{side}.asf", FSCAN) for side in "LR"]
    got = bring(*paths)
    assert set(got.report.roles) == {"insole_left.force", "insole_right.force"}


def test_fscan_of_an_unknown_foot_has_no_role(tmp_path):
    got = bring(write(tmp_path, "walk.asf", FSCAN))
    assert got.report.roles == {}
    assert any("which foot it is" in note for note in got.report.notes)
    assert 'name = "f-scan load"' in got.report.template


def test_raw_fscan_has_no_force(tmp_path):
    got = bring(write(tmp_path, "walk_L.asf", FSCAN.replace("KPa", "raw")))
    assert set(got.infos) == {"f-scan left"}
    assert any("give no force" in note for note in got.report.notes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("30,40,B\n", "", "frame 2 has less than 2 rows"),
        ("Frame 2", "Frame 4", "frame 4 does not follow"),
        ("3,4,B", "3,x,B", 'line 11: column "c02": "x" is no number'),
        ("ROWS 2\n", "", "the header has no ROWS"),
        ("SECONDS_PER_FRAME 0.02", "SECONDS_PER_FRAME 0", "no SECONDS_PER_FRAME"),
    ],
)
def test_broken_fscan_is_one_message(tmp_path, old, new, said):
    with pytest.raises(RecordingError, match=said):
        bring(write(tmp_path, "walk_L.asf", FSCAN.replace(old, new)))


# -------------------------------------------------------------------- XSENSOR


def test_xsensor_frames_over_midnight(tmp_path):
    frames = [("23:59:59.98", 700.5), ("00:00:00.00", 710.0), ("00:00:00.02", 0.0)]
    got = bring(write(tmp_path, "a.csv", xsensor(*frames)))
    np.testing.assert_allclose(role(got, "insole_left.force")[:, 0], [700.5, 710, 0])
    np.testing.assert_allclose(role(got, "insole_right.force")[:, 0], [1401, 1420, 0])
    np.testing.assert_allclose(got.t_s["xsensor left"], [0, 0.02, 0.04])
    np.testing.assert_array_equal(got.x["xsensor left"][:, 3], [0, 1, 2])
    assert got.infos["xsensor left"].channels[0].unit == "mmHg"
    assert got.header["started"].startswith("2022-05-26T23:59:59.98")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("23:59:58.00", "later", 'line 3: "later" is no time of the day'),
        ("HX210-LF", "HX210", "names no foot"),
        ("SENSELS\n1,2\n3,1", "SENSELS\n1,2\n3,z", '"z" is no number'),
    ],
)
def test_broken_xsensor_is_one_message(tmp_path, old, new, said):
    text = xsensor(("23:59:58.00", 1.0), ("23:59:58.02", 1.0))
    assert old in text
    with pytest.raises(RecordingError, match=said):
        bring(write(tmp_path, "a.csv", text.replace(old, new)))
