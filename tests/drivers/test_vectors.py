"""Published and constructed bytes of real devices, cut into reads in every way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wire_profiles import CUTS, SERIAL, chunks, cut, decoder, feed_all, parse, rows

from drivers.framing import make_framer
from drivers.profile_files import load_profile
from lablive.clock import CounterUnwrapper, Step

FILE = Path(__file__).parent / "data" / "driver_vectors.json"
VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector for vector in json.loads(FILE.read_text())["vectors"]
}
DEVICES = Path(__file__).parents[2] / "configs" / "devices"

STREAM = '\n[[stream]]\nname = "{name}"\nmessage = "{message}"\nfields = {fields}\n'

XBUS = (
    SERIAL.format(kind="imu")
    + """
[framing]
mode = "sync"
sync = "FA FF"
length = { at = 3, type = "u8", add = 5, escape = ESCAPE }
type = { at = 2, type = "u8" }
checksum = { algo = "SUM8-NEG", from = 1, to = -1, at = -1 }
[[message]]
id = 0x36
name = "data"
field = FIELDS
"""
)
XBUS = XBUS.replace("ESCAPE", '{ value = 255, at = 4, type = "u16be", add = 7 }')
MTI630 = XBUS.replace(
    "FIELDS",
    '[{name="counter",at=7,type="u16be"}, {name="fine",at=12,type="u32be"},'
    '{name="acc",at=19,type="f32be",count=3,unit="m/s^2"},'
    '{name="gyro",at=34,type="f32be",count=3,unit="rad/s"},'
    '{name="status",at=49,type="u32be"}]',
)
EULER = XBUS.replace(
    "FIELDS",
    '[{name="fine",at=7,type="u32be"},'
    '{name="euler",at=14,type="f32be",count=3,unit="deg"}]',
)
XIMU3_BINARY = (
    SERIAL.format(kind="imu")
    + """
[framing]
mode = "slip"
end = "0A"
type = { at = 0, type = "u8" }
[clock]
field = "us"
unit_s = 1e-6
[[message]]
id = 0xC9
name = "inertial"
field = [{name="us",at=1,type="u64le"}, {name="gyro",at=9,type="f32le",count=3},
  {name="acc",at=21,type="f32le",count=3}]
[[message]]
id = 0xD1
name = "quaternion"
field = [{name="us",at=1,type="u64le"}, {name="quat",at=9,type="f32le",count=4}]
[[message]]
id = 0xD4
name = "temperature"
field = [{name="us",at=1,type="u64le"}, {name="value",at=9,type="f32le"}]
[[message]]
id = 0xD9
name = "sync"
field = [{name="us",at=1,type="u64le"}, {name="value",at=9,type="f32le"}]
"""
    + STREAM.format(name="i", message="inertial", fields='["gyro", "acc"]')
    + STREAM.format(name="q", message="quaternion", fields='["quat"]')
    + STREAM.format(name="t", message="temperature", fields='["value"]')
    + STREAM.format(name="s", message="sync", fields='["value"]')
)
XIMU3_TEXT = (
    SERIAL.format(kind="imu")
    + """
