"""Files cut, zeroed and flipped anywhere: nothing raised, nothing wrong, all told."""

from __future__ import annotations

import random

import numpy as np
import pytest
from trial_cases import EMG, STREAMS, missing_rows, play, write_trial

from lablive.errors import RecordingError
from lablive.messages import Chunk
from lablive.recording import index, pages, xdf
from lablive.recording.replay import Trial

TICKS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return (bytes of a trial, of its index, what was recorded)."""
    path = tmp_path_factory.mktemp("whole") / "trial-01.xdf"
    known = write_trial(path, TICKS)
    return path.read_bytes(), index.sidecar(path).read_bytes(), known


@pytest.fixture
def damaged(tmp_path):
    """Write a damaged trial with or without an index."""

    def write(data: bytes, sidecar: bytes | None):
        path = tmp_path / "trial-01.xdf"
        path.write_bytes(data)
        if sidecar is None:
            index.sidecar(path).unlink(missing_ok=True)
        else:
            index.sidecar(path).write_bytes(sidecar)
        return path

    return write


def told_all(trial: Trial, missing: int) -> None:
    """Check that the rows told as damaged are the rows that are missing."""
    ids = {info.id for info in STREAMS}
    rows = sum(d.rows or 0 for d in trial.damage if d.stream in ids)
    unknown = any(d.rows is None for d in trial.damage)
    assert rows == missing or (unknown and rows <= missing)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(4, len(data))]


def zero(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) - 64)
    return data[:at] + bytes(64) + data[at + 64 :]


def flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("harm", [cut, zero, flip])
@pytest.mark.parametrize("seed", range(60))
def test_damage_is_told_and_no_value_is_wrong(whole, damaged, harm, seed):
    data, sidecar, known = whole
    harmed = harm(data, random.Random(seed))
    trial = Trial(damaged(harmed, sidecar))
    missing = missing_rows(play(trial, known), known)
    for file in trial.files:
        file.check_all()
    told_all(trial, missing)
    assert trial.damage or harmed == data


@pytest.mark.parametrize("harm", [cut, zero, flip])
@pytest.mark.parametrize("seed", range(60))
def test_without_the_index_damage_never_raises(whole, damaged, harm, seed):
    data, _, known = whole
    try:
        trial = Trial(damaged(harm(data, random.Random(seed)), None))
    except RecordingError:
        return  # nothing of the headers is left
    read = sum(len(item) for item in trial.chunks() if isinstance(item, Chunk))
    assert read == sum(trial.rows(info.id) for info in trial.streams)
    assert read <= sum(len(t) for t in known.t_s.values())
    if harm is cut:
        missing = missing_rows(play(trial, known), known)
        assert missing == 0 or trial.damage or not trial.files[0].is_closed()


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_index_costs_no_row(whole, damaged, seed):
    data, sidecar, known = whole
    chance = random.Random(seed)
    harmed = flip(sidecar, chance)
    if seed % 3 == 0:
        harmed = harmed[: chance.randrange(len(harmed))]
    trial = Trial(damaged(data, harmed))
    assert missing_rows(play(trial, known), known) == 0
    assert trial.damage == []
    assert trial.streams == STREAMS


@pytest.mark.parametrize("seed", range(30))
def test_damage_in_both_files_never_raises(whole, damaged, seed):
    data, sidecar, known = whole
    chance = random.Random(seed)
    trial = Trial(damaged(zero(data, chance), flip(sidecar, chance)))
    assert missing_rows(play(trial, known), known) <= 400


def chunk_places(data: bytes) -> list[tuple[int, int, int]]:
    """Return (offset, length, tag) of every chunk of an intact file."""
    found, at = [], 4
    while at < len(data):
        head = xdf.read_head(data[at : at + 24])
        found.append((at, head.size, head.tag))
        at += head.size
    return found


def test_every_chunk_may_be_zeroed(whole, damaged):
    data, sidecar, known = whole
    places = chunk_places(data)
    for offset, length, _ in places:
        harmed = data[:offset] + bytes(length) + data[offset + length :]
        trial = Trial(damaged(harmed, sidecar))
        missing = missing_rows(play(trial, known), known)
        for file in trial.files:
            file.check_all()
        told_all(trial, missing)
        assert trial.damage
        assert missing <= 80
        assert trial.streams == STREAMS
        trial.close()


@pytest.mark.parametrize("back", [0, 1, 7])
def test_a_cut_at_every_chunk_is_counted(whole, damaged, back):
    data, sidecar, known = whole
    for offset, length, tag in chunk_places(data):
        end = offset + length - back
        if tag != xdf.SAMPLES or end == len(data):
            continue
        trial = Trial(damaged(data[:end], sidecar))
        missing = missing_rows(play(trial, known), known)
        ids = {info.id for info in STREAMS}
        told = sum(d.rows or 0 for d in trial.damage if d.stream in ids)
        assert told == missing
        trial.close()


def test_a_damaged_header_is_read_from_the_index(whole, damaged):
    data, sidecar, known = whole
    at = data.index(b"<channel_format>double64") + 20
    trial = Trial(damaged(data[:at] + b"?" + data[at + 1 :], sidecar))
    assert trial.streams == STREAMS
    assert missing_rows(play(trial, known), known) == 0
    assert "index has a copy" in trial.damage[0].what


def test_a_lost_magic_is_survived_with_the_index(whole, damaged):
    data, sidecar, known = whole
    trial = Trial(damaged(bytes(64) + data[64:], sidecar))
    assert missing_rows(play(trial, known), known) == 0
    assert trial.header == {"montage": "a = 1\r\n[x]"}
    assert len(trial.damage) == 2


def test_the_index_of_another_trial_is_not_believed(whole, damaged, tmp_path):
    data, _, known = whole
    write_trial(tmp_path / "other.xdf", TICKS - 4)
    other = index.sidecar(tmp_path / "other.xdf").read_bytes()
    trial = Trial(damaged(data, other))
    assert missing_rows(play(trial, known), known) == 0
    assert "another file" in trial.files[0].index_note


def test_a_hole_without_index_is_passed_and_counted(whole, damaged):
    """The clock stream tells how many rows the hole took."""
    data, _, known = whole
    places = [p for p in chunk_places(data) if p[2] == xdf.SAMPLES]
    offset, length, _ = next(p for p in places[20:] if p[1] > 2000)
    harmed = data[: offset + 3] + bytes(length - 3) + data[offset + length :]
    trial = Trial(damaged(harmed, None))
    played = play(trial, known)
    assert missing_rows(played, known) == 80
    (damage,) = trial.damage
    assert (damage.stream, damage.rows) == (EMG.id, 80)
    (gap,) = [gap for gap in played.gaps if gap.stream == EMG.id]
    assert gap.rows_lost == 80
    before = played.rows[EMG.id][played.rows[EMG.id] < gap.after_row]
    assert before[-1] == gap.after_row - 1
    assert gap.t_s == known.t_s[EMG.id][gap.after_row - 1]


def test_rows_behind_megabytes_of_nothing_are_found(whole, damaged):
    data, _, known = whole
    offset = chunk_places(data)[20][0]
    harmed = data[:offset] + bytes(5_000_000) + data[offset:]
    trial = Trial(damaged(harmed, None))
    assert missing_rows(play(trial, known), known) == 0
    (damage,) = trial.damage
    assert (damage.offset, damage.length) == (offset, 5_000_000)


@pytest.mark.parametrize("page_bytes", [1 << 20, 4096, 256, 7])
def test_pages_of_any_size_give_the_same(whole, damaged, page_bytes, monkeypatch):
    data, sidecar, known = whole
    monkeypatch.setattr(pages, "PAGE_BYTES", page_bytes)
    trial = Trial(damaged(data, sidecar))
    assert missing_rows(play(trial, known), known) == 0
    assert trial.damage == []


def test_a_file_that_shrinks_while_open_is_no_crash(whole, damaged, monkeypatch):
    data, sidecar, known = whole
    monkeypatch.setattr(pages, "PAGE_BYTES", 1024)
    path = damaged(data, sidecar)
    trial = Trial(path)
    with path.open("r+b") as opened:
        opened.truncate(len(data) // 2)
    missing = missing_rows(play(trial, known), known)
    assert missing > 400
    told_all(trial, missing)


@pytest.mark.parametrize("seed", range(40))
def test_random_bytes_never_raise(damaged, seed):
    noise = np.random.default_rng(seed).bytes(3000)
    start = b"XDF:" if seed % 2 else b""
    with pytest.raises(RecordingError, match="this is not a recording"):
        Trial(damaged(start + noise, noise if seed % 3 else None))


@pytest.mark.parametrize("header", [bytes(271), None])
def test_a_trial_mostly_damaged_is_still_checked_by_its_index(whole, damaged, header):
    """Doubt about the index would hand out values without a checksum."""
    data, sidecar, known = whole
    harmed = bytearray(data)
    rows = [p for p in chunk_places(data) if p[2] == xdf.SAMPLES]
    for offset, length, _ in rows[:-8]:
        harmed[offset + length // 2] ^= 1
    harmed[4 : 4 + 271] = header or harmed[4 : 4 + 271]
    harmed[60] ^= header is None  # a flipped bit in the header
    trial = Trial(damaged(bytes(harmed), sidecar))
    missing = missing_rows(play(trial, known), known)
    assert missing > 400
    told_all(trial, missing)
    assert trial.streams == STREAMS
