"""C3D read back by ezc3d: the same bits, the same times."""

from __future__ import annotations

from pathlib import Path

import ezc3d
import numpy as np
import pytest
from export_cases import FROM_S, UNTIL_S, exported, window

from lablive.analysis import analyze
from lablive.errors import RecordingError
from lablive.exporting.c3d_format import Parameters
from lablive.exporting.export_trial import export
from lablive.importing.import_trial import import_trial
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial

REPO = Path(__file__).resolve().parents[2]


def test_c3d_values_come_back_with_the_same_bits_and_events_in_time(
    file, trial, tmp_path
):
    read = ezc3d.c3d(str(exported(file, "c3d", tmp_path / "t.c3d")))
    analog = read["parameters"]["ANALOG"]
    labels, rate_hz = analog["LABELS"]["value"], analog["RATE"]["value"][0]
    values = read["data"]["analogs"][0]
    assert len(labels) == sum(len(it.channels) for it in trial.streams)
    assert analog["USED"]["value"][0] == len(labels)
    begin_s = trial.t0_s + FROM_S
    first = 0
    for info in trial.streams:
        t_s, x = window(trial, info)
        own = values[first : first + len(info.channels)]
        first += len(info.channels)
        if not info.rate_hz:
            continue
        steps = np.ceil((t_s - begin_s) * rate_hz - 0.5 - 1e-6).astype(int)
        inside = (steps >= 0) & (steps < own.shape[1])
        assert inside.sum() >= len(t_s) - 1
        held = own[:, steps[inside]].T.astype(np.float32)
        same = (held == x[inside]) | (np.isnan(held) & np.isnan(x[inside]))
        assert same.all(), info.name
    wanted = [
        (it.t_s - begin_s, it.kind, it.side)
        for it in analyze(file).events
        if FROM_S <= it.t_s - trial.t0_s < UNTIL_S
    ]
    event = read["parameters"]["EVENT"]
    minutes, seconds = event["TIMES"]["value"]
    told = zip(60 * minutes + seconds, event["LABELS"]["value"],
               event["CONTEXTS"]["value"], strict=True)  # fmt: skip
    kinds = {"Foot Strike": "ic", "Foot Off": "to"}
    found = [
        (at_s, kinds[label], side.lower())
        for at_s, label, side in told
        if label in kinds
    ]
    assert len(found) > 30
    for (at_s, *ours), (wanted_s, *theirs) in zip(found, wanted, strict=True):
        assert at_s == pytest.approx(wanted_s, abs=2e-6)  # 32 bits
        assert ours == theirs
    assert "LB-0007 tripped" in event["LABELS"]["value"]
    assert read["parameters"]["SUBJECTS"]["NAMES"]["value"] == ["LB-0007"]
    assert (
        read["header"]["points"]["size"]
        == read["parameters"]["POINT"]["USED"]["value"][0]
    )
    start = read["parameters"]["POINT"]["DATA_START"]["value"][0]
    size = (tmp_path / "t.c3d").stat().st_size
    words = 4 * values.size
    assert 512 * (start - 1) + words <= size < 512 * start + words


def test_c3d_tells_rows_that_share_a_step(tmp_path):
    t_s = np.arange(1000) / 100.0
    t_s[500] = t_s[499] + 0.0001  # one row comes too early for its step
    info = StreamInfo(0, "cells", "Pressure", 100.0, (ChannelInfo("a", "N"),))
    recorder = Recorder(tmp_path / "u.xdf", [info], {}, None)
    x = np.arange(1000, dtype=np.float32)[:, None]
    recorder.append(Chunk(0, 0, t_s, x))
    told = export(recorder.close(), "c3d", tmp_path / "u.c3d")
    assert told == (
        "1 rows of cells share a step of the C3D file's clock with a newer row and are "
        "not in it; csv holds them.",
    )
    read = ezc3d.c3d(str(tmp_path / "u.c3d"))
    assert read["parameters"]["LABLIVE"]["SKIPPED"]["value"][0] == 1
    kept = read["data"]["analogs"][0][0]
    assert set(kept[np.isfinite(kept)]) == set(range(1000)) - {499}


