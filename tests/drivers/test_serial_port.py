from __future__ import annotations

import errno
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
import serial

from drivers import serial_port
from drivers.profile import UsbId
from drivers.serial_port import SerialPort, resolve_port, serial_ports
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from conftest import Wire

CONTROL = bytes((0x00, 0x03, 0x04, 0x0A, 0x0D, 0x11, 0x13, 0x1A, 0x7F, 0xFF))


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The ports the operating system lists."""
    found: list[Any] = []
    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: list(found))
    return found


def usb(path: str, vid: int | None, pid: int | None, number: str = "") -> Any:
    return types.SimpleNamespace(
        device=path, vid=vid, pid=pid, serial_number=number, description="a bridge"
    )


def test_bytes_pass_both_ways_unchanged(wire: Wire) -> None:
    port = SerialPort(wire.path, 115200)
    port.open()
    wire.send(CONTROL)
    assert b"".join(port.read(2.0)) == CONTROL
    port.write(CONTROL)
    assert wire.heard(len(CONTROL)) == CONTROL
    assert port.read(0.0) == []
    port.close()
    port.close()


def test_everything_waiting_is_read_at_once(wire: Wire) -> None:
    port = SerialPort(wire.path, 115200)
    port.open()
    data = bytes(range(256)) * 12
    wire.send(data)
    got = b""
    while len(got) < len(data):
        (part,) = port.read(2.0)
        got += part
    assert got == data
    port.close()


def test_what_came_before_opening_is_thrown_away(wire: Wire) -> None:
    wire.send(b"old")
    port = SerialPort(wire.path, 115200)
    port.open()
    assert port.read(0.0) == []
    wire.send(b"new")
    assert port.read(2.0) == [b"new"]
    port.close()


def test_a_missing_port_names_those_there_are(plugged: list[Any]) -> None:
    plugged.append(usb("/dev/ttyUSB7", 0x1A86, 0x7523))
    with pytest.raises(DeviceError, match="/dev/ttyUSB7") as caught:
        SerialPort("/dev/lablive-none", 9600).open()
    assert caught.value.kind == "missing"


def test_a_port_in_use_is_busy(wire: Wire) -> None:
    first = SerialPort(wire.path, 115200)
    first.open()
    with pytest.raises(DeviceError, match="used by another program") as caught:
        SerialPort(wire.path, 115200).open()
    assert caught.value.kind == "busy"
    first.close()
    again = SerialPort(wire.path, 115200)
    again.open()
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="groups of Linux")
def test_a_forbidden_port_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port: denied")

    monkeypatch.setattr(serial.Serial, "open", refuse)
    with pytest.raises(DeviceError) as caught:
        SerialPort("/dev/ttyUSB0", 9600).open()
    assert caught.value.kind == "permission"
    assert "sudo usermod -aG dialout $USER" in caught.value.todo
    assert "log out and in" in caught.value.todo


def test_an_unplugged_device_is_told(wire: Wire) -> None:
    port = SerialPort(wire.path, 115200)
    port.open()
    wire.let_go()
    wire.unplug()
    with pytest.raises(DeviceError, match="is gone") as caught:
        port.read(0.5)
    assert caught.value.kind == "unplugged"
    with pytest.raises(DeviceError) as written:
        port.write(b"x")
    assert written.value.kind == "unplugged"
    port.close()


def test_a_full_line_does_not_hang_the_writer(wire: Wire) -> None:
    port = SerialPort(wire.path, 115200)
    port.open()
    with pytest.raises(DeviceError, match="takes no bytes") as caught:
        port.write(bytes(1 << 20))
    assert caught.value.kind == "timeout"
    port.close()


def test_a_port_is_found_by_its_usb_identity(plugged: list[Any]) -> None:
    plugged += [
        usb("/dev/ttyS0", None, None),
        usb("/dev/ttyUSB0", 0x1A86, 0x7523, "A1"),
        usb("/dev/ttyUSB1", 0x1A86, 0x7523, "B2"),
        usb("/dev/ttyACM0", 0x303A, 0x1001),
    ]
    assert resolve_port("/dev/anything") == "/dev/anything"
    assert resolve_port("COM3") == "COM3"
    assert resolve_port("1a86:7523:B2") == "/dev/ttyUSB1"
    assert resolve_port("303A:1001") == "/dev/ttyACM0"
    assert resolve_port("", (UsbId(vid=0x303A, pid=0x1001),)) == "/dev/ttyACM0"
    with pytest.raises(DeviceError, match="1A86:7523:A1") as caught:
        resolve_port("1A86:7523")
    assert caught.value.kind == "ambiguous"
    with pytest.raises(DeviceError, match="/dev/ttyACM0") as caught:
        resolve_port("1A86:7523:C3")
    assert caught.value.kind == "missing"
    with pytest.raises(DeviceError, match="No serial port was named"):
        resolve_port("")
    assert [port.identity for port in serial_ports()] == [
        "/dev/ttyS0", "1A86:7523:A1", "1A86:7523:B2", "303A:1001",
    ]  # fmt: skip


def test_a_device_is_found_again_on_another_port(plugged: list[Any]) -> None:
    plugged.append(usb("/dev/ttyACM0", 0x303A, 0x1001, "24:58:7C:E1:02:9A"))
    named = serial_ports()[0].identity
    plugged[:] = [
        usb("/dev/ttyACM0", 0x1A86, 0x7523, "A1"),
        usb("/dev/ttyACM3", 0x303A, 0x1001, "24:58:7C:E1:02:9A"),
    ]
    assert resolve_port(named) == "/dev/ttyACM3"


def test_listing_while_a_cable_is_pulled_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise TypeError("int() argument must be a string, not NoneType")

    monkeypatch.setattr(serial_port.list_ports, "comports", fail)
    assert serial_ports() == []
