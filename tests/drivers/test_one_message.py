"""Whatever is wrong with a device: one message, and what to do about it."""

from __future__ import annotations

import errno
import socket
import sys
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pytest
import serial
from wire_profiles import IMU, parse

from drivers import profile_driver, profile_faults
from drivers.audio_input import AudioInput
from drivers.brainflow_board import BrainFlowDriver
from drivers.ftms_treadmill import FtmsTreadmill
from drivers.lsl_library import load_lsl
from drivers.profile_driver import ProfileDriver
from drivers.profile_files import load_profile
from drivers.shimmer3 import Shimmer3Driver, ShimmerPort
from drivers.sim.profile_bytes import ProfileBytes
from drivers.witmotion import WitMotionDriver
from drivers.ximu3_imu import Ximu3Driver, Ximu3Port
from lablive.errors import ConfigError, DeviceError, LabLiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Wire

    from drivers.profile import Profile

FRAMES: Final = 120
FLOATS: Final = parse(
    IMU.replace('at = 4, type = "i16le"', 'at = 4, type = "f32le"')
    .replace('at = 10, type = "i16le"', 'at = 16, type = "f32le"')
    .replace("size = 20", "size = 32")
    .replace(", scale = 0.001", "")
    .replace(", scale = 0.1", "")
)
TABBED: Final = parse(
    """
[device]
name = "Tabs"
[transport]
type = "serial"
baud = 115200
[framing]
mode = "line"
delimiter = "\\t"
[[message]]
name = "m"
columns = 3
rate_hz = 100.0
field = [{ name = "a", col = 0, count = 3, unit = "N" }]
[[stream]]
name = "s"
message = "m"
fields = ["a"]
"""
)
UNGUARDED: Final = parse(
    IMU.replace('checksum = { algo = "CRC-16/XMODEM", from = 0, to = -2, at = -2 }', "")
)


def _other_crc() -> Profile:
    profile = parse(IMU)
    checksum = profile.framing.checksum
    assert checksum is not None
    turned = msgspec.structs.replace(checksum, order="little")
    framing = msgspec.structs.replace(profile.framing, checksum=turned)
    return msgspec.structs.replace(profile, framing=framing)


class Given:
    """A port that has these bytes, once."""

    def __init__(self, data: bytes) -> None:
        self._pieces = [data[at : at + 64] for at in range(0, len(data), 64)]

    def open(self) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes) -> None: ...

    def read(self, timeout_s: float) -> list[bytes]:
        del timeout_s
        pieces, self._pieces = self._pieces, []
        return pieces


def sent(profile: Profile, **how: bool) -> bytes:
    made = ProfileBytes(profile, **how)
    return b"".join(made.frame(n) for n in range(FRAMES))


