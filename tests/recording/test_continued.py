"""A recording that lies in several files says so in each of them."""

from __future__ import annotations

import pytest
from trial_cases import STREAMS, feed, truth

from lablive.analysis import analyze
from lablive.names import HeaderKey
from lablive.recording import continued
from lablive.recording.recorder import Recorder
from lablive.recording.repair import repair
from lablive.recording.replay import Trial
from lablive.recording.verify import verify

ONLY = "rows are missing between the files, and the numbers here cover this file only."


@pytest.fixture(autouse=True)
def spill(tmp_path, monkeypatch):
    folder = tmp_path / "spill"
    folder.mkdir()
    monkeypatch.setattr(continued, "spill_folder", lambda: folder)
    return folder


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab"
    folder.mkdir()
    return folder


def record(path, started="10:00", part_of="", code="LB-0001", day="2026-05-04"):
    header = {
        HeaderKey.CODE.value: code,
        HeaderKey.STARTED.value: f"{day}T{started}:00+02:00",
    }
    if part_of:
        header[HeaderKey.PART_OF.value] = part_of
    recorder = Recorder(path, STREAMS, header, None)
    known = truth(5)
    for tick in range(5):
        feed(recorder, known, tick)
    recorder.close()
    return path


def found(path):
    trial = Trial(path)
    try:
        return trial.continuation
    finally:
        trial.close()


def test_every_file_names_the_others_in_their_order(lab):
    first = record(lab / "trial-01.xdf")
    third = record(lab / "trial-01-continued3.xdf", "10:09", first.name)
    # an app that joined after the first loss knows the second file only
    second = record(lab / "trial-01-continued2.xdf", "10:05", first.name)
    fourth = record(lab / "trial-01-continued4.xdf", "10:20", second.name)
    later = (second.name, third.name, fourth.name)
    assert found(first) == ((), later)
    assert found(second) == ((first.name,), (third.name, fourth.name))
    assert found(fourth) == ((first.name, second.name, third.name), ())


def test_verify_and_analysis_say_that_it_is_not_the_whole_recording(lab):
    first = record(lab / "trial-01.xdf")
    second = record(lab / "trial-01-continued2.xdf", "10:05", first.name)
    for path, words in (
        (first, f"This recording goes on in {second.name}: {ONLY}"),
        (second, f"This recording began in {first.name}: {ONLY}"),
    ):
        report = verify(path)
        assert report.findings == [words]
        assert report.is_explained
        assert not report.ok
        assert words in analyze(path).notes


def test_a_whole_recording_says_nothing(lab):
    path = record(lab / "trial-01.xdf")
    record(lab / "trial-02.xdf", "10:30")
    record(lab / "trial-02-continued2.xdf", "10:35", "trial-02.xdf")
    assert found(path) == ((), ())
    assert verify(path).ok
    assert not any("This recording" in note for note in analyze(path).notes)


def test_the_same_name_of_another_person_or_day_is_another_recording(lab, spill):
    path = record(lab / "trial-01.xdf")
    record(lab / "trial-01-continued2.xdf", part_of=path.name, code="LB-0002")
    record(spill / "trial-01-continued2.xdf", part_of=path.name, day="2026-05-02")
    assert found(path) == ((), ())


def test_what_went_on_in_the_spill_folder_is_named_with_its_place(lab, spill):
    path = record(lab / "trial-01.xdf")
    second = record(spill / "trial-01-continued2.xdf", "10:05", path.name)
    assert found(path) == ((), (str(second),))
    assert found(second) == ((f"{path.name} (not found here)",), ())


def test_a_repaired_copy_is_the_same_file_and_not_a_further_one(lab):
    first = record(lab / "trial-01.xdf")
    second = record(lab / "trial-01-continued2.xdf", "10:05", first.name)
    mended, last = lab / "mended.xdf", lab / "mended-2.xdf"
    repair(first, mended)
    repair(second, last)
    assert found(first) == found(mended) == ((), (second.name,))
    assert found(last) == ((first.name,), ())
    second.unlink()
    assert found(first) == ((), (last.name,))


def test_files_that_are_no_recordings_do_not_disturb(lab):
    path = record(lab / "trial-01.xdf")
    (lab / "empty.xdf").write_bytes(b"")
    (lab / "trial-01-continued2.xdf").write_bytes(b"XDF:\x01\xff\x01\x00<no")
    (lab / "trial-01-continued3.xdf").mkdir()
    record(lab / "loop-a.xdf", part_of="loop-b.xdf")
    record(lab / "loop-b.xdf", part_of="loop-a.xdf")
    assert found(path) == ((), ())
    assert found(lab / "loop-a.xdf").earlier or found(lab / "loop-a.xdf").later
