from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_bleak import FakeDevice, library
from hypothesis import given
from hypothesis import strategies as st

from drivers import ble_port, ftms_treadmill
from drivers.ftms import (
    MACHINE_STATUS,
    SERVICE,
    TREADMILL_DATA,
    machine_status,
    treadmill_data,
)
from drivers.ftms_treadmill import FtmsTreadmill
from drivers.host import make_driver
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.messages import Chunk, SourceSpec

FILE = Path(__file__).parent / "data" / "driver_vectors.json"
VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(FILE.read_text())["vectors"]
    if vector["protocol"].startswith("ftms")
]


def of(protocol: str) -> list[Any]:
    return [
        pytest.param(bytes.fromhex(it["hex"]), it["expect"], id=it["id"])
        for it in VECTORS
        if it["protocol"] == protocol
    ]


@pytest.mark.parametrize(("data", "expect"), of("ftms-2acd"))
def test_treadmill_data_of_real_machines(data: bytes, expect: dict[str, Any]) -> None:
    told = treadmill_data(data)
    assert told is not None
    assert {"flags": told.flags, **told.values} == pytest.approx(expect)


@pytest.mark.parametrize(("data", "expect"), of("ftms-2ada"))
def test_status_of_real_machines(data: bytes, expect: dict[str, Any]) -> None:
    told = machine_status(data)
    assert told is not None
    for name, value in expect.items():
        assert getattr(told, name) == pytest.approx(value)


def test_what_is_not_available_is_none_and_what_is_cut_is_said() -> None:
    told = treadmill_data(bytes.fromhex("0800ffffff7f0000"))
    assert told is not None
    assert told.values == {"speed_kmh": None, "incline_pct": None, "ramp_deg": 0.0}
    cut = treadmill_data(bytes.fromhex("0820e8030f000000"))  # steps not sent
    assert cut is not None
    assert cut.truncated
    assert cut.values["speed_kmh"] == 10.0
    assert cut.values["incline_pct"] == pytest.approx(1.5)
    assert treadmill_data(b"\x00") is None


def test_more_data_means_no_speed_here() -> None:
    told = treadmill_data(bytes.fromhex("090014000000"))
    assert told is not None
    assert told.values == pytest.approx({"incline_pct": 2.0, "ramp_deg": 0.0})


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    told = treadmill_data(data)
    assert (told is None) == (len(data) < 2)
    machine_status(data)


def hear(driver: FtmsTreadmill, rows: int) -> list[Chunk]:
    found: list[Chunk] = []
    end_s = now_s() + 5
    while len(found) < rows:
        assert now_s() < end_s
        found += [it for it in driver.read() if isinstance(it, Chunk)]
    return found


@pytest.fixture
def belt(monkeypatch: pytest.MonkeyPatch) -> FakeDevice:
    device = FakeDevice(
        "T1", "Belt", services=(SERVICE,),
        characteristics=(TREADMILL_DATA, MACHINE_STATUS),
    )  # fmt: skip
    monkeypatch.setattr(ble_port, "load_bleak", lambda: library(device))
    return device


def test_speed_and_slope_of_a_treadmill(belt: FakeDevice) -> None:
    driver = FtmsTreadmill.from_options({})
    (info,) = driver.open()
    assert info.labels == ("treadmill.speed", "treadmill.incline")
    belt.says(TREADMILL_DATA, bytes.fromhex("0000e803"))
    (first,) = hear(driver, 1)
    assert first.x[0, 0] == pytest.approx(10 / 3.6)
    assert first.x[0, 1] != first.x[0, 1]  # the slope is not known
    belt.says(TREADMILL_DATA, bytes.fromhex("0800b00414000000"))
    (second,) = hear(driver, 1)
    assert second.x[0] == pytest.approx([12 / 3.6, 2.0])
    belt.says(MACHINE_STATUS, b"\x03")
    belt.says(TREADMILL_DATA, bytes.fromhex("00000000"))
    (stopped,) = hear(driver, 1)
    assert stopped.x[0] == pytest.approx([0.0, 2.0])
    assert "safety key" in driver.status()[0].last_fault
    assert belt.written == []  # read only
    driver.close()
    assert driver.read() == []


def test_a_treadmill_that_sleeps_is_told(
    belt: FakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftms_treadmill, "_SILENT_S", -1.0)
    driver = FtmsTreadmill("T1")
    driver.open()
    with pytest.raises(DeviceError, match="Wake it up") as told:
        driver.read()
    assert told.value.kind == "timeout"
    driver.close()
    assert not belt.connected


def test_wrong_options_are_one_message() -> None:
    with pytest.raises(ConfigError, match="speed"):
        FtmsTreadmill.from_options({"speed": 3})


def test_the_host_knows_the_driver_by_name_and_as_a_profile() -> None:
    for driver, options in (("ftms", {}), ("profile", {"profile": "ftms"})):
        spec = SourceSpec("Belt", driver, {"port": "T1", **options})
        assert isinstance(make_driver(spec), FtmsTreadmill)