[framing]
mode = "line"
delimiter = ","
[[message]]
name = "inertial"
prefix = "I"
columns = 8
field = [{name="us",col=1}, {name="gyro",col=2,count=3}, {name="acc",col=5,count=3}]
[[message]]
name = "battery"
prefix = "B"
columns = 5
field = [{name="us",col=1}, {name="battery",col=2,count=3}]
"""
    + STREAM.format(name="i", message="inertial", fields='["us", "gyro", "acc"]')
    + STREAM.format(name="b", message="battery", fields='["us", "battery"]')
)
DATAGRAM = """
[device]
name = "Test datagrams"
kind = "other"
[transport]
type = "udp"
port = 9
[framing]
mode = "datagram"
size = {size}
[[message]]
name = "m"
field = {fields}
[[stream]]
name = "s"
message = "m"
fields = {chosen}
"""
BLE41 = DATAGRAM.format(
    size=41,
    fields='[{name="seq",at=1,type="u16le"}, {name="press",at=3,type="u8",count=32,'
    'unit="adc"}, {name="state",at=35,type="u8",count=2}, {name="conf",at=37,type="u8",'
    'scale=0.01,unit="1"}, {name="steps",at=38,type="u16le"}, '
    '{name="battery",at=40,type="u8"}]',
    chosen='["seq", "press", "state", "conf", "steps", "battery"]',
)
TRIGNO = DATAGRAM.format(
    size=64,
    fields='[{name="emg",at=0,type="f32be",count=16,unit="V"}]',
    chosen='["emg[1]"]',
)
SHIMMER = DATAGRAM.format(
    size=6,
    fields='[{name="ticks",at=1,type="u24le"}, {name="a1",at=4,type="u16le"}]',
    chosen='["ticks", "a1"]',
)


def shipped(name: str, extra: str = "", old: str = "", new: str = "") -> str:
    """Return a shipped profile, with more streams or one text replaced."""
    text = (DEVICES / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new) + extra if old else text + extra


WIT = shipped(
    "witmotion_wt901",
    STREAM.format(name="a", message="acc", fields='["acc", "temperature"]')
    + STREAM.format(name="w", message="angle", fields='["angle"]'),
)
CYTON = shipped(
    "cyton_raw", STREAM.format(name="a", message="sample", fields='["acc"]')
)
ORPHE_55 = shipped("orphe_56")
for old, new in (
    ("id = 56", "id = 55"),
    ("count = 2, at = 8, stride = 32", "count = 4, at = 8, stride = 24"),
    ("at = 8, type", "at = 0, type"),
    ("at = 14, type", "at = 6, type"),
    ("at = 20, type", "at = 12, type"),
):
    ORPHE_55 = ORPHE_55.replace(old, new)
LEFT_ROW = [640.5, 0.25, -0.1, *range(16), 0.01, -0.02, 1.0, 1.0, 2.0, 3.0]
RIGHT_ROW = [
    12.5, -0.2, 0.05, *(n / 10 for n in range(16)), -0.01, 0.02, 0.98, -1.0, -2.0, -3.0,
]  # fmt: skip
EMG = [0.022352, 0.044703, 0.067055, 0.089407, 0.111759, 0.13411, 0.156462, 0.178814]

# vector, profile, stream number, its rows
STREAMS: list[tuple[str, str, int, list[list[float]]]] = [
    ("wit-acc", WIT, 1, [[0.0, 0.0, 1.0, 25.0]]),
    ("wit-angle", WIT, 2, [[45.0, -9.997559, 90.0]]),
    ("wit-garbage", WIT, 1, [[0.0, 0.0, 1.0, 25.0]]),
    ("cyton-simple", CYTON, 0, [EMG]),
    ("cyton-neg", CYTON, 0, [[-186035.156075, *EMG[1:]]]),
    ("cyton-rawaux", CYTON, 0, [EMG]),
    ("cyton-simple", CYTON, 1, [[0.0, 0.000125, 0.00025]]),
    ("a55a-roundtrip", shipped("insole_a55a"), 0, [[100.0] * 16, [200.0] * 16]),
    ("a55a-roundtrip", shipped("insole_a55a"), 1, [[100.0] * 16, [200.0] * 16]),
    ("bertec-rx", shipped("bertec"), 0, [[2.499, 2.5, -1.5]]),
    ("fsr-csv", shipped("insole_csv"), 0, [[*range(100, 116), 0]]),
    ("fsr-csv", shipped("insole_csv"), 1, [list(range(16))]),
    (
        "vn-short",
        shipped("vectornav_ymr", old="columns = 13", new="columns = 4")
        .replace('{ name = "mag", col = 4, count = 3, unit = "G" },', "")
        .replace('{ name = "acc", col = 7, count = 3, unit = "m/s^2" },', "")
        .replace('{ name = "gyro", col = 10, count = 3, unit = "rad/s" },', "")
        .replace('["acc", "gyro", "mag", "ypr"]', '["ypr"]'),
        0,
        [[-165.918, -8.77, 0.198]],
    ),
    (
        "xbus-mti630",
        MTI630 + STREAM.format(
            name="x", message="data",
            fields='["counter", "fine", "acc", "gyro", "status"]',
        ),
        0,
        [[57285, 4562336, -0.4308699, 0.8305544, 9.7957611, -0.005199, 0.0042826,
          -0.0039428, 129]],
    ),
    (
        "xbus-euler",
        EULER + STREAM.format(name="x", message="data", fields='["fine", "euler"]'),
        0,
        [[154827959, -0.7855579, -0.3816686, -174.8864594]],
    ),
    ("ximu3-1-I", XIMU3_BINARY, 0, [[0.0, -12.5, 3.25, 0.01, -0.02, 1.0]]),
    ("ximu3-3-Q", XIMU3_BINARY, 1, [[0.70710683, 0.70710683, 0.0, 0.0]]),
    ("ximu3-6-T", XIMU3_BINARY, 2, [[25.5]]),
    ("ximu3-7-Y", XIMU3_BINARY, 3, [[1.0]]),
    ("ximu3-0-I", XIMU3_TEXT, 0, [[1000000, 0.0, -12.5, 3.25, 0.01, -0.02, 1.0]]),
    ("ximu3-5-B", XIMU3_TEXT, 1, [[3000000, 75.0, 4.0, 1.0]]),
]  # fmt: skip

DATAGRAMS: list[tuple[str, str, int, list[list[float]]]] = [
    ("moticon-51", shipped("moticon_51"), 0, [LEFT_ROW]),
    ("moticon-51", shipped("moticon_51"), 1, [RIGHT_ROW]),
    (
        "insole-ble41", BLE41, 0,
        [[42, *range(0, 256, 8), 1, 0, 0.88, 999, 78]],
    ),
    ("trigno-big-endian", TRIGNO, 0, [[0.25]]),
    ("shimmer-data-1", SHIMMER, 0, [[11718878, 1830]]),
]  # fmt: skip


@pytest.mark.parametrize("size", CUTS)
@pytest.mark.parametrize(
    ("vector", "profile", "stream", "expected"),
    STREAMS,
    ids=[f"{vector}-{stream}" for vector, _, stream, _ in STREAMS],
)
def test_bytes_of_a_line(
    vector: str, profile: str, stream: int, expected: list[list[float]], size: int
) -> None:
    found = decoder(parse(profile))
    data = bytes.fromhex(VECTORS[vector]["hex"])
    out = feed_all(found, cut(data, size))
    np.testing.assert_allclose(rows(out, stream), expected, rtol=1e-6, atol=5e-7)
    assert found.stats.checksum_errors == found.stats.bad_lines == 0


@pytest.mark.parametrize(
    ("vector", "profile", "stream", "expected"),
    DATAGRAMS,
    ids=[f"{vector}-{stream}" for vector, _, stream, _ in DATAGRAMS],
)
def test_datagrams(
    vector: str, profile: str, stream: int, expected: list[list[float]]
) -> None:
    out = decoder(parse(profile)).feed([bytes.fromhex(VECTORS[vector]["hex"])], 1.0)
    np.testing.assert_allclose(rows(out, stream), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("size", CUTS)
def test_garbage_around_a_frame_is_counted(size: int) -> None:
    found = decoder(parse(WIT))
    feed_all(found, cut(bytes.fromhex(VECTORS["wit-garbage"]["hex"]), size))
    told = found.startup.plus(found.stats)
    assert (told.frames, told.skipped_bytes) == (1, 5)


def test_the_counter_and_clock_of_a55a() -> None:
    found = decoder(load_profile("insole_a55a"))
    out = found.feed([bytes.fromhex(VECTORS["a55a-roundtrip"]["hex"])], 7.0)
    (chunk,) = chunks(out)
    assert chunk.counter is not None
    assert chunk.counter.tolist() == [42, 42]
    assert np.diff(chunk.t_s) == pytest.approx([0.005])


@pytest.mark.parametrize("size", CUTS)
def test_another_message_of_a55a_is_no_row_and_no_error(size: int) -> None:
    found = decoder(load_profile("insole_a55a"))
    data = bytes.fromhex(VECTORS["a55a-crc-order"]["hex"])
    assert not feed_all(found, cut(data, size))
    assert (found.stats.frames, found.stats.unknown_types) == (1, 0)


def test_orphe_samples_come_newest_first() -> None:
    profile = parse(
        "\n".join(line for line in ORPHE_55.splitlines() if "quat" not in line)
    )
    (chunk,) = chunks(
        decoder(profile).feed([bytes.fromhex(VECTORS["orphe-55"]["hex"])], 5.0)
    )
    assert chunk.x.shape == (4, 12)
    expected = [1, 2, 3, 4, 5, 6, 400 * 16 / 32768, 500 * 16 / 32768, 600 * 16 / 32768]
    np.testing.assert_allclose(chunk.x[0, :9], expected, rtol=1e-6)
    np.testing.assert_allclose(chunk.x[0, 9:], [7.0, 14.0, 21.0], rtol=1e-6)
    assert not chunk.x[1:].any()
    assert chunk.counter is not None
    assert chunk.counter.tolist() == [16] * 4
    assert np.diff(chunk.t_s) == pytest.approx([0.005] * 3)


def test_a_short_orphe_notification_is_ignored() -> None:
    found = decoder(load_profile("orphe_56"))
    assert not found.feed([bytes.fromhex(VECTORS["orphe-short"]["hex"])], 5.0)
    assert found.stats.short_frames == 1


@pytest.mark.parametrize(
    "vector", ["vn-model", "vn-wrg07", "vn-rrg35", "vn-wrg35", "vn-err"]
)
@pytest.mark.parametrize("size", CUTS)
def test_other_sentences_close_and_are_no_rows(vector: str, size: int) -> None:
    found = decoder(load_profile("vectornav_ymr"))
    assert not feed_all(found, cut(bytes.fromhex(VECTORS[vector]["hex"]), size))
    assert (found.stats.checksum_errors, found.stats.unknown_types) == (0, 1)


def test_an_unknown_ximu3_message_is_counted() -> None:
    found = decoder(parse(XIMU3_TEXT))
    assert not found.feed([bytes.fromhex(VECTORS["ximu3-10-bad_id"]["hex"])], 1.0)
    assert found.stats.unknown_types == 1


@pytest.mark.parametrize("size", CUTS)
@pytest.mark.parametrize(
    "vector",
    ["cobs-zero", "cobs-mixed", "cobs-zeros", "cobs-254", "slip-rfc1055", "slip-ximu"],
)
def test_packet_codecs(vector: str, size: int) -> None:
    told = VECTORS[vector]
    mode = told["protocol"]
    end = f'end = "{told["expect"]["end"]}"' if mode == "slip" else ""
    profile = parse(
        SERIAL.format(kind="other")
        + f'[framing]\nmode = "{mode}"\n{end}\n'
        + '[[message]]\nname = "m"\nfield = [{name = "b", at = 0, type = "u8"}]\n'
        + STREAM.format(name="s", message="m", fields='["b"]')
    )

    framer = make_framer(profile)
    found = [
        f
        for data in cut(bytes.fromhex(told["hex"]), size)
        for f in framer.feed([data], 0.0)
    ]
    assert [frame.body.hex() for frame in found] == [told["expect"]["decoded"]]


@pytest.mark.parametrize("vector", ["ctr-u8", "ctr-4bit"])
def test_counters(vector: str) -> None:
    expect = VECTORS[vector]["expect"]
    counter = CounterUnwrapper(expect["bits"])
    lost, values, duplicates = [], [], 0
    for raw in expect["in"]:
        step = counter.step(raw)
        duplicates += step is Step.DUPLICATE
        if step is Step.LOST:
            lost.append(counter.lost)
        values.append(counter.value)
    assert lost == expect["lost"]
    if "unwrapped" in expect:
        assert values == expect["unwrapped"]
    else:
        assert duplicates == 1
