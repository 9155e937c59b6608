"""Closing ends, whatever the wire does: hangs, floods, is gone, is being opened."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

import pytest
from wire_profiles import IMU, imu_frame, parse

from drivers.bitalino import BitalinoDriver
from drivers.ftms_treadmill import FtmsTreadmill
from drivers.manual_speed import ManualSpeed
from drivers.profile_driver import ProfileDriver
from drivers.row_port import RowPort
from drivers.sim.bitalino_device import BitalinoDevice
from drivers.sim.pty_device import PtyDevice
from drivers.sim.trigno_server import TrignoServer
from drivers.sim.witmotion_device import WitMotionDevice
from drivers.sim.xbus_device import XbusDevice
from drivers.sim.ximu3_device import Ximu3Device
from drivers.trigno import TrignoDriver
from drivers.witmotion import WitMotionDriver
from drivers.witmotion_frames import BAUD, RRATE, RSW
from drivers.xbus import XbusDriver
from drivers.ximu3_imu import Ximu3Driver
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.base import Driver

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals"
)
# a second by contract; more here, because the test machine may be busy, but no hang
ENDED_S: Final = 3.0
STOPS: Final = IMU.replace(
    "[framing]",
    '[stop]\nsteps = [{ send_text = "stop", wait_s = 1.0 }, '
    '{ send_text = "off", wait_s = 1.0 }, { send_text = "bye", wait_s = 1.0 }]\n'
    "[framing]",
)
WIT: Final = {RSW: 0x0007, RRATE: 0x0B, BAUD: 6}


def must_close(driver: Driver, *, held: bool = False) -> None:
    """Close twice, from another thread; ``held``: a thread hangs in the driver."""
    for _ in range(2):
        closing = threading.Thread(target=driver.close, daemon=True)
        closing.start()
        closing.join(ENDED_S)
        assert not closing.is_alive(), "closing hangs"
    if not held:
        assert driver.read() == []


class Line:
    """The device's end of a pseudo-terminal."""

    def __init__(self) -> None:
        import tty

        self.device, self.host = os.openpty()
        tty.setraw(self.host)
        self.path = os.ttyname(self.host)
        os.set_blocking(self.device, False)
        os.set_blocking(self.host, False)

    def fill(self) -> None:
        """Let nothing more into the line in the driver's direction."""
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self.host, bytes(4096))

    def gone(self) -> None:
        for end in (self.device, self.host):
            with contextlib.suppress(OSError):
                os.close(end)


@pytest.fixture
def serial_line() -> Iterator[Line]:
    line = Line()
    yield line
    line.gone()


