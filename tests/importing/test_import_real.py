"""Every public set through import and analysis, against what is known of it.

What each set needs stands in ``SETS``; docs/importing.md says the same as commands.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from import_cases import Brought

from lablive.analysis import analyze
from lablive.importing.import_trial import import_trial
from lablive.importing.imported import NO_OPTIONS, Options
from lablive.importing.mocap import elevation_deg, path_of
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.signals.binding import bind
from lablive.signals.montage import load_montage, parse_montage

MONTAGES = Path(__file__).resolve().parents[2] / "configs" / "montages"
EMG = """
schema = 1
[[stream]]
match = {{ name = "emg" }}
[[stream.channel]]
index = 0
role = "emg_gluteus_maximus_right"
unit = "{unit}"
"""


class Set(NamedTuple):
    """What a public set needs to become a trial; rows of its streams."""

    files: tuple[str, ...]
    rows: tuple[int, ...]
    montage: str = ""  # a shipped one, or TOML; "" = what the file says
    options: Options = NO_OPTIONS
    whole: bool = True  # False: the file itself shows losses


MT = "imu_xsens_apdm_opensense/MT_012005D6_009-001_00B4"
MT_SERIALS = ("21E6", "21ED", "21EE", "21EF", "2268", "2279", "227C", "227D")
LOADSOL = "loadsol_vs_forceplate_pomarat/"
SETS = {
    "dryft": Set(
        ("dryft_treadmill_grf/custom_drift_S001runT25.csv",),
        (9000,), "dryft", Options(rate_hz=300),
    ),
    "pedar": Set(("insole_pedar_99cell/pressure_example.asc",), (1114,)),
    "stappone": Set(
        ("insole_formats_pressuRe/stappone_example.csv",), (4575,), "stappone_csv"
    ),
    "loadsol roll": Set((f"{LOADSOL}roll_test.txt",), (7903,)),
    "loadsol weight": Set((f"{LOADSOL}test_poids.txt",), (1094,)),
    "loadsol tiptoe": Set((f"{LOADSOL}test_pointe_1_05_02.txt",), (6836,)),
    "running force": Set(
        ("running_imu_grf_alcantara/GRF_one_sub.csv",),
        (2480,), "running_grf", Options(row=3, rate_hz=500),
    ),
    "running sacrum": Set(
        ("running_imu_grf_alcantara/Accelerometer_one_sub.csv",),
        (2480,), "running_sacrum_csv", Options(row=3, parts=2, rate_hz=500),
    ),
    "hamner": Set(
        ("running_mocap_grf_hamner/runningModel_GRF_data.mot",), (691,),
        "opensim_grf_lr",
    ),
    "opensim walk": Set(
        tuple(f"opensim_walk_emg_grf/{name}" for name in (
            "grf_walk.mot", "electromyography.sto", "markers_walk.trc")),
        (4778, 4780, 238), "opensim_grf",
    ),
    "opensense": Set(
        tuple(f"{MT}{serial}.txt" for serial in MT_SERIALS),
        (2432, 2481, 2452, 2469, 2496, 2493, 2474, 2505), "xsens_opensense",
    ),
    "gaitmap strides": Set(
        ("foot_imu_mocap_gaitmap/imu_sample_ic_stride.csv",),
        (4053,), "foot_imus_csv", Options(rate_hz=102.4, time_column="0"),
    ),
    "gaitmap stairs": Set(
        ("foot_imu_mocap_gaitmap/imu_sample_healthy_stair_down.csv",),
        (4488,), "foot_imus_csv", Options(time_column="0"),
    ),
    "xio walk": Set(
        ("foot_imu_xio_gait_tracking/short_walk.csv",), (16539,), "foot_imu_xio_csv"
    ),
    "mobgap": Set(
        ("lowerback_imu_mobgap/data_csv/HA/001/TimeMeasure1_Test5_Trial1.csv",),
        (1246,), "lower_back_csv", Options(rate_hz=100, time_column="samples"),
    ),
    "openbci": Set(
        ("openbci_raw_txt/OpenBCI_GUI-v6-blinks-jawClench-alpha.txt",),
        (22490,), "", Options(rate_hz=250, time_column="0"),
    ),
    "biosppy": Set(("emg_biosppy/emg_1.txt",), (63880,), EMG.format(unit="adc")),
    "biceps": Set(
        ("ktk_kineticstoolkit/emg_biceps_brachii.csv",), (6534,), EMG.format(unit="V")
    ),
    "jump": Set(
        ("jump_force_jumpmetrics/cmj_example.txt",),
        (40000,), "", Options(rate_hz=2000),
    ),
    "walking2": Set(
        ("c3d_opensim_walking/walking2.c3d",), (1249, 9992, 9992), "c3d_two_plates"
    ),
    "walk": Set(("ktk_kineticstoolkit/walk.c3d",), (221, 221, 4420, 4420)),
    "bts": Set(("ktk_kineticstoolkit/c3d_sample.c3d",), (675, 6750, 6750)),
    "foot c3d": Set(
        ("imu_files_scikit_kinematics/LeftFoot-marche01.c3d",), (16248,)
    ),
    "btk": Set(("c3d_btk_samples/Gait.c3d",), (487, 4870, 4870)),
    "ngimu": Set(
        ("imu_files_scikit_kinematics/data_ngimu/sensors.csv",), (499,),
        "foot_imu_xio_csv",
    ),
    "nilspod": Set(
        ("imu_binary_nilspod/18_0_sample/NilsPodX-6F13_20210109_162824_data.csv",),
        (635,),
    ),
    "yei": Set(
        ("imu_files_scikit_kinematics/data_yei.txt",), (2715,), "",
        Options(time_column="0", time_unit="us"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def brought(real_data, tmp_path_factory):
    """Import a set once; later askers get the same trial."""
    made: dict[str, Brought] = {}
    folder = tmp_path_factory.mktemp("sets")

    def bring(name):
        if name not in made:
            wanted = SETS[name]
            if any(file.endswith(".c3d") for file in wanted.files):
                pytest.importorskip("ezc3d", reason="ezc3d reads C3D files")
            montage = None
            if wanted.montage:
                montage = (
                    parse_montage(wanted.montage, name)
                    if "\n" in wanted.montage
                    else load_montage(MONTAGES / f"{wanted.montage}.toml")
                )
            out = folder / f"{name.replace(' ', '-')}.xdf"
            report = import_trial(
                [real_data / file for file in wanted.files],
                out,
                montage=montage,
                options=wanted.options,
            )
            trial = Trial(out)
            infos = {info.name: info for info in trial.streams}
            made[name] = Brought(
                report, out, dict(trial.header), infos, {}, {}, list(trial.gaps),
                list(trial.markers),
            )  # fmt: skip
            trial.close()
        return made[name]

    return bring


def role(got, name):
    """Return times and values of a role as the stored montage reads them."""
    binding = bind(
        parse_montage(got.header["montage"], "stored"), [*got.infos.values()]
    )
    trial = Trial(got.path)
    t_s, x = trial.window(binding.sources[name].stream, -1e12, 1e12)
    trial.close()
    return t_s, binding.extract(name, x)


@pytest.mark.parametrize("name", SETS)
def test_every_set_becomes_a_whole_trial_that_is_analysed(brought, name):
    got, wanted = brought(name), SETS[name]
    assert got.report.rows == wanted.rows
    assert bool(got.report.roles) == ("montage" in got.header)
    if wanted.montage:
        assert got.report.roles
    assert verify(got.path).ok == wanted.whole
    analyze(got.path)


def times(got, side, kind):
    events = analyze(got.path).events
    return np.array([e.t_s for e in events if (e.side, e.kind) == (side, kind)])


def test_pedar_contacts_and_cadence(brought):
    """18 left and 17 right contacts at 122 steps/min (pressure sum of the set)."""
    analysis = analyze(brought("pedar").path)
    cadence = analysis.metrics["cadence_spm"].both
    assert cadence.median == pytest.approx(122, rel=0.01)


def test_dryft_has_77_contacts(brought):
    got = brought("dryft")
    ic, to = times(got, "unknown", "ic"), times(got, "unknown", "to")
    assert sum(bool(np.any(to > at)) for at in ic) == 77


def test_loadsol_tiptoe_has_no_steps(brought):
    """Lost packets (742 left, 813 right) are no feet in the air."""
    got = brought("loadsol tiptoe")
    for side, lost in (("left", 742), ("right", 813)):
        zones = role(got, f"insole_{side}.zones")[1]
        assert np.isnan(zones).all(axis=1).sum() == lost
        assert (zones[np.isfinite(zones)] >= 0).all()


def test_opensim_forces_give_the_known_contacts(brought):
    """Right 0.267 to 1.036 and 1.411 to 2.181 s, left 0.836 to 1.602 s."""
    got = brought("opensim walk")
    for side, known in (
        ("right", [0.267, 1.036, 1.411, 2.181]), ("left", [0.836, 1.602]),
    ):  # fmt: skip
        t_s, force = role(got, f"insole_{side}.force")
        up, down = (np.diff((force[:, 0] > limit).astype(int)) for limit in (20, 10))
        changes = t_s[1:][(up > 0) | (down < 0)]  # 20 N up and 10 N down
        np.testing.assert_allclose(changes, known, atol=0.001)
        ic = times(got, side, "ic")
        np.testing.assert_allclose(ic, known[::2], atol=0.02)


def test_the_gyroscope_and_accelerometer_of_a_foot_are_in_si_units(brought):
    got = brought("xio walk")
    _, acc = role(got, "imu_foot_right.acc")
    _, gyro = role(got, "imu_foot_right.gyro")
    assert np.linalg.norm(acc[:400], axis=1).mean() == pytest.approx(9.8, abs=0.3)
    assert 3 < np.abs(gyro).max() < 40  # a swinging foot, rad/s


def test_a_line_of_two_series_is_two_axes(brought, real_data):
    """Each line: 2480 vertical values in g, then 2480 forward ones."""
    (file,) = SETS["running sacrum"].files
    line = np.loadtxt(real_data / file, delimiter=",")[2]
    t_s, acc = role(brought("running sacrum"), "imu_pelvis.acc")
    np.testing.assert_allclose(acc[:, 2], line[:2480] * 9.80665)
    np.testing.assert_allclose(acc[:, 0], line[2480:] * 9.80665)
    assert np.isnan(acc[:, 1]).all()  # sideways was not recorded
    assert t_s[-1] == pytest.approx(2479 / 500)


def test_openbci_by_its_own_counter_lost_nothing(brought):
    got = brought("openbci")
    assert got.gaps == []
    assert got.infos["OpenBCI_GUI-v6-blinks-jawClench-alpha"].rate_hz == 250


def test_events_of_a_c3d_file_are_the_contacts_of_its_plates(brought):
    """The file's own events agree with its plates within 1 ms (20 N)."""
    got = brought("walk")
    assert [(m.kind, m.text.split()[0]) for m in got.markers][:4] == [
        ("ic", "right"), ("to", "left"), ("ic", "left"), ("to", "right"),
    ]  # fmt: skip
    trial = Trial(got.path)
    t_s, force = trial.window(got.infos["c3d force plates"].id, -1e12, 1e12)
    trial.close()
    starts = [
        t_s[np.argmax(column > 20)] for column in force.T[:4] if column.max() > 20
    ]
    known = [m.t_s for m in got.markers if m.kind == "ic"]
    for start in starts:
        assert min(abs(start - at) for at in known) < 0.0105
    assert sum(min(abs(start - at) for at in known) < 0.0011 for start in starts) >= 2


