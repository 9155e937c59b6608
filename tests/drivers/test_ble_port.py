from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)
from fake_bleak import FakeDevice, library

from drivers import ble_library, ble_port
from drivers.ble_library import ble_error, load_bleak, scan
from drivers.ble_port import BlePort
from drivers.profile_driver import ProfileDriver
from drivers.profile_files import load_profile
from drivers.source import Source
from lablive.clock import now_s
from lablive.errors import DeviceError
from lablive.messages import Chunk, Gap, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TALK = "0000fff1-0000-1000-8000-00805f9b34fb"
MORE = "0000fff2-0000-1000-8000-00805f9b34fb"
ORPHE = load_profile("orphe_56").transport


def orphe(address: str = "C0:01") -> FakeDevice:
    return FakeDevice(
        address, "ORPHE CORE", services=(ORPHE.service,),
        characteristics=(ORPHE.characteristic,),
    )  # fmt: skip


def use(monkeypatch: pytest.MonkeyPatch, bleak: Any) -> None:
    monkeypatch.setattr(ble_library, "load_bleak", lambda: bleak)
    monkeypatch.setattr(ble_port, "load_bleak", lambda: bleak)


def frame(serial: int, pressures: tuple[int, int]) -> bytes:
    """Return an ORPHE notification: two samples, the newest first."""
    head = struct.pack(">BHBBBH", 56, serial, 12, 0, 0, 0)
    slots = b"".join(
        struct.pack(">10h6H", *([0] * 10), *([value] * 6))
        for value in reversed(pressures)
    )
    return (head + slots).ljust(104, b"\0")


def hear(driver: ProfileDriver, rows: int, at_most_s: float = 5.0) -> list[Chunk | Gap]:
    told: list[Chunk | Gap] = []
    end_s = now_s() + at_most_s
    while sum(len(it) for it in told if isinstance(it, Chunk)) < rows:
        assert now_s() < end_s
        told += driver.read()
    return told


def test_an_insole_profile_reads_notifications(monkeypatch: pytest.MonkeyPatch) -> None:
    device = orphe()
    use(monkeypatch, library(device))
    driver = ProfileDriver.from_options({"profile": "orphe_56", "site": "foot_left"})
    (info,) = driver.open()
    assert info.labels[0].startswith("insole_left.pressure")
    for serial in range(4):
        device.says(ORPHE.characteristic, frame(serial, (2 * serial, 2 * serial + 1)))
    device.says(ORPHE.characteristic, b"short")  # ignored, as its makers do
    device.says(ORPHE.characteristic, frame(6, (12, 13)))  # two notifications lost
    told = hear(driver, 10)
    x = np.concatenate([it.x for it in told if isinstance(it, Chunk)])
    assert x[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 12, 13]
    assert [it.rows_lost for it in told if isinstance(it, Gap)] == [4]
    driver.close()
    assert not device.connected


def test_a_device_out_of_reach_is_told_and_comes_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: Callable[..., None]
) -> None:
    device = orphe()
    use(monkeypatch, library(device))
    ids = iter(range(1, 9))
    source = Source(
        SourceSpec("Sole", "profile", {"profile": "orphe_56", "site": "foot_left"}),
        lambda spec: ProfileDriver.from_options(spec.options),
        lambda: next(ids),
        tmp_path,
    )
    source.start()
    try:
        until(lambda: device.connected, "the connection")
        device.says(ORPHE.characteristic, *(frame(n, (1, 2)) for n in range(3)))
        until(lambda: source.report().status[0].rows == 6, "rows")
        device.vanish()
        until(lambda: source.report().state == "recovering", "the loss to be told")
        assert "was disconnected" in source.report().message
        until(lambda: device.connections == 2, "the second connection")
        device.says(ORPHE.characteristic, frame(0, (1, 2)))
        until(lambda: source.report().status[0].rows == 8, "rows again")
        assert len(source.report().streams) == 1
    finally:
        source.stop()
    assert not device.connected


def test_a_device_is_found_by_address_name_or_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = FakeDevice("A", "Sole L", characteristics=(TALK,))
    two = FakeDevice("B", "", services=(ORPHE.service,), characteristics=(TALK,))
    use(monkeypatch, library(one, two))
    for found, port in (
        (two, BlePort((TALK,), address="B")),
        (one, BlePort((TALK,), name_prefix="Sole")),
        (two, BlePort((TALK,), service=ORPHE.service.upper(), name_prefix="Foot")),
    ):
        port.open()
        assert found.connected
        port.close()
        port.close()
        assert not found.connected


