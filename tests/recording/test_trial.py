from __future__ import annotations

import logging
import os

import numpy as np
import pytest
import pyxdf
from trial_cases import (
    BASE_ROWS,
    EMG,
    INSOLE,
    LOST,
    MARK,
    STREAMS,
    T0_S,
    all_rows,
    play,
    write_trial,
)

from lablive.errors import RecordingError
from lablive.messages import Chunk, Gap
from lablive.recording import index
from lablive.recording.replay import Trial


@pytest.fixture
def recorded(tmp_path):
    path = tmp_path / "trial-01.xdf"
    return path, write_trial(path)


def test_a_trial_gives_everything_back(recorded):
    path, known = recorded
    trial = Trial(path)
    assert trial.streams == STREAMS
    assert trial.header == {"montage": "a = 1\r\n[x]"}
    assert trial.gaps == [LOST]
    assert trial.markers == [MARK]
    assert trial.damage == []
    played = play(trial, known)
    for stream, rows in all_rows(known).items():
        np.testing.assert_array_equal(played.rows[stream], rows)
        assert trial.rows(stream) == len(rows)
    assert trial.t0_s == min(t[0] for t in known.t_s.values())
    assert trial.duration_s == max(t[-1] for t in known.t_s.values()) - trial.t0_s


def test_without_the_index_the_same_comes_back(recorded):
    path, known = recorded
    index.sidecar(path).unlink()
    trial = Trial(path)
    played = play(trial, known)
    for stream, rows in all_rows(known).items():
        np.testing.assert_array_equal(played.rows[stream], rows)
    assert (trial.gaps, trial.markers, trial.damage) == ([LOST], [MARK], [])


def test_without_footers_everything_is_there(tmp_path):
    path = tmp_path / "trial-01.xdf"
    known = write_trial(path, close=False)
    trial = Trial(path)
    assert trial.damage == []
    assert trial.rows(INSOLE.id) == len(known.t_s[INSOLE.id])


@pytest.mark.parametrize("seed", range(20))
def test_a_window_is_half_open(recorded, seed):
    path, known = recorded
    t0_s, t1_s = T0_S + np.sort(np.random.default_rng(seed).uniform(-0.1, 1.0, 2))
    trial = Trial(path)
    for info in STREAMS:
        t_s, x = trial.window(info.id, t0_s, t1_s)
        inside = (known.t_s[info.id] >= t0_s) & (known.t_s[info.id] < t1_s)
        np.testing.assert_array_equal(t_s, known.t_s[info.id][inside])
        np.testing.assert_array_equal(x, known.x[info.id][inside])
        assert x.dtype == known.x[info.id].dtype


def test_an_edge_of_a_window_on_a_row(recorded):
    path, known = recorded
    t = known.t_s[EMG.id]
    t_s, _ = Trial(path).window(EMG.id, t[100], t[200])
    np.testing.assert_array_equal(t_s, t[100:200])


def test_an_unknown_stream_is_named(recorded):
    with pytest.raises(RecordingError, match=r"there is no stream 3.*1 Insole"):
        Trial(recorded[0]).window(3, 0.0, 1.0)


def test_a_gap_comes_behind_its_row_and_before_later_ones(recorded):
    rows_before = None
    fed = 0
    for item in Trial(recorded[0]).chunks([INSOLE.id]):
        if isinstance(item, Chunk):
            fed = item.first_row + len(item)
        else:
            rows_before = fed
            assert item == LOST
    assert rows_before == LOST.after_row


def test_only_the_wanted_streams_are_played(recorded):
    items = list(Trial(recorded[0]).chunks([EMG.id]))
    assert {item.stream for item in items} == {EMG.id}
    assert not any(isinstance(item, Gap) for item in items)


def test_the_clock_stream_keeps_counters_and_arrivals(recorded):
    path, known = recorded
    clock = Trial(path).clock(INSOLE.id)
    rows = np.concatenate(
        [first + np.arange(count) for first, count in clock[:, 1:3].astype(int)]
    )
    counters = np.concatenate(
        [first + np.arange(count) for first, count in clock[:, [3, 2]].astype(int)]
    )
    expected = np.arange(len(known.t_s[INSOLE.id])) + 65530
    expected[40:] += 2
    np.testing.assert_array_equal(rows, BASE_ROWS[INSOLE.id] + np.arange(len(rows)))
    np.testing.assert_array_equal(counters, expected % 65536)
    at = rows.searchsorted(clock[:, 1])
    np.testing.assert_array_equal(clock[:, 0], known.t_s[INSOLE.id][at])
    assert np.isnan(Trial(path).clock(EMG.id)[:, 3]).all()


def test_the_clock_stream_is_small(recorded):
    """A row per block of 80 ms; more only where the counter jumps."""
    trial = Trial(recorded[0])
    assert len(trial.clock(EMG.id)) == 10
    assert 10 < len(trial.clock(INSOLE.id)) <= 10 + 2 * 4


def load_pyxdf(path):
    logging.getLogger("pyxdf").setLevel(logging.ERROR)
    streams, _ = pyxdf.load_xdf(path)
    return {stream["info"]["stream_id"]: stream for stream in streams}


@pytest.mark.parametrize("cut", [0, 1, 700, 5000, 12_345])
def test_pyxdf_reads_the_same(recorded, cut):
    path, known = recorded
    if cut:
        data = path.read_bytes()
        path.write_bytes(data[:-cut])
    found, trial = load_pyxdf(path), Trial(path)
    for info in STREAMS:
        rows = trial.rows(info.id)
        assert rows == len(found[info.id]["time_stamps"])
        assert rows >= len(known.t_s[info.id]) - cut
        np.testing.assert_array_equal(
            found[info.id]["time_stamps"], known.t_s[info.id][:rows]
        )
        np.testing.assert_array_equal(
            found[info.id]["time_series"], known.x[info.id][:rows]
        )
    if not cut:
        channels = found[INSOLE.id]["info"]["desc"][0]["channels"][0]["channel"]
        assert [c["unit"][0] for c in channels] == ["N", "N"]
        footer = found[EMG.id]["footer"]["info"]
        assert footer["sample_count"] == [str(len(known.t_s[EMG.id]))]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"XD", "does not start as an XDF file"),
        (b"time,force\n0.0,1.0\n", "does not start as an XDF file"),
        (b"XDF:", "no stream header can be read"),
        (b"XDF:" + bytes(1000), "no stream header can be read"),
    ],
)
def test_what_is_no_recording_is_told(tmp_path, content, why):
    path = tmp_path / "x.xdf"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=why):
        Trial(path)


def test_a_missing_file_or_a_folder_is_told(tmp_path):
    with pytest.raises(RecordingError, match="cannot be opened"):
        Trial(tmp_path / "none.xdf")
    with pytest.raises(RecordingError, match=f"{tmp_path}.*it is no file"):
        Trial(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_told_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.xdf")
    with pytest.raises(RecordingError, match="it is no file"):
        Trial(tmp_path / "pipe.xdf")


def test_a_trial_without_rows_opens(tmp_path):
    path = tmp_path / "trial-01.xdf"
    write_trial(path, ticks=0)
    trial = Trial(path)
    assert (trial.streams, trial.duration_s, list(trial.chunks())) == (STREAMS, 0.0, [])
    assert len(trial.window(EMG.id, 0.0, 1e9)[0]) == 0
