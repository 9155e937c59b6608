"""Bits that flip one in ten thousand: every untouched frame comes back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from senders import SENDERS, wit
from wire_profiles import cut

from drivers.framing import make_framer
from drivers.profile_files import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.framing import Framer

FLIPS = 1e-4
BYTES = 150_000
WIT = load_profile("witmotion_wt901")
# what a 16-bit check (or none) guards; WitMotion packets one by one
NAMES = [
    *(
        n
        for n in SENDERS
        if n not in ("orphe_56", "witmotion", "bitalino", "brainflow")
    ),
    "packets",
]
CHECKED = ["imu", "insole_a55a", "sim_insoles", "slip", "cobs"]


def parts_of(name: str) -> tuple[Callable[[int], bytes], Callable[[], Framer]]:
    if name == "packets":
        return (
            lambda n: wit(n)[11 * (n % 3) : 11 * (n % 3) + 11],
            lambda: make_framer(WIT, live=False),
        )
    sender = SENDERS[name]
    own = sender.framer
    return sender.frame, own or (lambda: make_framer(sender.profile, live=False))


def flipped(chance: random.Random, data: bytes) -> tuple[bytes, set[int]]:
    """Flip bits; return the bytes and which of them were touched."""
    found, touched = bytearray(data), set[int]()
    at = -1
    while (at := at + 1 + int(chance.expovariate(FLIPS))) < 8 * len(data):
        found[at // 8] ^= 1 << at % 8
        touched.add(at // 8)
    return bytes(found), touched


@pytest.mark.parametrize("name", NAMES)
def test_untouched_frames_come_back(name: str) -> None:
    frame, make = parts_of(name)
    frames, ends, total = [], [], 0
    while total < BYTES:
        frames.append(frame(len(frames)))
        total += len(frames[-1])
        ends.append(total)
    expected = [make().feed([data], 0.0) for data in frames]
    damaged, touched = flipped(random.Random(name), b"".join(frames))
    framer = make()
    came = [
        (f.type, f.body, f.numbers)
        for number, read in enumerate(cut(damaged, 512))
        for f in framer.feed([read], number * 0.005)
    ]
    # the end mark of the frame before belongs to both: without it they are one
    whole = [
        tuple(found[0])
        for found, end, data in zip(expected, ends, frames, strict=True)
        if not touched & set(range(max(end - len(data) - 1, 0), end))
    ]
    assert len(whole) < len(frames)
    assert touched
    assert set(whole) <= set(came)
    if name in CHECKED:
        assert set(came) <= {tuple(found[0]) for found in expected}
