"""Exports: no names, whole or not at all, any recording."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from export_cases import every_text, exported
from pipeline_cases import simulated
from trial_files import recorded

from lablive.comparing.comparison import Wanted, compare
from lablive.errors import (
    ConfigError,
    LabLiveError,
    LibraryError,
    RecordingError,
)
from lablive.exporting.export_trial import FORMATS, export
from lablive.messages import ChannelInfo, Chunk, Marker, StreamInfo
from lablive.recording.recorder import Recorder

REPO = Path(__file__).resolve().parents[2]


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


def test_a_library_that_does_not_open_is_told_and_stops_no_export(
    file, tmp_path, monkeypatch
):
    def damaged(*about):
        raise LibraryError("damaged", "The library is damaged.")

    monkeypatch.setattr("lablive.exporting.export_trial.names_of", damaged)
    (told,) = export(file, "csv", tmp_path / "out")
    assert told.startswith("Texts were not searched for the person's name: The library")
    with pytest.raises(LibraryError):
        export(file, "csv", tmp_path / "named", with_name=True)


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


def test_a_worker_that_is_ended_leaves_nothing(file, tmp_path):
    command = [sys.executable, "-m", "lablive.exporting.export_trial", str(file)]
    with subprocess.Popen(
        [*command, "--to", "bids", "--out", str(tmp_path / "set")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as worker:  # fmt: skip
        for line in worker.stdout:
            if json.loads(line)["step"].startswith("writing"):
                worker.terminate()
                break
        assert worker.wait(60) in (130, -15, 0)
        assert "Traceback" not in worker.stderr.read()
    assert [it.name for it in tmp_path.iterdir()] in ([], ["set"])


# ----------------------------------------------------------------- odd recordings
def odd(kind, folder):
    """Return a recording that is not as usual."""
    path = folder / "odd.xdf"
    if kind in ("short", "cut off", "damaged"):
        made = recorded(
            path, simulated(2.0 if kind == "short" else 12.0, standing_s=1.0)
        )
        data = bytearray(made.read_bytes())
        if kind == "cut off":
            data = data[: len(data) * 2 // 3]
        if kind == "damaged":
            data[len(data) // 2] ^= 0xFF
        made.write_bytes(bytes(data))
        return made
    channels = (ChannelInfo("a"), ChannelInfo("a"))  # no units, one label twice
    info = StreamInfo(0, "odd", "Misc", 0.0 if kind == "irregular" else 100.0, channels)
    recorder = Recorder(path, [] if kind == "empty" else [info], {}, None)
    rows = {"irregular": 300, "one row": 1}.get(kind, 0)
    if rows:
        t_s = np.cumsum(np.random.default_rng(0).exponential(0.1, rows))
        recorder.append(Chunk(0, 0, t_s, np.ones((rows, 2), np.float32)))
    recorder.marker(Marker(3.0, "here", "marker"))
    return recorder.close()


@pytest.mark.parametrize(
    "kind", ["short", "cut off", "damaged", "irregular", "one row", "no rows", "empty"]
)
def test_any_recording_is_exported_or_refused_in_one_message(tmp_path, kind):
    file = odd(kind, tmp_path)
    bytes_before = file.read_bytes()
    refused = {}
    for form in FORMATS:
        try:
            export(file, form, tmp_path / f"out.{form}")
        except LabLiveError as error:
            refused[form] = str(error)
    assert all(told.count("Nothing was written") == 1 for told in refused.values())
    left = {it.name.removeprefix("out.") for it in tmp_path.glob("out.*")}
    done = set(FORMATS) - set(refused)
    assert {it for it in left if it in FORMATS} == done
    assert {"csv", "parquet", "xdf", "bids"} <= done
    assert ("c3d" in done) == (kind not in ("no rows", "empty"))
    assert file.read_bytes() == bytes_before
    if kind == "damaged":
        about = json.loads((tmp_path / "out.csv" / "about.json").read_text())
        assert about["damage"]
    compared = compare(Wanted(str(file)), Wanted(str(file)))
    assert {it.verdict for it in compared.rows} <= {"unknown", "within error"}
