"""Calibration of a trial file, its record, the person's folder and the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from calibration_lab import ABOUT, case, recorded, runner, sensor

from lablive.analysis import analyze_trial
from lablive.calibrating.calibrate import work_out
from lablive.calibrating.record import (
    about_trial,
    calibrate_trial,
    load_record,
    parse_record,
    record_json,
    record_of,
)
from lablive.calibrating.store import folder_of, offer, records, save
from lablive.errors import CalibrationError, ConfigError, RecordingError
from lablive.live.terms import lay
from lablive.messages import Chunk, Marker
from lablive.names import HeaderKey
from lablive.pipeline import PipelineSettings
from lablive.preparation import binding_of
from lablive.recording.intake import Intake
from lablive.recording.replay import Trial
from lablive.recording.writer import TrialWriter
from lablive.signals.auto_montage import auto_montage
from lablive.signals.calibrations import calibrations_json

REPO = Path(__file__).resolve().parents[2]
NAMES = ("left_sole", "right_sole", sensor("pelvis"), "Sim treadmill")
T0_S = 500.0
END_S = 80.0
NOW = datetime.fromisoformat(ABOUT.made_at) + timedelta(hours=1)
HEADER = {
    HeaderKey.CODE.value: "P7",
    HeaderKey.STARTED.value: ABOUT.made_at,
}


def write(path, markers, header=HEADER, seconds=END_S):
    """Write the begin of the scripted calibration as a trial."""
    intake = Intake(1 << 26)
    infos = [info for info in runner().streams if info.name in NAMES]
    for info in infos:
        intake.add_stream(info)
    writer = TrialWriter(path, header, None)
    for begin_s in np.arange(0.0, seconds, 1.0):
        for info in infos:
            t_s, x = recorded()[info.name]
            first, end = np.searchsorted(t_s, (begin_s, begin_s + 1.0))
            rows = T0_S + t_s[first:end], x[first:end]
            intake.append(Chunk(info.id, int(first), *rows, None, T0_S + begin_s))
        for mark in markers:
            if begin_s <= mark.t_s - T0_S < begin_s + 1.0:
                intake.marker(mark)
        now_s, last = T0_S + begin_s + 1.0, begin_s + 1.0 >= seconds
        intake.release(writer.drain(intake.take(now_s, last=last), now_s))
    writer.finish(T0_S + seconds)
    writer.part.close()
    return path


def marks():
    found = [mark for phase in runner().phases for mark in phase.markers]
    return [Marker(T0_S + m.t_s, m.text, m.kind) for m in found if m.t_s < END_S]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    marked = [*marks(), Marker(T0_S + 50.0, "dance begin", "calibration")]
    return write(tmp_path_factory.mktemp("calibration") / "trial-01.xdf", marked)


@pytest.fixture(scope="module")
def record(file):
    trial = Trial(file)
    binding = binding_of(trial, None)
    about = about_trial(trial, binding, mass_kg=70.0)
    found = calibrate_trial(trial, binding, about)
    trial.close()
    return found


def test_a_trial_is_calibrated_by_its_markers(record):
    assert (record.person, record.made_at) == ("P7", ABOUT.made_at)
    assert record.mounting == "2026-07-01"
    assert record.trial == "trial-01.xdf"
    assert record.worked
    lights = [(v.phase, v.light) for v in record.verdicts]
    assert lights == [
        ("zero", "green"), ("stand", "green"), ("single_leg", "green"),
        ("single_leg", "green"), ("bows", "green"), ("steps", "red"),
        ("pelvis_forward", "green"), ("pelvis_back", "green"),
    ]  # fmt: skip
    assert "phases are zero, stand" in record.problems[0]
    gain = record.calibrations.insole.left.gain
    assert gain == pytest.approx(1.25, rel=0.01)
    assert record.devices["insole"] == tuple(
        sorted(f"{i.name} ({i.source_id})" for i in runner().streams[:2])
    )


def test_a_trial_without_phases_says_how_to_mark_them(tmp_path):
    trial = Trial(write(tmp_path / "plain.xdf", [], seconds=3.0))
    binding = binding_of(trial, None)
    with pytest.raises(CalibrationError, match="notes no calibration phase"):
        calibrate_trial(trial, binding, about_trial(trial, binding))
    trial.close()


def test_the_body_mass_of_the_own_calibration_is_used(tmp_path, record):
    text = calibrations_json(record.calibrations)
    for name, header, mass_kg in (
        ("own", {HeaderKey.CALIBRATION.value: text}, 70.0),
        ("damaged", {HeaderKey.CALIBRATION.value: "{"}, None),
        ("none", {}, None),
    ):
        trial = Trial(write(tmp_path / f"{name}.xdf", [], header, seconds=2.0))
        assert about_trial(trial, binding_of(trial, None)).mass_kg == mass_kg
        trial.close()


def test_the_standing_window_of_a_montage_is_a_stand(tmp_path):
    trial = Trial(write(tmp_path / "stand.xdf", [], seconds=17.0))
    montage = binding_of(trial, None).montage
    window = msgspec.structs.replace(montage.calibration, standing_s=(6.0, 16.0))
    montage = msgspec.structs.replace(montage, calibration=window)
    binding = binding_of(trial, montage)
    found = calibrate_trial(trial, binding, about_trial(trial, binding, mass_kg=70.0))
    trial.close()
    assert [(v.phase, v.light) for v in found.verdicts] == [("stand", "green")]
    assert found.calibrations.segments.of("pelvis").axes_from == "vertical"


def test_a_record_comes_back_whole(record):
    assert parse_record(record_json(record), "x") == record


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"schema": 9}', b'{"schema": 1, "person": 3}', b"\xff"]
)
def test_a_file_that_is_no_calibration_is_one_message(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text)
    with pytest.raises(CalibrationError, match=r"x\.json is no calibration"):
        load_record(path)
    with pytest.raises(CalibrationError, match="cannot be read"):
        load_record(tmp_path / "absent.json")


def test_another_calibration_changes_results_but_no_byte(file, record):
    before = file.read_bytes()
    plain = analyze_trial(file)
    again = analyze_trial(file, None, record.calibrations)
    assert plain.prepared.calibrations.insole is None
    assert again.prepared.calibrations == record.calibrations
    assert "another calibration" in again.prepared.notes[0]
    assert file.read_bytes() == before


def test_a_calibration_of_other_soles_is_refused(file, record):
    insole = record.calibrations.insole
    left = msgspec.structs.replace(insole.left, zero=(1.0, 2.0))
    other = msgspec.structs.replace(
        record.calibrations, insole=msgspec.structs.replace(insole, left=left)
    )
    with pytest.raises(ConfigError, match="was made with"):
        analyze_trial(file, None, other)


def test_live_goes_on_without_a_calibration_of_other_soles(record):
    streams = [info for info in runner().streams if info.name in NAMES]
    insole = record.calibrations.insole
    left = msgspec.structs.replace(insole.left, zero=(1.0, 2.0))
    other = msgspec.structs.replace(
        record.calibrations, insole=msgspec.structs.replace(insole, left=left)
    )
    told = []
    laid = lay(auto_montage(streams), other, streams, PipelineSettings(), told.append)
    assert "was made with" in told[0]
    assert laid.pipeline.wanted


@pytest.fixture(scope="module")
def lab():
    return case().lab()


@pytest.fixture(scope="module")
def record_here(lab):
    phases = case().phases
    return record_of(lab, work_out(lab, phases, ABOUT), phases, ABOUT)


class TestFolder:
    def test_nothing_is_ever_overwritten(self, tmp_path, record):
        first, second = save(tmp_path, record), save(tmp_path, record)
        assert first.parent == folder_of(tmp_path, "P7")
        assert first.name == "2026-07-01T100000.json"
        assert second.name == "2026-07-01T100000-2.json"
        assert load_record(first) == load_record(second) == record

    def test_the_newest_that_fits_is_offered(self, tmp_path, lab, record_here):
        older = msgspec.structs.replace(
            record_here,
            made_at="2026-07-01T08:00:00+02:00",
            calibrations=msgspec.structs.replace(
                record_here.calibrations, sound_latency=None, belt_noise=()
            ),
        )
        newer = msgspec.structs.replace(
            record_here,
            calibrations=msgspec.structs.replace(
                record_here.calibrations, segments=None
            ),
        )
        for one in (newer, older):
            save(tmp_path, one)
        found = offer(tmp_path, lab, ABOUT, NOW)
        assert found.calibrations == record_here.calibrations
        assert found.made_at["segments"] == older.made_at
        assert found.made_at["sound"] == newer.made_at
        assert found.why_not == {}

    @pytest.mark.parametrize(
        ("about", "later", "why"),
        [
            ({"mounting": "afternoon"}, 1, "sensors were put on anew since"),
            ({}, 13, "13 h old, at most 12"),
            ({}, -2, "-2 h old"),
        ],
    )
    def test_what_does_not_fit_is_told(
        self, tmp_path, lab, record_here, about, later, why
    ):
        save(tmp_path, record_here)
        now = datetime.fromisoformat(ABOUT.made_at) + timedelta(hours=later)
        found = offer(tmp_path, lab, msgspec.structs.replace(ABOUT, **about), now)
        assert found.calibrations.segments is None
        assert why in found.why_not["segments"]
        if later > 0:  # the microphone stays where it is
            assert found.calibrations.sound_latency is not None

    def test_another_microphone_or_device_does_not_fit(
        self, tmp_path, lab, record_here
    ):
        save(tmp_path, record_here)
        moved = msgspec.structs.replace(ABOUT, microphone="right of the belt")
        found = offer(tmp_path, lab, moved, NOW)
        assert "'left of the belt'" in found.why_not["sound"]
        fewer = case().without(sensor("head")).lab()
        found = offer(tmp_path, fewer, ABOUT, NOW)
        assert "made with other devices" in found.why_not["segments"]
        assert found.calibrations.insole is not None

    def test_another_person_sees_nothing(self, tmp_path, lab, record_here):
        save(tmp_path, record_here)
        stranger = msgspec.structs.replace(ABOUT, person="P8")
        assert not offer(tmp_path, lab, stranger, NOW).calibrations

    def test_a_damaged_file_is_told_and_the_rest_is_read(self, tmp_path, record):
        path = save(tmp_path, record)
        (path.parent / "2026-07-01T110000.json").write_bytes(
            path.read_bytes()[: len(path.read_bytes()) // 2]
        )
        found, problems = records(tmp_path, "P7")
        assert found == [record]
        assert len(problems) == 1

    def test_a_folder_that_cannot_be_is_one_message(self, tmp_path, record):
        (tmp_path / "people").write_text("a file")
        with pytest.raises(RecordingError, match="cannot be kept"):
            save(tmp_path, record)


class TestCommand:
    def lablive(self, folder, *words, code):
        env = {**os.environ, "LABLIVE_HOME": str(folder), "NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "ui.start", *map(str, words)],
            env=env, cwd=REPO, capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout
        assert done.returncode == code, done.stderr + done.stdout
        return done

    def test_calibrate_then_analyze(self, file, tmp_path):
        made = tmp_path / "made.json"
        asked = ("calibrate", file, "--mass", "70", "--out", made)
        told = self.lablive(tmp_path, *asked, "--keep", code=0).stdout
        assert "ok    Quiet stand" in told
        assert "left insole: gain 1.25" in told
        assert "FAIL  Steps" in told
        assert load_record(made).calibrations.insole.mass_kg == 70.0
        assert len(list(folder_of(tmp_path, "P7").glob("*.json"))) == 1
        again = self.lablive(tmp_path, *asked, code=2)
        assert "never overwritten" in again.stderr
        plain = self.lablive(tmp_path, "analyze", file, code=0).stdout
        words = ("analyze", file, "--calibration", made)
        found = self.lablive(tmp_path, *words, code=0).stdout
        assert '"standing_balance_pct"' in found
        assert found != plain

    def test_json_and_exit_code_1_when_nothing_worked(self, tmp_path):
        path = write(tmp_path / "t.xdf", marks()[:2], seconds=5.0)
        told = self.lablive(tmp_path, "calibrate", path, "--json", code=0).stdout
        assert parse_record(told.encode(), "t").verdicts[0].light == "green"
        bad = [Marker(T0_S + t, m, "calibration") for t, m in
               ((1.0, "bows begin"), (3.0, "bows end"))]  # fmt: skip
        path = write(tmp_path / "bad.xdf", bad, seconds=5.0)
        told = self.lablive(tmp_path, "calibrate", path, code=1).stdout
        assert "No quiet stand was recorded" in told

    def test_a_file_that_is_no_calibration(self, file, tmp_path):
        wrong = tmp_path / "wrong.json"
        wrong.write_text("{}")
        for command in ("analyze", "report"):
            words = (command, file, "--calibration", wrong)
            done = self.lablive(tmp_path, *words, code=1)
            assert "wrong.json is no calibration" in done.stderr
