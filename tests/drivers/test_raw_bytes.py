"""Raw bytes: kept beside the trial, read back to the very rows that were recorded."""

from __future__ import annotations

import errno
import io
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from wire_profiles import IMU, chunks, decoder, imu_frame, parse, rows

from drivers.decode import decode_file, main
from drivers.host import Host
from drivers.profile_driver import ProfileDriver
from drivers.raw_bytes import RawTap, is_raw, read_raw
from drivers.raw_taps import RawTaps
from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.live.reports import SourceReport
from lablive.messages import SourceSpec
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Wire

    from drivers.base import Driver

PROFILE = parse(IMU)
SPEC = SourceSpec("left sole/1", "profile", {"profile": "imu.toml"}, record_raw=True)


def kept(folder: Path, reads: list[bytes]) -> Path:
    """Return the file of a device that was open before the recording began."""
    tap = RawTap(SPEC)
    tap.opened(PROFILE)
    tap.took([b"before the recording"], 0.5)
    tap.begin(folder / "trial-01.xdf")
    for number, read in enumerate(reads):
        tap.took([read], 1.0 + number * 0.005)
    tap.end()
    tap.took([b"after it"], 9.0)
    assert tap.fault == ""
    assert tap.path is not None
    return tap.path


def test_a_file_gives_the_rows_that_were_live(tmp_path: Path) -> None:
    reads = [imu_frame(n, n) for n in range(5, 60) if n not in (30, 31)]
    reads[3] = reads[3][:7]  # damaged on its way
    file = kept(tmp_path, reads)
    assert file.name == "trial-01-left_sole_1.raw"
    live = decoder(PROFILE, live=True)
    out = [i for n, r in enumerate(reads) for i in live.feed([r], 1.0 + n * 0.005)]
    found = decode_file(file)
    (stream,) = found["streams"]
    np.testing.assert_array_equal(np.float32(stream["x"]), rows(out))
    expected = np.concatenate([chunk.t_s for chunk in chunks(out)])
    assert stream["t_s"] == expected.tolist()
    assert (stream["lost"], found["times"]) == (3, "lab clock")
    assert [gap["rows_lost"] for gap in stream["gaps"]] == [1, 2]
    assert found["wire"]["skipped_bytes"] == 7


def test_the_first_line_says_what_was_opened(tmp_path: Path) -> None:
    file = kept(tmp_path, [imu_frame(1)])
    assert is_raw(file.read_bytes())
    header, records = read_raw(file.read_bytes(), "x")
    opened, read = records
    assert header.source == SPEC
    assert opened.profile == PROFILE
    assert (read.data, read.arrival_s) == (imu_frame(1), 1.0)


@pytest.mark.parametrize("cut", [1, 12, 30])
def test_a_file_cut_short_keeps_what_it_has(tmp_path: Path, cut: int) -> None:
    file = kept(tmp_path, [imu_frame(n, n) for n in range(10)])
    file.write_bytes(file.read_bytes()[:-cut])
    (stream,) = decode_file(file)["streams"]
    assert stream["rows"] == 10 - (cut + 32) // 33  # a record is 13 + 20 bytes


@pytest.mark.parametrize("place", [0, 20, -58])
def test_a_damaged_file_is_one_message(tmp_path: Path, place: int) -> None:
    data = bytearray(kept(tmp_path, [imu_frame(n, n) for n in range(9)]).read_bytes())
    data[place] = 0
    with pytest.raises(ConfigError, match="raw bytes"):
        list(read_raw(bytes(data), "x.raw")[1])


def test_a_wire_opened_twice_is_two_parts_of_one_stream(tmp_path: Path) -> None:
    tap = RawTap(SPEC)
    tap.begin(tmp_path / "t.xdf")
    for _ in range(2):
        tap.opened(PROFILE)
        for n in range(3):
            tap.took([imu_frame(n, n)], 1.0 + n * 0.005)
    tap.end()
    assert tap.path is not None
    (stream,) = decode_file(tap.path)["streams"]
    assert (stream["rows"], stream["lost"]) == (6, 0)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "t-left_sole_1.raw").write_bytes(b"kept by an earlier trial")
    taps = RawTaps(lambda _: ProfileDriver(PROFILE, "/dev/none"))
    taps.make(SPEC)
    taps.begin(tmp_path / "t.xdf", None, [SPEC.id])
    taps.end()
    report = taps.told(SourceReport(SPEC, "streaming", "", (), (), ()))
    assert "not kept" in report.message
    assert "recording itself goes on" in report.message


