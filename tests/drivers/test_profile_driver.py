"""The whole driver on a pseudo-terminal, TCP and UDP."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from wire_profiles import IMU, imu_frame, parse

from drivers import profile_driver, profile_faults
from drivers.profile_driver import ProfileDriver
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Wire


@contextlib.contextmanager
def opened(text: str, address: str) -> Iterator[ProfileDriver]:
    driver = ProfileDriver(parse(text), address)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def read(driver: ProfileDriver, rows: int, at_most_s: float = 5.0) -> list[Chunk | Gap]:
    """Read until ``rows`` rows have come."""
    out: list[Chunk | Gap] = []
    end_s = now_s() + at_most_s
    while sum(len(c) for c in out if isinstance(c, Chunk)) < rows:
        assert now_s() < end_s, f"only {out} came"
        out += driver.read()
    return out


def test_rows_come_with_counter_and_arrival(wire: Wire) -> None:
    with opened(IMU, wire.path) as driver:
        before_s = now_s()
        wire.send(imu_frame(7, 1000) + imu_frame(8, 2000))
        out = read(driver, 2)
        (chunk,) = out
        assert isinstance(chunk, Chunk)
        np.testing.assert_allclose(chunk.x[:, 0], [1.0, 2.0], rtol=1e-6)
        assert chunk.counter is not None
        assert chunk.counter.tolist() == [7, 8]
        assert before_s <= chunk.arrival_s <= now_s()
        (status,) = driver.status()
        assert (status.state, status.rows, status.lost) == ("streaming", 2, 0)


def test_a_replugged_device_is_known_again(wire: Wire) -> None:
    found = []
    for _ in range(2):
        driver = ProfileDriver(parse(IMU), wire.path)
        found.append(driver.open())
        driver.close()
    assert found[0] == found[1]
    (info,) = found[0]
    assert (info.id, info.counter_bits, info.rate_hz) == (0, 16, 200.0)
    assert wire.path in info.source_id


def test_read_waits_no_longer_than_it_may(wire: Wire) -> None:
    with opened(IMU, wire.path) as driver:
        assert driver.read() == []
        assert driver.status()[0].state == "settling"


def test_a_partial_frame_is_settled_while_nothing_comes(wire: Wire) -> None:
    text = IMU.replace("CRC-16/XMODEM", "SUM16").replace(
        "size = 20", 'length = { at = 2, type = "u8", add = 0 }\nmax_frame = 60'
    )
    body = b"\xaa\x55\x14" + bytes(15)
    frame = body + (sum(body) & 0xFFFF).to_bytes(2, "big")
    with opened(text, wire.path) as driver:
        wire.send(b"\xaa\x55\x30" + frame)  # promises 48 bytes
        read(driver, 1)


def test_an_unplugged_device_raises(wire: Wire) -> None:
    driver = ProfileDriver(parse(IMU), wire.path)
    driver.open()
    wire.let_go()
    wire.unplug()
    with pytest.raises(DeviceError) as caught:
        driver.read()
    assert caught.value.kind == "unplugged"
    driver.close()


def test_what_an_overflowing_line_lost_is_counted_exactly(wire: Wire) -> None:
    with opened(IMU, wire.path) as driver:
        n = whole = 0
        for _ in range(3):  # nobody reads: the line overflows, frames are cut
            for _ in range(2000):
                whole += wire.try_send(imu_frame(n))
                n += 1
            out = driver.read()
            while out:
                out = driver.read()
        wire.send(imu_frame(n))
        read(driver, 1)
        (status,) = driver.status()
        assert status.rows == whole + 1
        assert status.lost == n - whole > 1000
        assert status.lost_is_exact


def test_close_from_another_thread_while_reading(wire: Wire) -> None:
    driver = ProfileDriver(parse(IMU), wire.path)
    driver.open()
    going = threading.Event()

    def pump() -> None:
        while not going.is_set() or driver.status()[0].state != "closed":
            driver.read()
            going.set()

    thread = threading.Thread(target=pump)
    thread.start()
    going.wait(5.0)
    driver.close()
    driver.close()
    thread.join(5.0)
    assert not thread.is_alive()
    assert driver.read() == []


def test_nothing_is_left_open_after_many_replugs(wire: Wire) -> None:
    listing = Path("/proc/self/fd")
    before = len(list(listing.iterdir())) if listing.is_dir() else 0
    threads = threading.active_count()
    for _ in range(50):
        with opened(IMU, wire.path) as driver:
            driver.read()
    assert threading.active_count() == threads
    if before:
        assert len(list(listing.iterdir())) == before


DIALOGUE = IMU.replace(
    "[framing]",
    """[start]
