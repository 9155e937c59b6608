"""Loss, duplicates, resets and joined rows: loss is data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_profiles import IMU, chunks, decoder, gaps, imu_frame, parse, rows

from drivers.profile_files import load_profile

PROFILE = parse(IMU)
RATE_HZ = 200.0


def play(found, numbers, *, start_s=10.0, late_s=0.002, per_read=1):
    """Feed frames that arrive when their number says."""
    out = []
    for at in range(0, len(numbers), per_read):
        group = numbers[at : at + per_read]
        data = b"".join(imu_frame(n, n % 1000) for n in group)
        out += found.feed([data], start_s + group[-1] / RATE_HZ + late_s)
    return out


@settings(max_examples=60)
@given(
    kept=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    start=st.integers(0, 65535),
    per_read=st.integers(1, 9),
)
def test_every_lost_frame_is_counted(
    kept: list[int], start: int, per_read: int
) -> None:
    numbers = [start]
    for step in kept:
        numbers.append(numbers[-1] + step)
    found = decoder(PROFILE)
    out = play(found, numbers, per_read=per_read)
    (tally,) = found.tallies
    assert tally.lost == sum(kept) - len(kept)
    assert tally.lost_is_exact
    assert sum(gap.rows_lost or 0 for gap in gaps(out)) == tally.lost
    assert rows(out).shape == (len(numbers), 6)


@pytest.mark.parametrize("per_read", [1, 4, 50])
def test_rows_are_numbered_without_holes_and_gaps_stand_before_them(
    per_read: int,
) -> None:
    numbers = [*range(100), *range(110, 200), *range(203, 300)]
    out = play(decoder(PROFILE), numbers, per_read=per_read)
    row, last_s = 0, -np.inf
    lost = iter([(100, 10), (190, 3)])
    for item in out:
        if item in gaps([item]):
            assert (item.after_row, item.rows_lost, item.kind) == (*next(lost), "lost")
            assert item.after_row == row
            assert item.t_s == last_s
            continue
        assert item.first_row == row
        assert (np.diff(item.t_s, prepend=last_s) > 0).all()
        row, last_s = row + len(item), item.t_s[-1]
    assert next(lost, None) is None
    counters = np.concatenate([c.counter for c in chunks(out)])
    assert counters.tolist() == numbers


def test_lost_rows_leave_room_in_time() -> None:
    numbers = [*range(1000), *range(1020, 2000)]
    found = decoder(PROFILE)
    out = play(found, numbers)
    t_s = np.concatenate([chunk.t_s for chunk in chunks(out)])
    expected = 10.0 + np.array(numbers) / RATE_HZ + 0.002
    np.testing.assert_allclose(t_s[600:], expected[600:], atol=1e-4)
    (gap,) = gaps(out)
    assert gap.duration_s == pytest.approx(21 / RATE_HZ, abs=1e-3)


def test_the_counter_may_turn_over() -> None:
    found = decoder(PROFILE)
    play(found, range(65_400, 65_700), start_s=0.0)
    assert found.tallies[0].lost == 0


def test_a_repeated_frame_is_dropped_and_counted() -> None:
    found = decoder(PROFILE)
    out = play(found, [1, 2, 2, 3])
    assert len(rows(out)) == 3
    assert found.tallies[0].duplicates == 1
    assert not gaps(out)


@pytest.mark.parametrize("last", [5, 700, 40_000])
def test_a_device_that_starts_again_is_told(last: int) -> None:
    found = decoder(PROFILE)
    before = list(range(max(0, last - 700), last + 1))
    out = play(found, before, start_s=0.0)
    end_s = last / RATE_HZ
    for n in range(50):
        out += found.feed([imu_frame(n)], end_s + 0.3 + n / RATE_HZ)
    (gap,) = gaps(out)
    assert (gap.kind, gap.rows_lost) == ("reset", None)
    assert len(rows(out)) == len(before) + 50
    assert found.tallies[0].lost == 0
    t_s = np.concatenate([chunk.t_s for chunk in chunks(out)])
    assert (np.diff(t_s) > 0).all()
    assert t_s[-1] == pytest.approx(end_s + 0.3 + 49 / RATE_HZ, abs=0.01)


def test_a_whole_turn_of_an_8_bit_counter_is_found_by_time() -> None:
    cyton = load_profile("cyton_raw")
    found = decoder(cyton)

    def frame(n: int) -> bytes:
        return bytes((0xA0, n & 0xFF)) + bytes(30) + b"\xc0"

    kept = [*range(1500), *range(1500 + 300, 3000)]  # 300 lost = one turn and 44
    out = []
    for n in kept:
        out += found.feed([frame(n)], 5.0 + n / 250)
    (gap,) = gaps(out)
    assert gap.rows_lost == 300


def test_loss_without_a_counter_is_seen_on_the_clock_of_the_device() -> None:
    found = decoder(load_profile("bno055_csv"))
    out = []
    for n in [*range(100), *range(107, 200)]:
        line = f"{n * 10},{','.join('1' * 10)}\n".encode()
        out += found.feed([line], 3.0 + n / 100)
    (gap,) = gaps(out)
    assert (gap.rows_lost, gap.kind) == (7, "lost")
    assert not found.tallies[0].lost_is_exact


def test_loss_without_counter_and_clock_is_unknown() -> None:
    found = decoder(load_profile("myoware_csv"))
    out, arrival_s = [], 2.0
    for n in range(1000):
        arrival_s += 0.002 if n != 700 else 0.5
        out += found.feed([b"512\n"], arrival_s)
    (gap,) = gaps(out)
    assert (gap.rows_lost, gap.after_row, gap.kind) == (None, 700, "lost")
    assert gap.duration_s == pytest.approx(0.5, abs=0.01)
    t_s = np.concatenate([chunk.t_s for chunk in chunks(out)])
    assert t_s[-1] == pytest.approx(arrival_s, abs=2e-3)


def test_a_burst_after_a_stall_is_no_loss() -> None:
    found = decoder(load_profile("myoware_csv"))
    out = []
    for n in range(0, 1000, 2):
        out += found.feed([b"512\n512\n"], 2.0 + n * 0.002)
    out += found.feed([b"512\n" * 250], 2.0 + 1250 * 0.002)
    assert not gaps(out)


def wit(kind: int, value: int = 0) -> bytes:
    body = bytes((0x55, kind)) + value.to_bytes(2, "little") * 4
    return body + bytes((sum(body) & 0xFF,))


def test_a_row_is_joined_from_two_packets() -> None:
    found = decoder(load_profile("witmotion_wt901"))
    out = found.feed([wit(0x51, 2048) + wit(0x52, 16) + wit(0x53)], 1.0)
    out += found.feed([wit(0x51, 4096)], 1.005)
    out += found.feed([wit(0x52, 32)], 1.006)
    acc, gyro = [1.0] * 3, [16 * 2000 / 32768] * 3
    expected = [[*acc, *gyro], [2.0] * 3 + [32 * 2000 / 32768] * 3]
    np.testing.assert_allclose(rows(out), expected, rtol=1e-6)


def test_a_missing_packet_makes_missing_values_not_shifted_ones() -> None:
    found = decoder(load_profile("witmotion_wt901"))
    found.feed([wit(0x52, 7)], 0.9)  # opened in the middle of a row: dropped
    sent = [wit(0x51, 1), wit(0x52, 1), wit(0x51, 2), wit(0x51, 3), wit(0x52, 3)]
    out = found.feed([b"".join(sent)], 1.0)
    found_rows = rows(out)
    assert found_rows.shape == (3, 6)
    assert np.isnan(found_rows[1, 3:]).all()
    assert not np.isnan(found_rows[[0, 2]]).any()
    assert found.incomplete_rows == 1


def test_frames_of_another_kind_count_in_the_same_counter() -> None:
    import struct

    from drivers.checksums import CHECKSUMS

    def frame(seq: int, kind: int, payload: bytes) -> bytes:
        body = b"\xa5\x5a" + struct.pack("<HHH", seq, kind, len(payload)) + payload
        return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")

    def force(seq: int) -> bytes:
        cells = struct.pack("<QH", 1000 + seq * 10, 2) + bytes(128)
        return frame(seq, 0x0101, cells)

    found = decoder(load_profile("insole_a55a"))
    status = frame(2, 0x0401, b"\x01\x02\0\0")
    out = found.feed([force(1) + status + force(3) + force(6)], 1.0)
    (gap,) = gaps(out)
    # two frames are missing; as frames of two kinds came, it is "about" four rows
    assert gap.rows_lost == 4
    assert not found.tallies[0].lost_is_exact
    assert len(rows(out, 0)) == len(rows(out, 1)) == 6
    lying = frame(7, 0x0101, struct.pack("<QH", 1070, 3) + bytes(128))
    assert not rows(found.feed([lying], 1.1)).size
    assert found.stats.short_frames == 1


def test_bytes_that_are_cut_anywhere_give_the_same_rows() -> None:
    data = b"".join(imu_frame(n, n) for n in [*range(40), *range(43, 60)])
    whole = decoder(PROFILE).feed([data], 1.0)
    chance = np.random.default_rng(5)
    for _ in range(20):
        at = np.sort(chance.integers(0, len(data), 30)).tolist()
        found = decoder(PROFILE)
        out = []
        for first, last in zip([0, *at], [*at, len(data)], strict=True):
            out += found.feed([data[first:last]], 1.0)
        np.testing.assert_array_equal(rows(out), rows(whole))
        assert [g.after_row for g in gaps(out)] == [g.after_row for g in gaps(whole)]
