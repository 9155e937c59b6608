"""A wrong profile is refused with every mistake at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from wire_profiles import IMU, SERIAL, parse

from drivers.profile_files import load_profile, profile_names
from lablive.errors import ConfigError

DEVICES = Path(__file__).parents[2] / "configs" / "devices"


def told(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_is_right(name: str) -> None:
    profile = load_profile(name)
    assert profile.device.name
    assert profile.streams


# what is replaced by what, and a word of the message
MISTAKES = [
    ("baud = 921600", "", 'transport.baud is missing; type "serial" needs it'),
    ('type = "serial"', 'type = "tcp"', "transport.host is missing"),
    ('sync = "AA 55"', 'sync = "AA 5"', "no hexadecimal text"),
    ('sync = "AA 55"', 'sync = "AA 55 AA 55 AA"', "1 to 4 bytes"),
    ("size = 20", "", "either framing.size or framing.length"),
    ("size = 20", 'size = 20\ndelimiter = ","', "framing.delimiter has no meaning"),
    ("from = 0, to = -2", "from = 0, to = -1", "covers itself"),
    ("from = 0, to = -2", "from = 9, to = 3", "covers no byte"),
    ("to = -2, at = -2", "to = 4, at = -1", "lie outside the frame"),
    ('algo = "CRC-16/XMODEM"', 'algo = "CRC-16"', "CRC-16/XMODEM"),
    ('field = "n"', 'field = "m"', 'no message has the counter field "m"'),
    ("bits = 16", "bits = 17", "u16le has no more than 16 bits"),
    ("bits = 16", "bits = 99", "between 0 and 64"),
    ('name = "n", at = 2', 'name = "n", at = 1', "overlaps the sync bytes 0 to 1"),
    ('name = "gyro", at = 10', 'name = "gyro", at = 16', "ends at byte 22"),
    ('name = "gyro", at = 10', 'name = "gyro", at = 13', "overlaps the checksum"),
    ('scale = 0.1, unit = "deg/s"', "scale = 0.1", "scale without unit"),
    ("scale = 0.1,", "scale = 0.0,", "scale 0 would erase"),
    ('type = "i16le", count = 3, scale = 0.1', 'type = "s16"', '"s16" is not known'),
    ('name = "gyro", at = 10', 'name = "acc", at = 10', "two fields have this name"),
    ('name = "gyro", at = 10', 'name = "gyro", col = 1', "at is missing"),
    ("count = 3, scale = 0.1", "count = 0, scale = 0.1", "count must be 1 or more"),
    ('["acc", "gyro"]', '["acc", "mag"]', 'no field "mag"; known: n, acc, gyro'),
    ('["acc", "gyro"]', '["acc[0:4]"]', "outside the 3 numbers"),
    ('["acc", "gyro"]', '["acc[0"]', "is no field; write name"),
    ('["acc", "gyro"]', "[]", "has no fields"),
    ('message = "m"', 'message = "x"', 'no message is named "x"'),
    ('site = "pelvis"', 'site = "hip"', 'site "hip" is not known'),
    ('site = "pelvis"', 'axes = ["x", "x", "z"]', "name x, y and z once each"),
    ('["acc", "gyro"]', '["n"]\naxes = ["x", "y", "z"]', "fields of three numbers"),
    ('site = "pelvis"', 'unit_out = "furlong"', '"furlong" is not known'),
    ('site = "pelvis"', 'unit_out = "V"', "can be turned into V"),
    ('site = "pelvis"', 'position = "pelvis"', "unknown key stream[1].position"),
    ('kind = "imu"', 'kind = "shoe"', "shoe"),
    ("rate_hz = 200.0", 'rate_hz = "fast"', "fast"),
    (
        "[framing]",
        '[start]\nsteps = [{ send_hex = "G0" }]\n[framing]',
        "start.steps[1].send_hex",
    ),
    (
        "[framing]",
        '[start]\nsteps = [{ send_hex = "00", send_text = "x" }]\n[framing]',
        "send_hex or send_text, not both",
    ),
    ("[framing]", '[keepalive]\nsend_hex = "00"\nevery_s = 0.0\n[framing]', "every_s"),
    ("[framing]", '[clock]\nfield = "n"\nunit_s = 0.0\n[framing]', "unit_s must be"),
    ("bits = 16\n", 'bits = 16\n[[message]]\nname = "m"\n', "two messages are named"),
    ("bits = 16\n", 'bits = 16\n[[message]]\nname = "o"\n', 'have prefix ""'),
    ('name = "m"', 'id = 4\nname = "m"', "framing.type does not say where"),
    ("size = 20", 'size = 20\ntype = { at = 2, type = "u8" }', '"m" needs an id'),
    ("size = 20", 'size = 20\ntype = { at = 1, type = "u8" }', "overlaps the sync"),
    ("size = 20", 'size = 20\ntype = { at = 2, type = "f32le" }', "no whole-number"),
    (
        "size = 20",
        'size = 20\ntype = { at = 2, type = "u8", allow = [9, 1] }',
        "first is above last",
    ),
    ("size = 20", "size = 20\ntail = [9, 1]", "framing.tail"),
    ("size = 20", "size = 20\nmax_frame = 0", "framing.max_frame must be"),
    ("rate_hz = 200.0", "rate_hz = 200.0\nsamples = { at = 2, stride = 4 }",
     "either count or count_at"),
    ("rate_hz = 200.0", "rate_hz = 200.0\nsamples = { at = 2, stride = 9, count = 3 }",
     "ends at byte 29"),
    ("scale = 0.1,", "scale = 0.1, per_sample = true,", "the message has no samples"),
    ("baud = 921600", "baud = -1", "transport.baud must be above"),
    ("baud = 921600", "baud = 921600\nport = 70000", "transport.port must be 1 to"),
    ("baud = 921600", 'baud = 921600\nhost = "x"', 'no meaning for type "serial"'),
    ("rate_hz = 200.0", "rate_hz = -1.0", "rate_hz must not be negative"),
    ("rate_hz = 200.0", "rate_hz = 200.0\nmax_gap_s = -1.0", "max_gap_s must not"),
    ("rate_hz = 200.0", 'rate_hz = 200.0\nprefix = "A"', "prefix has no meaning"),
    ("rate_hz = 200.0", "rate_hz = 200.0\ncolumns = 3", "columns has no meaning"),
    ("rate_hz = 200.0", "rate_hz = 200.0\nsize = 19", "size 19 never comes"),
    ("rate_hz = 200.0", "rate_hz = 200.0\nsamples = { at = 2, stride = 9, count = 1 }",
     "no field is per_sample"),
    ("rate_hz = 200.0",
     'rate_hz = 200.0\nsamples = { at = 2, stride = 9, count_at = [2, "f32le"] }',
     "a whole number"),
    ("scale = 0.1,", "min = 2.0, max = 1.0, scale = 0.1,", "min is above max"),
    ("scale = 0.1,", "invalid = 65535, scale = 0.1,", "holds -32768 to 32767"),
    ("scale = 0.1,", "stride = 1, scale = 0.1,", "stride 1 is less than 2 bytes"),
    ("scale = 0.1,", "stride = -2, scale = 0.1,", "stride must not be negative"),
    ("[framing]", "[start]\nsteps = [{ wait_s = -1.0 }]\n[framing]", "wait_s must not"),
    ("[framing]", "[start]\nsteps = [{}]\n[framing]", "does nothing"),
    ("[framing]",
     '[start]\nsteps = [{ expect_text = "OK", timeout_s = 0.0 }]\n[framing]',
     "timeout_s must be above"),
    ("[framing]", '[start]\nsteps = [{ expect_hex = "5" }]\n[framing]',
     "steps[1].expect_hex"),
    ("[framing]",
     '[start]\nsteps = [{ expect_hex = "55", expect_text = "U" }]\n[framing]',
     "expect_hex or expect_text"),
    ("[framing]", '[stop]\nsteps = [{ expect_text = "OK" }]\n[framing]',
     "closing must be quick"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "word"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_a_mistake_is_told(old: str, new: str, word: str) -> None:
    assert old in IMU
    message = told(IMU.replace(old, new, 1))
    assert word in message
    assert "test.toml" in message


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    text = IMU
    for old, new, _ in (MISTAKES[0], MISTAKES[6], MISTAKES[13], MISTAKES[27]):
        text = text.replace(old, new, 1)
    message = told(text)
    for _, _, word in (MISTAKES[0], MISTAKES[6], MISTAKES[13], MISTAKES[27]):
        assert word in message
    lines = text.splitlines()
    for word, line in (("covers itself", "checksum"), ("hip", "site")):
        (at,) = [n for n, found in enumerate(lines, 1) if found.startswith(line)]
        assert f"line {at}: " in next(m for m in message.splitlines() if word in m)


def test_an_id_that_is_never_let_through() -> None:
    typed = IMU.replace("size = 20", 'size = 20\ntype = { at = 2, type = "u8" }')
    typed = typed.replace('name = "m"', 'id = 300\nname = "m"', 1)
    assert "id 0x12c is never let through" in told(typed)
    allowed = typed.replace('type = "u8" }', 'type = "u8", allow = [1, 9] }')
    assert "0x30 is never let through" in told(allowed.replace("300", "48"))


def test_text_has_no_number_types() -> None:
    text = (
        SERIAL.format(kind="imu")
        + '[framing]\nmode = "line"\ndelimiter = ","\n'
        + '[[message]]\nname = "m"\nsize = 4\nfield = [{ name = "a", col = 0, '
        + 'type = "u8" }]\n[[stream]]\nname = "s"\nmessage = "m"\nfields = ["a"]\n'
    )
    message = told(text)
    assert "type has no meaning for text" in message
    assert "size has no meaning for text" in message


def test_a_line_too_slow_for_what_is_asked() -> None:
    packets = "".join(
        f'[[message]]\nid = {0x51 + n}\nname = "p{n}"\nrate_hz = 200.0\n'
        for n in range(3)
    )
    text = (
        SERIAL.format(kind="imu").replace("921600", "9600")
        + '[framing]\nmode = "sync"\nsync = "55"\nsize = 11\n'
        + 'type = { at = 1, type = "u8" }\n'
        + packets
        + '[[stream]]\nname = "s"\nmessage = "p0"\nfields = []\n'
    )
    message = told(text)
    assert "9600 baud carries 29 groups/s of 3 packets" in message
    assert "you asked for 200 Hz" in message


def test_lines_too_long_for_the_line() -> None:
    text = (DEVICES / "insole_csv.toml").read_text(encoding="utf-8")
    message = told(text.replace("115200", "9600").replace("= 50.0", "= 100.0"))
    assert "9600 baud carries 13 groups/s" in message


def test_text_needs_columns_and_a_delimiter() -> None:
    text = (
        SERIAL.format(kind="imu")
        + '[framing]\nmode = "line"\n'
        + '[[message]]\nname = "m"\ncolumns = 2\nfield = ['
        + '{ name = "a", at = 0, type = "u8" }, { name = "b", col = 2 }]\n'
        + '[[stream]]\nname = "s"\nmessage = "m"\nfields = ["b"]\n'
    )
    message = told(text)
    for word in (
        "framing.delimiter is missing",
        "col is missing",
        "outside the 2 columns",
    ):
        assert word in message


def test_slip_bytes_must_differ() -> None:
    frame = '[framing]\nmode = "slip"\nend = "DB"\n'
    rest = (
        '[[message]]\nname = "m"\nfield = [{ name = "b", at = 0, type = "u8" }]\n'
        '[[stream]]\nname = "s"\nmessage = "m"\nfields = ["b"]\n'
    )
    assert "must differ" in told(SERIAL.format(kind="other") + frame + rest)
    assert "one byte" in told(
        SERIAL.format(kind="other") + frame.replace("DB", "DB 00") + rest
    )


def test_a_joined_row_has_one_sample_per_frame() -> None:
    text = (
        IMU.replace("[[stream]]", '[[message]]\nid = 2\nname = "n2"\n[[stream]]')
        .replace("size = 20", 'size = 20\ntype = { at = 2, type = "u8" }')
        .replace('name = "m"', 'id = 1\nname = "m"', 1)
        .replace("rate_hz", "samples = { at = 4, stride = 6, count = 2 }\nrate_hz", 1)
        .replace('["acc", "gyro"]', '["acc", "n2.x"]')
    )
    assert 'no field "x"' in told(text)


def test_a_missing_profile_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="insole_a55a") as caught:
        load_profile("insole_a55")
    assert "Did you mean" in str(caught.value)


def test_a_lab_writes_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(IMU, encoding="utf-8")
    assert load_profile(str(file)).device.name == "Test device"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profile(str(tmp_path / "none.toml"))