def test_a_folder_that_cannot_be_written_gives_way_to_the_spill_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "t-left_sole_1.raw").write_bytes(b"kept by an earlier trial")
    spill = tmp_path / "spill"
    spill.mkdir()
    tap = RawTap(SPEC)
    tap.opened(PROFILE)
    tap.begin(tmp_path / "t.xdf", spill)
    tap.took([imu_frame(4)], 2.0)
    tap.end()
    assert tap.fault == ""
    assert tap.moved.startswith(f"Raw bytes go on in {spill}")
    assert tap.path == spill / "t-left_sole_1.raw"
    assert decode_file(tap.path)["streams"][0]["rows"] == 1


def test_a_disk_that_fills_loses_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    """Nothing is lost or twice, wherever the failing write was cut."""
    spill = tmp_path / "spill"
    spill.mkdir()
    reads = [imu_frame(n, n) for n in range(40)]
    opening = len(kept(spill, []).read_bytes())
    room = {"left": opening + 13 * 3 + 20 * 3 + 7}

    class Full(io.FileIO):
        def write(self, data: memoryview) -> int:
            if Path(str(self.name)).parent == tmp_path:
                if room["left"] < 1:
                    raise OSError(errno.ENOSPC, "No space left on device")
                data = data[: room["left"]]
                room["left"] -= len(data)
            return super().write(data)

    monkeypatch.setattr(
        "pathlib.Path.open", lambda self, mode, buffering=0: Full(self, mode)
    )
    tap = RawTap(SPEC)
    tap.opened(PROFILE)
    tap.begin(tmp_path / "t.xdf", spill)
    for number, read in enumerate(reads):
        if number == 20:
            until(lambda: tap.moved, "the move")
        tap.took([read], 1.0 + number * 0.005)
    tap.end()
    monkeypatch.undo()
    assert "No space left" in tap.moved
    assert tap.path is not None
    files = (tmp_path / "t-left_sole_1.raw", tap.path)
    first, second = (decode_file(f)["streams"][0]["counter"] for f in files)
    assert first == [0, 1, 2]
    assert first + second == list(range(40))


def test_a_source_without_bytes_says_so() -> None:
    class Other:
        pass

    def make(_: SourceSpec) -> Driver:
        return Other()  # type: ignore[return-value]

    with pytest.raises(ConfigError, match="no bytes of its own"):
        RawTaps(make).make(SPEC)


def test_a_device_that_comes_while_recording_is_kept_too(tmp_path: Path) -> None:
    taps = RawTaps(lambda _: ProfileDriver(PROFILE, "/dev/none"))
    taps.begin(tmp_path / "t.xdf", None, ())
    driver = taps.make(SPEC)
    assert isinstance(driver, ProfileDriver)
    assert driver.tap is not None
    driver.tap.opened(PROFILE)
    driver.tap.took([imu_frame(4)], 2.0)
    taps.end()
    assert decode_file(tmp_path / "t-left_sole_1.raw")["streams"][0]["rows"] == 1


def test_the_program_writes_json_and_tells_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = kept(tmp_path, [imu_frame(n, n) for n in (1, 2, 5)])
    target = tmp_path / "out.json"
    assert main(["--in", str(file), "--json", str(target)]) == 0
    assert "3 rows, 2 lost" in capsys.readouterr().err
    assert json.loads(target.read_text())["streams"][0]["counter"] == [1, 2, 5]


def test_the_host_keeps_what_the_trial_was_made_of(tmp_path: Path, wire: Wire) -> None:
    profile = tmp_path / "imu.toml"
    profile.write_text(IMU, encoding="utf-8")
    spec = SourceSpec(
        "imu",
        "profile",
        {"profile": str(profile), "port": wire.path},
        record_raw=True,
    )
    trial = tmp_path / "trial-01.xdf"
    host = Host(tmp_path / "run")
    try:
        host.add_source(msgspec.to_builtins(spec), wait_s=5.0)
        wire.send(imu_frame(0))
        wait_for_rows(host, 1)
        host.start_recording(str(trial), {})
        for n in range(1, 80):
            wire.send(imu_frame(n, n))
        wait_for_rows(host, 80)
        host.stop_recording()
        wire.send(imu_frame(80))
        wait_for_rows(host, 81)
    finally:
        host.close()
    (stream,) = decode_file(tmp_path / "trial-01-imu.raw")["streams"]
    recorded = Trial(trial)
    (info,) = recorded.streams
    _, x = recorded.window(info.id, -np.inf, np.inf)
    recorded.close()
    np.testing.assert_array_equal(np.float32(stream["x"]), x)
    assert stream["counter"] == list(range(1, 80))


def wait_for_rows(host: Host, rows: int) -> None:
    """Wait until the only stream of a host has so many."""
    end_s = now_s() + 10.0
    pause = threading.Event()
    while not any(s.rows >= rows for it in host.status().sources for s in it.status):
        assert now_s() < end_s, host.status()
        pause.wait(0.01)
