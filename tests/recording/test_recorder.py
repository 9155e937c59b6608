from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest
from trial_cases import (
    EMG,
    INSOLE,
    LOST,
    MARK,
    STREAMS,
    T0_S,
    all_rows,
    chunk_of,
    feed,
    missing_rows,
    play,
    truth,
)

from lablive.errors import RecordingError
from lablive.messages import ChannelInfo, Chunk, Gap, StreamInfo
from lablive.recording.recorder import Recorder, RecorderStatus
from lablive.recording.replay import Trial
from lablive.recording.trial_file import TrialFile

TICKS = 40


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {"code": "P7"}, None, block_s=0.002
    )
    yield made
    made.close()


def test_what_was_appended_is_in_the_file(recorder):
    known = truth(TICKS)
    for tick in range(TICKS):
        feed(recorder, known, tick)
    path = recorder.close()
    trial = Trial(path)
    played = play(trial, known)
    for stream, rows in all_rows(known).items():
        np.testing.assert_array_equal(played.rows[stream], rows)
    assert (trial.streams, trial.gaps, trial.markers) == (STREAMS, [LOST], [MARK])
    assert trial.header == {"code": "P7"}
    assert TrialFile(path).is_closed()
    assert recorder.close() == path


def test_rows_are_acknowledged_while_recording(recorder, until):
    known = truth(TICKS)
    for tick in range(20):
        feed(recorder, known, tick)
    expected = {INSOLE.id: 80, EMG.id: 400}
    until(lambda: recorder.status().acknowledged == expected, "80 and 400 rows")
    status = recorder.status()
    trial = Trial(Path(status.path))
    assert {key: trial.rows(key) for key in expected} == expected
    assert status.rows == expected
    assert status.fault == ""
    assert status.dropped == {}
    assert status.waiting_bytes == 0
    assert status.bytes == Path(status.path).stat().st_size
    assert status.free_bytes > 0
    assert status.seconds_left > 1.0
    assert (
        msgspec.json.decode(msgspec.json.encode(status), type=RecorderStatus) == status
    )


def test_a_stream_may_join_later(recorder, until):
    known = truth(TICKS)
    feed(recorder, known, 0)
    until(lambda: recorder.status().acknowledged[EMG.id] == 20, "the first rows")
    late = StreamInfo(3, "late", "Speed", 0.0, (ChannelInfo("speed", "m/s"),))
    recorder.add_stream(late)
    recorder.add_stream(late)
    t_s, x = np.array([1000.5, 1000.9]), np.array([[3.0], [3.5]], np.float32)
    recorder.append(Chunk(late.id, 0, t_s, x))
    trial = Trial(recorder.close())
    assert trial.streams == [INSOLE, late, EMG]
    np.testing.assert_array_equal(trial.window(late.id, 0.0, 2000.0)[1], x)


def test_many_threads_may_append(tmp_path):
    infos = [
        StreamInfo(
            k, f"s{k}", "Test", 100.0, (ChannelInfo("a"),), sample_format="double64"
        )
        for k in range(6)
    ]
    recorder = Recorder(tmp_path / "t.xdf", infos, {}, None, block_s=0.001)

    def drive(stream: int) -> None:
        for k in range(300):
            t_s = np.array([k, k + 0.5])
            recorder.append(Chunk(stream, 2 * k, t_s, t_s[:, None] + stream))

    threads = [threading.Thread(target=drive, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trial = Trial(recorder.close())
    for info in infos:
        t_s, x = trial.window(info.id, 0.0, 1000.0)
        np.testing.assert_array_equal(t_s, np.arange(600) / 2)
        np.testing.assert_array_equal(x[:, 0], t_s + info.id)


def test_a_trial_is_never_overwritten(tmp_path):
    path = tmp_path / "trial-01.xdf"
    path.write_bytes(b"precious")
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path, STREAMS, {}, None)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(RecordingError, match="cannot be created"):
        Recorder(tmp_path / "none" / "trial-01.xdf", STREAMS, {}, None)


def test_a_header_key_that_is_no_name_is_told(tmp_path):
    with pytest.raises(RecordingError, match="two words"):
        Recorder(tmp_path / "t.xdf", STREAMS, {"two words": ""}, None)
    assert not (tmp_path / "t.xdf").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_the_user_can_read_a_trial(recorder):
    path = Path(recorder.status().path)
    for file in (path, path.with_name(f"{path.name}.idx")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_rows_that_fit_no_stream_are_refused(recorder):
    known = truth(1)
    good = chunk_of(known, INSOLE, 0)
    with pytest.raises(RecordingError, match="Stream 9 is not part"):
        recorder.append(Chunk(9, 0, good.t_s, good.x))
    with pytest.raises(RecordingError, match="2 channels"):
        recorder.append(Chunk(INSOLE.id, 0, good.t_s, good.x[:, :1]))
    with pytest.raises(RecordingError, match="2 channels"):
        recorder.append(Chunk(INSOLE.id, 0, good.t_s[1:], good.x))
    with pytest.raises(RecordingError, match="is 'EMG' already"):
        recorder.add_stream(msgspec.structs.replace(INSOLE, id=EMG.id))
    with pytest.raises(RecordingError, match="cannot be recorded"):
        recorder.add_stream(msgspec.structs.replace(INSOLE, id=3, channels=()))
    recorder.append(good)
    path = recorder.close()
    assert Trial(path).rows(INSOLE.id) == 4
    with pytest.raises(RecordingError, match="after the recording was closed"):
        recorder.append(chunk_of(truth(2), INSOLE, 1))


CHILD = """
import json, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from trial_cases import STREAMS, feed, truth
from lablive.recording.recorder import Recorder
known = truth(3000)
recorder = Recorder(Path(sys.argv[2]), STREAMS, {}, None, block_s=0.02)
pause = threading.Event()
for tick in range(3000):
    feed(recorder, known, tick)
    print(json.dumps(recorder.status().acknowledged), flush=True)
    pause.wait(0.002)
"""


@pytest.mark.parametrize("lines", [30, 77, 120])
def test_a_killed_host_leaves_everything_acknowledged(tmp_path, lines):
    path = tmp_path / "trial-01.xdf"
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", CHILD, here, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    whole = [line for line in said if line.endswith("}\n")]
    acknowledged = json.loads(whole[-1])
    known = truth(3000)
    trial = Trial(path)
    played = play(trial, known)
    assert acknowledged[str(EMG.id)] > 0
    for key, rows in acknowledged.items():
        assert len(played.rows[int(key)]) >= rows
    assert not TrialFile(path).is_closed()
    assert missing_rows(played, known) > 0


def test_gaps_are_counted_and_a_lasting_silence_is_one(tmp_path):
    recorder = Recorder(tmp_path / "trial-01.xdf", STREAMS, {}, None)
    for kind, after_row in (("lost", 5), ("lost", 5), ("stall", 9), ("stall", 9)):
        recorder.gap(Gap(INSOLE.id, after_row, T0_S, 1.0, None, kind, "why"))
    recorder.gap(Gap(EMG.id, 9, T0_S, 1.0, None, "stall", "why"))
    assert recorder.status().gaps == 4
    recorder.close()
