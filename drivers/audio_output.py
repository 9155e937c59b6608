"""The loudspeaker: cues at their planned time, and when each really sounded."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Final

from drivers.audio_library import end, find_output, opened, renewed, sound_alone
from drivers.audio_mix import Mix, SoundClock
from drivers.audio_search import same_name
from lablive.clock import now_s
from lablive.errors import DeviceError

_RATES_HZ: Final = (48000, 44100)
_BLOCK_S: Final = 0.01
# room in the system for a callback that is late; planned cues do not care
_ROOM_S: Final = 0.08
_CLOSE_S: Final = 0.8


class AudioOutput:
    """One loudspeaker that is open.

    Parameters
    ----------
    device
        Name of the output; "" = the system's default.

    Attributes
    ----------
    mix
        Takes cues and the backdrop.
    device
        Name of the output that was found.
    dropouts
        Times the loudspeaker ran dry: a sound broke off or came late.

    Raises
    ------
    DeviceError
        ``missing``, ``ambiguous``, ``busy`` or ``library``.
    """

    def __init__(self, device: str = "") -> None:
        self.dropouts = 0
        with sound_alone() as sound:
            number, found = find_output(renewed(sound), device)
            self.device = same_name(found.name)
            self._stream, rate_hz = self._open(sound, number, found.rate_hz)
            opened(self._stream)
            try:
                self._stream.start()
            except sound.PortAudioError as error:
                raise _busy(found.name, str(error)) from error
        self._rate_hz = rate_hz

    @property
    def is_ready(self) -> bool:
        """False while the system fills its buffers; cues wait."""
        return self._clock.is_steady

    @property
    def is_sounding(self) -> bool:
        """False when the loudspeaker is gone."""
        try:
            return bool(self._stream.active)
        except Exception:  # noqa: BLE001  the library's own error, not loaded here
            return False

    @property
    def delay_s(self) -> float | None:
        """How long an unplanned sound takes to be heard, as the system tells."""
        return self._clock.delay_s

    def close(self) -> None:
        """Let go of the loudspeaker within a second; a hung sound system is left."""
        ended = threading.Thread(target=self._end, name="sound ends", daemon=True)
        ended.start()
        ended.join(_CLOSE_S)
        self.mix.drop()

    def _end(self) -> None:
        with contextlib.suppress(DeviceError):  # the next one who opens sound is told
            end(self._stream)

    def _open(self, sound: Any, number: int, rate_hz: float) -> tuple[Any, float]:
        problem = ""
        for wanted_hz in dict.fromkeys((*_RATES_HZ, int(rate_hz))):
            self.mix, self._clock = Mix(wanted_hz), SoundClock(wanted_hz)
            try:
                stream = sound.OutputStream(
                    device=number,
                    samplerate=wanted_hz,
                    channels=1,
                    blocksize=round(_BLOCK_S * wanted_hz),
                    latency=_ROOM_S,
                    dtype="float32",
                    callback=self._fill,
                )
            except sound.PortAudioError as error:
                problem = str(error)
            else:
                self._least_s = float(stream.latency)
                return stream, float(wanted_hz)
        raise _busy(str(number), problem)

    def _fill(self, out: Any, count: int, time: Any, status: Any) -> None:
        """Mix the next samples (called by PortAudio, which waits)."""
        called_s = now_s()
        if status.output_underflow:
            self.dropouts += 1
            self._clock.lost()
        delay_s = time.outputBufferDacTime - time.currentTime
        first_s = self._clock.first_s(count, called_s, delay_s, self._least_s)
        out[:, 0] = self.mix.render(count, first_s) if self._clock.is_steady else 0.0


def _busy(name: str, why: str) -> DeviceError:
    return DeviceError(
        "busy",
        f'The loudspeaker "{name}" cannot be opened ({why}).',
        still="Everything but sound works.",
        todo="Close other programs that play, then switch sound on again.",
    )
