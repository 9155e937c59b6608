"""A5 5A frames and the faults of their wire, read by an independent tiny parser."""

import numpy as np
import pytest
from a55a_parser import parse

from drivers.sim.faults import BOOT_TEXT, Faults, FaultyWire, parse_faults
from drivers.sim.insole_wire import FORCE_FRAME, sample_frame
from lablive.errors import ConfigError


def send(faults: Faults, frames: int = 400) -> tuple[bytes, FaultyWire]:
    wire = FaultyWire(faults, seed=3)
    data = wire.opening()
    for number in range(frames):
        counts = np.full((2, 32), number, dtype=float)
        frame = sample_frame(number, number * 10, counts, FORCE_FRAME)
        data += wire.arrives(frame, number * 0.01)
    return data, wire


def test_frame_is_the_published_one() -> None:
    """Bytes of the public protocol test (drivers reference, vector a55a-roundtrip)."""
    counts = np.repeat([[100.0], [200.0]], 32, axis=1)
    made = sample_frame(42, 1700000000000, counts, FORCE_FRAME)
    head = bytes.fromhex("a55a2a0001018a000068e5cf8b0100000200")
    assert made == head + b"\x64\x00" * 32 + b"\xc8\x00" * 32 + b"\xfc\x5c"


def test_a_good_wire_changes_nothing() -> None:
    data, wire = send(Faults())
    assert [number for number, _, _ in parse(data)] == list(range(400))
    assert (wire.count.dropped, wire.count.cut, wire.count.flipped) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("drop_pct=10", "dropped"),
        ("cut_pct=10", "cut"),
        ("flip_rate=1e-4", "flipped"),
        ("pause_at_s=1,pause_s=0.5", "dropped"),
        ("burst_at_s=1", "dropped"),
    ],
)
def test_what_a_fault_breaks_is_counted_exactly(text: str, counted: str) -> None:
    data, wire = send(parse_faults(text))
    broken = getattr(wire.count, counted)
    assert broken > 0
    good = parse(data)
    assert len(good) == 400 - broken
    for number, time_ms, samples in good:
        assert time_ms == number * 10
        assert (samples == number).all()


def test_a_pause_loses_its_own_frames_only() -> None:
    data, _ = send(parse_faults("pause_at_s=1,pause_s=0.5"))
    missing = set(range(400)) - {number for number, _, _ in parse(data)}
    assert missing == set(range(100, 150))


def test_duplicates_come_twice() -> None:
    data, wire = send(parse_faults("duplicate_pct=10"))
    numbers = [number for number, _, _ in parse(data)]
    assert len(numbers) == 400 + wire.count.duplicated > 400
    assert sorted(set(numbers)) == list(range(400))


def test_wrong_baud_is_noise() -> None:
    data, wire = send(parse_faults("wrong_baud"))
    assert parse(data) == []
    assert len(data) == 400 * 148
    assert wire.count.flipped == 400


def test_junk_and_boot_text_come_first() -> None:
    data, _ = send(parse_faults("junk_bytes=100,boot_text=true"))
    assert data[100 : 100 + len(BOOT_TEXT)] == BOOT_TEXT
    assert len(parse(data)) == 400


def test_the_same_seed_gives_the_same_bytes() -> None:
    faults = parse_faults("drop_pct=5,flip_rate=1e-4,duplicate_pct=5,junk_bytes=9")
    assert send(faults)[0] == send(faults)[0]


@pytest.mark.parametrize(
    "text", ["drip_pct=1", "drop_pct=many", "drop_pct=101", "flip_rate=-1"]
)
def test_faults_that_make_no_sense_are_told(text: str) -> None:
    with pytest.raises(ConfigError, match=text.partition("=")[0]):
        parse_faults(text)
