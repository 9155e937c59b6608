"""Calibrate and check a microphone: ``python -m drivers.microphone``.

``calibrate``: a 94 dB, 1 kHz calibrator sits on it. ``claps``: somebody claps at 1 m,
then at 3 m. ``clicks``: the loudspeaker plays clicks 6 dB apart. One JSON object a
line: ``{"level_db": ...}`` while it listens, the result last.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.audio_input import AudioInput
from drivers.audio_library import sound_alone
from drivers.audio_rows import AUDIO_STREAM
from drivers.audio_search import same_name
from lablive.clock import now_s
from lablive.errors import DeviceError, LabLiveError
from lablive.messages import Chunk
from lablive.recording.folders import home
from lablive.signals.level_meter import calibrator_gain
from lablive.signals.microphone import (
    CLICK_STEP_DB,
    LevelCheck,
    MicrophoneGain,
    check_claps,
    check_clicks,
    find_clicks,
    keep_gain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from lablive.messages import Floats, Values

SECONDS: Final = {"calibrate": 3.0, "claps": 8.0, "clicks": 6.0}
_TELL_EVERY_S: Final = 0.25
_LONGEST_WAIT_S: Final = 10.0  # beyond what is listened for
_REFERENCE_PA: Final = 2e-5
CLICK_EVERY_S: Final = 0.5
CLICKS: Final = 8
_CLICK_HZ, _CLICK_S, _CLICK_FS = 2000.0, 0.005, 0.5


class Heard:
    """What one microphone heard: level rows and raw audio, in its present unit."""

    def __init__(self, driver: AudioInput) -> None:
        self._driver = driver
        level, audio = driver.open()
        self.rate_hz = audio.rate_hz
        self.unit = audio.channels[0].unit
        self.device = level.source_id.split("|")[1]
        self.t_s: list[Floats] = []
        self.level: list[Values] = []
        self.audio: list[Values] = []
        self._told_s = 0.0

    def listen(self, seconds: float, say: Callable[[dict[str, Any]], None]) -> None:
        """Listen for some seconds of sound; raises DeviceError."""
        until_s = now_s() + seconds + _LONGEST_WAIT_S
        rows = round(seconds * self.rate_hz)
        while sum(map(len, self.audio)) < rows:
            if now_s() > until_s:
                raise DeviceError(
                    "timeout",
                    "The microphone sends too little sound.",
                    todo="Check its cable and the system's sound settings.",
                )
            for item in self._driver.read():
                if isinstance(item, Chunk):
                    self._take(item)
            if self.level and now_s() - self._told_s > _TELL_EVERY_S:
                self._told_s = now_s()
                say(self._present())

    def rows(self) -> tuple[Floats, Floats]:
        """Return times and A-weighted energy of every millisecond."""
        t_s, level = np.concatenate(self.t_s), np.concatenate(self.level)
        return t_s, level[:, 0].astype(float)

    def _take(self, chunk: Chunk) -> None:
        if self._driver.name_of(chunk.stream) == AUDIO_STREAM:
            self.audio.append(chunk.x[:, 0])
        else:
            self.t_s.append(chunk.t_s)
            self.level.append(chunk.x)

    def _present(self) -> dict[str, Any]:
        energy = float(np.nanmean(np.concatenate(self.level[-25:])[:, 0]))
        reference = _REFERENCE_PA if self.unit == "Pa" else 1.0
        db = 10 * np.log10(max(energy, 1e-20) / reference**2)
        unit = "dB(A)" if self.unit == "Pa" else "dB rel"
        return {"level_db": round(float(db), 1), "unit": unit}


def calibrate(
    device: str, seconds: float, say: Callable[[dict[str, Any]], None]
) -> MicrophoneGain:
    """Measure and keep the gain of a microphone with a calibrator on it.

    Raises
    ------
    LabLiveError
        No clear tone, no microphone, or the gain cannot be kept; nothing is changed.
    """
    driver = AudioInput(device, raw_audio=True, calibrated=False)
    try:
        heard = Heard(driver)
        heard.listen(seconds, say)
    finally:
        driver.close()
    pa_per_fs = calibrator_gain(
        np.concatenate(heard.audio, dtype=np.float64), heard.rate_hz
    )
    made_at = datetime.now().astimezone().isoformat(timespec="seconds")
    gain = MicrophoneGain(same_name(heard.device), pa_per_fs, made_at)
    keep_gain(home(), gain)
    return gain


def check(
    kind: str, device: str, seconds: float, say: Callable[[dict[str, Any]], None]
) -> LevelCheck:
    """Judge whether the system evens loudness out; raises LabLiveError."""
    driver = AudioInput(device, raw_audio=True)
    try:
        heard = Heard(driver)
        if kind == "clicks":
            heard.listen(1.0, say)
            with _playing(click_wave(heard.rate_hz), heard.rate_hz):
                heard.listen(seconds, say)
        else:
            heard.listen(seconds, say)
    finally:
        driver.close()
    t_s, energy = heard.rows()
    if kind == "claps":
        return check_claps(t_s, energy)
    return check_clicks(t_s, energy, find_clicks(t_s, energy, CLICK_EVERY_S, CLICKS))


def click_wave(rate_hz: float) -> Floats:
    """Return clicks at full level and 6 dB below in turn, shape (samples,)."""
    wave = np.zeros(round(CLICK_EVERY_S * CLICKS * rate_hz))
    t_s = np.arange(round(_CLICK_S * rate_hz)) / rate_hz
    click = _CLICK_FS * np.sin(2 * np.pi * _CLICK_HZ * t_s) * np.hanning(len(t_s))
    for number in range(CLICKS):
        first = round(number * CLICK_EVERY_S * rate_hz)
        step = 10 ** (-CLICK_STEP_DB / 20) if number % 2 else 1.0
        wave[first : first + len(click)] = step * click
    return wave


@contextlib.contextmanager
def _playing(wave: Floats, rate_hz: float) -> Generator[None]:
    """Play through the default loudspeaker meanwhile; raises DeviceError."""
    with sound_alone() as sound:
        try:
            sound.play(wave.astype(np.float32), rate_hz)
        except (sound.PortAudioError, ValueError) as error:
            raise DeviceError(
                "missing",
                f"The clicks cannot be played ({error}).",
                todo="Connect a loudspeaker, or use the check with two claps.",
            ) from error
    try:
        yield
    finally:
        with sound_alone() as sound:
            sound.stop()


def main(arguments: list[str] | None = None) -> int:
    """Run one task; exit code 1 with one message when it fails or finds a fault."""
    parser = argparse.ArgumentParser(prog="python -m drivers.microphone")
    parser.add_argument("task", choices=tuple(SECONDS))
    parser.add_argument("--device", default="", help="name of the input")
    parser.add_argument("--seconds", type=float, default=0.0)
    options = parser.parse_args(arguments)
    seconds = options.seconds or SECONDS[options.task]

    def say(told: dict[str, Any]) -> None:
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        sys.stdout.flush()

    try:
        if options.task == "calibrate":
            say(msgspec.to_builtins(calibrate(options.device, seconds, say)))
            return 0
        found = check(options.task, options.device, seconds, say)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say(msgspec.to_builtins(found))
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
