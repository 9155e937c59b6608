"""A simulated device of every transport, over real wires, with faults."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from drivers.profile_driver import ProfileDriver
from drivers.profile_files import load_profile
from drivers.sim.device import Line, line_of, main, play
from drivers.sim.faults import Faults, Told
from drivers.sim.profile_bytes import ProfileBytes
from drivers.sim.pty_device import PtyDevice
from drivers.sim.witmotion_device import WitMotionDevice
from drivers.sim.xbus_device import XbusDevice
from drivers.witmotion import WitMotionDriver
from drivers.witmotion_frames import BAUD, RRATE, RSW
from drivers.xbus import XbusDriver
from lablive.clock import now_s
from lablive.errors import DeviceError
from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.profile import Profile

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals"
)
WIT = {RSW: 0x0007, RRATE: 0x0B, BAUD: 6}


def there(profile: Profile) -> tuple[Line, ProfileDriver]:
    """Return a device's wire and the driver that will open it."""
    if profile.transport.type == "udp":
        driver = ProfileDriver(_at(profile, 0))
        driver.open()
        return line_of(profile, driver._port.port), driver  # type: ignore[union-attr]
    wire = line_of(profile)
    if profile.transport.type == "tcp":
        driver = ProfileDriver(_at(profile, int(wire.where.rpartition(":")[2])))
    else:
        driver = ProfileDriver(profile, wire.where)
    driver.open()
    return wire, driver


def _at(profile: Profile, port: int) -> Profile:
    transport = msgspec.structs.replace(
        profile.transport, port=port, host="127.0.0.1", bind="127.0.0.1"
    )
    return msgspec.structs.replace(profile, transport=transport)


@contextlib.contextmanager
def playing(profile: Profile, wire: Line, faults: Faults) -> Iterator[list[Told]]:
    stop, told = threading.Event(), list[Told]()
    sender = threading.Thread(
        target=lambda: told.append(play(profile, wire, faults, stop, seconds=0.6))
    )
    sender.start()
    try:
        yield told
    finally:
        stop.set()
        sender.join(10.0)
        wire.close()


@pytest.mark.parametrize("name", ["insole_a55a", "bno055_csv", "moticon_51", "bertec"])
def test_a_device_over_its_wire_loses_what_it_is_told_to(
    name: str, until: Callable[..., None]
) -> None:
    profile = load_profile(name)
    if name == "bertec":  # irregular by its profile, once a second here
        fast = msgspec.structs.replace(profile.messages[0], rate_hz=100.0)
        profile = msgspec.structs.replace(profile, messages=(fast,))
    made = ProfileBytes(profile)
    wire, driver = there(profile)
    out: list[Chunk | Gap] = []
    with playing(profile, wire, Faults(drop_pct=20)) as told:
        until(lambda: out.extend(driver.read()) or told, "the end of the device")
        quiet = 0
        while quiet < 3:
            with contextlib.suppress(DeviceError):  # the device hung up
                more = driver.read()
                quiet = 0 if more else quiet + 1
                out += more
                continue
            break
        (status, *_) = driver.status()
    driver.close()
    rows = sum(len(c) for c in out if isinstance(c, Chunk) and c.stream == 0)
    # a line that was cut when the wire was opened does not count
    assert len(told[0].whole) * made.rows - rows in (0, 1)
    assert told[0].lost
    if name == "insole_a55a":
        inside = [n for n in told[0].lost if told[0].whole[0] < n < told[0].whole[-1]]
        assert status.lost == len(inside) * made.rows


def read(driver: ProfileDriver, rows: int) -> list[Chunk | Gap]:
    out: list[Chunk | Gap] = []
    end_s = now_s() + 15.0
    while sum(len(c) for c in out if isinstance(c, Chunk)) < rows:
        assert now_s() < end_s
        out += driver.read()
    return out


def test_plugged_in_again_a_device_has_another_name(until: Callable[..., None]) -> None:
    faults = Faults(unplug_at_s=0.4, replug_after_s=0.1)
    with PtyDevice(XbusDevice(), faults) as device:
        first = device.path
        driver = XbusDriver(first, baud=115200)
        driver.open()
        with pytest.raises(DeviceError) as caught:
            read(driver, 10_000)
        driver.close()
        assert caught.value.kind == "unplugged"
        until(lambda: device.path != first, "another name")
        again = XbusDriver(device.path, baud=115200)
        again.open()
        read(again, 20)
        again.close()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(junk_bytes=200, boot_text=True),
        Faults(batch_ms=16, clock_ppm=200),
        Faults(reset_at_s=0.5),
    ],
    ids=["junk", "batch", "reset"],
)
def test_a_sensor_with_a_dialogue_and_a_fault(faults: Faults) -> None:
    with PtyDevice(WitMotionDevice(WIT), faults) as device:
        driver = WitMotionDriver(device.path, baud=115200)
        driver.open()
        out = read(driver, 250)
        driver.close()
    kinds = [gap.kind for gap in out if isinstance(gap, Gap)]
    assert kinds == (["reset"] if faults.reset_at_s > 0 else [])
    times = np.concatenate([c.t_s for c in out if isinstance(c, Chunk)])
    assert (np.diff(times) > 0).all()


def test_the_program_says_where_to_connect(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.sim.device._until_end", lambda stop: stop.set())
    for name in ("insole_a55a", "bertec", "moticon_51", "trigno", "xbus"):
        assert main(["--profile", name, "--seconds", "0.1"]) == 0
        told = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
        assert told[0]["event"] == "ready"
        assert told[0]["where"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "orphe_56"], "Bluetooth"),
        (["--profile", "nonesuch"], "no device profile"),
        (["--profile", "bertec", "--faults", "rain=1"], "not understood"),
    ],
)
def test_what_cannot_be_played_is_one_message(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
