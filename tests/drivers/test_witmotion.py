"""WitMotion: commands, time of rows, baud search, set-up only when asked."""

from __future__ import annotations

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
from drivers.sim.witmotion_device import (
    WitMotionDevice,
    packet,
    raw_acc,
    raw_gyro,
    time_packet,
)
from drivers.witmotion import WitMotionDriver
from drivers.witmotion_frames import (
    ACC,
    ASK,
    BAUD,
    GYRO,
    RRATE,
    RSW,
    SAVE,
    TIME,
    UNLOCK,
    Settings,
    WitFramer,
    settings,
    time_ms,
    wit_profile,
    write_register,
)
from lablive.errors import ConfigError, DeviceError
from lablive.messages import Gap

if TYPE_CHECKING:
    from conftest import Wire

VECTORS = vectors("wit")
FULL = Settings(frozenset({TIME, ACC, GYRO}), 200.0)
FAST = {RSW: 0x0007, RRATE: 0x0B, BAUD: 6}
SCALE = np.array([16 / 32768] * 3 + [2000 / 32768] * 3)


def expected(rows: range | list[int]) -> np.ndarray:
    return np.array([[*raw_acc(n), *raw_gyro(n)] for n in rows]) * SCALE


def test_commands_are_those_of_the_vendor() -> None:
    told = {
        "wit-unlock": UNLOCK,
        "wit-save": SAVE,
        "wit-rsw-1f": write_register(RSW, 0x1F),
        "wit-rate-100": write_register(RRATE, 9),
        "wit-rate-200": write_register(RRATE, 0x0B),
        "wit-baud-115200": write_register(BAUD, 6),
        "wit-read-reg": ASK,
    }
    assert {key: data.hex() for key, data in told.items()} == {
        key: VECTORS[key]["hex"] for key in told
    }


def test_settings_as_the_sensor_tells_them() -> None:
    device = WitMotionDevice(FAST)
    assert settings(device.answer(ASK)) == FULL
    assert settings(WitMotionDevice().answer(ASK)).rate_hz == 10.0


def test_time_goes_on_over_midnight_and_a_date_that_is_none_counts() -> None:
    day_ms = 86_400_000
    assert time_ms(time_packet(day_ms)) - time_ms(time_packet(day_ms - 5)) == 5
    none = bytearray(time_packet(1234))
    none[2:5] = b"\0\0\0"
    assert time_ms(bytes(none)) == 1234


@pytest.mark.parametrize("size", CUTS)
def test_any_cut_gives_the_same_rows(size: int) -> None:
    device = WitMotionDevice(FAST)
    data = b"\x55\x51junk" + b"".join(device.frame(n) for n in range(50))
    out, found = decode(wit_profile(FULL), WitFramer(timed=True), data, size)
    np.testing.assert_allclose(x_of(out), expected(range(50)), rtol=1e-6)
    assert found.stats.checksum_errors == 0


def test_rows_are_timed_and_lost_ones_found_by_the_sensors_clock() -> None:
    device = WitMotionDevice(FAST)
    frames = [device.frame(n) for n in range(3000)]
    for lost in (700, 1500, 1501, 2200):
        frames[lost] = b""
    out, found = decode_live(wit_profile(FULL), WitFramer(timed=True), frames, 200.0, 3)
    gaps = [item for item in out if isinstance(item, Gap)]
    assert (count(out), lost_in(out)) == (2996, 4)
    assert [gap.rows_lost for gap in gaps] == [1, 2, 1]
    assert not found.tallies[0].lost_is_exact  # "about"
    t_s = np.concatenate([c.t_s for c in out if not isinstance(c, Gap)])
    steps_ms = np.diff(t_s[600:]) * 1e3
    assert np.median(steps_ms) == pytest.approx(5.0, abs=0.01)


def test_a_missing_packet_is_missing_numbers() -> None:
    device = WitMotionDevice(FAST)
    frames = [device.frame(n) for n in range(400)]
    frames[300] = time_packet(1500) + packet(ACC, (*raw_acc(300), 0))  # no gyro
    out, found = decode_live(wit_profile(FULL), WitFramer(timed=True), frames, 200.0)
    x = x_of(out)
    assert np.isnan(x[300, 3:]).all()
    assert np.isfinite(x[300, :3]).all()
    assert found.incomplete_rows == 1


