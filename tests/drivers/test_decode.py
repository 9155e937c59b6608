"""Captured bytes, whatever they come in, and the drivers that find their own frames."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from device_cases import opened, read, vectors, x_of
from senders import SENDERS
from wire_profiles import IMU, imu_frame

from drivers.decode import decode_file, main
from drivers.ftms_treadmill import FtmsTreadmill
from drivers.offline import BY_DRIVER
from drivers.raw_bytes import RawTap
from drivers.sim.trigno_server import Setting, TrignoServer
from drivers.trigno import TrignoDriver
from lablive.errors import ConfigError
from lablive.messages import SourceSpec

if TYPE_CHECKING:
    from pathlib import Path

WIT = vectors("wit-")
XBUS = vectors("xbus-")
BITALINO = vectors("bitalino-")
ACC = WIT["wit-acc"]["hex"]


def spaced(text: str) -> str:
    return " ".join(text[at : at + 2] for at in range(0, len(text), 2))


def decoded(folder: Path, text: str, profile: str, **more: Any) -> dict[str, Any]:
    file = folder / "capture.txt"
    file.write_text(text, encoding="utf-8")
    return decode_file(file, profile, **more)


@pytest.mark.parametrize(
    "text",
    [
        ACC,
        ACC.upper(),
        spaced(ACC),
        ", ".join(f"0x{pair}" for pair in spaced(ACC).split()),
        ":".join(spaced(ACC).split()),
        f"# a sensor that lies still\n{spaced(ACC[:8])}\n\n{ACC[8:]}  # the rest\n",
    ],
)
def test_hexadecimal_text_as_people_write_it(tmp_path: Path, text: str) -> None:
    found = decoded(tmp_path, text, "witmotion_wt901", by_message=True)
    acc = next(stream for stream in found["streams"] if stream["name"] == "acc")
    assert acc["x"][0][:3] == [0.0, 0.0, 1.0]
    assert found["wire"]["frames"] == 1


def test_bytes_and_hexadecimal_text_are_the_same(tmp_path: Path) -> None:
    data = bytes.fromhex(ACC) * 3
    file = tmp_path / "capture.bin"
    file.write_bytes(data)
    found = decode_file(file, "witmotion_wt901")["streams"]
    assert found == decoded(tmp_path, data.hex(), "witmotion_wt901")["streams"]


def test_the_last_row_is_given_though_a_packet_is_missing(tmp_path: Path) -> None:
    (stream,) = decoded(tmp_path, ACC, "witmotion_wt901")["streams"]
    assert stream["x"] == [[0.0, 0.0, 1.0, None, None, None]]
    assert stream["loss_seen_by"] == "silence"


def test_lines_of_a_device_that_sends_text(tmp_path: Path) -> None:
    line = bytes.fromhex(vectors("fsr-csv")["fsr-csv"]["hex"]).decode()
    found = decoded(tmp_path, line * 2, "insole_csv")
    assert found["streams"][0]["x"][0][:3] == [100.0, 101.0, 102.0]
    assert found["streams"][0]["rows"] == 1  # the second one is a repetition
    assert found["streams"][0]["duplicates"] == 1


def test_numbers_are_no_bytes_though_they_are_pairs_of_digits(tmp_path: Path) -> None:
    found = decoded(tmp_path, "3120\n2980\n11\n", "myoware_csv")
    assert [row[0] for row in found["streams"][0]["x"]] == [3120.0, 2980.0, 11.0]


def test_times_of_a_capture_are_those_of_the_device(tmp_path: Path) -> None:
    """Bytes without arrivals: neither squeezed to the speed of a line nor reset."""
    lines = [f"{10 * n},{','.join('1' * 10)}\n" for n in range(600)]
    del lines[100:400]  # three seconds that nobody saved
    file = tmp_path / "capture.bin"
    file.write_text("".join(lines), encoding="utf-8")
    (stream,) = decode_file(file, "bno055_csv")["streams"]
    expected = [n / 100 for n in range(600) if not 100 <= n < 400]
    np.testing.assert_allclose(stream["t_s"], expected, atol=1e-9)
    assert (stream["lost"], stream["lost_is_exact"]) == (300, False)
    assert stream["loss_seen_by"] == "clock"


def test_a_loss_at_the_very_beginning_is_seen(tmp_path: Path) -> None:
    lines = [f"{10 * n},{','.join('1' * 10)}\n" for n in range(20) if n not in (3, 4)]
    file = tmp_path / "capture.bin"
    file.write_text("".join(lines), encoding="utf-8")
    assert decode_file(file, "bno055_csv")["streams"][0]["lost"] == 2


def test_times_by_the_counter(tmp_path: Path) -> None:
    data = b"".join(imu_frame(n) for n in range(65_500, 65_600) if n != 65_550)
    profile = tmp_path / "imu.toml"
    profile.write_text(IMU, encoding="utf-8")
    (stream,) = decoded(tmp_path, data.hex(), str(profile))["streams"]
    expected = [n / 200 for n in range(100) if n != 50]
    np.testing.assert_allclose(stream["t_s"], expected, atol=1e-9)
    assert (stream["lost"], stream["loss_seen_by"]) == (1, "counter")


def test_frames_behind_a_length_that_promises_too_much_are_given(
    tmp_path: Path,
) -> None:
    bogus = bytes.fromhex("a55a010001010008")  # 2058 bytes, which never come
    data = bogus + SENDERS["insole_a55a"].frame(1)
    found = decoded(tmp_path, data.hex(), "insole_a55a")
    assert found["streams"][0]["rows"] == 2


def test_each_line_is_a_datagram(tmp_path: Path) -> None:
    text = vectors("moticon-51")["moticon-51"]["hex"]
    found = decoded(tmp_path, text, "moticon_51")
    assert [stream["rows"] for stream in found["streams"]] == [1, 1]


def test_a_text_that_is_no_bytes_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "capture.hex"
    file.write_text("55 51\n55 5\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        decode_file(file, "witmotion_wt901")


@pytest.mark.parametrize(
    ("profile", "word"),
    [
        ("", "does not say which device"),
        ("wit_motion", "There is no device profile"),
        ("none.toml", "none.toml"),
    ],
)
def test_without_a_profile_nothing_is_guessed(
    tmp_path: Path, profile: str, word: str
) -> None:
    with pytest.raises(ConfigError, match=word):
        decoded(tmp_path, ACC, profile)


def test_an_mti_tells_what_it_sends_by_its_bytes(tmp_path: Path) -> None:
    found = decoded(tmp_path, XBUS["xbus-mti630"]["hex"], "xbus")
    (stream,) = found["streams"]
    labels = [channel["label"] for channel in stream["channels"]]
    row = dict(zip(labels, stream["x"][0], strict=True))
    assert stream["counter"] == [57285]
    np.testing.assert_allclose(
        [row["acc.x"], row["acc.y"], row["acc.z"]],
        XBUS["xbus-mti630"]["expect"]["data"]["acc_mps2"],
        rtol=1e-6,
    )


def test_bytes_that_are_no_mti_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no data message of an MTi"):
        decoded(tmp_path, ACC, "xbus")


@pytest.mark.parametrize("inputs", [1, 2, 4, 6])
def test_a_bitalino_tells_its_inputs_by_its_bytes(tmp_path: Path, inputs: int) -> None:
    from drivers.sim.bitalino_device import frame

    data = b"".join(frame(n, list(range(inputs))) for n in range(40))
    (stream,) = decoded(tmp_path, data.hex(), "bitalino")["streams"]
    assert stream["rows"] == 40
    assert len(stream["channels"]) == inputs + 2


def test_every_driver_by_name_can_be_tried_on_noise(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).bytes(3000).hex()
    for name in BY_DRIVER:
        try:
            found = decoded(tmp_path, noise, name)
        except ConfigError:
            continue
        rows = sum(stream["rows"] for stream in found["streams"])
        # nothing guards the numbers of a Trigno: any bytes are some
        assert rows == 46 if name == "trigno" else rows <= 30


def test_the_program_ends_with_a_message_never_a_traceback(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "drivers.decode", "--in", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 2
    assert "cannot be read" in told.stderr
    assert "Traceback" not in told.stderr
    empty = tmp_path / "empty.bin"
    empty.write_bytes(b"")
    out = ["--json", str(tmp_path / "o.json")]
    assert main(["--profile", "insole_a55a", "--in", str(empty), *out]) == 1
    wrong = ["--json", str(tmp_path / "no" / "o.json")]
    assert main(["--profile", "insole_a55a", "--in", str(empty), *wrong]) == 2


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("cut", [0, 5])
def test_bytes_of_the_ports_of_a_trigno(tmp_path: Path, big: bool, cut: int) -> None:
    setting = Setting(big=big)
    order = ">f4" if big else "<f4"
    file = tmp_path / "emg.bin"
    rows = [setting.emg(n) for n in range(40)]
    file.write_bytes(np.array(rows, order).tobytes() + b"\x3f" * cut)
    (stream,) = decode_file(file, "trigno")["streams"]
    assert [channel["label"] for channel in stream["channels"]][::15] == [
        "place_01", "place_16",
    ]  # fmt: skip
    np.testing.assert_array_equal(np.float32(stream["x"]), rows)
    assert stream["t_s"][:2] == [0.0, 1 / 2000]
    assert stream["loss_seen_by"] == "silence"
    aux = [setting.aux(n) for n in range(9)]
    file.write_bytes(np.array(aux, order).tobytes())
    (stream,) = decode_file(file, "trigno_aux", 148.0)["streams"]
    np.testing.assert_array_equal(np.float32(stream["x"]), aux)
    assert stream["rate_hz"] == 148.0


def test_raw_bytes_of_a_trigno_are_the_rows_that_were_live(tmp_path: Path) -> None:
    spec = SourceSpec("trigno", "trigno", {}, record_raw=True)
    with TrignoServer() as server:
        driver = TrignoDriver(ports=server.ports, muscles={2: "gluteus_maximus_left"})
        driver.tap = RawTap(spec)
        with opened(driver):
            driver.tap.begin(tmp_path / "t.xdf")
            out = read(driver, 300)
        driver.tap.end()
    for name in ("", "trigno"):
        found = decode_file(tmp_path / "t-trigno.raw", name)
        emg, aux = found["streams"]
        assert emg["channels"][1]["label"] == "emg_gluteus_maximus_left"
        np.testing.assert_array_equal(np.float32(emg["x"]), x_of(out))
        np.testing.assert_array_equal(np.float32(aux["x"]), x_of(out, 1))


def test_notifications_of_a_treadmill(tmp_path: Path) -> None:
    """As Bluetooth tools print them: one line each."""
    lines = "(0x) 00-00-E8-03\n0800B00414000000\n00\n00 00 FF FF\n"
    text = lines.replace("(0x) ", "0x")
    (stream,) = decoded(tmp_path, text, "ftms")["streams"]
    assert stream["x"][0] == [pytest.approx(10 / 3.6), None]
    assert stream["x"][1] == pytest.approx([12 / 3.6, 2.0])
    assert [channel["unit"] for channel in stream["channels"]] == ["m/s", "%"]


def test_raw_bytes_of_a_treadmill_are_the_rows_that_were_live(tmp_path: Path) -> None:
    notes = [
        [(0, bytes.fromhex("0000e803"))],
        [(0, bytes.fromhex("0800b00414000000")), (1, b"\x03")],
        [(0, bytes.fromhex("0000b004")), (0, bytes.fromhex("0000bc02"))],
        [(0, b"")],
        [(0, bytes.fromhex("00000000"))],
    ]

    class Belt:
        def open(self) -> None:
            pass

        def read_each(self, timeout_s: float) -> list[tuple[int, bytes]]:
            del timeout_s
            return notes.pop(0)

        def close(self) -> None:
            pass

    driver = FtmsTreadmill(port=Belt())
    driver.tap = RawTap(SourceSpec("belt", "ftms", {}, record_raw=True))
    driver.open()
    driver.tap.begin(tmp_path / "t.xdf")
    out = [item for _ in range(5) for item in driver.read()]
    driver.tap.end()
    found = decode_file(tmp_path / "t-belt.raw")
    (stream,) = found["streams"]
    np.testing.assert_array_equal(np.array(stream["x"], float), x_of(out))
    assert stream["t_s"] == [item.t_s[0] for item in out]
    assert found["wire"]["short_frames"] == 1