def test_c3d_keeps_the_hole_and_opens_as_a_trial_again(file, trial, tmp_path):
    out = exported(file, "c3d", tmp_path / "t.c3d")
    report = import_trial([out], tmp_path / "back.xdf")
    back = Trial(tmp_path / "back.xdf")
    assert report.rows[0] == pytest.approx(8.0 * report.streams[0].rate_hz, abs=2)
    contacts = [it for it in back.markers if it.kind in ("ic", "to")]
    assert len(contacts) > 30
    back.close()


def test_c3d_of_many_channels_and_many_events_continues_its_lists(tmp_path):
    made = Parameters()
    made.texts("EVENT", "LABELS", [f"e{n}" for n in range(600)])
    made.floats("EVENT", "TIMES", np.arange(1200.0).reshape(2, 600))
    made.integers("POINT", "FRAMES", [40_000])
    data = made.encoded()
    assert len(data) % 512 == 0
    assert data[2] * 512 == len(data)
    for name in (b"LABELS", b"LABELS2", b"LABELS3", b"TIMES3"):
        assert name in data
    made.texts("EVENT", "DESCRIPTIONS", ["x" * 120] * 3000)
    with pytest.raises(RecordingError, match="do not fit into a C3D file"):
        made.encoded()


@pytest.mark.parametrize(("channels", "rows"), [(300, 2_000), (2, 70_000)])
def test_c3d_of_many_channels_or_rows_is_read_whole(tmp_path, channels, rows):
    x = np.random.default_rng(1).normal(size=(rows, channels)).astype(np.float32)
    labels = tuple(ChannelInfo(f"cell {n}", "kPa") for n in range(channels))
    info = StreamInfo(0, "cells", "Pressure", 1000.0, labels)
    recorder = Recorder(tmp_path / "wide.xdf", [info], {}, None)
    recorder.append(Chunk(0, 0, np.arange(rows) / 1000.0, x))
    export(recorder.close(), "c3d", tmp_path / "wide.c3d")
    read = ezc3d.c3d(str(tmp_path / "wide.c3d"))
    values = read["data"]["analogs"][0]
    assert values.shape == (channels, rows)
    assert np.array_equal(values.T.astype(np.float32), x)
    analog = read["parameters"]["ANALOG"]
    last = analog["LABELS2" if channels > 255 else "LABELS"]["value"][-1]
    assert last == f"cell {channels - 1}"
    assert read["header"]["points"]["last_frame"] < 65_535


def test_a_real_recording_as_c3d_and_back(real_data, tmp_path):
    recording = real_data / "loadsol_vs_forceplate_pomarat" / "roll_test.txt"
    if not recording.is_file():
        pytest.skip(f"{recording.name} is not here")
    import_trial([recording], tmp_path / "real.xdf")
    export(tmp_path / "real.xdf", "c3d", tmp_path / "real.c3d", until_s=20.0)
    export(tmp_path / "real.xdf", "csv", tmp_path / "real", until_s=20.0)
    read = ezc3d.c3d(str(tmp_path / "real.c3d"))
    values = read["data"]["analogs"][0]
    opened = Trial(tmp_path / "real.xdf")
    first = 0
    for info in opened.streams:
        _, x = window(opened, info, 0.0, 20.0)
        own = values[first : first + len(info.channels)].T
        first += len(info.channels)
        with np.errstate(invalid="ignore"):
            for column in range(x.shape[1]):  # each value once at least, as 32 bits
                measured = x[:, column].astype(np.float32)
                assert set(measured[np.isfinite(measured)]) <= {
                    np.float32(it) for it in own[:, column]
                }
    opened.close()
    assert (tmp_path / "real" / "strides.csv").stat().st_size > 200