steps = [
  { send_text = "v", expect_text = "$$$", timeout_s = 2.0 },
  { send_hex = "62 0D", wait_s = 0.01 },
]
[stop]
steps = [{ send_text = "s" }]
[keepalive]
send_hex = "4B"
every_s = 30.0
[framing]""",
)


@pytest.mark.parametrize("answer", ['expect_text = "$$$"', 'expect_hex = "24 24 24"'])
def test_a_dialogue_starts_and_stops_the_device(wire: Wire, answer: str) -> None:
    text = DIALOGUE.replace('expect_text = "$$$"', answer)
    assert answer in text
    driver = ProfileDriver(parse(text), wire.path)
    answered = threading.Thread(
        target=lambda: (
            wire.send(b"OpenBCI V3$$$" + imu_frame(1))
            if wire.heard(1) == b"v"
            else None
        )
    )
    answered.start()
    driver.open()
    answered.join(5.0)
    assert wire.heard(2) == b"b\r"
    # what came behind the answer is no reply but data
    assert len(read(driver, 1)) == 1
    assert wire.heard(1) == b"K"
    driver.close()
    assert wire.heard(1) == b"s"


class _DeafPort:
    """Sends frames, but takes nothing any more."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def open(self) -> None: ...

    def close(self) -> None: ...

    def read(self, timeout_s: float) -> list[bytes]:
        assert timeout_s > 0
        pieces, self.pieces = self.pieces, []
        return pieces

    def write(self, data: bytes) -> None:
        raise DeviceError("unplugged", f"{len(data)} bytes could not be sent.")


def test_what_came_before_a_keepalive_failed_is_kept() -> None:
    text = IMU.replace(
        "[framing]", '[keepalive]\nsend_hex = "4B"\nevery_s = 30.0\n[framing]'
    )
    port = _DeafPort([imu_frame(7, 1000) + imu_frame(8, 2000)])
    driver = ProfileDriver(parse(text), "", port)
    driver.open()
    (chunk,) = driver.read()
    assert isinstance(chunk, Chunk)
    assert chunk.counter is not None
    assert chunk.counter.tolist() == [7, 8]
    for _ in range(2):
        with pytest.raises(DeviceError, match="could not be sent"):
            driver.read()
    driver.close()
    port.pieces = [imu_frame(9, 3000)]
    driver.open()  # the fault was that of the old wire
    assert len(driver.read()) == 1
    driver.close()


def test_a_device_that_does_not_answer(wire: Wire) -> None:
    text = DIALOGUE.replace("timeout_s = 2.0", "timeout_s = 0.1")
    driver = ProfileDriver(parse(text), wire.path)
    with pytest.raises(DeviceError, match="did not answer") as caught:
        driver.open()
    assert caught.value.kind == "timeout"
    assert driver.read() == []
    driver.close()


