"""Exports read back by independent readers: the same bits, the same times."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path

import ezc3d
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
import pyxdf
from pipeline_cases import EMG, SOLES, segments_as_worn, simulated
from trial_files import recorded

from lablive.analysis import analyze, analyze_trial
from lablive.editing.edit import exclude
from lablive.editing.edit_file import add_edit, read_edits
from lablive.errors import ConfigError, LabLiveError, RecordingError
from lablive.exporting import tables
from lablive.exporting.c3d_format import Parameters
from lablive.exporting.export_trial import export
from lablive.importing.import_trial import import_trial
from lablive.messages import ChannelInfo, Chunk, Gap, Marker, StreamInfo
from lablive.names import HeaderKey
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.signals.calibrations import Calibrations, calibrations_json
from lablive.signals.montage import load_montage, to_toml

REPO = Path(__file__).resolve().parents[2]
FROM_S, UNTIL_S = 6.0, 14.0


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    lab = simulated(18.0, (*SOLES, EMG, "Sim pelvis IMU"), standing_s=4.0)
    left = lab.streams[0]
    lab.gaps = [Gap(left.id, 1800, 8.995, 0.0, 2, "lost", "radio")]
    header = {
        HeaderKey.MONTAGE: to_toml(lab.montage),
        HeaderKey.CODE: "LB-0007",
        HeaderKey.STARTED: "2026-11-21T10:00:00+01:00",
        HeaderKey.NOTE: "Anna Example felt well",
        HeaderKey.SOURCE: json.dumps([{"name": "Example_Anna.txt", "sha256": "ab"}]),
        HeaderKey.CALIBRATION: calibrations_json(
            Calibrations(segments=segments_as_worn(("pelvis",)))
        ),
    }
    markers = (
        Marker(9.0, "Anna tripped", "note"),
        Marker(2.0, "too early", "marker"),
    )
    folder = tmp_path_factory.mktemp("export")
    return recorded(folder / "trial-01.xdf", lab, header, markers)


@pytest.fixture(scope="module")
def trial(file):
    opened = Trial(file)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """Let the library know the person behind the code."""
    known = ("Example, Anna", "Anna", "Example")
    monkeypatch.setattr(
        "lablive.exporting.export_trial.names_of",
        lambda home, code: known if code == "LB-0007" else (),
    )


def window(trial, info, from_s=FROM_S, until_s=UNTIL_S):
    return trial.window(info.id, trial.t0_s + from_s, trial.t0_s + until_s)


def exported(file, form, out, **options):
    told = []
    options = {"from_s": FROM_S, "until_s": UNTIL_S} | options
    export(file, form, out, progress=lambda share, step: told.append(share), **options)
    assert told
    assert told == sorted(told)
    assert 0.0 <= told[0] <= told[-1] <= 1.0
    assert not list(out.parent.glob("*.part"))
    return out


def every_text(path):
    """Return all bytes of a file or folder, packed ones unpacked."""
    files = [path] if path.is_file() else [it for it in path.rglob("*") if it.is_file()]
    found = b" ".join(str(it.relative_to(path.parent)).encode() for it in files)
    for it in files:
        data = it.read_bytes()
        found += gzip.decompress(data) if it.suffix == ".gz" else data
    return found


# ----------------------------------------------------------------------------- C3D
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


# -------------------------------------------------------------------------- tables
def number(cell):
    return float(cell) if cell else np.nan


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as opened:
        head, *rows = csv.reader(opened)
    return head, rows


def test_csv_rows_strides_and_metrics_come_back_equal(file, trial, tmp_path):
    out = exported(file, "csv", tmp_path / "tables")
    for info, name in tables.file_names(trial.streams):
        t_s, x = window(trial, info)
        head, rows = read_csv(out / "raw" / f"{name}.csv")
        assert head[0] == "t [s]"
        units = [f" [{it.unit}]" if it.unit else "" for it in info.channels]
        assert all(h.endswith(u) for h, u in zip(head[1:], units, strict=True))
        table = np.array([[number(it) for it in row] for row in rows])
        assert np.array_equal(table[:, 0], t_s)
        assert np.array_equal(table[:, 1:].astype(x.dtype), x, equal_nan=True)
    head, rows = read_csv(out / "strides.csv")
    analysis = analyze_trial(file)
    mine = [
        it
        for it in analysis.pipeline.strides
        if trial.t0_s + FROM_S <= it.stride.ic_s
        and it.stride.next_ic_s < trial.t0_s + UNTIL_S
    ]
    assert len(rows) == len(mine) > 10
    contact = head.index("contact_time_ms [ms]")
    for row, it in zip(rows, mine, strict=True):
        assert row[0] == it.stride.side
        assert float(row[1]) == it.stride.ic_s
        value = it.values.get("contact_time_ms", np.nan)
        assert number(row[contact]) == pytest.approx(value, nan_ok=True, abs=0)
    head, rows = read_csv(out / "metrics.csv")
    contact = next(it for it in rows if it[0] == "contact_time_ms" and it[3] == "left")
    own = [
        it.values["contact_time_ms"]
        for it in mine
        if it.stride.side == "left" and it.stride.valid
    ]
    assert float(contact[head.index("median")]) == pytest.approx(np.median(own))
    assert json.loads((out / "about.json").read_text())["person"] == "LB-0007"


def test_parquet_holds_the_same_tables_with_units(file, trial, tmp_path):
    out = exported(file, "parquet", tmp_path / "parquet")
    plain = exported(file, "csv", tmp_path / "csv")
    for info, name in tables.file_names(trial.streams):
        t_s, x = window(trial, info)
        read = pq.read_table(out / "raw" / f"{name}.parquet")
        assert np.array_equal(read.column(0).to_numpy(), t_s)
        values = [read.column(n + 1).to_numpy() for n in range(x.shape[1])]
        assert values[0].dtype == x.dtype
        assert np.array_equal(np.array(values).T, x, equal_nan=True)
        units = [it.metadata[b"unit"].decode() for it in list(read.schema)[1:]]
        assert units == [it.unit for it in info.channels]
    for name in ("strides", "metrics", "events", "markers"):
        read = pq.read_table(out / f"{name}.parquet")
        head, rows = read_csv(plain / f"{name}.csv")
        assert read.column_names == head
        assert read.num_rows == len(rows)


def test_parquet_without_its_library_is_one_message(file, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    with pytest.raises(LabLiveError, match=r"lablive\[parquet\]"):
        export(file, "parquet", tmp_path / "p")
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------- OpenSim
def storage(path):
    """Return header, labels and cells of an OpenSim file: a parser of its own."""
    head, _, body = path.read_text().partition("endheader\n")
    labels, *rows = (line.split("\t") for line in body.splitlines())
    return head, labels, rows


def test_sto_turns_of_the_pelvis(file, trial, tmp_path):
    head, labels, rows = storage(exported(file, "sto", tmp_path / "t.sto"))
    assert "DataType=Quaternion" in head
    assert labels == ["time", "pelvis_imu"]
    turns = np.array([[float(n) for n in row[1].split(",")] for row in rows])
    assert np.allclose(np.linalg.norm(turns, axis=1), 1.0, atol=1e-6)
    assert len(turns) == pytest.approx(8.0 * 200.0, abs=2)
    assert float(rows[0][0]) == pytest.approx(0.0, abs=0.01)
    # upright: the segment's z is near the world's
    x, y = turns[:, 1], turns[:, 2]
    assert (1 - 2 * (x**2 + y**2)).min() > 0.9


@pytest.mark.parametrize(
    ("form", "streams", "why"),
    [
        ("mot", ("Sim pelvis IMU", "Sim treadmill"), "No force is measured in newtons"),
        ("sto", ("left_sole", "right_sole"), "No IMU has acceleration and rates"),
    ],
)
def test_what_was_not_measured_is_refused_and_leaves_nothing(
    tmp_path, form, streams, why
):
    file = recorded(tmp_path / "t.xdf", simulated(6.0, streams))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ConfigError, match=why):
        export(file, form, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_mot_comes_back_through_its_montage(tmp_path):
    lab = simulated(18.0, standing_s=6.0)
    lab.montage = msgspec.structs.replace(
        lab.montage, calibration=type(lab.montage.calibration)((1.0, 5.0))
    )
    file = recorded(tmp_path / "t.xdf", lab, {HeaderKey.MONTAGE: to_toml(lab.montage)})
    out = exported(file, "mot", tmp_path / "t.mot", from_s=None, until_s=None)
    head, labels, rows = storage(out)
    assert f"nRows={len(rows)}\n" in head
    assert labels == ["time", "ground_force_l_vy", "ground_force_r_vy"]
    montage = load_montage(REPO / "configs" / "montages" / "opensim_grf.toml")
    import_trial([out], tmp_path / "back.xdf", montage=montage)
    ours, back = analyze(file), analyze(tmp_path / "back.xdf")
    of_left = [it.t_s for it in ours.events if (it.side, it.kind) == ("left", "ic")]
    again = [it.t_s for it in back.events if (it.side, it.kind) == ("left", "ic")]
    assert len(again) == pytest.approx(len(of_left), abs=1)
    near = [min(abs(a - b) for b in of_left) for a in again[1:-1]]
    assert max(near) < 0.006


# ------------------------------------------------------------------------- real data
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


# ------------------------------------------------------------------------- XDF, BIDS
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


# --------------------------------------------------------------- names, place, range
@pytest.mark.parametrize("form", ["c3d", "csv", "parquet", "sto", "xdf", "bids"])
def test_no_name_gets_out_unless_it_is_asked_for(file, tmp_path, form):
    out = exported(file, form, tmp_path / "out")
    found = every_text(out)
    for word in (b"Anna", b"Example", b"felt well"):
        assert word not in found
    if form != "sto":
        assert b"LB-0007" in found
        named = exported(file, form, tmp_path / "named", with_name=True)
        assert b"Anna" in every_text(named)


def test_a_name_that_nobody_knows_is_refused(file, tmp_path, monkeypatch):
    monkeypatch.setattr("lablive.exporting.export_trial.names_of", lambda *a: ())
    with pytest.raises(ConfigError, match="knows no name"):
        export(file, "csv", tmp_path / "o", with_name=True)


@pytest.mark.parametrize("form", ["c3d", "csv", "parquet", "sto", "xdf", "bids"])
def test_cancelled_or_on_a_full_disk_nothing_is_left(file, tmp_path, form):
    def cancel(share, step):
        if share > 0.35:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(file, form, tmp_path / "out", progress=cancel)
    assert not list(tmp_path.iterdir())

    def full(share, step):
        if share > 0.35:
            raise OSError(28, "No space left on device")

    with pytest.raises(RecordingError, match="No space left"):
        export(file, form, tmp_path / "out", progress=full)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_overwritten(file, tmp_path):
    (tmp_path / "o").write_text("mine")
    with pytest.raises(ConfigError, match="never overwritten"):
        export(file, "c3d", tmp_path / "o")
    assert (tmp_path / "o").read_text() == "mine"
    with pytest.raises(ConfigError, match="folder it belongs into"):
        export(file, "c3d", tmp_path / "absent" / "o")


@pytest.mark.parametrize("span", [(30.0, 40.0), (5.0, 5.0), (-2.0, 3.0), (9.0, 4.0)])
def test_an_empty_range_is_refused(file, tmp_path, span):
    with pytest.raises(ConfigError, match="There is nothing from"):
        export(file, "csv", tmp_path / "o", from_s=span[0], until_s=span[1])


def test_the_worker_tells_its_progress(file, tmp_path):
    command = [sys.executable, "-m", "lablive.exporting.export_trial", str(file)]
    done = subprocess.run(
        [*command, "--to", "c3d", "--out", str(tmp_path / "w.c3d")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["step"] == "writing"
    again = subprocess.run(
        [*command, "--to", "c3d", "--out", str(tmp_path / "w.c3d")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert again.returncode == 2
    assert "never overwritten" in again.stderr
    assert "Traceback" not in again.stderr
