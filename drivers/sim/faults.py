"""Everything that can go wrong between a device and the computer, on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from drivers.sim.noise import generator
from lablive.errors import ConfigError
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.profile import Profile

BOOT_TEXT: Final = b"ESP-ROM:esp32s3-20210327\r\nboot:0x8 (SPI_FAST_FLASH_BOOT)\r\n"
BOOT_S: Final = 0.8  # a device that restarts says nothing for so long


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong between a device and the computer (drivers reference 8).

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
    clock_ppm: float = 0.0  # the device's own clock runs fast by this
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


class Arrival(NamedTuple):
    """What reaches the computer at one moment.

    Attributes
    ----------
    t_s
        Seconds of the run.
    pieces
        Bytes of a line, or datagrams one by one.
    event
        ``unplug``, ``replug``, ``reset``; "" = none. A reset comes before its bytes.
    """

    t_s: float
    pieces: list[bytes]
    event: str = ""


class Told(msgspec.Struct):
    """What a line did to the frames of a device, by place in the run.

    Attributes
    ----------
    whole
        Frames that arrived undamaged.
    lost
        Frames that did not, or damaged.
    dropped
        Those of them of which nothing arrived.
    repeated
        Frames that came twice.
    """

    whole: list[int] = []
    lost: list[int] = []
    dropped: list[int] = []
    repeated: list[int] = []


def line(
    frame: Callable[[int], bytes],
    rate_hz: float,
    faults: Faults,
    frames: int,
    told: Told,
    *,
    datagrams: bool = False,
    seed: int = 1,
) -> Iterator[Arrival]:
    """Yield what arrives of a device, in data time: nobody waits.

    Parameters
    ----------
    frame
        Number since the device was switched on -> bytes.
    rate_hz
        Frames per second by the device's own clock.
    frames
        How many it sends.
    told
        Is filled with what happened to them.
    datagrams
        Frames stay apart (UDP, Bluetooth); there is no boot text and no junk.
    """
    wire = FaultyWire(faults, seed)
    step_s = 1.0 / (rate_hz * (1.0 + faults.clock_ppm * 1e-6))
    batch_s = faults.batch_ms / 1e3
    first, pause_s = 0, 0.0
    waiting: list[bytes] = [] if datagrams else [wire.opening()]
    due_s = t_s = 0.0
    away = False
    for place in range(frames):
        t_s = (place + 1) * step_s + pause_s
        if not first and 0 <= faults.reset_at_s <= t_s:
            first, pause_s = place, BOOT_S
            t_s += BOOT_S
            yield Arrival(t_s, waiting, "")
            waiting = [] if datagrams else [wire.restarted()]
            yield Arrival(t_s, [], "reset")
        data = frame(place - first)
        arriving = wire.arrives(data, t_s)
        since_s = t_s - faults.unplug_at_s if faults.unplug_at_s >= 0 else -1.0
        gone = since_s >= 0 and not 0 <= faults.replug_after_s <= since_s
        if gone != away:
            away = gone
            yield Arrival(t_s, [], "unplug" if gone else "replug")
            waiting = []
        if gone or arriving not in (data, data + data):
            told.lost.append(place)
            told.dropped += [place] * (gone or not arriving)
        else:
            told.whole.append(place)
            told.repeated += [place] * (arriving == data + data)
        if arriving and not gone:
            twice = datagrams and arriving == data + data
            waiting += [data, data] if twice else [arriving]
        if not batch_s or t_s >= due_s:
            due_s = (t_s // batch_s + 1) * batch_s if batch_s else 0.0
            if any(waiting):
                yield Arrival(t_s, [piece for piece in waiting if piece])
            waiting = []
    if any(waiting):
        yield Arrival(t_s, waiting)


def faults_of(profile: Profile) -> frozenset[str]:
    """Return the names of the faults that can happen to a profile's device."""
    found = {"drop", "burst", "pause", "reset", "clock_ppm", "batch"}
    kind, framing = profile.transport.type, profile.framing
    found.add("decimal_comma" if framing.is_text else "byte_order")
    if kind != "tcp":  # TCP sends again what was lost, in order
        found.add("duplicate")
    if kind != "udp":
        found.add("unplug")
    if kind == "serial":
        found |= {"flip", "cut", "junk", "boot_text", "wrong_baud"}
    return frozenset(found)
