"""Devices behind libraries: x-IMU3, BrainFlow, Shimmer3."""

from __future__ import annotations

import sys
import threading
from enum import Enum, auto
from types import ModuleType

import numpy as np
import pytest
from device_cases import count, lost_in, opened, read, x_of

from drivers.brainflow_board import BrainFlowDriver
from drivers.profile import Device
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.row_port import Quantity, RowPort, let_go, row_profile
from drivers.shimmer3 import Shimmer3Driver, ShimmerPort
from drivers.sim.faults import Faults
from drivers.sim.pty_device import PtyDevice
from drivers.sim.ximu3_device import CHARGE_PCT, SERIAL_NUMBER, Ximu3Device, values
from drivers.ximu3_imu import Ximu3Driver, Ximu3Port, rate_of
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError


def test_rows_keep_counter_clock_and_values() -> None:
    port = RowPort("Test")
    port.fresh()
    profile = row_profile(
        Device(name="Test", kind="imu"), 100.0, [Quantity("acc", "g", 3)],
        name="imu", site="pelvis", counter_bits=8, tick_s=1e-6,
    )  # fmt: skip
    decoder = ProfileDecoder(profile, stream_infos(profile))
    for n in (*range(250, 256), *range(4), 7):
        port.put((n, 0.5, -1.0), counter=n, tick=n * 10_000)
    out = decoder.feed(port.read(0.0), 100.0)
    assert x_of(out)[:, 0].tolist() == [*range(250, 256), *range(4), 7]
    assert lost_in(out) == 3
    assert decoder.tallies[0].info.labels[0] == "imu_pelvis.acc.x"


def test_silence_of_a_library_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.row_port.SILENT_S", 0.01)
    port = RowPort("The board")
    port.fresh()
    end_s = now_s() + 5

    def wait() -> None:
        while now_s() < end_s:
            port.read(0.005)

    with pytest.raises(DeviceError, match="has sent nothing"):
        wait()


def test_a_library_that_hangs_does_not_keep_close_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.row_port._CLOSE_S", 0.05)
    held, begun = threading.Event(), threading.Event()
    let_go(begun.set, held.wait)
    assert begun.is_set()
    held.set()


@pytest.mark.parametrize(
    ("driver", "module", "line"),
    [
        (Ximu3Driver(Ximu3Port(("/dev/null", 1), tcp=False)), "ximu3", "[ximu3]"),
        (BrainFlowDriver.from_options({"board": "synthetic"}), "brainflow", "[emg]"),
        (Shimmer3Driver(ShimmerPort("/dev/null")), "pyshimmer", "[shimmer]"),
    ],
)
def test_a_missing_library_names_the_line_to_type(
    driver: Ximu3Driver, module: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DeviceError) as caught:
        driver.open()
    assert caught.value.kind == "library"
    assert line in caught.value.todo


# -- x-IMU3 ---------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [400.0, 100.0, 400.0 / 3])
def test_the_rate_is_learned_from_the_clock(rate_hz: float) -> None:
    ticks = [round(n * 1e6 / rate_hz) for n in range(12)]
    assert rate_of([*ticks[:5], *ticks[6:]]) == pytest.approx(rate_hz)


def test_ximu3_over_a_wire() -> None:
    pytest.importorskip("ximu3")
    with PtyDevice(Ximu3Device(), Faults(drop_pct=5)) as wire:
        driver = Ximu3Driver.from_options({"port": wire.path, "site": "shank_left"})
        (info,) = driver.open()
        out = read(driver, 200)
        assert driver.status()[0].battery_pct == CHARGE_PCT
        driver.close()
        driver.close()
    assert (info.rate_hz, info.labels[3]) == (400.0, "imu_shank_left.acc.x")
    assert SERIAL_NUMBER in info.source_id
    sent = {np.array(values(n), np.float32).tobytes() for n in range(600)}
    assert {row.tobytes() for row in x_of(out)} <= sent
    assert lost_in(out) > 0  # steps of the clock


def test_ximu3_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ximu3")
    monkeypatch.setattr("drivers.row_port.SILENT_S", 0.2)
    with PtyDevice(Ximu3Device()) as wire:
        driver = Ximu3Driver.from_options({"port": wire.path})
        driver.open()
        read(driver, 10)
        wire.close()
        with pytest.raises(DeviceError, match="has sent nothing"):
            read(driver, 10**6)
        driver.close()


def test_ximu3_without_inertial_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ximu3")
    monkeypatch.setattr("drivers.ximu3_imu._LEARN_S", 0.1)
    with PtyDevice(Ximu3Device(0.0)) as wire:
        driver = Ximu3Driver.from_options({"port": wire.path})
        with pytest.raises(DeviceError, match="no inertial messages"):
            driver.open()


def test_ximu3_at_a_port_that_is_not_there() -> None:
    pytest.importorskip("ximu3")
    driver = Ximu3Driver.from_options({"port": "/dev/ttyNONE9"})
    with pytest.raises(DeviceError) as caught:
        driver.open()
    assert caught.value.kind == "missing"


