"""The part of bleak that LabLive uses, with devices that a test moves by hand.

Same calls, same threads: callbacks come from the event loop that connected.
"""

from __future__ import annotations

import asyncio
import types
from typing import TYPE_CHECKING, Any

from bleak.exc import BleakCharacteristicNotFoundError, BleakDeviceNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeDevice:
    """A device that advertises; ``says`` and ``vanish`` are called by the test."""

    def __init__(
        self,
        address: str,
        name: str,
        *,
        services: tuple[str, ...] = (),
        characteristics: tuple[str, ...] = (),
    ) -> None:
        self.address = address
        self.name = name
        self.services = services
        self.characteristics = characteristics
        self.written: list[tuple[str, bytes]] = []
        self.connections = 0
        self.hangs = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._takers: dict[str, Callable[[Any, bytearray], None]] = {}
        self._lost: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        return self._loop is not None

    def says(self, characteristic: str, *notes: bytes) -> None:
        """Notify, as the radio would."""
        assert self._loop
        for note in notes:
            self._loop.call_soon_threadsafe(
                self._takers[characteristic], characteristic, bytearray(note)
            )

    def vanish(self) -> None:
        """Go out of reach."""
        assert self._loop
        self._loop.call_soon_threadsafe(self._lost)

    def attach(self, lost: Callable[[], None]) -> None:
        self._loop, self._lost = asyncio.get_running_loop(), lost
        self.connections += 1

    def detach(self) -> None:
        self._loop = None
        self._takers = {}

    def subscribe(self, characteristic: str, taker: Any) -> None:
        if characteristic not in self.characteristics:
            raise BleakCharacteristicNotFoundError(characteristic)
        self._takers[characteristic] = taker


def library(*devices: FakeDevice, failure: Exception | None = None) -> Any:
    """Return a stand-in for the module ``bleak``."""

    class Scanner:
        @staticmethod
        async def discover(*, timeout: float, return_adv: bool) -> Any:
            assert return_adv
            assert timeout > 0
            if failure:
                raise failure
            return {
                device.address: (
                    device,
                    types.SimpleNamespace(
                        local_name=device.name,
                        service_uuids=list(device.services),
                        rssi=-40 - 10 * number,
                    ),
                )
                for number, device in enumerate(devices)
            }

        @staticmethod
        async def find_device_by_address(address: str, *, timeout: float) -> Any:
            if failure:
                raise failure
            assert timeout > 0
            return next((it for it in devices if it.address == address), None)

    class Client:
        def __init__(
            self, device: FakeDevice, *, disconnected_callback: Any, timeout: float
        ) -> None:
            assert timeout > 0
            self._device = device
            self._lost = disconnected_callback

        async def connect(self) -> None:
            if self._device.hangs:
                await asyncio.Event().wait()
            if self._device.connected:
                raise BleakDeviceNotFoundError(self._device.address)
            self._device.attach(lambda: self._lost(self))

        async def start_notify(self, characteristic: str, taker: Any) -> None:
            self._device.subscribe(characteristic, taker)

        async def write_gatt_char(
            self, characteristic: str, data: bytes, *, response: bool
        ) -> None:
            assert not response
            self._device.written.append((characteristic, data))

        async def disconnect(self) -> None:
            if self._device.hangs:
                await asyncio.Event().wait()
            self._device.detach()

    return types.SimpleNamespace(BleakScanner=Scanner, BleakClient=Client)