def test_bytes_that_never_fit_are_told(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (profile_faults, profile_driver):
        monkeypatch.setattr(module, "NO_FRAME_S", 0.05)
    with opened(IMU, wire.path) as driver:
        wire.send(bytes(range(200)))
        end_s = now_s() + 5.0
        while not driver.status()[0].last_fault:
            assert now_s() < end_s
            driver.read()
        (status,) = driver.status()
        assert "wrong baud rate" in status.last_fault
        assert status.skipped_bytes > 100


def test_rule_9_boot_text_is_no_error(wire: Wire) -> None:
    with opened(IMU, wire.path) as driver:
        wire.send(b"ets Jul 29 2019 12:21:46\r\nrst:0x1\r\n" + imu_frame(1))
        read(driver, 1)
        assert driver.status()[0].skipped_bytes == 0


def test_a_tcp_device() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        text = IMU.replace(
            'type = "serial"\nbaud = 921600',
            f'type = "tcp"\nhost = "127.0.0.1"\nport = {port}',
        )
        with opened(text, "") as driver:
            device, _ = listening.accept()
            with device:
                device.sendall(imu_frame(1))
                read(driver, 1)


def test_a_device_is_opened_again_only_when_its_fault_is_known(wire: Wire) -> None:
    """An Arduino talks about itself for 2 s, as long as silence is suffered."""
    options = {"profile": "bno055_csv", "port": wire.path}
    driver = ProfileDriver.from_options(options)
    driver.open()
    try:
        for _ in range(9):
            wire.send(b"10,0,1,0,2,9,8,0,1,0,2,0,3,1,0,0,0,0,0,0,0\r\n")
        while not driver.status()[0].skipped_bytes and not driver._bytes:
            driver.read()
        driver._opened_s = now_s() - 2.5
        assert not driver.reopen_on_silence
        driver._opened_s = now_s() - 3.5
        assert driver.reopen_on_silence
        assert "decimal" in driver.status()[0].last_fault
    finally:
        driver.close()


def test_a_udp_device_by_its_options() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = ProfileDriver.from_options({"profile": "moticon_51", "port": float(port)})
    assert not driver.reopen_on_silence
    infos = driver.open()
    assert [info.name for info in infos] == ["left_sole", "right_sole"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        row = " ".join(str(n) for n in range(51)).encode()
        device.sendto(row, ("127.0.0.1", port))
        out = read(driver, 2)
    assert [chunk.x[0, 0] for chunk in out if isinstance(chunk, Chunk)] == [25, 50]
    driver.close()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "no profile"),
        ({"profile": "insole_a55a", "speed": 3.0}, "unknown option speed"),
        ({"profile": "none_such"}, "There is no device profile"),
    ],
)
def test_a_wrong_source_is_told(options: dict[str, str | float], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        ProfileDriver.from_options(options)


def test_a_user_file_by_its_path(tmp_path: Path, wire: Wire) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(IMU, encoding="utf-8")
    driver = ProfileDriver.from_options({"profile": str(file), "port": wire.path})
    driver.open()
    wire.send(imu_frame(1))
    read(driver, 1)
    driver.close()


@pytest.mark.parametrize(("rate_hz", "gathers"), [(200.0, False), (400.0, True)])
def test_what_a_fast_device_sends_is_gathered_for_a_moment(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, rate_hz: float, gathers: bool
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(profile_driver.time, "sleep", slept.append)
    text = IMU.replace("rate_hz = 200.0", f"rate_hz = {rate_hz}")
    with opened(text, wire.path) as driver:
        for number in range(4):
            wire.send(imu_frame(number))
            assert len(read(driver, 1)) == 1
    assert bool(slept) == gathers
    assert all(0 < pause_s <= profile_driver.GATHER_S for pause_s in slept)


def test_a_device_without_a_rate_that_falls_silent_is_told() -> None:
    text = IMU.replace("rate_hz = 200.0", "max_gap_s = 0.02")
    text = text.replace('[counter]\nfield = "n"\nbits = 16\n', "")
    port = _DeafPort([imu_frame(7)])
    driver = ProfileDriver(parse(text), "", port)
    driver.open()
    assert len(driver.read()) == 1

    def wait() -> None:
        end_s = now_s() + 5.0
        while now_s() < end_s:
            driver.read()

    with pytest.raises(DeviceError, match="has said nothing") as caught:
        wait()
    assert caught.value.kind == "timeout"
    driver.close()
