"""A simulated Trigno base station: three TCP ports, answers, EMG with known values."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.trigno_system import AUX_PER_SLOT, END, SLOTS
from lablive.clock import now_s

if TYPE_CHECKING:
    from types import TracebackType

BANNER: Final = b"Delsys Trigno System Digital Protocol Version 3.6.0"
_STEP_S: Final = 0.01
_READ: Final = 4096


class Setting:
    """What the base station is set to.

    Parameters
    ----------
    starts
        Sensor number -> its first place, as the base station counts.
    base
        How it counts, which it does not tell.
    fragment
        Bytes per TCP packet, 0 = as they come.
    """

    def __init__(
        self,
        starts: dict[int, int] | None = None,
        *,
        base: int = 1,
        big: bool = False,
        compatible: bool = True,
        upsampling: bool = True,
        fragment: int = 0,
        answers: dict[str, str] | None = None,
    ) -> None:
        self.starts = starts or {1: 1, 2: 2}
        self.base = base
        self.big = big
        self.fragment = fragment
        self.emg_hz = 2000.0 if upsampling else 15 / 0.0135
        self.emg_hz = self.emg_hz if compatible else 26 / 0.0135
        self.aux_hz = 2 / 0.0135
        self.answers = {
            "BACKWARDS COMPATIBILITY?": "YES" if compatible else "NO",
            "UPSAMPLING?": f"UPSAMPLING {'ON' if upsampling else 'OFF'}",
            "FRAME INTERVAL?": "0.0135",
            "MAX SAMPLES EMG?": "26",
            "MAX SAMPLES AUX?": "2",
            "ENDIANNESS?": "BIG" if big else "LITTLE",
        }
        for n in range(1, SLOTS + 1):
            self.answers[f"SENSOR {n} PAIRED?"] = "YES" if n in self.starts else "NO"
        for n, start in self.starts.items():
            self.answers |= {
                f"SENSOR {n} STARTINDEX?": str(start),
                f"SENSOR {n} EMGCHANNELCOUNT?": "1",
                f"SENSOR {n} AUXCHANNELCOUNT?": "3",
                f"SENSOR {n} CHANNEL 1 UNITS?": "V",
                **{f"SENSOR {n} CHANNEL {c} UNITS?": "?/s" for c in (2, 3, 4)},
            }
        self.answers |= answers or {}

    def emg(self, number: int) -> np.ndarray:
        """Return EMG row ``number`` in volts, shape (16,): place + row / 2^16."""
        return np.arange(SLOTS, dtype=np.float32) + number % 4096 / 65536

    def aux(self, number: int) -> np.ndarray:
        """Return auxiliary row ``number``, shape (144,)."""
        return np.arange(SLOTS * AUX_PER_SLOT, dtype=np.float32) + number % 64 / 64


class TrignoServer:
    """The base station; ``ports`` are command, EMG and auxiliary.

    Attributes
    ----------
    commands
        Everything it was told.
    """

    def __init__(self, setting: Setting | None = None) -> None:
        self.setting = setting or Setting()
        self.commands: list[str] = []
        self._listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        self.ports = tuple(s.getsockname()[1] for s in self._listening)
        self._open: dict[int, socket.socket] = {}
        self._heard = b""
        self._started_s = float("inf")
        self._waiting_start = False
        self._sent = [0, 0]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trigno", daemon=True)
        self._thread.start()

    def __enter__(self) -> TrignoServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Switch it off."""
        self._stop.set()
        self._thread.join(2.0)
        for found in (*self._open.values(), *self._listening):
            found.close()

    def hang_up(self) -> None:
        """Break the EMG connection, as a pulled network cable would be noticed."""
        self._open[1].shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self._stop.wait(_STEP_S):
            with contextlib.suppress(OSError):
                self._accept()
                self._obey()
                self._stream()

    def _accept(self) -> None:
        for place in select.select(self._listening, [], [], 0)[0]:
            number = self._listening.index(place)
            if number == 0:
                self._end()
            found, _ = place.accept()
            if number in self._open:
                self._open[number].close()
            self._open[number] = found
            if number == 0:
                found.sendall(BANNER + END)

    def _obey(self) -> None:
        command = self._open.get(0)
        if command is None or not select.select([command], [], [], 0)[0]:
            if self._waiting_start and {1, 2} <= self._open.keys() and command:
                self._begin(command)
            return
        data = command.recv(_READ)
        if not data:
            self._end()
            return
        *words, self._heard = (self._heard + data).split(END)
        for word in words:
            text = word.decode("latin-1")
            self.commands.append(text)
            if text == "START":  # no answer before both data ports are open
                self._waiting_start = True
            elif text in ("STOP", "QUIT"):
                self._started_s = float("inf")
            else:
                told = self.setting.answers.get(text, "INVALID COMMAND")
                command.sendall(told.encode("latin-1") + END)

    def _begin(self, command: socket.socket) -> None:
        self._waiting_start = False
        command.sendall(b"OK" + END)
        self._started_s, self._sent = now_s(), [0, 0]

    def _end(self) -> None:
        for found in self._open.values():
            found.close()
        self._open, self._started_s = {}, float("inf")

    def _stream(self) -> None:
        passed_s = now_s() - self._started_s
        told = self.setting
        plans = ((told.emg_hz, told.emg), (told.aux_hz, told.aux))
        for place, (rate_hz, row) in enumerate(plans):
            due = int(passed_s * rate_hz) if passed_s > 0 else 0
            rows = [row(n) for n in range(self._sent[place], due)]
            self._sent[place] = max(due, self._sent[place])
            if not rows:
                continue
            data = np.concatenate(rows).astype(">f4" if told.big else "<f4").tobytes()
            step = told.fragment or len(data)
            for at in range(0, len(data), step):
                self._open[place + 1].sendall(data[at : at + step])
