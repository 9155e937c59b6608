"""Recordings of other programs: public example files and hand-made ones."""

from __future__ import annotations

import logging
import struct

import numpy as np
import pytest
import pyxdf
from test_xdf import foreign_samples

from lablive.messages import Chunk, Gap
from lablive.recording import foreign, xdf
from lablive.recording.repair import repair
from lablive.recording.replay import Trial

HEADER = (
    "<info><name>{name}</name><type>EEG</type><channel_count>2</channel_count>"
    "<nominal_srate>{rate}</nominal_srate><channel_format>{kind}</channel_format>"
    "<created_at>0</created_at><desc/><uid>u</uid></info>"
)


def foreign_file(path, *chunks, kind="int16", rate=100):
    """Write what a typical recorder writes around some chunks of stream 5."""
    header = HEADER.format(name="Amp", rate=rate, kind=kind)
    parts = [
        b"XDF:",
        xdf.chunk(xdf.FILE_HEADER, b"<info><version>1.0</version></info>"),
        xdf.text_chunk(xdf.STREAM_HEADER, 5, header),
        *chunks,
    ]
    path.write_bytes(b"".join(parts))
    return path


def block(first: int, count: int, rate: float = 100.0) -> bytes:
    """Chunk of rows with a stamp on the first only."""
    stamps = [50.0 + first / rate] + [None] * (count - 1)
    values = [struct.pack("<2h", first + k, -first - k) for k in range(count)]
    return foreign_samples(5, list(zip(stamps, values, strict=True)))


def by_pyxdf(path):
    logging.getLogger("pyxdf").setLevel(logging.CRITICAL)
    streams, _ = pyxdf.load_xdf(path)
    return {stream["info"]["stream_id"]: stream for stream in streams}


@pytest.mark.parametrize("name", ["minimal", "empty_streams"])
def test_public_example_files_read_as_by_pyxdf(real_data, name):
    path = real_data / "xdf_example_files" / f"{name}.xdf"
    trial, expected = Trial(path), by_pyxdf(path)
    assert trial.damage == []
    assert trial.gaps == []
    texts = 0
    for key, stream in expected.items():
        if stream["info"]["channel_format"] == ["string"]:
            texts += len(stream["time_series"])
            continue
        t_s, x = trial.window(key, -np.inf, np.inf)
        np.testing.assert_allclose(t_s, stream["time_stamps"], atol=1e-4)
        np.testing.assert_array_equal(x, stream["time_series"])
        (info,) = [info for info in trial.streams if info.id == key]
        assert info.name == stream["info"]["name"][0]
        assert trial.rows(key) == len(x)
        played = [c for c in trial.chunks([key]) if isinstance(c, Chunk)]
        assert sum(len(chunk) for chunk in played) == len(x)
    assert len(trial.markers) == texts


def test_left_out_stamps_follow_the_rate(tmp_path):
    path = foreign_file(tmp_path / "a.xdf", block(0, 10), block(10, 10))
    t_s, x = Trial(path).window(5, 0.0, 100.0)
    np.testing.assert_allclose(t_s, 50.0 + np.arange(20) / 100, atol=1e-9)
    np.testing.assert_array_equal(x[:, 0], np.arange(20))
    assert x.dtype == np.float32


def test_clock_offsets_shift_the_stamps(tmp_path):
    offsets = [xdf.clock_offset(5, 50.0 + k, 2.0 + 1e-4 * k) for k in range(20)]
    offsets[7] = xdf.clock_offset(5, 57.0, 9.0)  # a late answer of the network
    blocks = [block(k, 10) for k in range(0, 2000, 10)]
    path = foreign_file(tmp_path / "a.xdf", *blocks, *offsets)
    t_s, _ = Trial(path).window(5, 0.0, 100.0)
    raw = 50.0 + np.arange(2000) / 100
    np.testing.assert_allclose(t_s, raw + 2.0 + 1e-4 * (raw - 50.0), atol=1e-6)


def test_jitter_goes_and_a_pause_stays():
    rng = np.random.default_rng(0)
    true = np.arange(4000) / 100.0
    true[2000:] += 30.0
    t_s = foreign.even(true + rng.normal(0.0, 0.004, 4000), 100.0, np.array([], int))
    np.testing.assert_allclose(t_s, true, atol=0.001)
    assert (np.diff(t_s) > 0).all()


def test_a_hole_is_a_gap_of_unknown_size(tmp_path):
    blocks = [block(k, 50) for k in range(0, 500, 50)]
    blocks[4] = bytes(len(blocks[4]))
    path = foreign_file(tmp_path / "a.xdf", *blocks)
    trial = Trial(path)
    items = list(trial.chunks())
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert (gap.rows_lost, gap.after_row) == (None, 200)
    assert gap.duration_s == pytest.approx(0.51)
    (damage,) = trial.damage
    assert (damage.length, damage.rows) == (len(blocks[4]), None)
    t_s, x = trial.window(5, 0.0, 100.0)
    np.testing.assert_allclose(t_s, 50.0 + x[:, 0] / 100, atol=1e-9)


def test_a_repaired_foreign_file_reads_the_same(tmp_path):
    blocks = [block(k, 50) for k in range(0, 500, 50)]
    path = foreign_file(tmp_path / "a.xdf", *blocks, xdf.clock_offset(5, 50.0, 1.0))
    repair(path, tmp_path / "b.xdf")
    before, after = Trial(path), Trial(tmp_path / "b.xdf")
    for a, b in zip(before.window(5, 0, 99), after.window(5, 0, 99), strict=True):
        np.testing.assert_array_equal(a, b)
    assert after.streams == before.streams
    assert len(by_pyxdf(tmp_path / "b.xdf")[5]["time_series"]) == 500
