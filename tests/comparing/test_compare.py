"""Two runs with known differences: the table, the curves, the maps, what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pipeline_cases import EMG, SOLES, segments_as_worn, simulated
from trial_files import recorded

from lablive.analysis import analyze_trial
from lablive.comparing.comparison import (
    Wanted,
    compare,
    compare_stretches,
    comparison_json,
    stretch_of,
)
from lablive.comparing.curves import USUAL
from lablive.comparing.stretch import read_trial
from lablive.comparing.terms import Terms, alike
from lablive.editing.edit import exclude
from lablive.editing.edit_file import add_edit, edits_path
from lablive.errors import ConfigError
from lablive.importing.import_trial import import_trial
from lablive.importing.imported import Options
from lablive.library.session_plan import SCHEMA, SessionPlan, save_plan
from lablive.metrics.registry import METRICS
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.signals.calibrations import Calibrations, calibrations_json
from lablive.signals.montage import load_montage, to_toml

MONTAGES = Path(__file__).resolve().parents[2] / "configs" / "montages"
WORN = ("pelvis", "trunk", "thigh_left", "thigh_right")
LAB = (*SOLES, EMG, "Sim pelvis IMU", "Sim thigh left IMU", "Sim thigh right IMU")


def trial(
    folder, name, seconds, streams=SOLES, code="LB-0007", day="2026-11-21", **sim
):
    lab = simulated(seconds, streams, standing_s=4.0, **sim)
    own = Calibrations(segments=segments_as_worn(WORN))
    header = {
        HeaderKey.MONTAGE: to_toml(lab.montage),
        HeaderKey.CODE: code,
        HeaderKey.STARTED: f"{day}T10:00:00+01:00",
        HeaderKey.CALIBRATION: calibrations_json(own),
    }
    folder.mkdir(parents=True, exist_ok=True)
    return recorded(folder / f"{name}.xdf", lab, header)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session: six minutes, then two with a shorter left contact."""
    folder = tmp_path_factory.mktemp("home") / "2026-11-21_LB-0007"
    trial(folder, "trial-01", 325.0)
    trial(folder, "trial-02", 130.0, contact_left_s=0.232, seed=5)
    return folder


@pytest.fixture(scope="module")
def reads(session):
    """Both trials, read once."""
    paths = (session / "trial-01.xdf", session / "trial-02.xdf")
    return {path: read_trial(path) for path in paths}


def of(reads, path, from_s=None, until_s=None):
    return stretch_of(Wanted(str(path), from_s, until_s), reads)


@pytest.fixture(scope="module")
def found(session, reads):
    first, second = (of(reads, path) for path in reads)
    return compare_stretches(first, second)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return trial(tmp_path_factory.mktemp("lab"), "trial-01", 30.0, LAB)


def row_of(comparison, metric, side="left"):
    return next(it for it in comparison.rows if (it.metric, it.side) == (metric, side))


# --------------------------------------------------------------------------- the table
def test_a_shorter_contact_is_a_change_and_the_other_foot_has_none(found):
    left = row_of(found, "contact_time_ms", "left")
    assert left.change == pytest.approx(-18.0, abs=2.0)
    assert left.percent == pytest.approx(100 * left.change / left.a.median)
    assert left.low < left.change < left.high < 0
    assert left.mdc_of == "own"
    assert 0 < left.mdc < 5.0
    assert left.verdict == "change"
    assert left.better == ""  # a shorter contact is information
    assert left.sentence.startswith("Ground contact time, left: 2")
    assert "more than the" in left.sentence
    right = row_of(found, "contact_time_ms", "right")
    assert abs(right.change) < 1.0
    assert right.b.n > 100
    assert found.doubts == ()


def test_every_row_is_a_sentence_and_names_its_speed(found):
    assert len(found.rows) > 40
    for row in found.rows:
        assert row.sentence.endswith(".")
        assert "nan" not in row.sentence.lower()
        if row.verdict != "unknown":
            assert row.why == "" or row.verdict == "within error"
            assert math.isfinite(row.mdc)
        if METRICS[row.metric].of_stride and not math.isnan(row.change):
            assert row.low_mps == pytest.approx(3.0)


