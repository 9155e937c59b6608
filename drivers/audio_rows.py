"""Blocks of samples to timed rows of sound level, and to raw audio when it is wanted.

Sound cards count samples and stamp nothing that can be relied upon (drivers reference
4.11). So the sample counter is fitted to the lower envelope of arrival times, as for
every device, and the delay of the way into the machine is taken off as far as the
system tells it truthfully.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from drivers.base import StreamTally
from lablive.clock import DeviceClock
from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.level_meter import LEVEL_RATE_HZ, WEIGHTINGS, LevelMeter

if TYPE_CHECKING:
    from lablive.messages import Chunk, Floats, Gap, Values

AUDIO_STREAM: Final = "mic_belt.audio"
LEVEL_STREAM: Final = "mic_belt.level"
_COUNTER_BITS: Final = 63
# measured with PulseAudio: for a second after opening samples come unevenly, and the
# delay it tells is wrong by hundreds of milliseconds
_WARM_UP_S: Final = 1.0
_LEARN_S: Final = 0.3  # rows wait this long for the delay to be known
_LONGEST_S: Final = 0.5
_AGREE_S: Final = 0.005  # both halves of that time must tell the same delay
_CLIPPED_FS: Final = 0.98
_MUTE_S: Final = 1.0


class Block(NamedTuple):
    """What one call of the sound library brought.

    ``delay_s`` is the age of the first sample as the system tells it. ``dropped``
    samples before these found no room here; ``overflow``: some before these were lost
    in the system, it does not say how many.
    """

    x: Values
    arrival_s: float
    delay_s: float
    overflow: bool = False
    dropped: int = 0


def stream_infos(
    device: str,
    rate_hz: float,
    *,
    pa_per_fs: float | None,
    note: str = "",
    raw_audio: bool = False,
) -> tuple[StreamInfo, ...]:
    """Return the streams of a microphone: level, and audio when it is stored.

    Without a gain the units are of full scale, which the screen shows as "dB rel".
    """
    unit = "FS" if pa_per_fs is None else "Pa"

    def info(number: int, name: str, kind: str, hz: float, *labels: str) -> StreamInfo:
        squared = "^2" if name == LEVEL_STREAM else ""
        return StreamInfo(
            id=number,
            name=name,
            type=kind,
            rate_hz=hz,
            channels=tuple(ChannelInfo(text, unit + squared, kind) for text in labels),
            source_id=f"audio|{device}|{name}",
            device=f"{device}{note}",
            counter_bits=_COUNTER_BITS,
        )

    labels = [f"{LEVEL_STREAM}.{weighting}" for weighting in WEIGHTINGS]
    level = info(0, LEVEL_STREAM, "Level", LEVEL_RATE_HZ, *labels)
    if not raw_audio:
        return (level,)
    return level, info(1, AUDIO_STREAM, "Audio", rate_hz, AUDIO_STREAM)


class AudioRows:
    """Blocks in, rows of every stream and gaps out; no device and no clock in it.

    Parameters
    ----------
    infos
        From :func:`stream_infos`; the second one, if any, is the raw audio.
    rate_hz
        Samples per second.
    pa_per_fs
        Gain of a calibrated microphone, 1 = values stay in full scale.

    Attributes
    ----------
    delay_s
        Age of a sample when it arrived, as the system tells it; 0 until it is known.
    delay_is_told
        False when the system tells nothing that can be true.
    """

    def __init__(
        self, infos: tuple[StreamInfo, ...], rate_hz: float, pa_per_fs: float = 1.0
    ) -> None:
        self.tallies = [StreamTally(info) for info in infos]
        self.clock = DeviceClock(1.0 / rate_hz)
        self.delay_s = 0.0
        self.delay_is_told = False
        self._rate_hz = rate_hz
        self._gain = pa_per_fs
        self._meter = LevelMeter(rate_hz)
        self._count = 0  # samples so far, lost ones included
        self._segment = 0  # count at which the meter began
        self._metered = 0  # rows since then
        self._cold = round(_WARM_UP_S * rate_hz)  # samples yet to leave out
        self._waiting: list[Block] | None = []
        self._mute = 0
        self._clipped = 0

    def feed(self, blocks: list[Block]) -> list[Chunk | Gap]:
        """Take what came since the last call, in order; the first second is left out.

        Rows begin 1.3 s after opening, when their times can be relied upon.
        """
        out: list[Chunk | Gap] = []
        while self._cold > 0 and blocks:
            self._cold -= len(blocks[0].x)
            blocks = blocks[1:]
        if self._waiting is not None:
            self._waiting += blocks
            samples = sum(len(block.x) for block in self._waiting)
            if samples < _LEARN_S * self._rate_hz:
                return out
            blocks, self._waiting = self._waiting, None
            self._learn_delay(blocks)
        ready: list[Block] = []
        held = 0  # samples in them
        for block in blocks:
            self._look(block.x)
            if block.dropped or block.overflow:
                self._rows(ready, out)
                ready, held = [], 0
                self._lose(block, out)
            end = self._count + held + len(block.x)
            if self.clock.feed(float(end), block.arrival_s):
                self._rows(ready, out)
                ready, held = [], 0
                self._jump(out)
            ready.append(block)
            held += len(block.x)
        self._rows(ready, out)
        return out

    @property
    def fault(self) -> str:
        """What is wrong with the sound itself, "" = nothing."""
        if self._mute > _MUTE_S * self._rate_hz:
            return (
                "The microphone sends nothing but zeros: it is muted, or this program "
                "may not listen (the system's privacy settings)."
            )
        if self._clipped:
            return (
                f"The microphone was overdriven in {self._clipped} blocks: lower its "
                "level in the system's sound settings, then calibrate it again."
            )
        return ""

    def _learn_delay(self, blocks: list[Block]) -> None:
        """Believe the system's delay when it is possible and stays the same.

        The last sample of the block that came fastest is what the clock stands on.
        """
        ages = [block.delay_s - len(block.x) / self._rate_hz for block in blocks]
        middle = len(ages) // 2
        first, second = min(ages[:middle], default=-1.0), min(ages[middle:])
        steady = abs(first - second) <= _AGREE_S
        self.delay_is_told = steady and -_AGREE_S <= second <= _LONGEST_S
        self.delay_s = max(second, 0.0) if self.delay_is_told else 0.0

    def _look(self, x: Values) -> None:
        if not len(x):
            return
        peak = float(np.abs(x).max())
        self._clipped += peak >= _CLIPPED_FS
        self._mute = 0 if peak else self._mute + len(x)

    def _lose(self, block: Block, out: list[Chunk | Gap]) -> None:
        """Note samples that are missing before a block, and begin a new segment."""
        lost: int | None = block.dropped
        exact = not block.overflow
        if block.overflow:
            due = self.clock.count_at(block.arrival_s)
            missing = 0 if due is None else round(due - self._count - len(block.x))
            lost = max(missing, block.dropped) or None
        why = "the sound system lost samples" if block.overflow else "no room for sound"
        self._count += lost or 0
        self._restart()
        self.clock.restart()
        next_t_s = block.arrival_s - len(block.x) / self._rate_hz - self.delay_s
        for tally in self.tallies if self.tallies[0].rows else ():
            share = tally.info.rate_hz / self._rate_hz
            rows = None if lost is None else max(round(lost * share), 1)
            out.append(tally.gap(next_t_s, rows, "overflow", why, exact=exact))

    def _jump(self, out: list[Chunk | Gap]) -> None:
        """Note that time moved on by itself."""
        self._restart()
        why = "the sound card stood still, or its rate is not the nominal one"
        next_t_s = self.clock.time_s(float(self._count)) - self.delay_s
        for tally in self.tallies if self.tallies[0].rows else ():
            at_s = max(next_t_s, tally.last_t_s)
            out.append(tally.gap(at_s, None, "reset", why))

    def _restart(self) -> None:
        self._meter = LevelMeter(self._rate_hz)
        self._segment, self._metered = self._count, 0

    def _rows(self, blocks: list[Block], out: list[Chunk | Gap]) -> None:
        """Turn blocks that follow one another without a hole into rows."""
        if not blocks:
            return
        x = self._gain * np.concatenate([block.x for block in blocks], dtype=np.float64)
        counts = np.arange(self._count, self._count + len(x))
        self._count += len(x)
        t_s = self.clock.times_s(counts.astype(float)) - self.delay_s
        arrival_s = blocks[-1].arrival_s
        rows = self._meter.feed(t_s, x)
        if len(rows.t_s):
            self._level(rows.t_s, rows.level, arrival_s, out)
        if len(self.tallies) > 1:
            tally = self.tallies[1]
            values = x[:, None].astype(np.float32)
            out.append(tally.chunk(t_s, values, counts, arrival_s))

    def _level(
        self, t_s: Floats, level: Floats, arrival_s: float, out: list[Chunk | Gap]
    ) -> None:
        number = np.arange(self._metered, self._metered + len(t_s))
        self._metered += len(t_s)
        begins = np.ceil(number * self._rate_hz / LEVEL_RATE_HZ - 1e-9)
        counter = begins.astype(np.int64) + self._segment
        out.append(
            self.tallies[0].chunk(t_s, level.astype(np.float32), counter, arrival_s)
        )
