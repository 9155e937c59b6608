"""Find frames in bytes, however the bytes were cut into reads (no transport here)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from drivers.checksums import CHECKSUMS
from drivers.frame_rules import MORE, REJECT, Counted, Frame, FrameRules, FrameStats
from drivers.text_framing import LineFramer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.profile import Framing, Profile

STALE_S: Final = 0.2  # a partial frame older than this is not completed any more
STALE_FRAMES: Final = 3.0
SMALLEST_BUFFER: Final = 65536


class Framer(Protocol):
    """Bytes in, frames out; what is wrong is counted, never raised."""

    stats: FrameStats
    startup: FrameStats
    began: bool

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take what was read (datagrams one by one) and return the good frames."""
        ...

    def idle(self, now_s: float) -> list[Frame]:
        """Give up a partial frame that is too old; may free the frames behind it."""
        ...


class SyncFramer(Counted):
    """Frames that begin with sync bytes.

    Parameters
    ----------
    framing
        Mode ``sync``.
    stale_s
        A partial frame older than this is dropped byte by byte.
    confirm
        Demand two frames in a row before the first is believed (weak framing).
    """

    def __init__(self, framing: Framing, stale_s: float = STALE_S, *, confirm: bool):
        super().__init__()
        self._rules = FrameRules(framing)
        self._sync = bytes.fromhex(framing.sync)
        self._stale_s = stale_s
        self._buffer = b""
        self._sure = not confirm
        self._waits_since = float("inf")
        self._fed_s = 0.0

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the good frames in them."""
        self._buffer = b"".join((self._buffer, *pieces))
        self._fed_s = now_s
        return self._scan(now_s)

    def idle(self, now_s: float) -> list[Frame]:
        """Drop a partial frame that has waited too long."""
        if self._buffer and now_s - self._waits_since > self._stale_s:
            return self._scan(now_s)
        return []

    def _scan(self, now_s: float) -> list[Frame]:
        buffer, sync = self._buffer, self._sync
        found: list[Frame] = []
        at = skipped = 0
        while True:
            head = buffer.find(sync, at)
            if head < 0:
                head = len(buffer) - _cut_sync(buffer, sync, at)
                skipped += head - at
                at = head
                break
            skipped += head - at
            if head != at or found:
                self._waits_since = float("inf")
            at = head
            size, frame = self._one(at) if self._sure else self._first(at)
            if size == MORE:
                if not self._too_old(now_s):
                    break
                self.stats.short_frames += 1
            if frame is None:  # one byte only: the next frame may begin inside this one
                at += 1
                skipped += 1
                self._waits_since = float("inf")
                continue
            at += size
            if skipped:
                self.stats.skipped_bytes += skipped
                skipped = 0
            self.count_good()
            found.append(frame)
        self._buffer = buffer[at:]
        if not self._buffer:
            self._waits_since = float("inf")
        self.stats.skipped_bytes += skipped
        return found

    def _too_old(self, now_s: float) -> bool:
        """Tell whether the partial frame at the head will not be completed."""
        if now_s - self._fed_s > self._stale_s:  # the wire is silent: nothing will
            return True
        if self._waits_since == float("inf"):
            self._waits_since = now_s
        return now_s - self._waits_since > self._stale_s

    def _first(self, at: int) -> tuple[int, Frame | None]:
        """Judge the very first frame: it counts when another one follows it."""
        size, frame = self._one(at)
        if frame is None:
            return size, None
        follows = self._buffer[at + size : at + size + len(self._sync)]
        if not self._sync.startswith(follows):
            return REJECT, None
        if len(follows) < len(self._sync):
            return MORE, None
        second, next_frame = self._one(at + size)
        if next_frame is None:
            return second, None
        self._sure = True
        return size, frame

    def _one(self, at: int) -> tuple[int, Frame | None]:
        """Judge the frame at a sync: (size, frame), (0, None) = more bytes needed."""
        rules, buffer = self._rules, self._buffer
        left = len(buffer) - at
        if left < rules.head:
            return MORE, None
        kind = rules.type_of(buffer, at)
        if kind is not None and not rules.allowed(kind):
            self.stats.unknown_types += 1
            return REJECT, None
        size = rules.size or rules.length_of(buffer, at)
        if size == REJECT:
            self.stats.short_frames += 1
        if size <= 0 or left < size:
            return min(size, MORE), None
        body = buffer[at : at + size]
        if not rules.closes(body):
            self.stats.checksum_errors += 1
            return REJECT, None
        return size, Frame(kind, body)


class PacketFramer(Counted):
    """SLIP and COBS: packets that end with a byte found nowhere inside."""

    def __init__(self, framing: Framing) -> None:
        super().__init__()
        self._rules = FrameRules(framing)
        self._limit = max(4 * framing.max_frame, SMALLEST_BUFFER)
        self._slip = framing.mode == "slip"
        self._end = bytes.fromhex(framing.end) if self._slip else b"\x00"
        self._escape = bytes.fromhex(framing.esc)[0]
        self._plain = {
            bytes.fromhex(framing.esc_end)[0]: self._end[0],
            bytes.fromhex(framing.esc_esc)[0]: self._escape,
        }
        self._buffer = bytearray()
        self._lost_start = False

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the good packets in them."""
        del now_s
        self._buffer += b"".join(pieces)
        *packets, rest = self._buffer.split(self._end)
        if packets and self._lost_start:
            self._lost_start = False
            self.stats.skipped_bytes += len(packets.pop(0)) + 1
        if len(rest) > self._limit:
            self.stats.overflows += 1
            self.stats.skipped_bytes += len(rest)
            self._lost_start = True
            rest.clear()
        self._buffer = rest
        found: list[Frame] = []
        for packet in packets:
            if not packet:
                continue
            body = self._unslip(packet) if self._slip else _uncobs(packet)
            frame = None if body is None else self._rules.judge(body, self.stats)
            if frame is None:
                self.stats.skipped_bytes += len(packet) + 1
                self.stats.checksum_errors += body is None
            else:
                self.count_good()
                found.append(frame)
        return found

    def idle(self, now_s: float) -> list[Frame]:
        """Keep a partial packet: the next end byte settles it."""
        del now_s
        return []

    def _unslip(self, packet: bytearray) -> bytes | None:
        first, *parts = packet.split(bytes((self._escape,)))
        body = first
        for part in parts:
            plain = self._plain.get(part[0]) if part else None
            if plain is None:
                return None
            body += bytes((plain,)) + part[1:]
        return bytes(body)