def test_the_numbers_are_those_of_the_analysis(session, found):
    analysed = analyze_trial(session / "trial-02.xdf")
    metric = METRICS["contact_time_ms"]
    stat = analysed.pipeline.results.sample().summarise(metric).stat("left")
    row = row_of(found, "contact_time_ms", "left")
    assert row.b.median == pytest.approx(stat.median, abs=0.05)  # without the ramp
    assert abs(stat.n - row.b.n) < 6


def test_two_ranges_of_one_trial_do_not_differ(session, reads):
    path = session / "trial-01.xdf"
    first, second = of(reads, path, 10.0, 160.0), of(reads, path, 170.0, 320.0)
    told = compare_stretches(first, second)
    row = row_of(told, "contact_time_ms", "both")
    assert row.verdict in ("within error", "unknown")
    assert abs(row.change) < 0.5
    assert row.low < 0.0 < row.high
    assert told.a.seconds == pytest.approx(150.0)
    assert told.a.name == "trial-01, 10 s to 160 s"


def test_a_session_folder_is_all_its_trials(session, reads):
    second = of(reads, session / "trial-02.xdf")
    whole = compare_stretches(of(reads, session), second)
    assert whole.a.trials == ("trial-01.xdf", "trial-02.xdf")
    assert whole.a.strides > whole.b.strides > 100
    with pytest.raises(ConfigError, match="a range is of one"):
        of(reads, session, 1.0, 9.0)


def test_other_speeds_are_refused_row_by_row(session, reads, tmp_path):
    fast = trial(tmp_path / "s", "trial-01", 40.0, belt_mps=3.6)
    both = {**reads, fast: read_trial(fast)}
    told = compare_stretches(of(both, session / "trial-02.xdf"), of(both, fast))
    assert {it.verdict for it in told.rows} == {"unknown"}
    row = row_of(told, "contact_time_ms")
    assert "belt speeds from 3.00 to 3.60 m/s" in row.sentence
    assert any(it.kind == "speed" for it in told.doubts)


def test_an_edit_beside_a_trial_counts_here_too(session, reads):
    opened = Trial(session / "trial-02.xdf")
    before = of(reads, opened.path).strides
    add_edit(opened, exclude(opened.t0_s + 20.0, opened.t0_s + 40.0, "stumble"))
    after = compare(Wanted(str(opened.path)), None)
    assert after.a.strides < before - 50
    assert any("stumble" in note for note in after.a.notes)
    edits_path(opened.path).unlink()
    opened.close()


# ----------------------------------------------------------------------- what differs
SAME = Terms(code="P1", day="2026-11-21", session="/s", shoes="Pegasus", mvc=False)


@pytest.mark.parametrize(
    ("change", "kind", "refused", "spared"),
    [
        ({"code": "P2"}, "person", "contact_time_ms", None),
        ({"shoes": "Vaporfly"}, "shoes", "peak_force_bw", None),
        ({"microphones": ("hall",)}, "microphone", "footfall_sel_dba", "cadence_spm"),
        ({"day": "2026-12-01", "session": "/t"}, "electrodes", "gmax_stance_peak_pct",
         "gmax_onset_ms"),
    ],
)  # fmt: skip
def test_what_differs_is_told_and_not_compared(change, kind, refused, spared):
    base = msgspec.structs.replace(SAME, microphones=("belt",))
    other = alike(base, msgspec.structs.replace(base, **change))
    assert kind in [it.kind for it in other.doubts]
    assert other.why_not(METRICS[refused])
    if spared:
        assert other.why_not(METRICS[spared]) == ""


