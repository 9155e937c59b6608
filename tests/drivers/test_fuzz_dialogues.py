"""Framers of dialogue drivers on damaged bytes: nothing raised, found again at once."""

from __future__ import annotations

import numpy as np
import pytest

from drivers.bitalino import BitalinoFramer, bitalino_profile
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.sim import bitalino_device
from drivers.sim.witmotion_device import WitMotionDevice
from drivers.sim.xbus_device import XbusDevice
from drivers.witmotion_frames import (
    ACC,
    BAUD,
    GYRO,
    RRATE,
    RSW,
    TIME,
    Settings,
    WitFramer,
    wit_profile,
)
from drivers.xbus_frames import XbusFramer, xbus_profile
from lablive.messages import Chunk

ROWS = 60
AFTER = 12  # good rows behind the damage
ORIGINS = (0x4020, 0x8020)
WIT = Settings(frozenset({TIME, ACC, GYRO}), 200.0)
_WIT_DEVICE = WitMotionDevice({RSW: 0x0007, RRATE: 0x0B, BAUD: 6})

CASES = {
    "xbus": (
        xbus_profile(ORIGINS, 100.0),
        lambda: XbusFramer(ORIGINS),
        XbusDevice().frame,
    ),
    "witmotion": (wit_profile(WIT), lambda: WitFramer(timed=True), _WIT_DEVICE.frame),
    "bitalino": (
        bitalino_profile((1, 2), 1000, {}),
        lambda: BitalinoFramer(2),
        lambda n: bitalino_device.frame(n, [n % 1024, 5]),
    ),
}


def damaged(data: bytes, random: np.random.Generator) -> bytes:
    """Change, cut out, repeat or put in bytes."""
    found = bytearray(data)
    for _ in range(int(random.integers(1, 8))):
        at = int(random.integers(0, len(found)))
        size = int(random.integers(1, 30))
        kind = int(random.integers(0, 4))
        if kind == 0:
            found[at] ^= int(random.integers(1, 256))
        elif kind == 1:
            del found[at : at + size]
        elif kind == 2:
            found[at:at] = found[at : at + size]
        else:
            found[at:at] = random.bytes(size)
    return bytes(found)


@pytest.mark.parametrize("name", CASES)
def test_damage_costs_no_more_than_itself(name: str) -> None:
    profile, framer, frame = CASES[name]
    random = np.random.default_rng(8)
    for _ in range(60):
        decoder = ProfileDecoder(profile, stream_infos(profile), framer=framer())
        body = damaged(b"".join(frame(n) for n in range(ROWS)), random)
        good = [frame(n) for n in range(ROWS, ROWS + AFTER)]
        data = body + b"".join(good)
        arrival_s, at, out = 100.0, 0, []
        while at < len(data):
            size = int(random.integers(1, 90))
            out += decoder.feed([data[at : at + size]], arrival_s)
            at += size
            arrival_s += size * 2e-4
        out += decoder.idle(arrival_s + 1.0)
        rows = sum(len(c) for c in out if isinstance(c, Chunk))
        times = np.concatenate([c.t_s for c in out if isinstance(c, Chunk)])
        assert rows >= AFTER - 1
        assert (np.diff(times) > 0).all()


@pytest.mark.parametrize("name", CASES)
def test_noise_alone_gives_no_rows(name: str) -> None:
    profile, framer, _ = CASES[name]
    random = np.random.default_rng(9)
    decoder = ProfileDecoder(profile, stream_infos(profile), framer=framer())
    out = []
    for n in range(200):
        out += decoder.feed([random.bytes(500)], 100.0 + n * 0.04)
    assert sum(len(c) for c in out if isinstance(c, Chunk)) <= 2
