from __future__ import annotations

import numpy as np
import pytest
from trial_cases import STREAMS, T0_S, write_trial

from lablive.recording import index, sidecar
from lablive.recording.replay import Trial


@pytest.fixture(params=[3, 16, 8192])
def page(request, monkeypatch):
    monkeypatch.setattr(sidecar, "_PAGE", request.param)
    return request.param


def test_any_window_by_pages_is_that_of_all_records(tmp_path, page):
    path = tmp_path / "trial-01.xdf"
    known = write_trial(path, ticks=400)
    trial = Trial(path)
    rng = np.random.default_rng(1)
    for t0_s, t1_s in T0_S - 1.0 + np.sort(rng.uniform(0, 10, (60, 2)), axis=1):
        for info in STREAMS:
            t_s, x = trial.window(info.id, t0_s, t1_s)
            inside = (known.t_s[info.id] >= t0_s) & (known.t_s[info.id] < t1_s)
            np.testing.assert_array_equal(t_s, known.t_s[info.id][inside])
            np.testing.assert_array_equal(x, known.x[info.id][inside])
    listing = trial.files[0].listing
    assert listing.is_plain
    assert "records" not in vars(listing)  # nobody needed them all
    assert trial.damage == []


def test_opening_counts_and_ends_without_all_records(tmp_path, page):
    path = tmp_path / "trial-01.xdf"
    known = write_trial(path, ticks=100)
    trial = Trial(path)
    for info in STREAMS:
        assert trial.rows(info.id) == len(known.t_s[info.id])
        assert trial.span(info.id) == (known.t_s[info.id][0], known.t_s[info.id][-1])
    assert trial.files[0].is_closed()
    assert "records" not in vars(trial.files[0].listing)


@pytest.mark.parametrize("harm", ["emptied", "cut", "flipped"])
def test_a_sidecar_that_changes_later_gives_damage_never_wrong_rows(
    tmp_path, monkeypatch, harm
):
    monkeypatch.setattr(sidecar, "_PAGE", 16)
    path = tmp_path / "trial-01.xdf"
    known = write_trial(path, ticks=400)
    beside = index.sidecar(path)
    trial = Trial(path)
    data = beside.read_bytes()
    half = len(data) // 2 // index.RECORD.itemsize * index.RECORD.itemsize
    new = {"emptied": b"", "cut": data[: half + 7]}.get(harm)
    if new is None:
        flipped = np.frombuffer(data, np.uint8).copy()
        flipped[half + 8 :: index.RECORD.itemsize] ^= 0x10
        new = flipped.tobytes()
    beside.write_bytes(new)
    lost = 0
    for info in STREAMS:
        t_s, x = trial.window(info.id, T0_S, T0_S + 8.0)
        at = np.searchsorted(known.t_s[info.id], t_s)
        np.testing.assert_array_equal(known.t_s[info.id][at], t_s)
        np.testing.assert_array_equal(known.x[info.id][at], x)
        lost += len(known.t_s[info.id]) - len(t_s)
    assert lost > 0
    assert trial.damage


def test_an_index_of_overlapping_chunks_is_not_used(tmp_path):
    path = tmp_path / "trial-01.xdf"
    write_trial(path)
    beside = index.sidecar(path)
    assert sidecar.open_sidecar(beside) is not None
    table = np.fromfile(beside, index.RECORD)
    places = np.flatnonzero(table["check"] == index.checksums(table))[-4:]
    table["offset"][places[-1]] -= 1
    table["check"] = np.where(
        np.isin(np.arange(len(table)), places), index.checksums(table), table["check"]
    )
    table.tofile(beside)
    assert sidecar.open_sidecar(beside) is None
    assert Trial(path).damage == []
