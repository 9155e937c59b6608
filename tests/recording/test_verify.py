from __future__ import annotations

import errno
import hashlib
import os

import msgspec
import numpy as np
import pytest
from trial_cases import (
    EMG,
    INSOLE,
    LOST,
    STREAMS,
    T0_S,
    missing_rows,
    play,
    write_trial,
)

from lablive.errors import RecordingError
from lablive.messages import Chunk, Gap
from lablive.recording import index
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.sidecar import Sidecar
from lablive.recording.verify import VerifyReport, verify


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trial-01.xdf"


def rows_of(info, first: int, count: int, t0_s: float = T0_S) -> Chunk:
    t_s = t0_s + (first + np.arange(count)) / info.rate_hz
    x = np.zeros((count, len(info.channels)), np.float32)
    return Chunk(info.id, first, t_s, x)


def test_a_complete_trial_is_ok(path):
    recorder = Recorder(path, STREAMS, {}, None)
    recorder.append(rows_of(INSOLE, 0, 400))
    recorder.append(rows_of(EMG, 0, 2000))
    recorder.close()
    report = verify(path)
    assert report.ok
    assert report.findings == []
    assert report.closed
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    found = {s.id: (s.rows, s.expected, s.lost) for s in report.streams}
    assert found == {INSOLE.id: (400, 400, 0), EMG.id: (2000, 2000, 0)}
    assert report.streams[0].effective_rate_hz == pytest.approx(200.0)
    assert msgspec.json.decode(msgspec.json.encode(report), type=VerifyReport) == report


def test_lost_rows_and_gaps_are_counted(path):
    write_trial(path)
    report = verify(path)
    assert not report.ok
    assert report.gaps == [LOST]
    assert report.streams[0].lost == 2
    assert report.is_explained
    assert report.findings == ["Insole & <left>: 2 rows lost on the way, in 1 gap."]


def test_damage_is_found_though_nobody_read_it(path):
    write_trial(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    report = verify(path)
    (damage,) = report.damage
    assert report.streams[1].damaged_rows == damage.rows == 80
    assert report.streams[1].rows == 800 - 80
    assert "Damaged in 1 place (2656 bytes, 80 rows)" in report.findings[0]


def test_a_file_that_was_not_closed_says_so(path):
    write_trial(path, close=False)
    report = verify(path)
    assert not report.ok
    assert not report.closed
    assert not report.is_explained
    assert any("was not closed" in finding for finding in report.findings)


def test_without_index_the_missing_checksums_are_told(path):
    write_trial(path)
    index.sidecar(path).unlink()
    report = verify(path)
    assert report.files[0].checked == 0.0
    assert "100.0 % of the chunks have no checksum" in report.findings[-1]


def test_rows_that_nobody_missed_are_missed_here(path):
    recorder = Recorder(path, STREAMS, {}, None)
    recorder.append(rows_of(INSOLE, 0, 200))
    recorder.append(rows_of(INSOLE, 200, 180, T0_S + 0.1))
    recorder.append(rows_of(EMG, 0, 2000))
    recorder.close()
    report = verify(path)
    assert not report.ok
    assert not report.is_explained
    assert "20 of 400 rows are missing by its rate" in report.findings[0]
    assert "no gap explains them" in report.findings[0]


def test_a_pulled_cable_explains_the_rows_that_are_missing(path):
    recorder = Recorder(path, STREAMS, {}, None)
    recorder.append(rows_of(INSOLE, 0, 200))
    for silent_s in (1.0, 2.0):
        gap = Gap(INSOLE.id, 200, T0_S + 0.995, silent_s, None, "stall", "unplugged")
        recorder.gap(gap)
    recorder.append(rows_of(INSOLE, 200, 200, T0_S + 2.0))
    recorder.append(rows_of(EMG, 0, 4000))
    recorder.close()
    report = verify(path)
    assert not report.ok
    assert report.is_explained
    sole = report.streams[0]
    assert (sole.short, sole.lost_is_exact, sole.is_explained) == (400, False, True)
    assert sole.silent_s == pytest.approx(2.0)
    assert (sole.gaps, len(Trial(path).gaps), Trial(path).losses) == (1, 2, report.gaps)
    assert report.findings[0] == (
        "Insole & <left>: 400 of 800 rows are missing by its rate of 200 Hz; it was"
        " silent for 2.0 s."
    )


def test_a_stream_that_stopped_or_never_came_is_told(path):
    recorder = Recorder(path, STREAMS, {}, None)
    recorder.append(rows_of(EMG, 0, 5000))
    recorder.append(rows_of(INSOLE, 0, 400))
    for silent_s in (1.0, 2.0, 3.0):  # marked again while it lasts: still one stall
        gap = Gap(INSOLE.id, 400, T0_S + 2.0, silent_s, None, "stall", "no sample")
        recorder.gap(gap)
    recorder.close()
    report = verify(path)
    assert not report.ok
    assert "stopped 3.0 s before the others" in report.findings[0]
    assert "1 stall, the longest 3.0 s." in report.findings
    assert report.streams[0].lost_is_exact
    assert report.gaps == [gap]


def test_loss_of_unknown_size_is_not_called_exact(path):
    recorder = Recorder(path, STREAMS, {}, None)
    recorder.append(rows_of(EMG, 0, 100))
    recorder.append(rows_of(INSOLE, 0, 20))
    recorder.gap(Gap(INSOLE.id, 10, T0_S + 0.05, 0.2, None, "reset", "restarted"))
    recorder.close()
    report = verify(path)
    assert not report.streams[0].lost_is_exact
    assert "0 rows or more lost on the way" in report.findings[0]


def test_stamps_that_go_back_are_told(path):
    recorder = Recorder(path, [EMG], {}, None)
    recorder.append(rows_of(EMG, 0, 100))
    recorder.append(rows_of(EMG, 105, 100, T0_S - 0.05))
    recorder.close()
    assert "EMG: time stamps go back." in verify(path).findings


def test_what_is_no_recording_is_told(path):
    path.write_text("hello")
    with pytest.raises(RecordingError, match="not a recording"):
        verify(path)


def test_a_disk_that_does_not_give_the_file_is_told(path, monkeypatch):
    write_trial(path)

    def fails(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(hashlib, "file_digest", fails)
    report = verify(path)
    assert not report.ok
    assert report.sha256 == ""
    assert "Copy the file to another disk" in report.findings[0]
    monkeypatch.setattr(os, "read", fails)
    with pytest.raises(RecordingError, match="the disk does not give it: Input/output"):
        verify(path)


def test_an_index_whose_disk_fails_costs_no_row(path, monkeypatch):
    known = write_trial(path)
    monkeypatch.setattr(Sidecar, "_stored", once_only(Sidecar._stored))
    trial = Trial(path)
    assert missing_rows(play(trial, known), known) == 0
    assert "cannot be read" in trial.files[0].index_note


def once_only(real):
    """Let the first look at the index succeed, no later one."""
    looks = []

    def stored(sidecar, number, room):
        looks.append(number)
        return real(sidecar, number, room if len(looks) == 1 else room[:0])

    return stored
