"""A pseudo-terminal as the wire of a device, a sound server as the room."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

import pytest

from tests.drivers.sound_server import SoundServer, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Wire:
    """The device's end of a pseudo-terminal; ``path`` is the port to open."""

    def __init__(self) -> None:
        import tty

        self._device, host = os.openpty()
        tty.setraw(host)
        self.path = os.ttyname(host)
        self._host = host
        os.set_blocking(self._device, False)

    def send(self, data: bytes) -> None:
        """Write bytes as the device."""
        os.write(self._device, data)

    def try_send(self, data: bytes) -> bool:
        """Write what fits, as a device that does not wait; True = all of it."""
        try:
            return os.write(self._device, data) == len(data)
        except BlockingIOError:
            return False

    def heard(self, size: int, at_most_s: float = 5.0) -> bytes:
        """Return ``size`` bytes that the program wrote, or what came in time."""
        data = b""
        while len(data) < size:
            if not select.select((self._device,), (), (), at_most_s)[0]:
                break
            data += os.read(self._device, size - len(data))
        return data

    def unplug(self) -> None:
        """Hang up."""
        for end in (self._device, self._host):
            if end >= 0:
                os.close(end)
        self._device = self._host = -1

    def let_go(self) -> None:
        """Close the test's own hold of the port, so that only the driver has it."""
        os.close(self._host)
        self._host = -1


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A pseudo-terminal that is open."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    found = Wire()
    yield found
    found.unplug()


@pytest.fixture
def sound_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> Iterator[SoundServer]:
    """A PulseAudio of the test's own that PortAudio finds, or skip."""
    if lacking := missing():
        pytest.skip(f"no sound server for the test: {lacking}")
    found = SoundServer(tmp_path)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path / "library"))
    found.start(until)
    yield found
    found.stop()