# -- BrainFlow ------------------------------------------------------------------------


def test_the_synthetic_board() -> None:
    pytest.importorskip("brainflow")
    driver = BrainFlowDriver.from_options(
        {"board": "synthetic", "sites": "gluteus_maximus_left,gluteus_medius_left"}
    )
    with opened(driver):
        out = read(driver, 300)
        (status,) = driver.status()
    (info,) = driver._infos
    assert info.rate_hz == 250.0
    assert info.labels[:3] == (
        "emg_gluteus_maximus_left", "emg_gluteus_medius_left", "emg_03",
    )  # fmt: skip
    assert info.labels[-1] == "acc.z"
    assert count(out) >= 300
    assert np.isfinite(x_of(out)).all()
    assert status.lost == 0
    assert "envelope" in status.last_fault


def test_a_board_that_is_not_there() -> None:
    pytest.importorskip("brainflow")
    driver = BrainFlowDriver.from_options({"board": "cyton", "port": "/dev/ttyNONE9"})
    with pytest.raises(DeviceError, match="Cyton board cannot be opened"):
        driver.open()


def test_wrong_options_of_a_board() -> None:
    with pytest.raises(ConfigError, match="no number"):
        BrainFlowDriver.from_options({"board": "nonesuch"})
    with pytest.raises(ConfigError, match="not known"):
        BrainFlowDriver.from_options({"sites": "tail"})


# -- Shimmer3: the library is GPL and not installed; this one has its face ------------


class Channel(Enum):
    TIMESTAMP = auto()
    EXG_ADS1292R_1_CH1_24BIT = auto()
    GYRO_MPU9150_X = auto()


class Shimmer:
    """The face of pyshimmer 1.0 that the driver uses."""

    answers = True
    newest: Shimmer

    def __init__(self, line: object) -> None:
        self.line, self.calls = line, []
        Shimmer.newest = self

    def initialize(self) -> None:
        if not self.answers:
            threading.Event().wait()

    def get_device_name(self) -> str:
        return "S_GLUT"

    def get_inquiry(self) -> tuple[float, int, list[Channel]]:
        return 512.0, 1, [Channel.EXG_ADS1292R_1_CH1_24BIT, Channel.GYRO_MPU9150_X]

    def add_stream_callback(self, take: object) -> None:
        self.take = take

    def start_streaming(self) -> None:
        self.calls.append("start")

    def stop_streaming(self) -> None:
        self.calls.append("stop")

    def shutdown(self) -> None:
        self.calls.append("shutdown")

    def packet(self, tick: int, emg: int, gyro: int) -> None:
        self.take(
            {
                Channel.TIMESTAMP: tick % (1 << 24),
                Channel.EXG_ADS1292R_1_CH1_24BIT: emg,
                Channel.GYRO_MPU9150_X: gyro,
            }
        )


@pytest.fixture
def shimmer(monkeypatch: pytest.MonkeyPatch) -> type[Shimmer]:
    module = ModuleType("pyshimmer")
    module.EChannelType = Channel
    module.ShimmerBluetooth = Shimmer
    monkeypatch.setitem(sys.modules, "pyshimmer", module)
    monkeypatch.setattr("drivers.shimmer3.serial.Serial", lambda *_: None)
    monkeypatch.setattr(Shimmer, "answers", True)
    return Shimmer


def test_shimmer_rows_losses_and_wrap(shimmer: type[Shimmer]) -> None:
    driver = Shimmer3Driver.from_options({"port": "/dev/rfcomm0"})
    (info,) = driver.open()
    start = (1 << 24) - 64 * 50
    for n in range(100):
        if n not in (60, 61):
            shimmer.newest.packet(start + 64 * n, n - 50, -n)
    out = driver.read()
    assert info.labels == ("exg_ads1292r_1_ch1_24bit", "gyro_mpu9150_x")
    assert info.rate_hz == 512.0
    assert "S_GLUT" in info.source_id
    assert x_of(out)[:3].tolist() == [[-50, 0], [-49, -1], [-48, -2]]
    assert lost_in(out) == 2
    driver.close()
    assert shimmer.newest.calls == ["start", "stop", "shutdown"]


def test_shimmer_bytes_out_of_place(shimmer: type[Shimmer]) -> None:
    driver = Shimmer3Driver.from_options({"port": "/dev/rfcomm0"})
    driver.open()
    for tick in (64, 128, 5_000_011, 9_123_457):
        shimmer.newest.packet(tick, 0, 0)
    with pytest.raises(DeviceError) as caught:
        driver.read()
    assert caught.value.kind == "protocol"
    driver.close()


def test_shimmer_that_does_not_answer(
    shimmer: type[Shimmer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shimmer, "answers", False)
    monkeypatch.setattr("drivers.shimmer3._OPEN_S", 0.05)
    driver = Shimmer3Driver.from_options({"port": "/dev/rfcomm0"})
    with pytest.raises(DeviceError, match="does not answer"):
        driver.open()