def test_sensors_put_on_anew_take_the_own_detectable_change_away():
    assert alike(SAME, SAME).same_mounting
    anew = msgspec.structs.replace(SAME, mounting=("afternoon",))
    told = alike(SAME, anew)
    assert not told.same_mounting
    assert [it.kind for it in told.doubts] == ["mounting"]
    later = msgspec.structs.replace(SAME, day="2026-12-01", session="/t", mvc=True)
    other = alike(msgspec.structs.replace(SAME, mvc=True), later)
    assert not other.same_mounting
    assert [it.kind for it in other.doubts] == ["time"]


def test_files_that_name_no_day_are_not_taken_for_one_session():
    first = Terms(code="P1", session="downloads", files=("a.xdf",), mvc=True)
    assert alike(first, first).same_mounting
    other = alike(first, msgspec.structs.replace(first, files=("b.xdf",)))
    assert not other.same_mounting


def test_shoes_and_days_are_read_from_the_session(session, reads, tmp_path):
    later = tmp_path / "2026-12-01_LB-0007"
    second = trial(later, "trial-01", 40.0, day="2026-12-01")
    save_plan(later, SessionPlan(SCHEMA, "LB-0007", "2026-12-01", shoes="new"))
    save_plan(session, SessionPlan(SCHEMA, "LB-0007", "2026-11-21", shoes="old"))
    both = {**reads, second: read_trial(second)}
    told = compare_stretches(of(both, session / "trial-02.xdf"), of(both, second))
    assert {it.kind for it in told.doubts} >= {"shoes", "time"}
    row = row_of(told, "contact_time_ms")
    assert row.verdict == "unknown"
    assert row.why == "other shoes: old then, new now"
    assert row.change == pytest.approx(18.0, abs=2.0)  # shown, not judged
    (session / "session.toml").unlink()


# ------------------------------------------------------------------- curves and maps
def test_curves_have_the_runner_s_amplitudes(lab, tmp_path):
    wider = trial(tmp_path / "s", "trial-01", 30.0, LAB, pelvic_drop_left_deg=8.0)
    curves = (*USUAL, "pelvis_rotation_deg")
    reads = {path: read_trial(path, curves=curves) for path in (lab, wider)}
    a, b = (stretch_of(Wanted(str(path)), reads) for path in (lab, wider))
    told = compare_stretches(a, b, curves)
    known = {(it.id, it.side): it for it in told.curves}
    tilt = known["pelvis_obliquity_deg", "left"]
    assert len(tilt.at_pct) == len(tilt.a.mean) == len(tilt.difference) == 101
    assert np.ptp(tilt.a.mean) == pytest.approx(10.0, abs=0.3)
    assert max(tilt.a.sd) < 0.5
    assert np.ptp(tilt.b.mean) > np.ptp(tilt.a.mean) + 1.0
    # the first strides have no settled orientation
    assert 20 < tilt.a.n <= len(a.parts[0].sample.valid("left"))
    turn = known["pelvis_rotation_deg", "left"].a.mean
    assert np.ptp(turn) == pytest.approx(12.0, abs=0.5)
    assert np.mean(turn) == pytest.approx(0.0, abs=0.5)
    force = known["force", "left"]
    peak = row_of(told, "peak_force_bw").a.median
    assert max(force.a.mean) == pytest.approx(peak, rel=0.05)
    assert force.unit == "BW"
    muscle = next(it for it in told.curves if it.id.startswith("emg_"))
    assert len(muscle.at_pct) == 131
    assert muscle.at_pct[0] == -30.0
    assert 10.0 < max(muscle.a.mean) < 200.0


def test_rotation_is_made_only_when_it_is_asked_for(lab):
    told = compare(Wanted(str(lab)), None)
    assert "pelvis_lean_deg" in {it.id for it in told.curves}
    assert not any("rotation" in it.id for it in told.curves)


