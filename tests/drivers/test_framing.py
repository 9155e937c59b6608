"""The framing rules of the drivers reference, section 3.3, each one a test."""

from __future__ import annotations

import random

import pytest
from wire_profiles import CUTS, IMU, SERIAL, cut, decoder, imu_frame, parse, rows

from drivers.framing import STALE_S, SyncFramer, is_weak, make_framer
from drivers.profile_files import load_profile

A55A = """
[framing]
mode = "sync"
sync = "A5 5A"
length = { at = 2, type = "u16le", add = 6 }
max_frame = 64
checksum = { algo = "CRC-16/MODBUS", from = 0, to = -2, at = -2 }
[[message]]
name = "m"
field = [{ name = "b", at = 4, type = "u8" }]
[[stream]]
name = "s"
message = "m"
fields = ["b"]
"""


def framer(text: str, *, live: bool = False) -> SyncFramer:
    found = make_framer(parse(SERIAL.format(kind="other") + text), live=live)
    assert isinstance(found, SyncFramer)
    return found


def a55a(payload: bytes) -> bytes:
    from drivers.checksums import CHECKSUMS

    body = b"\xa5\x5a" + len(payload).to_bytes(2, "little") + payload
    return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")


@pytest.mark.parametrize("size", CUTS)
def test_rule_1_frames_do_not_depend_on_how_reads_were_cut(size: int) -> None:
    noise = random.Random(3)
    data = b"".join(
        imu_frame(n, n) + noise.randbytes(noise.randrange(5)) for n in range(50)
    )
    found = framer(IMU.split("[transport]")[1].split("baud = 921600\n")[1])
    bodies = [f.body for part in cut(data, size) for f in found.feed([part], 0.0)]
    assert bodies == [imu_frame(n, n) for n in range(50)]
    assert found.stats.frames == 50
    total = found.startup.plus(found.stats)
    assert total.skipped_bytes == len(data) - 50 * 20


@pytest.mark.parametrize("size", CUTS)
def test_rule_2_a_damaged_frame_costs_only_itself(size: int) -> None:
    # the cut frame's length swallows the beginning of the next good frame
    data = a55a(b"first") + a55a(b"damaged")[:-3] + a55a(b"second") + a55a(b"third")
    found = framer(A55A)
    bodies = [f.body for part in cut(data, size) for f in found.feed([part], 0.0)]
    assert bodies == [a55a(b"first"), a55a(b"second"), a55a(b"third")]
    assert found.stats.checksum_errors == 1
    assert found.stats.skipped_bytes == len(a55a(b"damaged")) - 3


def test_rule_3_a_length_beyond_the_limit_is_refused_at_once() -> None:
    found = framer(A55A)
    assert not found.feed([b"\xa5\x5a\xff\xff"], 0.0)
    assert [f.body for f in found.feed([a55a(b"x")], 0.0)] == [a55a(b"x")]


def test_rule_3_a_forbidden_id_is_refused_before_its_length_is_believed() -> None:
    typed = A55A.replace(
        "max_frame", 'type = { at = 2, type = "u8", allow = [1, 9] }\nmax_frame'
    ).replace('name = "m"', 'id = 1\nname = "m"', 1)
    found = framer(typed)
    assert not found.feed([b"\xa5\x5a\x30\x00"], 0.0)  # 48 bytes would be waited for
    assert found.stats.unknown_types == 1


def test_rule_4_a_bogus_length_does_not_hold_live_data_back() -> None:
    found = framer(A55A)
    bogus = b"\xa5\x5a\x32\x00"  # promises 56 bytes
    assert not found.feed([bogus], 0.0)
    assert not found.feed([a55a(b"live")], 0.1)
    freed = found.feed([a55a(b"more")], 0.1 + STALE_S + 0.01)
    assert [f.body for f in freed] == [a55a(b"live"), a55a(b"more")]


def test_rule_4_silence_settles_a_partial_frame() -> None:
    found = framer(A55A)
    found.feed([b"\xa5\x5a\x32\x00" + a55a(b"held")], 0.0)
    assert not found.idle(STALE_S / 2)
    assert [f.body for f in found.idle(STALE_S + 0.01)] == [a55a(b"held")]


