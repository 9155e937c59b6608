from __future__ import annotations

import errno
import logging
import os

import numpy as np
import pytest
import pyxdf
from trial_cases import (
    EMG,
    LOST,
    MARK,
    STREAMS,
    T0_S,
    all_rows,
    flush,
    missing_rows,
    play,
    write_trial,
)

from lablive.errors import RecordingError
from lablive.messages import Chunk
from lablive.recording import index
from lablive.recording import repair as repair_room
from lablive.recording.intake import Intake
from lablive.recording.part import Part
from lablive.recording.repair import repair
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.recording.writer import TrialWriter


@pytest.fixture
def places(tmp_path):
    return tmp_path / "trial-01.xdf", tmp_path / "repaired.xdf"


def chunk_at(path, stream, number):
    """Return (offset, length) of a stream's n-th samples chunk."""
    file = Trial(path).files[0]
    place = file.places(stream)[number]
    return int(file.records.offset[place]), int(file.records.length[place])


@pytest.mark.parametrize("with_index", [True, False])
def test_everything_intact_is_kept_and_the_rest_is_a_gap(places, with_index):
    path, out = places
    known = write_trial(path, close=False)
    offset, length = chunk_at(path, EMG.id, 4)
    data = path.read_bytes()
    data = data[:offset] + bytes(length) + data[offset + length :]
    path.write_bytes(data)
    if not with_index:
        index.sidecar(path).unlink()
    told = repair(path, out)
    assert path.read_bytes() == data
    assert told.rows == sum(len(t) for t in known.t_s.values()) - 80
    assert told.findings == ["EMG: 80 rows cannot be recovered."]
    assert [d.rows for d in told.left_out] == [80]
    trial = Trial(out)
    played = play(trial, known)
    assert missing_rows(played, known) == 80
    first = int(all_rows(known)[EMG.id][320])
    emg = [gap for gap in played.gaps if gap.stream == EMG.id]
    assert [(gap.after_row, gap.rows_lost) for gap in emg] == [(first, 80)]
    assert (trial.streams, trial.markers) == (STREAMS, [MARK])
    assert trial.gaps[0] == LOST
    assert trial.header["repaired_from"] == "trial-01.xdf"
    report = verify(out)
    assert report.closed
    assert report.damage == []
    assert report.files[0].checked == 1.0
    assert {s.name: s.lost for s in report.streams} == {"Insole & <left>": 2, "EMG": 80}
    assert report.findings == [
        "Insole & <left>: 2 rows lost on the way, in 1 gap.",
        "EMG: 80 rows lost with unreadable parts of the file, in 1 gap.",
    ]


def test_rows_behind_a_cut_are_a_gap(places):
    path, out = places
    known = write_trial(path)
    offset, _ = chunk_at(path, EMG.id, 6)
    path.write_bytes(path.read_bytes()[: offset + 10])
    told = repair(path, out)
    played = play(Trial(out), known)
    missing = missing_rows(played, known)
    assert missing > 0
    lost = sum(gap.rows_lost for gap in played.gaps if gap not in (LOST,))
    assert lost == missing
    assert sum(d.rows for d in told.left_out if d.stream in (1, 7)) == missing


@pytest.mark.parametrize("mended", [True, False])
def test_rows_behind_a_cut_hide_no_shortfall_before_it(places, mended):
    path, out = places
    intake = Intake(1 << 20)
    intake.add_stream(EMG)
    writer = TrialWriter(path, {}, None)
    second = np.arange(1000) / 1000
    for number, start_s in enumerate((0.0, 1.2, 2.2, 3.2)):  # 200 rows nobody counted
        t_s = T0_S + start_s + second
        intake.append(Chunk(EMG.id, 1000 * number, t_s, np.zeros((1000, 3))))
        flush(intake, writer, T0_S + start_s + 1.0, last=number == 3)
    writer.finish(T0_S + 4.2)
    writer.part.close()
    offset, _ = chunk_at(path, EMG.id, 2)
    path.write_bytes(path.read_bytes()[:offset])
    if mended:
        repair(path, out)
    report = verify(out if mended else path)
    (emg,) = (stream for stream in report.streams if stream.id == EMG.id)
    assert emg.beyond == 4000 - emg.rows == 2000
    assert emg.short == 200
    assert not report.is_explained
    told = "\n".join(report.findings)
    assert "EMG: 200 of" in told
    assert "lost on the way" not in told
    cut_off = f"EMG: {emg.beyond} rows behind the last one were cut off"
    assert (cut_off in told) is mended


def test_an_intact_trial_is_copied(places):
    path, out = places
    known = write_trial(path)
    told = repair(path, out)
    assert told.findings == ["Nothing was damaged."]
    assert told.left_out == []
    assert missing_rows(play(Trial(out), known), known) == 0
    logging.getLogger("pyxdf").setLevel(logging.ERROR)
    for stream in pyxdf.load_xdf(out)[0]:
        info = stream["info"]["stream_id"]
        if info in known.t_s:
            np.testing.assert_array_equal(stream["time_stamps"], known.t_s[info])
            np.testing.assert_array_equal(stream["time_series"], known.x[info])


def test_nothing_is_overwritten(places):
    path, out = places
    write_trial(path)
    out.write_bytes(b"mine")
    with pytest.raises(RecordingError, match="exists already"):
        repair(path, out)
    with pytest.raises(RecordingError, match="exists already"):
        repair(path, path)
    assert out.read_bytes() == b"mine"


def test_a_full_disk_leaves_no_half_file(places, monkeypatch):
    path, out = places
    write_trial(path)
    written = []

    def write(fd, data):
        written.append(len(data))
        if len(written) > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    monkeypatch.setattr(repair_room, "Part", lambda place: Part(place, write))
    with pytest.raises(RecordingError, match="No space left"):
        repair(path, out)
    assert not out.exists()
    assert not index.sidecar(out).exists()