class DatagramFramer(Counted):
    """Binary datagrams: each is one frame."""

    def __init__(self, framing: Framing) -> None:
        super().__init__()
        self._rules = FrameRules(framing)

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take datagrams and return the good ones."""
        del now_s
        found: list[Frame] = []
        for piece in pieces:
            frame = self._rules.judge(bytes(piece), self.stats)
            if frame is None:
                self.stats.skipped_bytes += len(piece)
            else:
                self.count_good()
                found.append(frame)
        return found

    def idle(self, now_s: float) -> list[Frame]:
        """Nothing is ever held back."""
        del now_s
        return []


def make_framer(profile: Profile, *, live: bool = True) -> Framer:
    """Return the framer of a checked profile.

    Parameters
    ----------
    profile
        Its ``[framing]`` table says how; the slowest ``rate_hz`` says how long a
        partial frame may wait.
    live
        Bytes come from a wire that was opened in mid-frame; False = a captured file
        or a test, which begins where it begins.
    """
    framing = profile.framing
    if framing.is_text:
        return LineFramer(profile, whole=not live)
    if framing.mode == "sync":
        rates_hz = [m.rate_hz for m in profile.messages if m.rate_hz > 0]
        frame_s = 1.0 / min(rates_hz) if rates_hz else 0.0
        stale_s = max(STALE_S, STALE_FRAMES * frame_s)
        return SyncFramer(framing, stale_s, confirm=live and is_weak(framing))
    if framing.mode == "datagram":
        return DatagramFramer(framing)
    return PacketFramer(framing)


def is_weak(framing: Framing) -> bool:
    """Tell whether noise passes for a frame: 1-byte sync, at most 8 check bits."""
    checksum = framing.checksum
    width = CHECKSUMS[checksum.algo].width if checksum else 0
    return (
        framing.mode == "sync" and len(bytes.fromhex(framing.sync)) == 1 and width <= 1
    )


def _cut_sync(buffer: bytes, sync: bytes, at: int) -> int:
    """Return how many last bytes may be the beginning of a sync."""
    for size in range(min(len(sync) - 1, len(buffer) - at), 0, -1):
        if buffer.endswith(sync[:size]):
            return size
    return 0


def _uncobs(packet: bytearray) -> bytes | None:
    """Decode consistent overhead byte stuffing; None when the codes do not add up."""
    body = bytearray()
    at = 0
    while at < len(packet):
        code = packet[at]
        block = packet[at + 1 : at + code]
        if len(block) != code - 1:
            return None
        body += block
        at += code
        if code < 0xFF and at < len(packet):
            body.append(0)
    return bytes(body)
