"""Xsens MTi: messages, items, dialogue, faults."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from device_cases import (
    count,
    decode,
    decode_live,
    lost_in,
    opened,
    read,
    vectors,
    x_of,
)
from wire_profiles import CUTS

from drivers.sim.faults import Faults, FaultyWire
from drivers.sim.pty_device import PtyDevice
from drivers.sim.xbus_device import XbusDevice, acc_mps2, gyro_rps
from drivers.xbus import XbusDriver
from drivers.xbus_frames import (
    COUNTER,
    FINE_TIME,
    Output,
    XbusFramer,
    content,
    items,
    message,
    output_bytes,
    outputs,
    xbus_profile,
)
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from conftest import Wire

VECTORS = vectors("xbus")
ACC_GYRO = (0x4020, 0x8020)


def test_commands_are_those_of_the_vendor() -> None:
    wanted = (
        Output(COUNTER, 0xFFFF),
        Output(FINE_TIME, 0xFFFF),
        Output(0x4020, 100),
        Output(0x8020, 100),
    )
    assert message(0x30).hex() == VECTORS["xbus-gotoconfig"]["hex"]
    assert message(0x10).hex() == VECTORS["xbus-gotomeas"]["hex"]
    assert message(0x00).hex() == VECTORS["xbus-reqdid"]["hex"]
    told = message(0xC0, output_bytes(wanted))
    assert told.hex() == VECTORS["xbus-setoutput"]["hex"]
    assert outputs(content(told)) == wanted


def test_long_messages_have_a_longer_length() -> None:
    told = message(0x36, bytes(300))
    assert told[3:6] == b"\xff\x01\x2c"
    assert content(told) == bytes(300)


@pytest.mark.parametrize("size", CUTS)
def test_a_published_message(size: int) -> None:
    data = bytes.fromhex(VECTORS["xbus-mti630"]["hex"])
    expected = VECTORS["xbus-mti630"]["expect"]["data"]
    out, _ = decode(xbus_profile(ACC_GYRO, 100.0), XbusFramer(ACC_GYRO), data, size)
    np.testing.assert_allclose(
        x_of(out), [expected["acc_mps2"] + expected["gyro_radps"]], atol=1e-6
    )
    (chunk,) = out
    assert chunk.counter.tolist() == [expected["packet_counter"]]


def test_items_that_do_not_fit_are_no_row() -> None:
    assert items(bytes.fromhex("1020")) is None
    assert items(bytes.fromhex("102004dfc5")) is None
    assert items(bytes.fromhex("ffff01aa1020020001")) == {
        0xFFF0: (0xFFFF, b"\xaa"),
        COUNTER: (COUNTER, b"\x00\x01"),
    }


@pytest.mark.parametrize("size", CUTS)
def test_rows_do_not_depend_on_order_and_missing_items_are_nan(size: int) -> None:
    plain = XbusDevice()
    turned = XbusDevice(tuple(reversed(plain.sends)))
    lacks = XbusDevice(plain.sends[:3])
    data = plain.frame(0) + turned.frame(1) + lacks.frame(2) + plain.frame(3)
    out, found = decode(xbus_profile(ACC_GYRO, 100.0), XbusFramer(ACC_GYRO), data, size)
    expected = [[*acc_mps2(n), *gyro_rps(n)] for n in range(4)]
    expected[2][3:] = [np.nan] * 3
    np.testing.assert_allclose(x_of(out), expected, rtol=1e-6)
    assert found.stats.skipped_bytes == 0


@pytest.mark.parametrize("per", [1, 2, 7])
def test_losses_are_counted_exactly(per: int) -> None:
    device = XbusDevice()
    wire = FaultyWire(
        Faults(drop_pct=5, duplicate_pct=2, cut_pct=1, burst_at_s=3.0), seed=4
    )
    frames = [wire.arrives(device.frame(n), n / 100) for n in range(2000)]
    frames[0], frames[-1] = device.frame(0), device.frame(1999)
    whole = {n for n, f in enumerate(frames) if len(f) >= len(device.frame(n))}
    out, found = decode_live(
        xbus_profile(ACC_GYRO, 100.0), XbusFramer(ACC_GYRO), frames, 100.0, per
    )
    assert count(out) == len(whole)
    assert lost_in(out) == 2000 - len(whole) > 90
    assert found.tallies[0].duplicates == wire.count.duplicated > 10
    assert found.tallies[0].lost_is_exact


def test_untouched_messages_come_back_after_flipped_bits() -> None:
    device = XbusDevice()
    wire = FaultyWire(Faults(flip_rate=1e-4), seed=2)
    sent = [device.frame(n) for n in range(3000)]
    came = [wire.arrives(frame, 0.0) for frame in sent]
    good = [n for n in range(3000) if sent[n] == came[n]]
    out, _ = decode(
        xbus_profile(ACC_GYRO, 100.0), XbusFramer(ACC_GYRO), b"".join(came), 64
    )
    counters = np.concatenate([c.counter for c in out if hasattr(c, "counter")])
    assert wire.count.flipped > 50
    assert set(good) <= set(counters.tolist())
    # an 8-bit sum lets 1 in 256 damaged messages pass
    assert len(counters) - len(good) <= 1 + wire.count.flipped / 50


def test_a_sensor_as_it_is_set_is_not_written_to() -> None:
    device = XbusDevice()
    with PtyDevice(device) as wire, opened(XbusDriver(wire.path, site="pelvis")) as d:
        out = read(d, 20)
        info = d.status()[0]
    first = next(c for c in out if hasattr(c, "counter")).counter[0]
    n = np.arange(first, first + count(out))
    np.testing.assert_allclose(x_of(out), [[*acc_mps2(k), *gyro_rps(k)] for k in n],
                               rtol=1e-6)  # fmt: skip
    assert device.writes == 0
    assert info.state == "streaming"


def test_names_rate_and_identity() -> None:
    with PtyDevice(XbusDevice()) as wire:
        driver = XbusDriver(wire.path, site="shank_left", name="Shank")
        (info,) = driver.open()
        driver.close()
    assert info.rate_hz == 100.0
    assert info.labels[0] == "imu_shank_left.acc.x"
    assert info.source_id == "Xsens MTi|03800001|Shank"  # whatever port it is at
    assert (info.counter_bits, info.sample_format) == (16, "float32")


def test_setup_is_done_only_when_asked_and_once() -> None:
    device = XbusDevice((Output(COUNTER, 0xFFFF), Output(0x4023, 100)))
    with PtyDevice(device) as wire:
        driver = XbusDriver(wire.path)
        with pytest.raises(DeviceError, match="xbus_setup") as caught:
            driver.open()
        assert caught.value.kind == "protocol"
        assert device.writes == 0
        driver.close()
        for _ in range(2):
            with opened(XbusDriver(wire.path, setup=True)) as d:
                assert "quat" in d.open.__self__._infos[0].labels[6]
                read(d, 5)
    assert device.writes == 1
    assert {out.rate_hz for out in device.sends[2:]} == {100}  # what 115200 carries


def test_another_speed_is_found() -> None:
    device = XbusDevice(baud=460800)
    with PtyDevice(device) as wire, opened(XbusDriver(wire.path, setup=True)) as d:
        assert d._infos[0].rate_hz == 400.0
        read(d, 10)


def test_a_refusal_says_why() -> None:
    device = XbusDevice(refuses=0x29)
    with PtyDevice(device) as wire:
        driver = XbusDriver(wire.path, setup=True, rate_hz=2000)
        with pytest.raises(DeviceError, match="lower the rate"):
            driver.open()
        driver.close()


def test_nothing_there(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    monkeypatch.setattr("drivers.xbus._ANSWER_S", 0.02)
    driver = XbusDriver(wire.path)
    with pytest.raises(DeviceError) as caught:
        driver.open()
    assert caught.value.kind == "baud"
    driver.close()


def test_close_ends_an_opening_that_waits(wire: Wire) -> None:
    driver = XbusDriver(wire.path)
    told: list[DeviceError] = []

    def go() -> None:
        try:
            driver.open()
        except DeviceError as error:
            told.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    assert wire.heard(5) == message(0x30)
    driver.close()
    thread.join(5.0)
    assert not thread.is_alive()
    assert told


def test_unplugged_and_plugged_in_under_another_name() -> None:
    device = XbusDevice()
    with PtyDevice(device) as wire:
        driver = XbusDriver(wire.path)
        first = driver.open()
        read(driver, 3)
        wire.close()
        with pytest.raises(DeviceError) as caught:
            read(driver, 10**6)
        assert caught.value.kind == "unplugged"
        driver.close()
    with PtyDevice(XbusDevice()) as wire:
        driver = XbusDriver(wire.path)
        assert driver.open() == first
        read(driver, 3)
        driver.close()


def test_options() -> None:
    with pytest.raises(ConfigError, match="unknown option"):
        XbusDriver.from_options({"prot": "/dev/ttyUSB0"})
    with pytest.raises(ConfigError, match="no number"):
        XbusDriver.from_options({"rate_hz": "fast"})
    with pytest.raises(ConfigError, match="site"):
        XbusDriver.from_options({"site": "tail"})
