"""A PulseAudio of the test's own: what is played into its sink, its monitor hears.

PortAudio reaches it through ALSA, whose configuration names two microphones. Playing
goes through libpulse itself, which tells when a sample will really sound.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import numpy as np

from lablive.clock import now_s

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE_HZ = 48000
MICROPHONE = "lab_microphone"
HEADSET = "bluez_headset"
_PIECE = 960  # samples written at once

_ALSA = """
pcm.{name} {{
  type pulse
  server "unix:{socket}"
  device "{sink}.monitor"
  hint {{ show on description "{name}" }}
}}
"""


def missing() -> str:
    """Say what this machine lacks for a sound server, "" = nothing."""
    if not shutil.which("pulseaudio") or not shutil.which("pactl"):
        return "pulseaudio is not installed"
    if not ctypes.util.find_library("pulse-simple"):
        return "libpulse-simple is not installed"
    if not ctypes.util.find_library("portaudio"):
        return "libportaudio2 is not installed"
    return ""


class SoundServer:
    """A private PulseAudio with a null sink; ``environment`` lets PortAudio see it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = folder / "native"
        config = folder / "asound.conf"
        config.write_text(
            _ALSA.format(name=MICROPHONE, socket=self.socket, sink="lab")
            + _ALSA.format(name=HEADSET, socket=self.socket, sink="lab")
            + f'pcm.!default {{ type pulse server "unix:{self.socket}" }}'
        )
        self.environment = {
            "ALSA_CONFIG_PATH": str(config),
            "PULSE_SERVER": f"unix:{self.socket}",
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "HOME": str(folder),
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, until: Callable[..., None]) -> None:
        """Begin, also again after :meth:`stop`."""
        self._run(
            (
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
                *("--use-pid-file=no", "--disable-shm=yes", "--realtime=no"),
                *("--high-priority=no", "--log-level=error"),
                f"--load=module-native-protocol-unix auth-anonymous=1 "
                f"socket={self.socket}",
                f"--load=module-null-sink sink_name=lab rate={RATE_HZ} channels=1 "
                "format=float32le",
            )
        )
        until(self._answers, "the sound server")
        # a null sink works ahead by as much as its most hurried listener allows
        self._run(("parec", "--latency-msec=2", "--device=lab.monitor"))

    def stop(self) -> None:
        """End it, as a sound card that is pulled out."""
        processes, self._processes = self._processes, []
        for process in processes:
            process.kill()
            process.wait(10)

    def _run(self, command: tuple[str, ...]) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                env=os.environ | self.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def _answers(self) -> bool:
        told = subprocess.run(
            ("pactl", "list", "short", "sources"),
            env=os.environ | self.environment,
            capture_output=True,
            check=False,
            timeout=10,
        )
        return b"lab.monitor" in told.stdout


class _Spec(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    )


class Player:
    """Plays samples into the sink and knows when each really sounds."""

    def __init__(self, server: SoundServer) -> None:
        self._pulse = ctypes.CDLL(ctypes.util.find_library("pulse-simple"))
        self._pulse.pa_simple_new.restype = ctypes.c_void_p
        self._pulse.pa_simple_get_latency.restype = ctypes.c_uint64
        error = ctypes.c_int()
        spec = _Spec(5, RATE_HZ, 1)  # float32, little endian
        self._handle = ctypes.c_void_p(
            self._pulse.pa_simple_new(
                f"unix:{server.socket}".encode(), b"test", 1, b"lab", b"test",
                ctypes.byref(spec), None, None, ctypes.byref(error),
            )
        )  # fmt: skip
        assert self._handle, f"libpulse error {error.value}"
        self.begins_s: list[float] = []  # when sample 0 sounded, one guess per piece

    def play(self, x: np.ndarray) -> None:
        """Write samples, shape (samples,), waiting while the sink is full."""
        error = ctypes.c_int()
        wave = np.ascontiguousarray(x, np.float32)
        for first in range(0, len(wave), _PIECE):
            piece = wave[first : first + _PIECE]
            told_us = self._pulse.pa_simple_get_latency(
                self._handle, ctypes.byref(error)
            )
            if first:
                self.begins_s.append(now_s() + told_us * 1e-6 - first / RATE_HZ)
            self._pulse.pa_simple_write(
                self._handle, piece.ctypes.data_as(ctypes.c_void_p),
                ctypes.c_size_t(piece.nbytes), ctypes.byref(error),
            )  # fmt: skip
        self._pulse.pa_simple_drain(self._handle, ctypes.byref(error))

    @property
    def begin_s(self) -> float:
        """Lab time at which the first sample of the last :meth:`play` sounded."""
        return float(np.median(self.begins_s))

    def close(self) -> None:
        """Let go of the sink."""
        self._pulse.pa_simple_free(self._handle)


def in_background(player: Player, x: np.ndarray) -> threading.Thread:
    """Play while the caller listens."""
    thread = threading.Thread(target=player.play, args=(x,), daemon=True)
    thread.start()
    return thread
