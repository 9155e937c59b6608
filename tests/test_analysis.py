"""A recorded file through the analysis: schema, calibration, reasons, errors."""

from __future__ import annotations

import json

import msgspec
import pytest
from pipeline_cases import EMG, SOLES, bits, run, simulated
from trial_files import recorded

from lablive.analysis import analysis_json, analyze, analyze_trial
from lablive.errors import ConfigError, RecordingError
from lablive.messages import Gap, Marker
from lablive.metrics.registry import METRICS
from lablive.names import HeaderKey
from lablive.signals.calibrations import Calibrations
from lablive.signals.montage import StandingWindow, to_toml


@pytest.fixture(scope="module")
def lab():
    made = simulated(30.0, standing_s=8.0)
    left = made.streams[0].id
    made.gaps = [Gap(left, 3000, 14.995, 0.0, 2, "lost", "radio")]
    return made


@pytest.fixture(scope="module")
def file(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    header = {HeaderKey.MONTAGE: to_toml(lab.montage)}
    return recorded(folder / "trial-01.xdf", lab, header)


def with_standing(montage, *window):
    return msgspec.structs.replace(montage, calibration=StandingWindow(window))


def test_the_json_has_the_schema_of_the_design(file):
    told = json.loads(analysis_json(analyze(file)))
    assert list(told) == [
        "schema", "file", "duration_s", "streams", "gaps", "events", "strides",
        "metrics", "drill", "drills", "notes", "session", "other_gait", "zones",
        "edits", "remarks", "focus", "blocks",
    ]  # fmt: skip
    assert told["schema"] == 1
    assert told["drill"] is None
    assert told["file"] == "trial-01.xdf"
    assert told["duration_s"] == pytest.approx(29.995, abs=0.01)
    assert [stream["name"] for stream in told["streams"]] == list(SOLES)
    stream_keys = ["name", "type", "rate_hz", "samples", "lost"]
    assert list(told["streams"][0]) == stream_keys
    assert told["streams"][0]["samples"] == 6000
    assert told["streams"][0]["lost"] == 2
    assert told["gaps"] == [
        {"stream": "left_sole", "t_s": 14.995, "duration_s": 0.0, "rows_lost": 2}
    ]
    assert list(told["events"][0]) == ["t_s", "side", "kind", "source"]
    assert {event["kind"] for event in told["events"]} == {"ic", "to"}
    assert list(told["strides"][0]) == [
        "side", "ic_s", "to_s", "next_ic_s", "valid", "reasons", "speed_mps",
        "incline_pct",
    ]  # fmt: skip
    assert set(told["metrics"]) == set(METRICS)
    contact = told["metrics"]["contact_time_ms"]
    assert list(contact) == ["unit", "left", "right", "both", "grade", "note"]
    assert list(contact["left"]) == ["median", "mean", "sd", "n", "n_total"]
    assert contact["unit"] == "ms"
    assert contact["grade"] == "B"
    missing = told["metrics"]["double_support_pct"]
    assert missing["both"]["n"] == 0
    assert missing["both"]["median"] is None
    assert "left" not in missing


def test_analysis_equals_the_live_pipeline(lab, file):
    live, handed = run(lab, seed=1)
    found = analyze_trial(file)
    assert found.pipeline.contacts == live.contacts
    assert bits(found.pipeline.strides) == bits(live.strides)
    assert len(handed) > 100
    sample = live.results.sample()
    for metric in METRICS.values():
        mine = msgspec.json.encode(sample.summarise(metric))
        assert msgspec.json.encode(found.analysis.metrics[metric.id]) == mine


def test_standing_of_the_montage_calibrates(lab, file):
    found = analyze_trial(file, with_standing(lab.montage, 1.0, 7.0))
    assert found.prepared.notes == ()
    foot = found.prepared.calibrations.insole.left
    assert foot.zero_from == "unloaded"
    assert foot.zero_n == pytest.approx(20.0, abs=1.0)
    metrics = found.analysis.metrics
    assert metrics["standing_balance_pct"].both.median == pytest.approx(50, abs=0.5)
    assert metrics["peak_force_bw"].both.median == pytest.approx(2.32, abs=0.03)
    ratio = metrics["insole_gain_ratio"].both.median
    assert ratio == pytest.approx(1.0, abs=0.02)


def test_the_calibration_of_the_trial_comes_first(lab, file, tmp_path):
    made = analyze_trial(file, with_standing(lab.montage, 1.0, 7.0))
    text = msgspec.json.encode(made.prepared.calibrations.insole).decode()
    header = {HeaderKey.CALIBRATION: text}
    other = recorded(tmp_path / "b.xdf", lab, header)
    found = analyze_trial(other, lab.montage)
    assert found.prepared.calibrations == made.prepared.calibrations
    peak = found.analysis.metrics["peak_force_bw"].both.median
    assert peak == made.analysis.metrics["peak_force_bw"].both.median


def test_a_useless_standing_is_told_and_the_rest_works(lab, file):
    found = analyze_trial(file, with_standing(lab.montage, 10.0, 18.0))
    assert found.prepared.calibrations == Calibrations()
    assert "moved" in found.prepared.notes[0]
    assert found.analysis.metrics["contact_time_ms"].both.n > 40


def test_a_montage_for_another_room_is_refused(lab, file):
    stream = lab.montage.streams[0]
    match = msgspec.structs.replace(stream.match, name="elsewhere")
    wrong = msgspec.structs.replace(stream, match=match)
    montage = msgspec.structs.replace(lab.montage, streams=(wrong,))
    with pytest.raises(ConfigError, match="elsewhere"):
        analyze(file, montage)


def test_the_own_montage_may_name_absent_devices(lab, tmp_path):
    pelvis = simulated(1.0, streams=(*SOLES, "Sim pelvis IMU")).montage
    header = {HeaderKey.MONTAGE: to_toml(pelvis)}
    found = analyze(recorded(tmp_path / "c.xdf", lab, header))
    assert found.metrics["cadence_spm"].both.n > 40


def test_a_file_that_is_no_trial_is_one_message(tmp_path):
    path = tmp_path / "no.xdf"
    path.write_bytes(b"not a recording")
    with pytest.raises(RecordingError):
        analyze(path)


def test_a_trial_without_insoles_measures_nothing_and_says_so(tmp_path):
    lab = simulated(2.0, streams=("Sim pelvis IMU",))
    found = analyze(recorded(tmp_path / "d.xdf", lab))
    assert found.events == ()
    assert all(value.both.n == 0 for value in found.metrics.values())
    assert all(value.note for value in found.metrics.values())


def aligned(montage):
    """Return a montage that gives the axes of every IMU."""
    rules = tuple(
        msgspec.structs.replace(
            rule,
            channels=tuple(
                msgspec.structs.replace(
                    it, axes=("x", "y", "z") if "imu_" in it.role else ()
                )
                for it in rule.channels
            ),
        )
        for rule in montage.streams
    )
    return msgspec.structs.replace(montage, streams=rules)


def test_standing_of_the_montage_gives_axes_and_rest_too(tmp_path):
    made = simulated(30.0, (*SOLES, "Sim pelvis IMU", EMG), standing_s=10.0)
    path = recorded(tmp_path / "a.xdf", made)
    found = analyze_trial(path, with_standing(aligned(made.montage), 1.0, 9.0))
    assert found.prepared.calibrations.segments.of("pelvis").axes_from == "montage"
    assert found.prepared.calibrations.emg.rests
    drop = found.analysis.metrics["pelvic_drop_deg"]
    assert drop.both.median == pytest.approx(5.0, abs=0.5)
    assert "axes as the montage says" in drop.note
    speeds = {stride.speed_mps for stride in found.analysis.strides[-20:]}
    assert max(abs(speed - 3.0) for speed in speeds) < 0.01


def test_findings_about_sensors_are_among_the_notes(tmp_path):
    feet = ("Sim foot left IMU", "Sim foot right IMU")
    made = simulated(20.0, feet, standing_s=3.0)
    path = recorded(tmp_path / "a.xdf", made)
    found = analyze(path, aligned(made.montage))
    assert any("without an insole" in note for note in found.notes)
    assert found.metrics["cadence_spm"].both.median == pytest.approx(162.2, abs=0.5)


def test_a_marked_baseline_is_in_the_session_of_the_json(tmp_path):
    lab = simulated(80.0, standing_s=3.0)
    markers = [
        Marker(4.0, "baseline begin", "block"),
        Marker(66.0, "baseline end", "block"),
        Marker(70.0, "nap begin", "block"),
    ]
    header = {HeaderKey.MONTAGE: to_toml(lab.montage)}
    told = json.loads(
        analysis_json(analyze(recorded(tmp_path / "t.xdf", lab, header, markers)))
    )
    session = told["session"]
    assert session["parts"] == [
        {
            "kind": "baseline",
            "t0_s": 4.0,
            "t1_s": 66.0,
            "target_spm": None,
            "metric": "",
        }
    ]
    assert len(session["problems"]) == 1
    assert "parts are baseline" in session["problems"][0]
    assert session["problems"][0] in told["notes"]
    (at,) = session["metrics"]["contact_time_ms"]["left"]
    assert at["baseline"]["value"] == pytest.approx(247.0, abs=1.0)
    assert "needs 5 one-minute" in at["baseline"]["mdc"]["why"]
    assert "needs 20 valid strides" in at["change"]["why"]  # 14 s are left
    assert at["drift"]["per_min"] is None
    assert "corrective" not in at
    versus = told["metrics"]["cadence_vs_baseline_pct"]
    assert versus["both"]["median"] == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        (SOLES, ("not calibrated: forces as the sensors say",)),
        (
            ("Sim pelvis IMU",),
            ("not calibrated: the IMUs' angles have no zero from quiet standing",),
        ),
        ((EMG,), ()),
    ],
)
def test_not_calibrated_is_said_of_the_sensors_there_are(tmp_path, streams, told):
    file = recorded(tmp_path / "trial-01.xdf", simulated(5.0, streams))
    notes = analyze(file).notes
    assert tuple(note for note in notes if "calibrated:" in note) == told


def test_what_the_operator_noted_is_told_with_its_last_words(lab, tmp_path):
    markers = [
        Marker(20.0, "marker"), Marker(20.0, "stumbled", "edit"),
        Marker(22.0, "3", "pain"), Marker(23.0, "12", "effort"),
    ]  # fmt: skip
    told = analyze(recorded(tmp_path / "trial-01.xdf", lab, {}, markers))
    assert [it.words for it in told.remarks] == ["marker: stumbled", "pain 3"]
    assert told.remarks[0].first_text == "marker"
    assert 'effort "12" is left out: it goes from 0 to 10.' in told.notes
