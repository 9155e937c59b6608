"""Insole samples as A5 5A frames, and everything that can go wrong on their wire.

Frame (drivers reference 4.9): ``A5 5A``, u16 frame number, u16 type, u16 payload
length, payload, CRC-16/MODBUS high byte first; little-endian otherwise. Payload of a
sample frame: u64 device time of the first sample in ms, u16 sample count, samples.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.checksums import CHECKSUMS
from drivers.sim.noise import generator
from lablive.errors import ConfigError
from lablive.structs import from_plain

if TYPE_CHECKING:
    from lablive.messages import Floats

FORCE_FRAME: Final = 0x0101
PRESSURE_FRAME: Final = 0x0201
BOOT_TEXT: Final = b"ESP-ROM:esp32s3-20210327\r\nboot:0x8 (SPI_FAST_FLASH_BOOT)\r\n"


_CRC: Final = CHECKSUMS["CRC-16/MODBUS"].compute


def sample_frame(number: int, time_ms: int, counts: Floats, kind: int) -> bytes:
    """Return one frame of samples; ``counts`` has shape (samples, channels)."""
    payload = struct.pack("<QH", time_ms, len(counts)) + counts.astype("<u2").tobytes()
    head = struct.pack("<2sHHH", b"\xa5\x5a", number & 0xFFFF, kind, len(payload))
    return head + payload + struct.pack(">H", _CRC(head + payload))


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong between an insole and the computer (drivers reference 8).

    Percentages are of frames; times are seconds of the run.
    """

    drop_pct: float = 0.0
    duplicate_pct: float = 0.0
    cut_pct: float = 0.0  # only the first half of the frame arrives
    flip_rate: float = 0.0  # chance of each bit to flip, 1e-4 is a bad cable
    burst_at_s: float = -1.0  # 0.5 s of frames lost at once
    pause_at_s: float = -1.0
    pause_s: float = 3.0  # silent this long; frames of that time are lost
    reset_at_s: float = -1.0  # device restarts: boot text, frame number and time from 0
    unplug_at_s: float = -1.0
    replug_after_s: float = -1.0  # under another name; negative: stays away
    batch_ms: float = 0.0  # bytes reach the computer in batches, 16 = FTDI default
    junk_bytes: int = 0  # before the first frame
    boot_text: bool = False
    wrong_baud: bool = False  # every byte is noise


_BURST_S: Final = 0.5


def parse_faults(text: str) -> Faults:
    """Read ``"drop_pct=1,ppm=200,boot_text=true"``.

    Raises
    ------
    ConfigError
        Names what is not known or no number.
    """
    raw: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = item.partition("=")
        raw[key.strip()] = value.strip() if equals else "true"
    try:
        faults = from_plain(raw, Faults, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(Faults.__struct_fields__)
        raise ConfigError(
            f"The faults {text!r} are not understood: {error}.", todo=f"Known: {known}."
        ) from error
    shares = (faults.drop_pct, faults.duplicate_pct, faults.cut_pct)
    if not all(0 <= share <= 100 for share in shares) or not 0 <= faults.flip_rate <= 1:
        raise ConfigError(
            f"The faults {text!r} are out of range.",
            todo="Percentages lie between 0 and 100, flip_rate between 0 and 1.",
        )
    return faults


class FaultCount(msgspec.Struct):
    """What the faults did, in frames."""

    dropped: int = 0
    duplicated: int = 0
    cut: int = 0
    flipped: int = 0


class FaultyWire:
    """Turn good frames into what arrives at the computer.

    Same seed, same frames: same bytes. ``count`` tells what was done to them.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self.count = FaultCount()
        self._random = generator(seed, "insole wire", 0)

    def opening(self) -> bytes:
        """Return what comes before the first frame after power-up."""
        junk = self._random.bytes(self.faults.junk_bytes)
        return junk + (BOOT_TEXT if self.faults.boot_text else b"")

    def restarted(self) -> bytes:
        """Return what comes before the first frame after a device reset."""
        return BOOT_TEXT

    def arrives(self, frame: bytes, t_s: float) -> bytes:
        """Return the bytes that arrive for a frame sent at ``t_s``."""
        faults = self.faults
        chance = self._random.random(3) * 100
        silent = _within(t_s, faults.pause_at_s, faults.pause_s)
        burst = _within(t_s, faults.burst_at_s, _BURST_S)
        if silent or burst or chance[0] < faults.drop_pct:
            self.count.dropped += 1
            return b""
        if faults.wrong_baud:
            self.count.flipped += 1
            return self._random.bytes(len(frame))
        if chance[1] < faults.cut_pct:
            self.count.cut += 1
            return frame[: len(frame) // 2]
        if faults.flip_rate:
            frame = self._flip(frame)
        if chance[2] < faults.duplicate_pct:
            self.count.duplicated += 1
            return frame + frame
        return frame

    def _flip(self, frame: bytes) -> bytes:
        flips = self._random.random(len(frame) * 8) < self.faults.flip_rate
        if not flips.any():
            return frame
        self.count.flipped += 1
        bits = np.packbits(flips)
        return (np.frombuffer(frame, np.uint8) ^ bits).tobytes()


def _within(t_s: float, start_s: float, length_s: float) -> bool:
    return start_s >= 0 and start_s <= t_s < start_s + length_s
