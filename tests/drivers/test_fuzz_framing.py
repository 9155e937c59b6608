"""Damaged bytes: no exception, no wrong frame, in step again within one frame.

``LABLIVE_FUZZ_BYTES`` sets how many bytes each parser gets (default 100,000).
"""

from __future__ import annotations

import os
import random
import struct

import pytest
from wire_profiles import IMU, decoder, imu_frame, parse, rows

from drivers.checksums import CHECKSUMS
from drivers.framing import make_framer
from drivers.profile_files import load_profile, profile_names

BYTES = int(os.environ.get("LABLIVE_FUZZ_BYTES", "100000"))


def a55a(n: int) -> bytes:
    payload = struct.pack("<QH", 5 * n, 1) + struct.pack("<32H", *([n % 4000] * 32))
    body = b"\xa5\x5a" + struct.pack("<HHH", n & 0xFFFF, 0x0101, len(payload)) + payload
    return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")


def wit(n: int) -> bytes:
    found = b""
    for kind in (0x51, 0x52):
        body = bytes((0x55, kind)) + struct.pack("<4H", *([n % 4000] * 4))
        found += body + bytes((sum(body) & 0xFF,))
    return found


def cyton(n: int) -> bytes:
    return bytes((0xA0, n & 0xFF)) + (n % 4000).to_bytes(3, "big") * 10 + b"\xc0"


def csv(n: int) -> bytes:
    return f"{20 * n},{n},{','.join(['7'] * 32)},0\r\n".encode()


def nmea(n: int) -> bytes:
    body = f"VNYMR,{','.join(f'{n % 90 + k / 8:+.3f}' for k in range(12))}".encode()
    return b"$%b*%02X\r\n" % (body, CHECKSUMS["XOR8"].compute(body))


SENDERS = {
    "insole_a55a": a55a,
    "witmotion_wt901": wit,
    "cyton_raw": cyton,
    "insole_csv": csv,
    "vectornav_ymr": nmea,
}


def damage(chance: random.Random, data: bytes) -> bytes:
    """Return the frame flipped, cut, doubled, preceded by junk, or replaced by it."""
    kind = chance.randrange(6)
    if kind == 0:
        found = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
        return bytes(found)
    if kind == 1:
        return data[: chance.randrange(len(data))]
    if kind == 2:
        return data[chance.randrange(len(data)) :]
    if kind == 3:
        return chance.randbytes(chance.randint(1, 60)) + data
    if kind == 4:
        return data + data
    return chance.randbytes(len(data))


@pytest.mark.parametrize("name", SENDERS)
def test_a_parser_survives_damage_and_comes_back(name: str) -> None:
    send, chance = SENDERS[name], random.Random(name)
    found = decoder(load_profile(name), live=True)
    fed, n, now_s, came = 0, 0, 10.0, 0
    while fed < BYTES:
        data = send(n)
        if chance.random() < 0.3:
            data = damage(chance, data)
        cut = chance.randrange(len(data) + 1)
        for part in (data[:cut], data[cut:]):
            came += len(rows(found.feed([part], now_s)))
            now_s += 0.002
        fed += len(data)
        n += 1
    # in step again: silence settles what is open, then every frame is a row
    found.idle(now_s + 5.0)
    now_s += 6.0
    found.feed([send(n)], now_s)
    tail = [rows(found.feed([send(n + k)], now_s + 0.01 * k)) for k in range(1, 6)]
    assert sum(len(x) for x in tail) >= 4
    assert came > 0.4 * n


@pytest.mark.parametrize("name", profile_names())
def test_noise_raises_nothing(name: str) -> None:
    chance = random.Random(name)
    found = decoder(load_profile(name), live=True)
    fed, now_s = 0, 10.0
    while fed < BYTES:
        data = chance.randbytes(chance.randint(1, 300))
        if chance.random() < 0.3:  # text parsers see text now and then
            data = bytes(chance.choice(b"0123456789.,-+eE\r\n\t $*nai") for _ in data)
        found.feed([data], now_s)
        found.idle(now_s + 0.001)
        fed += len(data)
        now_s += 0.005
    total = found.startup.plus(found.stats)
    assert total.skipped_bytes + total.unknown_types + total.frames > 0


def test_no_damaged_frame_passes_a_crc16() -> None:
    chance = random.Random(11)
    profile = parse(IMU)
    found = decoder(profile)
    sent: set[bytes] = set()
    fed, n, now_s = 0, 0, 1.0
    while fed < BYTES:
        good = imu_frame(n, n % 30000)
        data = damage(chance, good) if chance.random() < 0.3 else good
        sent.add(rows(decoder(profile).feed([good], 1.0)).tobytes())
        for row in rows(found.feed([data], now_s)):
            assert row.tobytes() in sent
        fed, n, now_s = fed + len(data), n + 1, now_s + 0.005


def test_an_8_bit_sum_lets_at_most_one_damaged_frame_in_256_pass() -> None:
    chance = random.Random(7)
    profile = load_profile("witmotion_wt901")
    passed = tried = 0
    while tried < 4000:
        good = wit(tried)
        damaged = bytearray(good[:11])
        for _ in range(chance.randint(2, 6)):
            damaged[chance.randrange(2, 10)] = chance.randrange(256)
        if bytes(damaged) == good[:11]:
            continue
        tried += 1
        framer = make_framer(profile, live=False)
        passed += len(framer.feed([bytes(damaged)], 1.0))
    assert passed <= 2 * tried / 256
