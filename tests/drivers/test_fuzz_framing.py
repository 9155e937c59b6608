"""Damaged bytes: no exception, no wrong frame, in step again within one frame.

``LABLIVE_FUZZ_BYTES`` sets how many bytes each parser gets; ``make fuzz`` ten million.
"""

from __future__ import annotations

import os
import random

import pytest
from senders import SENDERS, wit
from wire_profiles import decoder, rows

from drivers.framing import SyncFramer, make_framer
from drivers.ftms import TreadmillReader
from drivers.profile_files import load_profile, profile_names
from drivers.sim.profile_bytes import ProfileBytes

BYTES = int(os.environ.get("LABLIVE_FUZZ_BYTES", "1000000"))


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
    sender, chance = SENDERS[name], random.Random(name)
    found = sender.decoder()
    sent, fed, n, now_s, came = [sender.frame(n) for n in range(3000)], 0, 0, 10.0, 0
    while fed < BYTES:
        data = sent[n % 3000]
        if chance.random() < 0.3:
            data = damage(chance, data)
        whole = sender.profile.framing.mode == "datagram" and sender.framer is None
        cut = 0 if whole else chance.randrange(len(data) + 1)
        for part in (data[:cut], data[cut:]):
            came += len(rows(found.feed([part], now_s)))
            now_s += 0.002
        fed += len(data)
        n += 1
    assert came > 0.4 * n * sender.rows
    # in step again: silence settles what is open; a frame that it may have spoilt, and
    # from then on every frame is a row
    found.idle(now_s + 5.0)
    now_s += 6.0
    settle = 4 if name == "bitalino" else 1  # without a sync four in a row are wanted
    for k in range(settle):
        found.feed([sender.frame(n + k)], now_s)
    for k in range(settle, settle + 5):
        assert len(rows(found.feed([sender.frame(n + k)], now_s + 0.01 * k))) > 0


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


@pytest.mark.parametrize("name", profile_names())
def test_damaged_frames_of_every_profile_raise_nothing_and_it_comes_back(
    name: str,
) -> None:
    profile = load_profile(name)
    device, chance = ProfileBytes(profile), random.Random(name)
    found, sent = decoder(profile, live=True), [device.frame(n) for n in range(1000)]
    whole = profile.framing.mode == "datagram"
    fed, n, now_s, came = 0, 0, 10.0, 0
    while fed < BYTES:
        data = sent[n % 1000]
        if chance.random() < 0.3:
            data = damage(chance, data)
        cut = 0 if whole else chance.randrange(len(data) + 1)
        for part in (data[:cut], data[cut:]):
            came += len(rows(found.feed([part], now_s)))
            now_s += 0.5 / device.rate_hz
        fed += len(data)
        n += 1
    assert came > 0.3 * n * device.rows
    found.idle(now_s + 5.0)
    now_s += 6.0
    after = 0
    for k in range(20):
        data = device.frame(n + k)
        after += len(rows(found.feed([data], now_s + k / device.rate_hz)))
    assert after >= 15 * device.rows


def test_a_treadmills_damaged_notifications_raise_nothing() -> None:
    chance, reader, fed, told = random.Random("ftms"), TreadmillReader(), 0, 0
    speed = bytes.fromhex("0c00e8030000000a000000")  # 10 km/h, distance and slope
    sound = bytes.fromhex("0204")
    while fed < BYTES:
        which = chance.randrange(2)
        data = sound if which else speed
        if chance.random() < 0.3:
            data = damage(chance, data)
        found = reader.take(which, data)
        told += found is not None
        assert found is None or 0.0 <= found < 200.0
        fed += len(data) + 1
    assert told > 0.3 * fed / 9
    assert reader.take(0, speed) == pytest.approx(10.0 / 3.6)


@pytest.mark.parametrize("name", ["imu", "insole_a55a", "slip", "cobs"])
def test_a_crc16_lets_nothing_pass_beyond_chance(name: str) -> None:
    sender, chance = SENDERS[name], random.Random(11)
    found = make_framer(sender.profile, live=False)
    good = [sender.frame(n) for n in range(1000)]
    bodies = {f.body for data in good for f in found.feed([data], 0.0)}
    fed, n, now_s, damaged, passed = 0, 0, 1.0, 0, 0
    while fed < BYTES:
        data = good[n % 1000]
        if chance.random() < 0.3:
            data = damage(chance, data)
            damaged += 1
        passed += sum(f.body not in bodies for f in found.feed([data], now_s))
        fed, n, now_s = fed + len(data), n + 1, now_s + 0.005
    assert len(bodies) == 1000
    assert passed <= 3 * damaged // 65536


@pytest.mark.parametrize("name", [n for n in SENDERS if n not in ("slip", "cobs")])
def test_each_byte_is_looked_at_a_bounded_number_of_times(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes made to mislead: nothing but syncs, and lengths that promise much."""
    looks = 0
    judge = SyncFramer._one

    def counted(self: SyncFramer, at: int) -> object:
        nonlocal looks
        looks += 1
        return judge(self, at)

    monkeypatch.setattr(SyncFramer, "_one", counted)
    sender = SENDERS[name]
    sync = bytes.fromhex(sender.profile.framing.sync) or b"\xfa\xff"
    found = sender.decoder()
    fed = reads = 0
    for size in (1, 7, 64, 1000):
        for tail in (b"", b"\xff", b"\x00", b"\x40\x00"):
            data = (sync + tail) * (6000 // len(sync + tail))
            for at in range(0, len(data), size):
                found.feed([data[at : at + size]], 1.0 + reads * 1e-4)
                reads += 1
            fed += len(data)
    # one look per byte, one more per read, two where frames must follow each other
    assert looks <= 2 * (fed + reads)


def test_an_8_bit_sum_lets_at_most_one_damaged_frame_in_256_pass() -> None:
    chance = random.Random(7)
    profile = load_profile("witmotion_wt901")
    passed = tried = 0
    while tried < 4000:
        good = wit(tried)[11:22]
        damaged = bytearray(good)
        for _ in range(chance.randint(2, 6)):
            damaged[chance.randrange(2, 10)] = chance.randrange(256)
        if bytes(damaged) == good:
            continue
        tried += 1
        framer = make_framer(profile, live=False)
        passed += len(framer.feed([bytes(damaged)], 1.0))
    assert passed <= 2 * tried / 256