def test_maps_carry_the_force_of_the_stance(lab):
    read = {lab: read_trial(lab)}
    stretch = stretch_of(Wanted(str(lab)), read)
    cells = stretch.cells("left")
    sample = stretch.parts[0].sample
    force = [
        it.values["stance_impulse_bw_s"] / (1e-3 * it.values["contact_time_ms"])
        for it in sample.valid("left")
    ]
    assert cells.n == len(force)
    assert cells.layout == "sim_16"
    told = compare_stretches(stretch, stretch)
    assert all(it == 0.0 for pair in told.maps for it in pair.difference)
    assert [it.side for it in told.maps] == ["left", "right"]
    assert len(told.gait_lines[0].a) == 101
    assert all(np.array(cells.highest) >= np.array(cells.mean))


def test_left_against_right(tmp_path):
    file = trial(
        tmp_path / "s", "trial-01", 40.0, contact_left_s=0.25, contact_right_s=0.24
    )
    told = compare(Wanted(str(file)), None)
    row = next(it for it in told.feet if it.metric == "contact_time_ms")
    assert row.index == pytest.approx(-4.08, abs=0.3)
    assert row.larger == "left"
    assert "the left is larger by 4." in row.sentence
    assert told.rows == ()
    assert told.maps[0].side == "left and right"


def test_feet_without_a_belt_speed_are_shown_and_not_judged(tmp_path):
    soles = SOLES[:2]
    file = trial(tmp_path / "s", "trial-01", 30.0, soles, contact_right_s=0.24)
    told = compare(Wanted(str(file)), None)
    row = next(it for it in told.feet if it.metric == "contact_time_ms")
    assert row.left.median > row.right.median + 5.0
    assert math.isnan(row.index)
    assert row.sentence.endswith("no statement, needs the belt speed.")


# ---------------------------------------------------------------------- the outside
def test_the_json_is_json(found):
    told = json.loads(comparison_json(found))
    assert list(told) == [
        "schema", "a", "b", "doubts", "rows", "feet", "curves", "gait_lines", "maps",
    ]  # fmt: skip
    row = next(it for it in told["rows"] if it["metric"] == "contact_time_ms")
    assert set(row) >= {"change", "low", "high", "mdc", "verdict", "sentence"}


def test_what_cannot_be_compared_is_one_message(session, tmp_path):
    path = str(session / "trial-02.xdf")
    with pytest.raises(ConfigError, match="there is nothing from 200 s"):
        compare(Wanted(path, 200.0, None), None)
    with pytest.raises(ConfigError, match="There is no curve"):
        compare(Wanted(path), None, curves=("knee",))
    with pytest.raises(ConfigError, match="There is no file"):
        compare(Wanted(str(tmp_path / "absent.xdf")), None)
    with pytest.raises(ConfigError, match="holds no trial"):
        compare(Wanted(str(tmp_path)), None)


def test_two_halves_of_a_real_run(real_data, tmp_path):
    recording = real_data / "dryft_treadmill_grf" / "custom_drift_S001runT25.csv"
    if not recording.is_file():
        pytest.skip(f"{recording.name} is not here")
    montage = load_montage(MONTAGES / "dryft.toml")
    import_trial(
        [recording], tmp_path / "r.xdf", montage=montage, options=Options(rate_hz=300)
    )
    path = str(tmp_path / "r.xdf")
    told = compare(Wanted(path, 0.0, 15.0), Wanted(path, 15.0, 30.0))
    row = row_of(told, "contact_time_ms", "both")
    assert row.a.n >= 15
    assert abs(row.change) < 10.0
    assert row.verdict in ("unknown", "within error")
    assert told.curves[0].id == "force"


def test_the_worker_writes_what_the_function_returns(lab, tmp_path):
    out = tmp_path / "c.json"
    command = [sys.executable, "-m", "lablive.comparing.compare_trials", str(lab)]
    done = subprocess.run(
        [*command, "--out", str(out), "--curve", "force"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["step"] == "reading trial-01.xdf"
    assert out.read_bytes() == comparison_json(
        compare(Wanted(str(lab)), None, curves=("force",))
    )
    again = subprocess.run(
        [*command, "--from-a", "900", "--out", str(out)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert again.returncode == 1
    assert "nothing from 900 s" in again.stderr