NOISE: Final = np.random.default_rng(5).bytes(4000)
# what comes, what it is read with, what the one message says
WRONG_BYTES: Final = {
    "wrong profile": (sent(load_profile("insole_a55a")), parse(IMU), "another device"),
    "wrong baud rate": (NOISE, parse(IMU), "wrong baud rate (921600)"),
    "a baud rate that gives text of noise": (
        NOISE, load_profile("insole_csv"), "wrong baud rate (115200)",
    ),
    "checksum in the other order": (
        sent(_other_crc()), parse(IMU), "checksum and byte order",
    ),
    "counter in the other order": (
        sent(UNGUARDED, other_order=True), UNGUARDED, '"n" jumps',
    ),
    "numbers in the other order": (
        sent(msgspec.structs.replace(FLOATS, counter=None), other_order=True),
        msgspec.structs.replace(FLOATS, counter=None),
        "change le and be",
    ),
    "decimal comma between commas": (
        sent(load_profile("bno055_csv"), decimal_comma=True),
        load_profile("bno055_csv"),
        "decimal comma",
    ),
    "decimal comma between tabs": (
        sent(TABBED, decimal_comma=True), TABBED, "decimal point",
    ),
    "another number of columns": (
        sent(load_profile("insole_csv")), load_profile("bno055_csv"),
        "35 columns instead of 11",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_BYTES)
def test_wrong_bytes_are_one_message(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (profile_faults, profile_driver):
        monkeypatch.setattr(module, "NO_FRAME_S", -9.0)  # not before it is silent
    data, profile, said = WRONG_BYTES[name]
    driver = ProfileDriver(profile, "", Given(data))
    driver.open()
    for _ in range(3):
        driver.read()
    told = {status.last_fault for status in driver.status()}
    driver.close()
    (fault,) = told
    assert said in fault
    assert len(fault) < 250
    # a device that is right says nothing
    right = ProfileDriver(profile, "", Given(sent(profile)))
    right.open()
    for _ in range(3):
        right.read()
    assert {status.last_fault for status in right.status()} == {""}
    right.close()


def _missing() -> None:
    ProfileDriver(parse(IMU), "/dev/ttyNONE9").open()


def _nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    options = {"profile": "bertec", "port": port}
    ProfileDriver.from_options(options).open()


def _udp_is_taken() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]
        ProfileDriver.from_options({"profile": "moticon_51", "port": port}).open()


TROUBLES: Final[dict[str, tuple[Callable[[], None], str, str]]] = {
    "no such port": (_missing, "missing", "Plug the device in"),
    "nobody listens": (_nobody_listens, "missing", "address and port"),
    "a UDP port in use": (_udp_is_taken, "busy", "Close that program"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_what_cannot_be_opened_is_one_message(name: str) -> None:
    act, kind, remedy = TROUBLES[name]
    with pytest.raises(DeviceError) as caught:
        act()
    assert caught.value.kind == kind
    assert remedy in caught.value.todo


@pytest.mark.parametrize("dialogue", [False, True])
def test_a_busy_port(wire: Wire, dialogue: bool) -> None:
    first = ProfileDriver(parse(IMU), wire.path)
    first.open()
    second = (
        WitMotionDriver(wire.path) if dialogue else ProfileDriver(parse(IMU), wire.path)
    )
    with pytest.raises(DeviceError) as caught:
        second.open()
    first.close()
    assert caught.value.kind == "busy"
    assert "Close that program" in caught.value.todo


@pytest.mark.skipif(sys.platform == "win32", reason="groups of Linux")
@pytest.mark.parametrize("dialogue", [False, True])
def test_a_forbidden_port(dialogue: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial.Serial, "open", refuse)
    path = "/dev/ttyUSB0"
    driver = WitMotionDriver(path) if dialogue else ProfileDriver(parse(IMU), path)
    with pytest.raises(DeviceError) as caught:
        driver.open()
    assert caught.value.kind == "permission"
    assert 'sudo usermod -aG dialout $USER", then log out and in' in caught.value.todo


LIBRARIES: Final[dict[str, tuple[str, Callable[[], object], str]]] = {
    "x-IMU3": (
        "ximu3",
        lambda: Ximu3Driver(Ximu3Port(("/dev/null", 1), tcp=False)).open(),
        "pip install 'lablive[ximu3]'",
    ),
    "BrainFlow": (
        "brainflow",
        lambda: BrainFlowDriver.from_options({"board": "synthetic"}).open(),
        "pip install 'lablive[emg]'",
    ),
    "Shimmer3": (
        "pyshimmer",
        lambda: Shimmer3Driver(ShimmerPort("/dev/null")).open(),
        "pip install 'lablive[shimmer]'",
    ),
    "Bluetooth": ("bleak", lambda: FtmsTreadmill("00:11").open(), "pip install"),
    "LSL": ("pylsl", load_lsl.__wrapped__, "pip install"),
    "microphone": ("sounddevice", lambda: AudioInput().open(), "pip install"),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_missing_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, act, remedy = LIBRARIES[name]
    for known in [n for n in sys.modules if n.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, known)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("drivers.audio_input.survives", lambda: None)
    with pytest.raises(DeviceError) as caught:
        act()
    assert caught.value.kind == "library"
    assert remedy in caught.value.todo


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('mode = "sync"', 'mode = "synk"'), "synk"),
        (('type = "u16le" },', 'type = "u17" },'), "u17"),
        (("at = 10", "at = 90"), "gyro"),
        (('field = "n"', 'field = "number"'), "number"),
        (("rate_hz = 200.0", "rate = 200.0"), "rate"),
        (("[counter]", "[counter"), "line"),
    ],
)
def test_a_mistake_in_a_profile(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    file = tmp_path / "mine.toml"
    assert change[0] in IMU
    file.write_text(IMU.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        ProfileDriver.from_options({"profile": str(file), "port": "/dev/none"})
    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert isinstance(caught.value, LabLiveError)
