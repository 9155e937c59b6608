"""Spoken cues by the speech program of this machine, kept as files.

``espeak-ng`` where it is installed: a program of its own, asked by command line, never
part of LabLive. Without one there are beeps.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import subprocess
import wave
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.feedback.sounds import Wave

PROGRAM: Final = "espeak-ng"
_WORDS_PER_MIN: Final = 150  # heard on a treadmill
_ANSWER_S: Final = 5.0
_MOST_LETTERS: Final = 200
_QUIET_FS: Final = 0.01


def can_speak() -> bool:
    """Tell whether this machine has the speech program."""
    return shutil.which(PROGRAM) is not None


def speak(text: str, language: str, folder: Path) -> tuple[Wave, float] | None:
    """Return spoken words, shape (samples,), and their rate in Hz; None = cannot.

    Parameters
    ----------
    text
        The words; cut after 200 letters.
    language
        Such as "en" or "de".
    folder
        Where spoken words are kept: the second time there is nothing to wait for.
    """
    text = " ".join(text.split())[:_MOST_LETTERS]
    if not text:
        return None
    name = hashlib.sha256(f"{language}|{text}".encode()).hexdigest()[:24]
    kept = folder / f"{name}.wav"
    with contextlib.suppress(OSError):
        found = _read(kept.read_bytes())
        if found is not None:
            return found
    told = _ask(text, language)
    found = _read(told)
    if found is not None:
        with contextlib.suppress(OSError):  # it is only said slower the next time
            folder.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(told)
    return found


def _ask(text: str, language: str) -> bytes:
    program = shutil.which(PROGRAM)
    if program is None:
        return b""
    command = (
        program,
        "-v",
        language,
        "-s",
        str(_WORDS_PER_MIN),
        "--stdout",
        "--stdin",
    )
    try:
        answer = subprocess.run(
            command, input=text.encode(), capture_output=True,
            timeout=_ANSWER_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return b""
    return answer.stdout if answer.returncode == 0 else b""


def _read(data: bytes) -> tuple[Wave, float] | None:
    """Return the sound of a wave file, silence before the first word cut off."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1:
                return None
            rate_hz = float(file.getframerate())
            # written to a pipe the header does not know the length
            bytes_ = file.readframes(len(data))
    except (wave.Error, EOFError):
        return None
    samples = np.frombuffer(bytes_[: len(bytes_) // 2 * 2], "<i2") / 32768.0
    loud = np.flatnonzero(np.abs(samples) > _QUIET_FS)
    if not len(loud):
        return None
    return samples[loud[0] : loud[-1] + 1].astype(np.float32), rate_hz
