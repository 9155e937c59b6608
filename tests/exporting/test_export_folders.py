"""A range as a trial, and as a BIDS folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import pyxdf
from export_cases import FROM_S, exported, window

from lablive.analysis import analyze
from lablive.editing.edit import exclude
from lablive.editing.edit_file import add_edit, read_edits
from lablive.exporting.export_trial import export
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify

REPO = Path(__file__).resolve().parents[2]


def test_a_cut_trial_opens_verifies_and_keeps_its_strides(file, trial, tmp_path):
    opened = Trial(file)
    add_edit(opened, exclude(9.5, 10.0, "Anna spoke"))
    opened.close()
    out = exported(file, "xdf", tmp_path / "part.xdf")
    told = verify(out)
    assert told.is_explained
    part = Trial(out)
    assert [it.reason for it in read_edits(part).holding] == ["LB-0007 spoke"]
    for info in trial.streams:
        t_s, x = window(trial, info)
        again_s, y = part.window(info.id, -np.inf, np.inf)
        assert np.array_equal(again_s, t_s)
        assert np.array_equal(y, x, equal_nan=True)
    assert [it.text for it in part.markers] == ["LB-0007 tripped"]
    assert [gap.rows_lost for gap in part.gaps] == [2]
    # the zero of the soles is learned anew: the same strides, not to the bit
    cut = [it for it in analyze(out).strides if it.ic_s > part.t0_s + 2.0]
    whole = [it for it in analyze(file).strides if it.ic_s > part.t0_s + 2.0]
    whole = [it for it in whole if it.next_ic_s < part.t1_s]
    assert len(cut) >= len(whole) - 2 > 8
    for it in cut:
        nearest = min(
            (own for own in whole if own.side == it.side),
            key=lambda own: abs(own.ic_s - it.ic_s),
        )
        assert it.ic_s == pytest.approx(nearest.ic_s, abs=0.003)
        assert it.to_s == pytest.approx(nearest.to_s, abs=0.003)
    streams, header = pyxdf.load_xdf(
        str(out), synchronize_clocks=False, dejitter_timestamps=False
    )
    assert {it["info"]["name"][0] for it in streams} >= {
        it.name for it in trial.streams
    }
    assert header["info"]["version"]
    part.close()
    (file.parent / "trial-01.edits.jsonl").unlink()


def test_a_cut_keeps_device_counters(tmp_path):
    info = StreamInfo(3, "s", "Force", 100.0, (ChannelInfo("a", "N"),), counter_bits=16)
    recorder = Recorder(tmp_path / "c.xdf", [info], {}, None)
    t_s, x = np.arange(1000) / 100.0, np.ones((1000, 1), np.float32)
    counter = np.arange(1000) + 500
    counter[600:] += 7
    for at in range(0, 1000, 100):
        rows = slice(at, at + 100)
        recorder.append(Chunk(3, at, t_s[rows], x[rows], counter[rows]))
    export(recorder.close(), "xdf", tmp_path / "d.xdf", from_s=4.5, until_s=8.0)
    part = Trial(tmp_path / "d.xdf")
    clock = part.clock(3)
    told = {int(row[1]): int(row[3]) for row in clock}
    for first, number_of in told.items():
        assert counter[450 + first] == number_of
    assert part.rows(3) == 350
    part.close()


def test_a_bids_folder_has_its_sidecars(file, trial, tmp_path):
    out = exported(file, "bids", tmp_path / "set")
    about = json.loads((out / "dataset_description.json").read_text())
    assert about["BIDSVersion"]
    motion = out / "sub-LB0007" / "motion"
    pelvis = next(it for it in trial.streams if it.name == "Sim pelvis IMU")
    stem = "sub-LB0007_task-treadmill_tracksys-SimpelvisIMU"
    rows = (motion / f"{stem}_motion.tsv").read_text().splitlines()
    t_s, x = window(trial, pelvis)
    table = np.array([[float(n) for n in row.split("\t")] for row in rows])
    assert np.array_equal(table[:, 1:].astype(np.float32), x)
    assert np.allclose(table[:, 0], t_s - trial.t0_s - FROM_S, atol=1e-8)
    channels = (motion / f"{stem}_channels.tsv").read_text().splitlines()
    assert len(channels) == 2 + len(pelvis.channels)
    assert {row.split("\t")[2] for row in channels[2:]} >= {"ACCEL", "GYRO"}
    sidecar = json.loads((motion / f"{stem}_motion.json").read_text())
    assert sidecar["SamplingFrequencyEffective"] == pytest.approx(200.0, rel=1e-3)
    assert sidecar["ACCELChannelCount"] == 3
    physio = out / "sub-LB0007" / "beh"
    sidecars = list(physio.glob("*_physio.json"))
    assert len(sidecars) == len(trial.streams) - 1
    for path in sidecars:
        told = json.loads(path.read_text())
        with gzip.open(path.with_suffix(".tsv.gz"), "rt") as packed:
            first = packed.readline().split("\t")
        assert len(first) == len(told["Columns"])
    events = (motion / "sub-LB0007_task-treadmill_events.tsv").read_text()
    assert events.startswith("onset\tduration\ttrial_type")
    assert "\tic\tleft\tinsole" in events