def test_two_that_fit_are_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, library(orphe("C0:01"), orphe("C0:02")))
    with pytest.raises(DeviceError, match=r"C0:01.*C0:02") as told:
        BlePort((TALK,), name_prefix="ORPHE").open()
    assert told.value.kind == "ambiguous"


@pytest.mark.parametrize("address", ["", "C0:09"])
def test_a_device_that_is_off_is_told(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    use(monkeypatch, library())
    with pytest.raises(DeviceError, match="was not found") as told:
        BlePort((TALK,), address=address, name_prefix="ORPHE").open()
    assert told.value.kind == "missing"


def test_a_device_of_another_kind_is_told_and_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = FakeDevice("A", "Watch", characteristics=(MORE,))
    use(monkeypatch, library(device))
    with pytest.raises(DeviceError, match="profile") as told:
        BlePort((TALK,), address="A").open()
    assert told.value.kind == "protocol"
    assert not device.connected


def test_a_second_characteristic_may_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice("A", "Belt", characteristics=(TALK,))
    use(monkeypatch, library(device))
    port = BlePort((TALK, MORE), address="A")
    port.open()
    device.says(TALK, b"1", b"2")
    heard: list[tuple[int, bytes]] = []
    end_s = now_s() + 5
    while len(heard) < 2 and now_s() < end_s:
        heard += port.read_each(0.02)
    assert heard == [(0, b"1"), (0, b"2")]
    port.close()


def test_commands_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice("A", "Belt", characteristics=(TALK,))
    use(monkeypatch, library(device))
    port = BlePort((TALK,), address="A", write_to=MORE)
    port.write(b"before")  # nobody is connected
    port.open()
    port.write(b"go")
    assert device.written == [(MORE, b"go")]
    port.close()


def test_a_radio_that_hangs_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice("A", "Belt", characteristics=(TALK,))
    use(monkeypatch, library(device))
    monkeypatch.setattr(ble_port, "_CLOSE_S", 0.05)
    port = BlePort((TALK,), address="A")
    port.open()
    device.hangs = True
    port.close()
    monkeypatch.setattr(ble_port, "_FIND_S", 0.02)
    monkeypatch.setattr(ble_port, "_CONNECT_S", 1.02)
    fresh = FakeDevice("A", "Belt", characteristics=(TALK,))
    fresh.hangs = True
    use(monkeypatch, library(fresh))
    with pytest.raises(DeviceError, match="in time") as told:
        BlePort((TALK,), address="A").open()
    assert told.value.kind == "timeout"


REASON = BleakBluetoothNotAvailableReason


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (BleakBluetoothNotAvailableError("x", REASON.NO_BLUETOOTH), "missing", "adap"),
        (BleakBluetoothNotAvailableError("x", REASON.POWERED_OFF), "missing", "off"),
        (
            BleakBluetoothNotAvailableError("x", REASON.DENIED_BY_USER),
            "permission",
            "may not",
        ),
        (BleakDBusError("org.bluez.Error.NotReady", []), "missing", "switched off"),
        (
            BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["x"]),
            "missing",
            "systemctl start",
        ),
        (
            BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["x"]),
            "permission",
            "may not",
        ),
        (FileNotFoundError(2, "No such file"), "missing", "adapter"),
        (BleakError("le-connection-abort-by-local"), "unplugged", "le-connection"),
    ],
)
def test_every_trouble_is_one_message_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str, word: str
) -> None:
    use(monkeypatch, library(failure=error))
    for attempt in (BlePort((TALK,), address="A").open, scan):
        with pytest.raises(DeviceError, match=word) as told:
            attempt()
        assert told.value.kind == kind
        assert told.value.todo
    assert ble_error(error, "It").kind == kind


def test_a_scan_lists_the_nearest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, library(orphe("C0:01"), FakeDevice("B", "Belt")))
    found = scan(0.1)
    assert [it.name for it in found] == ["ORPHE CORE", "Belt"]
    assert found[0].services == (ORPHE.service,)


def test_a_missing_library_is_one_message_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "bleak", None)
    with pytest.raises(DeviceError, match="pip install") as told:
        load_bleak()
    assert told.value.kind == "library"
