"""The host's voice: one loudspeaker that is opened when needed and comes back."""

from __future__ import annotations

import contextlib
import queue
from collections import deque
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from drivers.audio_library import survives
from drivers.audio_output import AudioOutput
from drivers.speech import speak
from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.feedback.sounds import resampled
from lablive.live.sounds import Backdrop, Cue, Sounded, SoundReport, SoundState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


TICK_S: Final = 0.05
_RETRY_S: Final = 1.0
_CLOSE_S: Final = 2.0
_TOLD: Final = 30


class Loudspeaker:
    """Cues and backdrop from any thread; a thread of its own does all that waits.

    Parameters
    ----------
    device
        Name of the output; "" = the system's default.
    voices
        Folder of the spoken words.
    log
        Called with every cue when it has sounded, or when it never will.
    """

    def __init__(
        self, device: str, voices: Path, log: Callable[[Sounded], None]
    ) -> None:
        self._device = device
        self._voices = voices
        self._log = log
        self._cues: queue.SimpleQueue[Cue] = queue.SimpleQueue()
        self._backdrop = Backdrop()
        self._told: deque[Sounded] = deque(maxlen=_TOLD)
        self._output: AudioOutput | None = None
        self._state: SoundState = "opening"
        self._fault = ""
        self._retry_s = 0.0
        self._wake = Event()
        self._ended = Event()
        self._thread = Thread(target=self._run, name="sound", daemon=True)
        self._thread.start()

    def play(self, cue: Cue) -> None:
        """Let a cue sound at its time."""
        self._cues.put(cue)
        self._wake.set()

    def set_backdrop(self, wanted: Backdrop) -> None:
        """Change what sounds all the time."""
        self._backdrop = wanted
        output = self._output
        if output is not None:
            output.mix.backdrop = wanted

    def silence(self) -> None:
        """End every sound at once; cues that wait never sound."""
        self._backdrop = Backdrop()
        with contextlib.suppress(queue.Empty):
            while True:
                self._never(self._cues.get_nowait())
        output = self._output
        if output is not None:
            output.mix.silence()

    def report(self) -> SoundReport:
        """Return how it is doing."""
        output = self._output
        delay_s = output.delay_s if output else None
        return SoundReport(
            state=self._state,
            device=output.device if output else self._device,
            delay_ms=None if delay_s is None else 1e3 * delay_s,
            dropouts=output.dropouts if output else 0,
            backdrop_s=output.mix.backdrop_s if output else None,
            fault=self._fault,
            sounded=tuple(self._told),
        )

    def close(self) -> None:
        """Let go of the loudspeaker."""
        self._ended.set()
        self._wake.set()
        self._thread.join(_CLOSE_S)
        self._state = "off"

    # ------------------------------------------------------------------ thread

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(TICK_S)
            self._wake.clear()
            self._keep_open()
            self._send()
            self._tell()
        if self._output is not None:
            self._leave()

    def _keep_open(self) -> None:
        output = self._output
        if output is not None and not output.is_sounding:
            self._leave()
            self._failed(f'The loudspeaker "{output.device}" is gone.')
        if self._output is None and now_s() >= self._retry_s:
            try:
                survives()
                output = AudioOutput(self._device)
            except LabLiveError as error:
                self._failed(str(error))
                return
            output.mix.backdrop = self._backdrop
            self._output = output
            self._state, self._fault = "opening", ""
        if self._output is not None and self._output.is_ready:
            self._state = "sounding"

    def _failed(self, why: str) -> None:
        self._state, self._fault = "failed", why
        self._retry_s = now_s() + _RETRY_S

    def _leave(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            output.close()
            self._tell_of(output)

    def _send(self) -> None:
        """Hand the new cues to the mix; without a loudspeaker they never sound."""
        with contextlib.suppress(queue.Empty):
            while True:
                cue, output = self._cues.get_nowait(), self._output
                if output is None:
                    self._never(cue)
                elif cue.voice:  # the speech program takes its time; beeps do not wait
                    Thread(target=self._speak, args=(cue, output), daemon=True).start()
                else:
                    output.mix.play(cue)

    def _speak(self, cue: Cue, output: AudioOutput) -> None:
        found = speak(cue.voice, cue.language, self._voices)
        wave = None if found is None else resampled(*found, output.mix.rate_hz)
        output.mix.play(cue, wave)

    def _tell(self) -> None:
        if self._output is not None:
            self._tell_of(self._output)

    def _tell_of(self, output: AudioOutput) -> None:
        told = output.mix.sounded
        while told:
            self._say(told.popleft())

    def _never(self, cue: Cue) -> None:
        self._say(Sounded(cue.id, cue.at_s, None))

    def _say(self, sounded: Sounded) -> None:
        self._told.append(sounded)
        self._log(sounded)
