"""A small trial cut, zeroed and flipped at its bytes.

At every 13th here, since each takes 6 ms; at each of them with LABLIVE_EVERY_BYTE=1.
"""

from __future__ import annotations

import os

import pytest
from trial_cases import missing_rows, play, write_trial

from lablive.errors import RecordingError
from lablive.recording import index, xdf
from lablive.recording.replay import Trial

TICKS = 2
STEP = 1 if os.environ.get("LABLIVE_EVERY_BYTE") else 13


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return (path to write to, bytes of the trial, what was recorded)."""
    path = tmp_path_factory.mktemp("small") / "trial-01.xdf"
    known = write_trial(path, TICKS)
    return path, path.read_bytes(), known


def cut(data: bytes, at: int) -> bytes:
    return data[:at]


def zero(data: bytes, at: int) -> bytes:
    return data[:at] + bytes(1) + data[at + 1 :]


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def first_row_at(data: bytes) -> int:
    """Return where the first chunk with rows ends."""
    at = len(xdf.MAGIC)
    while (head := xdf.read_head(data[at : at + xdf.HEAD_BYTES])).tag != xdf.SAMPLES:
        at += head.size
    return at + head.size


@pytest.mark.slow
@pytest.mark.parametrize("harm", [cut, zero, flip])
def test_no_byte_makes_a_value_wrong_or_goes_unnoticed(whole, harm):
    path, data, known = whole
    sidecar = index.sidecar(path).read_bytes()
    for at in range(4, len(data), STEP):
        harmed = harm(data, at)
        if harmed == data:
            continue
        path.write_bytes(harmed)
        try:
            trial = Trial(path)
        except RecordingError:  # cut before the first row
            assert at < first_row_at(data)
            continue
        missing = missing_rows(play(trial, known), known)  # fails on a wrong value
        for file in trial.files:
            file.check_all()
        assert trial.damage, f"byte {at}: not noticed"
        told = sum(damage.rows or 0 for damage in trial.damage)
        unknown = any(damage.rows is None for damage in trial.damage)
        assert told >= missing or unknown, f"byte {at}: {missing} rows, told {told}"
        trial.close()
    assert index.sidecar(path).read_bytes() == sidecar