@contextlib.contextmanager
def flooded(send: Callable[[bytes], object], data: bytes) -> Iterator[None]:
    """Send as fast as it goes."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                send(data)

    sender = threading.Thread(target=run, daemon=True)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join(10.0)


@pytest.mark.parametrize("what", ["hangs", "floods", "is gone"])
@pytest.mark.parametrize("reading", [False, True])
def test_a_serial_profile(serial_line: Line, what: str, reading: bool) -> None:
    driver = ProfileDriver(parse(STOPS), serial_line.path)
    driver.open()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with contextlib.suppress(DeviceError):
                driver.read()

    reader = threading.Thread(target=read, daemon=True)
    if reading:
        reader.start()
    data = b"".join(imu_frame(n) for n in range(200))
    flood = flooded(lambda d: os.write(serial_line.device, d), data)
    with flood if what == "floods" else contextlib.nullcontext():
        if what == "hangs":
            serial_line.fill()
        elif what == "is gone":
            serial_line.gone()
        must_close(driver)
    stop.set()
    if reading:
        reader.join(10.0)


@pytest.mark.parametrize("what", ["hangs", "floods", "is gone"])
def test_a_tcp_profile(what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = STOPS.replace(
            'type = "serial"\nbaud = 921600',
            f'type = "tcp"\nhost = "127.0.0.1"\nport = {port}',
        )
        driver = ProfileDriver(parse(text))
        driver.open()
        device, _ = server.accept()
        device.settimeout(0.05)
        data = b"".join(imu_frame(n) for n in range(2000))
        flood = flooded(device.sendall, data)
        with device, flood if what == "floods" else contextlib.nullcontext():
            if what == "hangs":  # nobody takes what is sent to the device
                wire = driver._port._socket  # type: ignore[union-attr]
                wire.settimeout(0.01)
                with contextlib.suppress(TimeoutError):
                    while True:
                        wire.sendall(bytes(1 << 20))
                wire.settimeout(0.5)
            elif what == "is gone":
                device.close()
            must_close(driver)


def test_a_udp_profile_in_a_flood() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.bind(("127.0.0.1", 0))
        to = ("127.0.0.1", device.getsockname()[1] - 1)
        text = IMU.replace(
            'type = "serial"\nbaud = 921600',
            f'type = "udp"\nport = {to[1]}\nbind = "127.0.0.1"',
        ).replace('mode = "sync"\nsync = "AA 55"', 'mode = "datagram"')
        driver = ProfileDriver(parse(text))
        driver.open()
        with flooded(lambda data: device.sendto(data, to), imu_frame(1)):
            driver.read()
            must_close(driver)


class Stuck:
    """A wire of which nothing ever returns until it is let go."""

    def __init__(self, *where: str) -> None:
        self.where = where
        self.reached, self.let = threading.Event(), threading.Event()
        self.closed = False

    def _hang(self, name: str) -> None:
        if name in self.where:
            self.reached.set()
            assert self.let.wait(30.0)

    def open(self) -> None:
        self._hang("open")

    def read(self, timeout_s: float) -> list[bytes]:
        del timeout_s
        self._hang("read")
        return []

    def write(self, data: bytes) -> None:
        del data
        self._hang("write")

    def close(self) -> None:
        self.closed = True
        self._hang("close")


@pytest.mark.parametrize("where", ["read", "write", "close"])
def test_a_wire_that_never_answers(where: str) -> None:
    port = Stuck(where)
    driver = ProfileDriver(parse(STOPS), "", port)
    driver.open()
    reader = threading.Thread(target=driver.read, daemon=True)
    if where == "read":
        reader.start()
        assert port.reached.wait(5.0)
    must_close(driver, held=where == "read")
    port.let.set()
    if where == "read":
        reader.join(5.0)


def test_closed_while_it_is_being_opened_it_stays_closed() -> None:
    port = Stuck("open")
    driver = ProfileDriver(parse(IMU), "", port)
    told: list[DeviceError] = []

    def run() -> None:
        try:
            driver.open()
        except DeviceError as error:
            told.append(error)

    opening = threading.Thread(target=run, daemon=True)
    opening.start()
    assert port.reached.wait(5.0)
    must_close(driver, held=True)
    port.let.set()
    opening.join(5.0)
    assert told
    assert port.closed


DIALOGUES: Final = {
    "witmotion": (lambda: WitMotionDevice(WIT), lambda p: WitMotionDriver(p)),
    "xbus": (XbusDevice, lambda p: XbusDriver(p)),
    "bitalino": (BitalinoDevice, lambda p: BitalinoDriver(p, channels=(1, 2))),
    "ximu3": (Ximu3Device, lambda p: Ximu3Driver.from_options({"port": p})),
}


@pytest.mark.parametrize("name", DIALOGUES)
@pytest.mark.parametrize("gone", [False, True])
def test_a_driver_with_a_dialogue(name: str, gone: bool) -> None:
    if name == "ximu3":
        pytest.importorskip("ximu3")
    make, driver_of = DIALOGUES[name]
    with PtyDevice(make()) as device:
        driver = driver_of(device.path)
        driver.open()
        if gone:
            device.close()
        must_close(driver)


@pytest.mark.parametrize("name", ["witmotion", "xbus", "bitalino"])
def test_a_driver_that_asks_a_silent_wire(serial_line: Line, name: str) -> None:
    driver = DIALOGUES[name][1](serial_line.path)
    begun = threading.Event()

    def run() -> None:
        begun.set()
        with contextlib.suppress(DeviceError):
            driver.open()

    opening = threading.Thread(target=run, daemon=True)
    opening.start()
    assert begun.wait(5.0)
    must_close(driver, held=True)
    opening.join(20.0)
    assert not opening.is_alive()


@pytest.mark.parametrize("gone", [False, True])
def test_a_trigno(gone: bool) -> None:
    with TrignoServer() as server:
        driver = TrignoDriver(ports=server.ports)
        driver.open()
        if gone:
            server.hang_up()
        must_close(driver)


def test_a_treadmill_whose_radio_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_bleak import FakeDevice, library

    from drivers import ble_port
    from drivers.ftms import MACHINE_STATUS, SERVICE, TREADMILL_DATA

    belt = FakeDevice(
        "T1", "Belt", services=(SERVICE,),
        characteristics=(TREADMILL_DATA, MACHINE_STATUS),
    )  # fmt: skip
    monkeypatch.setattr(ble_port, "load_bleak", lambda: library(belt))
    driver = FtmsTreadmill("T1")
    driver.open()
    belt.hangs = True
    must_close(driver)


def test_rows_of_a_library_and_values_by_hand() -> None:
    class Board(RowPort):
        def open(self) -> None:
            self.fresh()

        def close(self) -> None: ...

    driver = ProfileDriver(parse(IMU), "", Board("board"))
    driver.open()
    must_close(driver)
    belt = ManualSpeed.from_options({})
    belt.open()
    must_close(belt)
