"""Rows that carry their own number: ``python -m tests.promises.numbered``.

Over a pseudo-terminal at the byte rate of a full insole pair (92 kB/s), or as an LSL
stream. Every value follows from the row number, so a lost, repeated, moved or changed
row cannot hide. What the computer has no room for waits here: nothing is lost before
the port.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drivers.sim.control import Control, serve
from drivers.sim.lsl_wire import LslWire
from drivers.sim.pacing import pace
from drivers.sim.pty_wire import PtyWire
from lablive.clock import now_s
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from lablive.messages import Floats

RATE_HZ = 1000.0
CHANNELS = 43  # of 16 bits; the first two are the row number
FRAME_BYTES = 2 + 2 * CHANNELS + 4  # 92 bytes, 1000 times a second
PTY_STREAM = "numbered"
LSL_RATE_HZ = 500.0
LSL_CHANNELS = 8

PROFILE = f"""
[device]
name = "Numbered rows"
kind = "other"
[transport]
type = "serial"
baud = 921600
[framing]
mode = "sync"
sync = "A5 5A"
size = {FRAME_BYTES}
checksum = {{ algo = "CRC-32/ISO-HDLC", from = 0, to = -4, at = -4, order = "little" }}
[counter]
field = "number"
bits = 32
[[message]]
name = "row"
rate_hz = {RATE_HZ}
field = [
  {{ name = "number", at = 2, type = "u32le" }},
  {{ name = "word", at = 2, type = "u16le", count = {CHANNELS}, unit = "adc" }},
]
[[stream]]
name = "{PTY_STREAM}"
message = "row"
fields = ["word"]
type = "Test"
"""


def words(rows: Floats) -> Floats:
    """Return what the port carries in given rows, shape (rows, CHANNELS)."""
    number = np.asarray(rows, np.int64)[:, None]
    low, high = number & 0xFFFF, number >> 16 & 0xFFFF
    others = (number * 31 + np.arange(CHANNELS - 2) * 977) & 0xFFFF
    return np.hstack([low, high, others]).astype(np.float64)


def lsl_values(rows: Floats) -> Floats:
    """Return what LSL carries in given rows, shape (rows, LSL_CHANNELS)."""
    number = np.asarray(rows, np.int64)[:, None]
    others = (number * 17 + np.arange(LSL_CHANNELS - 1) * 5) % 4099
    return np.hstack([number, others]).astype(np.float64)


def frames(first: int, count: int) -> bytes:
    """Return the bytes of rows."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    made: list[bytes] = []
    for row in words(numbers).astype("<u2"):
        body = b"\xa5\x5a" + row.tobytes()
        made.append(body + zlib.crc32(body).to_bytes(4, "little"))
    return b"".join(made)


def play_port(folder: Path, control: Control) -> dict[str, Any]:
    profile = folder / "numbered.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    port = PtyWire()
    control.say(event="ready", pty=port.path, profile=str(profile), streams=[])
    sent = unheard = 0

    def step(t_s: float) -> None:
        nonlocal sent, unheard
        due = int(t_s * RATE_HZ)
        if not port.listened:
            unheard += due - sent
            sent = due
        # not in one piece: who has left must be noticed
        while sent < due and port.send_all(frames(sent, 1), lambda: control.stopped):
            sent += 1

    pace(step, float("inf"), now_s(), control)
    port.close()
    return {"event": "end", "sent": sent, "unheard": unheard}


def play_lsl(source_id: str, name: str, control: Control) -> dict[str, Any]:
    channels = tuple(ChannelInfo(f"n{k}", "", "Test") for k in range(LSL_CHANNELS))
    info = StreamInfo(0, name, "Test", LSL_RATE_HZ, channels, source_id)
    wire = LslWire(info, "LabLive", "numbered rows")
    told = {"name": name, "source_id": source_id}
    control.say(event="ready", pty="", profile="", streams=[told])
    t0_s = now_s()

    def step(t_s: float) -> None:
        numbers = np.arange(wire.rows, int(t_s * LSL_RATE_HZ))
        stamps = t0_s + numbers / LSL_RATE_HZ
        wire.push(stamps, lsl_values(numbers).astype(np.float32))

    pace(step, float("inf"), t0_s, control)
    return {"event": "end", "sent": wire.rows}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=Path, help="over a port; folder of the profile")
    parser.add_argument("--lsl", help="as an LSL stream of this source id")
    parser.add_argument("--name", help="of the LSL stream; default: its source id")
    options = parser.parse_args()
    name = options.name or options.lsl
    if options.port is not None:
        return serve(lambda control: play_port(options.port, control), None)
    return serve(lambda control: play_lsl(options.lsl, name, control), None)


if __name__ == "__main__":
    raise SystemExit(main())