def test_rule_4_a_slow_device_is_given_time() -> None:
    slow = parse(IMU.replace("200.0", "5.0"))
    found = make_framer(slow, live=False)
    found.feed([imu_frame(1)[:10]], 0.0)
    found.idle(0.3)
    assert len(found.feed([imu_frame(1)[10:]], 0.5)) == 1


def test_rule_5_the_buffer_stays_bounded() -> None:
    found = framer(A55A)
    for _ in range(200):
        found.feed([b"\xa5\x5a\x10\x00" * 400], 0.0)
        assert len(found._buffer) <= 64
    packets = make_framer(
        parse(
            SERIAL.format(kind="other")
            + '[framing]\nmode = "cobs"\n'
            + A55A[A55A.index("[[message]]") :]
        )
    )
    for _ in range(20):
        packets.feed([b"\x01" * 10_000], 0.0)
    assert packets.stats.overflows == 2
    assert packets.stats.skipped_bytes >= 130_000
    assert [f.body for f in packets.feed([b"\0\x02\x07\0"], 0.0)] == [b"\x07"]


def test_rule_6_weak_framing_needs_two_frames_in_a_row() -> None:
    wit = load_profile("witmotion_wt901")
    assert is_weak(wit.framing)
    frame = bytes.fromhex("5551000000000008c4097b")
    found = make_framer(wit, live=True)
    assert not found.feed([frame], 0.0)
    assert not found.feed([b"\x00"], 0.0)  # nothing follows: it was chance
    assert not found.feed([frame], 0.0)
    assert len(found.feed([frame], 0.0)) == 2
    assert len(found.feed([frame, b"\x00", frame], 0.0)) == 2  # trusted from now on
    assert not is_weak(load_profile("insole_a55a").framing)


def test_rule_7_half_a_frame_at_the_beginning_is_no_error() -> None:
    found = framer(A55A)
    bad = bytearray(a55a(b"bad"))
    bad[5] ^= 1
    found.feed([a55a(b"cut off")[4:], bytes(bad), a55a(b"good"), bytes(bad)], 0.0)
    assert found.startup.checksum_errors == 1
    assert found.startup.skipped_bytes > 0
    assert found.stats.checksum_errors == 1
    assert found.stats.skipped_bytes == len(bad)


def test_a_sync_cut_in_two_is_found() -> None:
    found = framer(A55A)
    data = a55a(b"x")
    assert not found.feed([b"\x00\xa5\xa5" + data[:1]], 0.0)
    assert [f.body for f in found.feed([data[1:]], 0.0)] == [data]


@pytest.mark.parametrize("flips", [1, 2, 3])
def test_flipped_bits_never_pass_a_crc16_and_spare_the_other_frames(flips: int) -> None:
    chance = random.Random(flips)
    profile = parse(IMU)
    for _ in range(300):
        sent = [imu_frame(n, n) for n in range(5)]
        damaged = bytearray(sent[2])
        for _ in range(flips):
            damaged[chance.randrange(20)] ^= 1 << chance.randrange(8)
        if bytes(damaged) == sent[2]:
            continue
        found = make_framer(profile, live=False)
        data = b"".join((*sent[:2], bytes(damaged), *sent[3:]))
        bodies = [frame.body for frame in found.feed([data], 0.0)]
        assert bodies == [*sent[:2], *sent[3:]]


def test_rows_arrive_whatever_stands_between_the_frames() -> None:
    found = decoder(parse(IMU))
    out = found.feed([b"boot v1.2\r\n" + imu_frame(1, 1000) + b"\0\xaa"], 1.0)
    assert rows(out).tolist() == [pytest.approx([1, 1, 1, 100, 100, 100])]


def test_a_broken_slip_escape_costs_one_packet() -> None:
    text = '[framing]\nmode = "slip"\n' + A55A[A55A.index("[[message]]") :]
    found = make_framer(parse(SERIAL.format(kind="other") + text))
    bodies = [f.body for f in found.feed([b"\xc0\x01\xdb\x07\xc0\x02\xc0"], 0.0)]
    assert bodies == [b"\x02"]
    assert found.startup.checksum_errors == 1
