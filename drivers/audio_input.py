"""A microphone as a sound level meter; raw audio leaves this driver only when asked."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.audio_library import (
    end,
    find_input,
    newest_list,
    opened,
    sound_alone,
    survives,
)
from drivers.audio_rows import AudioRows, Block, stream_infos
from drivers.audio_search import STILL, same_name
from drivers.base import READ_S
from drivers.options import check_options, flag, number
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError, LabLiveError
from lablive.recording.folders import home
from lablive.signals.microphone import newest_gain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.audio_search import SoundInput
    from lablive.messages import Chunk, DriverState, Gap, StreamInfo, StreamStatus

_OPTIONS: Final = ("device", "channel", "record_raw_audio")
_RATES_HZ: Final = (48000, 44100)
_BLOCK_S: Final = 0.01
# room in the system for a callback that is late; the newest block is here all the same
_ROOM_S: Final = 0.06
_MOST_BLOCKS: Final = 6000  # a minute
_CLOSE_S: Final = 0.8
_SILENT_S: Final = 2.0


class AudioInput:
    """One microphone.

    Parameters
    ----------
    device
        Name of the input as discovery lists it; "" = the system's default.
    channel
        Which one of its channels, from 1.
    raw_audio
        Publish the samples as a second stream. They carry speech.
    calibrated
        False: values stay in full scale, whatever gain is known.
    """

    reopen_on_silence = False  # rows begin late; this driver watches the samples
    # a search takes 0.6 s and rows begin 1.3 s after opening: back in less than 3 s
    look_again_s = 0.75

    def __init__(
        self,
        device: str = "",
        *,
        channel: int = 1,
        raw_audio: bool = False,
        calibrated: bool = True,
    ) -> None:
        self._device = device
        self._channel = channel
        self._raw_audio = raw_audio
        self._calibrated = calibrated
        self._state: DriverState = "closed"
        self._lock = threading.Lock()
        self._stream: Any = None
        self._blocks: queue.SimpleQueue[Block] = queue.SimpleQueue()
        self._dropped = 0
        self._heard_s = 0.0
        self._rows: AudioRows | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> AudioInput:
        """Build a driver from the options of a source.

        Options: ``device`` (name of the input), ``channel`` (from 1),
        ``record_raw_audio`` (true or false).

        Raises
        ------
        ConfigError
            An option is unknown or no number.
        """
        check_options("microphone", options, _OPTIONS)
        channel = number(options, "channel", 1)
        if channel < 1 or channel != int(channel):
            raise ConfigError(
                f"Device source microphone: there is no channel {channel:g}.",
                todo="Channels are counted from 1.",
            )
        raw_audio = flag(options, "record_raw_audio")
        device = str(options.get("device", ""))
        return cls(device, channel=int(channel), raw_audio=raw_audio)

    def open(self) -> tuple[StreamInfo, ...]:
        """Find the input and listen.

        Raises
        ------
        DeviceError
            ``missing``, ``busy``, ``library``, ``ambiguous``, or ``protocol`` for a
            Bluetooth headset.
        RecordingError
            The gains of this machine cannot be read.
        """
        self._state = "opening"
        try:
            survives()
            with sound_alone() as sound:
                number, found = find_input(newest_list(sound), self._device)
                name = same_name(found.name)
                gain = newest_gain(home(), name) if self._calibrated else None
                stream, rate_hz = self._open_stream(sound, number, found)
                opened(stream)
        except LabLiveError:
            self._state = "failed"
            raise
        note = (
            f", {gain.pa_per_fs:.4g} Pa per full scale of {gain.made_at}"
            if gain
            else ", not calibrated: dB rel"
        )
        infos = stream_infos(
            name,
            rate_hz,
            pa_per_fs=gain.pa_per_fs if gain else None,
            note=note,
            raw_audio=self._raw_audio,
        )
        self._rows = AudioRows(infos, rate_hz, gain.pa_per_fs if gain else 1.0)
        self._stream, self._heard_s = stream, now_s()
        self._state = "settling"
        return infos

    def read(self) -> list[Chunk | Gap]:
        """Wait up to 20 ms for rows; raises DeviceError when the microphone is gone."""
        stream, rows = self._stream, self._rows
        if stream is None or rows is None:
            return []
        try:
            blocks = [self._blocks.get(timeout=READ_S)]
        except queue.Empty:
            self._watch(stream)
            return []
        self._heard_s = now_s()
        while not self._blocks.empty():
            blocks.append(self._blocks.get())
        return rows.feed(blocks)

    def close(self) -> None:
        """Let go of the microphone within a second; a hung sound system is left."""
        with self._lock:
            stream, self._stream = self._stream, None
        self._state = "closed"
        if stream is None:
            return
        ended = threading.Thread(
            target=_end, args=(stream,), name="sound ends", daemon=True
        )
        ended.start()
        ended.join(_CLOSE_S)

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of every stream."""
        rows = self._rows
        if rows is None:
            return ()
        began = self._state == "settling" and rows.tallies[0].rows > 0
        told = [
            tally.status(
                "streaming" if began else self._state,
                ppm=rows.clock.ppm,
                jitter_p95_ms=rows.clock.jitter_p95_ms,
                last_fault=rows.fault,
            )
            for tally in rows.tallies
        ]
        # equal samples in a row are a quiet room, not a device that repeats itself
        return tuple(
            msgspec.structs.replace(status, effective_rate_hz=status.rate_hz)
            for status in told
        )

    def name_of(self, stream: int) -> str:
        """Return the name of a stream by its number in this driver."""
        return self._rows.tallies[stream].info.name if self._rows else ""

    @property
    def delay_s(self) -> float | None:
        """Delay of the sound system that was taken off, None = it does not tell."""
        rows = self._rows
        return rows.delay_s if rows and rows.delay_is_told else None

    def _watch(self, stream: Any) -> None:
        """Raise DeviceError when the microphone is gone or silent for too long."""
        named = f'The microphone "{self._device or "default"}"'
        if not stream.active:
            raise DeviceError(
                "unplugged",
                f"{named} is gone.",
                still=STILL,
                todo="Plug it in again; it comes back by itself.",
            )
        silent_s = now_s() - self._heard_s
        if silent_s > _SILENT_S:
            raise DeviceError(
                "timeout",
                f"{named} has sent nothing for {silent_s:.0f} s.",
                still=STILL,
                todo="Check its cable; it is opened again by itself.",
            )

    def _open_stream(
        self, sound: Any, number: int, found: SoundInput
    ) -> tuple[Any, float]:
        """Open at the best rate there is, with as few channels as the card allows."""
        problem = ""
        if self._channel > found.channels:
            raise DeviceError(
                "missing",
                f'"{found.name}" has {found.channels} channels, none is '
                f"number {self._channel}.",
                still=STILL,
                todo="Choose another channel.",
            )
        self._blocks, self._dropped = queue.SimpleQueue(), 0
        for rate_hz in dict.fromkeys((*_RATES_HZ, int(found.rate_hz))):
            for channels in sorted({self._channel, min(2, found.channels)}):
                if channels < self._channel:
                    continue
                try:
                    stream = sound.InputStream(
                        device=number,
                        samplerate=rate_hz,
                        channels=channels,
                        blocksize=round(_BLOCK_S * rate_hz),
                        latency=_ROOM_S,
                        dtype="float32",
                        callback=self._take,
                    )
                    try:
                        stream.start()
                    except sound.PortAudioError:
                        stream.close()
                        raise
                except sound.PortAudioError as error:
                    problem = str(error)
                else:
                    return stream, float(rate_hz)
        raise DeviceError(
            "busy",
            f'The microphone "{found.name}" cannot be opened ({problem}).',
            still=STILL,
            todo="Close other programs that listen, allow microphones in the system's "
            "privacy settings, then connect again.",
        )

    def _take(self, x: Any, _frames: int, time: Any, status: Any) -> None:
        """Stamp and copy, nothing else: the sound card waits (called by PortAudio)."""
        arrival_s = now_s()
        if self._blocks.qsize() >= _MOST_BLOCKS:
            self._dropped += len(x)
            return
        dropped, self._dropped = self._dropped, 0
        told_s = time.inputBufferAdcTime
        delay_s = time.currentTime - told_s if told_s > 0 else -1.0
        self._blocks.put(
            Block(
                np.array(x[:, self._channel - 1]),
                arrival_s,
                delay_s,
                bool(status.input_overflow),
                dropped,
            )
        )


def _end(stream: Any) -> None:
    with contextlib.suppress(DeviceError):  # the next one who opens sound is told
        end(stream)