def test_a_row_without_its_time_is_lost_and_told_so() -> None:
    device = WitMotionDevice(FAST)
    frames = [device.frame(n) for n in range(400)]
    frames[300] = frames[300][:11] + frames[300][22:]  # time and gyro, no acceleration
    out, found = decode_live(wit_profile(FULL), WitFramer(timed=True), frames, 200.0)
    assert (count(out), lost_in(out), found.incomplete_rows) == (399, 1, 1)


def test_untouched_packets_come_back_after_flipped_bits() -> None:
    device = WitMotionDevice(FAST)
    wire = FaultyWire(Faults(flip_rate=1e-4), seed=5)
    sent = [device.frame(n) for n in range(4000)]
    came = [wire.arrives(frame, 0.0) for frame in sent]
    good = [n for n in range(1, 4000) if sent[n] == came[n]]
    out, _ = decode_live(wit_profile(FULL), WitFramer(timed=True), came, 200.0)
    rows = {row.astype(np.float32).tobytes() for row in x_of(out)}
    wanted = expected(good).astype(np.float32)
    assert wire.count.flipped > 50
    assert all(row.tobytes() in rows for row in wanted)


def test_a_sensor_as_sold_is_read_and_not_written_to() -> None:
    device = WitMotionDevice({RSW: 0x0007})
    with PtyDevice(device) as wire, opened(WitMotionDriver(wire.path)) as driver:
        read(driver, 4)
        (status,) = driver.status()
        (info,) = driver._infos
    assert (device.writes, device.saves) == (0, 0)
    assert info.rate_hz == 10.0
    assert "10 Hz at 9600 baud" in status.last_fault
    assert "witmotion_setup" in status.last_fault


def test_setup_writes_once() -> None:
    device = WitMotionDevice()
    with PtyDevice(device) as wire:
        for _ in range(2):
            driver = WitMotionDriver.from_options(
                {"port": wire.path, "setup": "true", "site": "pelvis"}
            )
            with opened(driver):
                out = read(driver, 60)
                (info,) = driver._infos
        assert device.saves == 1
    assert (device.baud, device.rate_hz) == (115200, 200.0)
    assert device.registers[RSW] == 0x0207
    assert info.rate_hz == 200.0
    assert info.labels[0] == "imu_pelvis.acc.x"
    assert info.labels[-1] == "imu_pelvis.quat.z"
    assert np.isfinite(x_of(out)[5:]).all()


def test_a_sensor_that_tells_nothing_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.witmotion._MEASURE_S", 0.3)
    device = WitMotionDevice(FAST, answers=False)
    with PtyDevice(device) as wire, opened(WitMotionDriver(wire.path)) as driver:
        read(driver, 20)
        assert driver._infos[0].rate_hz == 200.0


def test_a_sensor_without_acceleration_says_what_to_do() -> None:
    device = WitMotionDevice({**FAST, RSW: 0x0001})
    with PtyDevice(device) as wire:
        driver = WitMotionDriver(wire.path)
        with pytest.raises(DeviceError, match="witmotion_setup"):
            driver.open()


def test_nothing_there(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    monkeypatch.setattr("drivers.witmotion._LISTEN_S", 0.02)
    monkeypatch.setattr("drivers.witmotion._ANSWER_S", 0.02)
    with pytest.raises(DeviceError) as caught:
        WitMotionDriver(wire.path).open()
    assert caught.value.kind == "baud"
    assert "115200" in caught.value.what


def test_unplugged() -> None:
    with PtyDevice(WitMotionDevice(FAST)) as wire:
        driver = WitMotionDriver(wire.path)
        driver.open()
        read(driver, 5)
        wire.close()
        with pytest.raises(DeviceError) as caught:
            read(driver, 10**6)
        assert caught.value.kind == "unplugged"
        driver.close()


def test_options() -> None:
    with pytest.raises(ConfigError, match="site"):
        WitMotionDriver.from_options({"site": "nose"})
    with pytest.raises(ConfigError, match="neither yes nor no"):
        WitMotionDriver.from_options({"setup": "maybe"})
