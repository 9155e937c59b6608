"""Recorded sets: parsed from small made-up files, and the real ones against truth."""

from pathlib import Path

import numpy as np
import pytest

from drivers.sim import datasets
from drivers.sim.chunks import recording_chunks
from lablive.errors import ConfigError, DeviceError


def make_loadsol(folder: Path) -> None:
    foot = "X::heel\tX::medial\tX::lateral\tX\t\tX::xAcc\tX::yAcc\tX::zAcc"
    names = "\t".join(f"\t{foot}\tX::xGyro\tX::yGyro\tX::zGyro" for _ in range(2))
    units = "\t".join(
        ["Time[secs]", *["Force[N]"] * 4, "Time[secs]", *["[g]"] * 3, *["[rad/s]"] * 3]
    )
    good = "\t".join(["0.000", "1.5", "2.5", "3.0", "7.0", "0.000", *["0.1"] * 6])
    lost = "\t".join(["0.000", *["-1.000"] * 3, "0.000", "0.000", *["-"] * 6])
    rows = [f"{good}\t{lost}\t\t", f"{good}\t{good}\t\t".replace("0.000", "0.005")]
    header = ["loadapp.loadflux", "comment", names, f"{units}\t{units}\t"]
    path = folder / "loadsol_vs_forceplate_pomarat" / "test_pointe_1_05_02.txt"
    path.parent.mkdir()
    path.write_text("\n".join([*header, *rows, "End measurement", ""]), "utf-8")


def test_loadsol_keeps_lost_packets_as_sent(tmp_path: Path) -> None:
    make_loadsol(tmp_path)
    recording = datasets.load("loadsol", tmp_path)
    (stream,) = recording.streams
    assert stream.x.shape == (2, 24)
    assert stream.x[0, 1:5].tolist() == [1.5, 2.5, 3.0, 7.0]
    assert stream.x[0, 13:17].tolist() == [-1.0, -1.0, -1.0, 0.0]
    assert np.isnan(stream.x[0, 18:24]).all()
    assert recording.truth == {"lost_rows_left": 0.0, "lost_rows_right": 1.0}
    assert [channel.unit for channel in stream.info.channels[:7]] == [
        "", "N", "N", "N", "N", "", "g",
    ]  # fmt: skip
    assert len(recording.lines) == 3
    assert recording.lines[1].split("\t")[18:24] == ["-"] * 6


def test_contacts_need_both_edges_and_a_length() -> None:
    force = np.zeros(1000)
    force[:100] = 1.0  # running at the start
    force[200:300] = 1.0
    force[250] = 0.15  # between the thresholds: still one contact
    force[400:402] = 1.0  # too short
    force[950:] = 1.0  # running at the end
    found = datasets.complete_contacts(force, 500.0, 0.2, 0.1, "left")
    assert found == (datasets.RecordedContact(0.4, 0.6, "left"),)


def test_recordings_become_chunks_without_loss(tmp_path: Path) -> None:
    make_loadsol(tmp_path)
    recording = datasets.load("loadsol", tmp_path)
    chunks = list(recording_chunks(recording, start_s=50.0))
    assert sum(len(chunk) for chunk in chunks) == 2
    assert np.concatenate([chunk.t_s for chunk in chunks]).tolist() == [50.0, 50.005]


@pytest.mark.parametrize("name", list(datasets.DATASETS))
def test_an_absent_set_is_one_message(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=f"{name}.*--data") as caught:
        datasets.load(name, tmp_path)
    assert caught.value.kind == "missing"


def test_unknown_sets_and_trials_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"loadsool.*pedar"):
        datasets.load("loadsool", tmp_path)
    with pytest.raises(ConfigError, match="no trials"):
        datasets.load("pedar", tmp_path, [1])


def test_real_running(real_data: Path) -> None:
    recording = datasets.load("running", real_data)
    force, acc = recording.streams
    assert force.x.shape == (16 * 2480, 1)
    assert np.isnan(acc.x[:, 1]).all()
    assert acc.x[:, 2].mean() == pytest.approx(1.0, abs=0.2)
    assert len(recording.contacts) == 238
    one = datasets.load("running", real_data, [3])
    assert len(one.contacts) == 17
    np.testing.assert_array_equal(one.streams[0].x, force.x[3 * 2480 : 4 * 2480])
    with pytest.raises(ConfigError, match="trials 0 to 15"):
        datasets.load("running", real_data, [16])


def test_real_dryft(real_data: Path) -> None:
    recording = datasets.load("dryft", real_data)
    assert recording.seconds == pytest.approx(30.0)
    assert len(recording.contacts) == 77


def test_real_insoles(real_data: Path) -> None:
    loadsol = datasets.load("loadsol", real_data)
    assert loadsol.truth["lost_rows_left"] > 700
    pedar = datasets.load("pedar", real_data)
    sides = [contact.side for contact in pedar.contacts]
    assert (sides.count("left"), sides.count("right")) == (18, 17)
    stappone = datasets.load("stappone", real_data)
    x = stappone.streams[0].x
    assert np.linalg.norm(x[:100, 12:15], axis=1) == pytest.approx(9.8, abs=0.3)
    assert datasets.load("loadsol_standing", real_data).streams[0].x.shape[0] == 1094
