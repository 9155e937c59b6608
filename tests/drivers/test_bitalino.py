"""BITalino: frames, commands, the 4-bit counter, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from device_cases import count, decode, decode_live, lost_in, read, vectors, x_of
from wire_profiles import CUTS

from drivers.bitalino import (
    BitalinoDriver,
    BitalinoFramer,
    bitalino_profile,
    crc4,
    rate_command,
    read_frame,
    start_command,
)
from drivers.sim.bitalino_device import BitalinoDevice, analogue, frame
from drivers.sim.faults import Faults, FaultyWire
from drivers.sim.pty_device import PtyDevice
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from conftest import Wire

VECTORS = vectors("bitalino")
TWO = (1, 2)


@pytest.mark.parametrize("name", ["bitalino-1ch", "bitalino-2ch", "bitalino-4ch"])
def test_frames_as_the_vendors_library_reads_them(name: str) -> None:
    expected = VECTORS[name]["expect"]
    data, size = bytes.fromhex(VECTORS[name]["hex"]), expected["frame_bytes"]
    frames = [data[at : at + size] for at in range(0, len(data), size)]
    assert [list(read_frame(b, expected["nch"])) for b in frames] == expected["rows"]
    assert [crc4(b) for b in frames] == [b[-1] & 0x0F for b in frames]


@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 5, 6])
def test_the_simulated_device_speaks_the_same_bytes(inputs: int) -> None:
    values = [(301 * (n + 1)) % (1024 if n < 4 else 64) for n in range(inputs)]
    told = frame(11, values, digital=0b1010)
    assert read_frame(told, inputs) == (11, 1, 0, 1, 0, *values)


def test_commands() -> None:
    assert rate_command(1000).hex() == VECTORS["bitalino-1000hz"]["hex"]
    assert start_command([1]).hex() == VECTORS["bitalino-start-a1"]["hex"]
    assert start_command(range(1, 7)).hex() == VECTORS["bitalino-start-a1a6"]["hex"]


def profile(channels: tuple[int, ...] = TWO, **more: bool):
    return bitalino_profile(channels, 1000, {}, **more)


def frames(rows: int) -> list[bytes]:
    return [frame(n, [analogue(n, 1), analogue(n, 2)]) for n in range(rows)]


@pytest.mark.parametrize("size", CUTS)
def test_any_cut_gives_the_same_rows(size: int) -> None:
    data = b"junk!" + b"".join(frames(100))
    out, found = decode(profile(raw=True), BitalinoFramer(2), data, size)
    expected = [[analogue(n, 1), analogue(n, 2), 0, 0] for n in range(100)]
    np.testing.assert_array_equal(x_of(out), expected)
    assert found.stats.skipped_bytes == 0  # before the first frame
    assert found.startup.skipped_bytes == 5


def test_millivolts_of_the_emg_sensor() -> None:
    data = b"".join(frame(n, [512, 1023]) for n in range(4))
    out, _ = decode(profile(), BitalinoFramer(2), data, 0)
    np.testing.assert_allclose(x_of(out)[0, :2], [0.0, 3.3 / 1009 * 511 / 1024 * 1e3])


def timed(came: list[bytes]):
    return decode_live(profile(), BitalinoFramer(2), came, 1000.0, per=2)


def test_loss_of_less_than_a_turn_of_the_counter() -> None:
    came = frames(6000)
    lost = {n for n in range(2500, 5900) if n % 97 == 0 or n % 211 in (5, 6, 7)}
    out, _ = timed([b"" if n in lost else b for n, b in enumerate(came)])
    # two frames between losses less than four apart cannot be believed
    assert 6000 - len(lost) - 4 <= count(out) <= 6000 - len(lost)
    assert lost_in(out) == 6000 - count(out)


def test_more_than_a_turn_is_found_by_the_clock() -> None:
    came = frames(6000)
    came[4000:4100] = [b""] * 100  # 6 turns and 4 frames
    out, _ = timed(came)
    assert count(out) == 5900
    assert lost_in(out) == 100


def test_flipped_bits_cost_their_own_frames_only() -> None:
    wire = FaultyWire(Faults(flip_rate=1e-3), seed=3)
    sent = frames(6000)
    came = [wire.arrives(b, 0.0) for b in sent]
    good = [n for n in range(6000) if came[n] == sent[n]]
    out, _ = timed(came)
    keys = {(analogue(n, 1), analogue(n, 2)) for n in range(6000)}
    x = x_of(out)
    assert wire.count.flipped > 100
    # frames between two damaged ones less than four apart cannot be believed
    assert count(out) >= len(good) - 4 * 20
    wrong = [row for row in x[:, :2] / (3.3 / 1009 * 1e3) * 1024 + 512
             if tuple(np.rint(row).astype(int)) not in keys]  # fmt: skip
    assert len(wrong) <= wire.count.flipped / 8


def test_a_session_over_a_wire() -> None:
    device = BitalinoDevice()
    with PtyDevice(device) as wire:
        driver = BitalinoDriver.from_options(
            {"port": wire.path, "channels": "1,3", "a3": "gluteus_maximus_left"}
        )
        (info,) = driver.open()
        out = read(driver, 300)
        driver.close()
        end_s = now_s() + 5
        while device.rate_hz and now_s() < end_s:
            pass
        assert device.rate_hz == 0.0  # it was told to stop
    assert info.labels == ("a1", "emg_gluteus_maximus_left", "i1", "i2")
    assert info.rate_hz == 1000.0
    assert info.counter_bits == 4
    assert [channel.unit for channel in info.channels[:2]] == ["mV", "mV"]
    assert count(out) >= 300


def test_it_comes_back_after_the_cable_was_pulled() -> None:
    found = []
    for _ in range(2):
        with PtyDevice(BitalinoDevice()) as wire:
            driver = BitalinoDriver(wire.path)
            found.append(driver.open()[0])
            read(driver, 20)
            wire.close()
            with pytest.raises(DeviceError):
                read(driver, 10**6)
            driver.close()
            driver.close()
    assert found[0].channels == found[1].channels


def test_nothing_there(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    monkeypatch.setattr("drivers.bitalino._ANSWER_S", 0.05)
    driver = BitalinoDriver(wire.path)
    with pytest.raises(DeviceError, match="No BITalino answers") as caught:
        driver.open()
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"channels": "0"}, "no inputs"),
        ({"channels": "1;2"}, "no inputs"),
        ({"channels": ""}, "no inputs"),
        ({"rate_hz": 500}, "cannot send"),
        ({"a1": "gluteus"}, "not known"),
        ({"rate": 5}, "unknown option"),
        ({"raw": "perhaps"}, "neither yes nor no"),
    ],
)
def test_wrong_options(options: dict[str, str | float | bool], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        BitalinoDriver.from_options(options)
