"""The three connections of a Trigno base station, read as one port."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Final

from drivers.base import READ_S
from drivers.talk import STILL
from drivers.tcp_port import TcpPort
from drivers.trigno_system import AUX_ROW, EMG_ROW, END, System, read_system
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    import threading

COMMAND_PORT: Final = 50040
EMG_PORT: Final = 50043
AUX_PORT: Final = 50044
EMG: Final = 1  # first byte of a datagram: whose rows they are
AUX: Final = 2
_ANSWER_S: Final = 2.0
_START_S: Final = 6.0
_SETTLE_S: Final = 0.35  # between opening the data connections and START


class TrignoPort:
    """Commands, EMG and auxiliary data.

    ``read`` returns whole rows: one byte :data:`EMG` or :data:`AUX`, their number
    (u16), then the rows as they came.

    Attributes
    ----------
    system
        What the base station told, after opening.
    """

    def __init__(
        self,
        host: str,
        stop: threading.Event,
        *,
        base: str = "auto",
        expected_hz: float = 0.0,
        ports: tuple[int, int, int] = (COMMAND_PORT, EMG_PORT, AUX_PORT),
    ) -> None:
        self._stop = stop
        self._base, self._expected_hz = base, expected_hz
        self._command = TcpPort(host, ports[0])
        self._data = {
            EMG: (TcpPort(host, ports[1]), EMG_ROW),
            AUX: (TcpPort(host, ports[2]), AUX_ROW),
        }
        self._rest = {EMG: b"", AUX: b""}
        self._heard = b""
        self.system: System | None = None

    def open(self) -> None:
        """Ask, open both data connections, start; raises DeviceError."""
        try:
            self._open_command()
            self.system = read_system(self._ask, self._base, self._expected_hz)
            for port, _ in self._data.values():
                port.open()
            self._rest = {EMG: b"", AUX: b""}
            self._stop.wait(_SETTLE_S)
            told = self._ask("START", _START_S)
        except DeviceError:
            self.close()
            raise
        if told != "OK":
            self.close()
            raise DeviceError(
                "protocol",
                f'The Trigno does not start ("{told[:60]}").',
                still=STILL,
                todo="Close other programs that use it, and take the trigger off in "
                "the Trigno Control Utility.",
            )

    def read(self, timeout_s: float) -> list[bytes]:
        """Return the rows that came; raises DeviceError when a connection is gone."""
        self._command.read(0.0)  # nothing is expected; its end is told here
        found: list[bytes] = []
        for kind, (port, size) in self._data.items():
            # what comes on one connection does not wait for the other
            pieces = port.read(timeout_s if kind == EMG else 0.0)
            data = b"".join((self._rest[kind], *pieces))
            rows = len(data) // size
            self._rest[kind] = data[rows * size :]
            if rows:
                head = struct.pack("<BH", kind, rows)
                found.append(head + data[: rows * size])
        return found

    def write(self, data: bytes) -> None:
        """Send a command as it is."""
        self._command.write(data)

    def close(self) -> None:
        """Stop and hang up, without waiting for the late answer to STOP."""
        with contextlib.suppress(DeviceError):
            self._command.write(b"STOP" + END)
            self._command.write(b"QUIT" + END)
        for port, _ in self._data.values():
            port.close()
        self._command.close()

    def _open_command(self) -> None:
        self._heard = b""
        try:
            self._command.open()
        except DeviceError as error:
            raise DeviceError(
                error.kind,
                error.what,
                still=STILL,
                todo="Start the Trigno Control Utility on the computer of the base "
                "station, and close EMGworks; from another computer give its host.",
            ) from error
        self._answer("greeting", _ANSWER_S)

    def _ask(self, command: str, at_most_s: float = _ANSWER_S) -> str:
        self._command.write(command.encode("latin-1") + END)
        return self._answer(f'answer to "{command}"', at_most_s)

    def _answer(self, what: str, at_most_s: float) -> str:
        end_s = now_s() + at_most_s
        while END not in self._heard:
            self._heard += b"".join(self._command.read(READ_S))
            if now_s() > end_s or self._stop.is_set():
                raise DeviceError(
                    "timeout",
                    f"The Trigno gave no {what} within {at_most_s:g} s.",
                    still=STILL,
                    todo="Close other programs that use the base station, and retry.",
                )
        told, _, self._heard = self._heard.partition(END)
        return told.decode("latin-1").strip()
