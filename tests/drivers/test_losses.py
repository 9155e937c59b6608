"""A thousand losses per counter device, each counted; host time within 1 ms."""

from __future__ import annotations

import random
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fault_cases import PROTOCOLS
from senders import SENDERS
from wire_profiles import chunks, gaps

if TYPE_CHECKING:
    from senders import Sender

    from drivers.profile_decoder import ProfileDecoder
    from lablive.messages import Chunk, Gap

COUNTED = [name for name, sender in SENDERS.items() if sender.profile.counter]
WIDE = [n for n in COUNTED if (c := SENDERS[n].profile.counter) and c.bits >= 16]
LOSSES = 1000
LATE_S = 0.002


class Device:
    """A device on a wire that loses: what it did is counted as the truth."""

    def __init__(self, sender: Sender, number: int) -> None:
        self.sender = sender
        self.found: ProfileDecoder = sender.decoder()
        self.number = number
        self.now_s = 10.0
        self.lost = self.duplicates = self.resets = self.sent = 0
        self.out: list[Chunk | Gap] = []

    def send(self, frames: int) -> None:
        """Let frames through."""
        for _ in range(frames):
            data = self.sender.frame(self.number)
            self.out += self.found.feed([data], self.now_s + LATE_S)
            self._next()
            self.sent += 1

    def lose(self, frames: int) -> None:
        """Lose frames."""
        for _ in range(frames):
            self._next()
        self.lost += frames * self.sender.rows

    def repeat(self) -> None:
        """Send the last frame again."""
        data = self.sender.frame(self.number - 1)
        self.out += self.found.feed([data], self.now_s)
        self.duplicates += self.sender.rows

    def reset(self) -> None:
        """Switch the device off and on: counter and clock begin again."""
        self.now_s += 0.8
        self.number = 0
        self.resets += 1

    def _next(self) -> None:
        self.number += 1
        self.now_s += 1.0 / self.sender.rate_hz


@pytest.mark.parametrize("name", COUNTED)
def test_a_thousand_losses_are_counted_exactly(name: str) -> None:
    chance = random.Random(name)
    wide = name in WIDE
    device = Device(SENDERS[name], number=65_000 if wide else 100)  # soon around
    device.send(max(600, int(3 * device.sender.rate_hz)))  # its clock is known
    for at in range(LOSSES):
        kind = chance.choice(("drop", "burst", "repeat"))
        if kind == "drop":
            device.lose(1)
        elif kind == "burst":
            device.lose(chance.randint(2, 400 if wide else 100))
        else:
            device.repeat()
        # a device of 8 or 4 bits that begins again looks like one that lost rows
        if wide and at % 100 == 50:
            device.send(30)
            device.reset()
        # three frames between two holes are too few for a checksum of 4 bits
        device.send(chance.randint(4, 30))
    tallies = device.found.tallies
    for tally in tallies:
        assert tally.lost == device.lost
        assert tally.duplicates == device.duplicates
        assert tally.rows == device.sent * device.sender.rows
    told = gaps(device.out)
    assert sum(gap.rows_lost or 0 for gap in told) == device.lost
    assert sum(gap.kind == "reset" for gap in told) == device.resets
    if wide:
        assert device.resets == 10


TIMED = [
    name
    for name, protocol in PROTOCOLS.items()
    # a counter of 4 bits needs four frames behind every hole: rows are missing there
    if protocol.seen_by in ("counter", "clock") and not name.startswith("playback")
]
BRIDGE_S = 0.016


@pytest.mark.parametrize("name", TIMED)
def test_host_time_is_within_a_millisecond(name: str) -> None:
    """A quartz 200 ppm fast, read every 16 ms over USB, 1 % of the frames lost."""
    device, chance = PROTOCOLS[name], np.random.default_rng(7)
    found = device.decoder()
    if device.profile.framing.is_text:
        found.feed([b"half a line\n"], 0.0)  # as when a wire is opened
    row_s = 1.0 / device.rate_hz / device.rows / (1.0 + 200e-6)
    frames = int(30 * device.rate_hz)
    due_s = 10.0 + (np.arange(frames) + 1) * row_s * device.rows
    read_at_s = np.ceil((due_s + 0.001) / BRIDGE_S) * BRIDGE_S  # the bridge hands over
    kept = chance.random(frames) > 0.01
    out = []
    for moment in np.unique(read_at_s):
        which = np.flatnonzero((read_at_s == moment) & kept)
        if len(which):
            data = [device.frame(int(n)) for n in which]
            out += found.feed(data, float(moment + chance.exponential(3e-4)))
    t_s = np.concatenate([chunk.t_s for chunk in chunks(out)])
    rows = np.flatnonzero(kept)[:, None] * device.rows + np.arange(device.rows)
    true_s = 10.0 + (rows.ravel() + 1) * row_s
    after = true_s > 20.0
    error_s = (t_s - true_s)[after]
    assert len(t_s) == len(true_s)
    # frames of 50 and 250 Hz meet the bridge at moments 4 ms apart, which drift through
    # each other in 20 s: until then no frame comes early enough to tell
    step_ms = gcd(round(1e6 / device.rate_hz), 16_000) / 1e3
    assert error_s.std() < (1e-3 if step_ms < 4 else 1.5e-3)
    assert np.abs(error_s - np.median(error_s)).max() < 4e-3
