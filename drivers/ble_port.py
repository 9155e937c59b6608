"""Bluetooth low energy: notifications of one or more characteristics of a device."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Final

from drivers.ble_library import STILL, ble_error, load_bleak, not_found, run
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIND_S: Final = 8.0
_LOOK_S: Final = 5.0  # without an address: also to see whether two fit
_CONNECT_S: Final = 15.0
_WRITE_S: Final = 1.0
_CLOSE_S: Final = 0.8


class BlePort:
    """A device by its address, or the one whose name or service fits.

    Every notification is one piece of :meth:`read`; one central at a time, so a
    device that a phone holds is not found.

    Parameters
    ----------
    characteristics
        UUIDs that notify. Of the first a device must have all; the others may lack.
    address
        Bluetooth address (on a Mac a UUID); "" = look for one that fits.
    service, name_prefix
        What fits: an advertised service, or how the advertised name begins.
    write_to
        UUID that takes commands; "" = the first characteristic.
    """

    def __init__(
        self,
        characteristics: Sequence[str],
        *,
        address: str = "",
        service: str = "",
        name_prefix: str = "",
        write_to: str = "",
    ) -> None:
        self._characteristics = tuple(characteristics)
        self._address = address
        self._service = service.lower()
        self._prefix = name_prefix
        self._write_to = write_to or self._characteristics[0]
        self._client: Any = None
        self._gone = threading.Event()
        self._notes: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()

    @property
    def who(self) -> str:
        """The device as a person calls it."""
        return f"The device {self._address or self._prefix or self._service}"

    def open(self) -> None:
        """Find the device, connect, and subscribe; raises DeviceError."""
        bleak = load_bleak()
        self._gone.clear()
        self._notes = queue.SimpleQueue()
        run(self._connect(bleak), _FIND_S + _CONNECT_S, self.who)

    def read(self, timeout_s: float) -> list[bytes]:
        """Return the notifications there are, each by itself."""
        return [data for _, data in self.read_each(timeout_s)]

    def read_each(self, timeout_s: float) -> list[tuple[int, bytes]]:
        """Return (number of its characteristic, data) of every notification.

        Raises
        ------
        DeviceError
            The device is out of reach or switched off.
        """
        try:
            found = [self._notes.get(timeout=timeout_s)]
        except queue.Empty:
            if self._gone.is_set():
                raise DeviceError(
                    "unplugged",
                    f"{self.who} was disconnected.",
                    still=STILL,
                    todo="Check its battery and keep it within 5 m; it comes back by "
                    "itself.",
                ) from None
            return []
        while not self._notes.empty():
            found.append(self._notes.get())
        return found

    def write(self, data: bytes) -> None:
        """Send a command, without waiting for an answer; raises DeviceError."""
        client = self._client
        if client is not None:
            work = client.write_gatt_char(self._write_to, data, response=False)
            run(work, _WRITE_S, self.who)

    def close(self) -> None:
        """Disconnect within a second; callable twice."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(DeviceError):
                run(client.disconnect(), _CLOSE_S, self.who)

    async def _connect(self, bleak: Any) -> None:
        device = await self._find(bleak.BleakScanner)
        if device is None:
            raise not_found(self.who)
        client = bleak.BleakClient(
            device,
            disconnected_callback=lambda _: self._gone.set(),
            timeout=_CONNECT_S - 1.0,
        )
        try:
            await client.connect()
            await self._subscribe(client)
        except BaseException:  # also when the wait was over: nothing may stay connected
            with contextlib.suppress(Exception):
                await client.disconnect()
            raise
        self._client = client

    async def _subscribe(self, client: Any) -> None:
        for number, characteristic in enumerate(self._characteristics):
            try:
                await client.start_notify(characteristic, self._taker(number))
            except Exception as error:
                # BleakCharacteristicNotFoundError: only the first is demanded
                if number and ble_error(error, self.who).kind == "protocol":
                    continue
                raise

    def _taker(self, number: int) -> Any:
        notes = self._notes  # those of this opening: an old client's come nowhere

        def take(_: Any, data: bytearray) -> None:
            notes.put((number, bytes(data)))

        return take

    async def _find(self, scanner: Any) -> Any:
        if self._address:
            return await scanner.find_device_by_address(self._address, timeout=_FIND_S)

        seen = await scanner.discover(timeout=_LOOK_S, return_adv=True)
        fitting = [device for device, told in seen.values() if self._fits(device, told)]
        if len(fitting) > 1:
            raise DeviceError(
                "ambiguous",
                f"{len(fitting)} devices fit: "
                f"{', '.join(f'{it.name} ({it.address})' for it in fitting)}.",
                still=STILL,
                todo="Choose one by its address, or switch the others off.",
            )
        return fitting[0] if fitting else None

    def _fits(self, device: Any, told: Any) -> bool:
        name = told.local_name or device.name or ""
        named = bool(self._prefix) and name.startswith(self._prefix)
        return named or self._service in [uuid.lower() for uuid in told.service_uuids]
