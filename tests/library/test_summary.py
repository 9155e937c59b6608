"""What is kept of a trial: counted and measured again from the file itself."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from library_cases import ANNA, made
from pipeline_cases import simulated

from drivers.sim.sample import write_sample
from lablive.analysis import analyze
from lablive.library.session_plan import SCHEMA, SessionPlan
from lablive.library.summary import (
    read_summary,
    results_of,
    save_summary,
    summarise,
    summary_path,
)
from lablive.live.overview import key_of, read_overview
from lablive.messages import Chunk, Gap
from lablive.names import HeaderKey
from lablive.preparation import prepare
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.report.stored import kept
from lablive.signals.montage import to_toml

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lab():
    made = simulated(45.0, standing_s=5.0)
    left = made.streams[0].id
    made.gaps = [Gap(left, 3000, 14.995, 0.0, 2, "lost", "radio")]
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("library")


@pytest.fixture(scope="module")
def file(lab, home):
    folder = home / "sessions" / "2026-11-21_LB-0001"
    folder.mkdir(parents=True)
    header = {
        HeaderKey.MONTAGE: to_toml(lab.montage), HeaderKey.CODE: "LB-0001",
        HeaderKey.STARTED: "2026-11-21T10:00:00+01:00",
    }  # fmt: skip
    recorder = Recorder(folder / "trial-01.xdf", lab.streams, header, None)
    for item in lab.chunks(rows_per_chunk=20):
        recorder.append(item) if isinstance(item, Chunk) else recorder.gap(item)
    return recorder.close()


@pytest.fixture(scope="module")
def summary(file):
    return summarise(file)


def test_it_says_what_counting_says(file, summary):
    report = verify(file)
    assert summary.sha256 == report.sha256
    assert (summary.state, summary.kind) == ("with losses", "recorded")
    assert summary.started == "2026-11-21T10:00:00+01:00"
    assert summary.duration_s == report.duration_s
    assert "left_sole: 2 rows lost on the way" in summary.findings[0]


def test_what_a_report_says_is_kept_on_the_way(file, summary):
    report = kept(file)
    assert report is not None
    contact = next(it for it in report.metrics if it.id == "contact_time_ms")
    assert contact.left is not None
    assert contact.left.median == analyze(file).metrics["contact_time_ms"].left.median
    assert report.files[0].sha256 == summary.sha256


def test_its_numbers_are_those_of_the_analysis_with_sensor_and_speed(file, summary):
    found = analyze(file)
    assert list(summary.results) == list(results_of(found))
    contact = {
        held.side: held for held in summary.results if held.metric == "contact_time_ms"
    }
    of_strides = found.session.metrics["contact_time_ms"]
    (left,) = of_strides.left
    assert (contact["left"].value, contact["left"].n) == (left.median, left.n)
    assert contact["left"].source == "insole"
    assert contact["left"].low_mps == pytest.approx(left.low_mps)
    # a number of the whole trial stands on one belt speed, too
    names = {held.metric for held in summary.results} - found.session.metrics.keys()
    assert names
    assert all(held.n > 0 for held in summary.results)


def test_it_comes_back_from_its_file_until_the_trial_changes(file, summary, home):
    save_summary(file, summary)
    assert read_summary(file) == summary
    library = made(home, ANNA)
    plan = SessionPlan(SCHEMA, "LB-0001", "2026-11-21")
    library.begin_trial(file, plan, {})
    library.file_trial(file, file.parent, "LB-0001")
    line = library.history("lb-0001", "contact_time_ms", "left").lines[0]
    held = [it for it in summary.results if it.metric == "contact_time_ms"]
    assert [(p.value, p.n) for p in line.points] == [(held[0].value, held[0].n)]
    library.close()
    text = summary_path(file).read_bytes()
    summary_path(file).write_bytes(text.replace(b'"schema": 1', b'"schema": 9'))
    assert read_summary(file) is None
    save_summary(file, summary)
    with file.open("ab") as opened:
        opened.write(b"\0")
    assert read_summary(file) is None
    file.write_bytes(file.read_bytes()[:-1])


def worker(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "lablive.library.summary", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=REPO,
    )  # fmt: skip


def test_the_worker_tells_how_far_it_is_and_writes_the_same(file, summary):
    summary_path(file).unlink(missing_ok=True)
    done = worker(file)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    shares = [line["progress"] for line in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    found = read_summary(file)
    assert found.results == summary.results
    assert found.findings == summary.findings


def test_what_is_no_recording_is_damaged_and_says_why(tmp_path):
    bad = tmp_path / "trial-01.xdf"
    bad.write_text("nothing")
    done = worker(bad)
    assert done.returncode == 0, done.stderr
    found = read_summary(bad)
    assert (found.state, found.results) == ("damaged", ())
    assert "not a recording" in found.findings[0]
    assert found.sha256 == hashlib.sha256(b"nothing").hexdigest()


def test_a_file_that_is_not_there_is_one_message(tmp_path):
    done = worker(tmp_path / "none.xdf")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No such file" in done.stderr


def test_a_trial_without_any_number_has_none(tmp_path):
    made = simulated(2.0, standing_s=2.0)
    recorder = Recorder(tmp_path / "trial-01.xdf", made.streams, {}, None)
    for item in made.chunks(rows_per_chunk=20):
        recorder.append(item)
    found = summarise(recorder.close())
    assert found.results == ()
    assert found.state == "complete"


def test_the_curves_of_the_time_line_are_kept_with_it(tmp_path):
    path = tmp_path / "trial-01.xdf"
    write_sample(path)
    command = [sys.executable, "-m", "lablive.library.summary", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    trial = Trial(path)
    kept = read_overview(path, key_of(trial, prepare(trial, None)))
    trial.close()
    assert kept is not None
    assert [it.side for it in kept.curves if it.lane == "force"] == ["left", "right"]