def test_pelvic_obliquity_from_markers_agrees_with_the_model(brought):
    """RMS 0.74 deg, r 0.991, the same sign: + = left side up."""
    trial = Trial(brought("walk").path)
    left, right = path_of(trial, "LASI"), path_of(trial, "RASI")
    model = path_of(trial, "LPelvisAngles")
    trial.close()
    obliquity = elevation_deg(left, right)
    assert model.unit == "deg"
    truth = model.xyz[:, 1]
    assert (truth.min(), truth.max()) == pytest.approx((-6.2, 2.7), abs=0.06)
    assert np.sqrt(np.mean((obliquity - truth) ** 2)) == pytest.approx(0.74, abs=0.01)
    assert np.corrcoef(obliquity, truth)[0, 1] == pytest.approx(0.991, abs=0.001)


def test_markers_of_opensim_have_y_up(brought):
    trial = Trial(brought("opensim walk").path)
    left, right = path_of(trial, "L.ASIS"), path_of(trial, "R.ASIS")
    trial.close()
    assert left.unit == "m"
    assert np.nanmax(np.abs(elevation_deg(left, right, "y"))) < 10
    assert 0.2 < np.nanmean(np.linalg.norm(left.xyz - right.xyz, axis=1)) < 0.35


def test_the_guide_names_montages_that_are_there():
    guide = (MONTAGES.parents[1] / "docs" / "importing.md").read_text(encoding="utf-8")
    named = re.findall(r"configs/montages/(\w+)\.toml", guide)
    assert len(named) >= 5
    assert all((MONTAGES / f"{name}.toml").is_file() for name in named)
