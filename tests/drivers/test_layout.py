from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_profiles import decoder, parse, rows

from drivers.wire_types import WIRE_TYPES

TEXT = """
[device]
name = "Test"
kind = "imu"
[transport]
type = "udp"
port = 9
[framing]
mode = "datagram"
[[message]]
name = "m"
SAMPLES
field = [FIELDS]
[[stream]]
name = "s"
message = "m"
fields = CHOSEN
EXTRA
"""


def one(
    data: bytes, fields: str, chosen: str, samples: str = "", extra: str = ""
) -> np.ndarray:
    """Return the rows of one datagram."""
    text = TEXT.replace("FIELDS", fields).replace("CHOSEN", chosen)
    text = text.replace("SAMPLES", samples).replace("EXTRA", extra)
    return rows(decoder(parse(text)).feed([data], 1.0))


@given(name=st.sampled_from(sorted(WIRE_TYPES)), raw=st.binary(min_size=8, max_size=8))
def test_every_number_type_reads_alike_alone_and_in_rows(name: str, raw: bytes) -> None:
    wire = WIRE_TYPES[name]
    alone = wire.read(raw, 0)
    if wire.dtype is None:
        many = wire.numbers(np.frombuffer(raw[:3], np.uint8)[None])[0]
    else:
        many = np.frombuffer(raw, wire.dtype, 1)[0]
    np.testing.assert_equal(np.float64(many), np.float64(alone))


@pytest.mark.parametrize("value", [-(1 << 23), -1, 0, 1, (1 << 23) - 1])
def test_24_bits_keep_their_sign(value: int) -> None:
    raw = value.to_bytes(3, "big", signed=True)
    found = one(raw, '{name="a",at=0,type="i24be"}', '["a"]')
    assert found.tolist() == [[value]]


def test_several_samples_in_both_orders() -> None:
    data = b"\x07" + struct.pack("<6h", 1, 2, 3, 4, 5, 6)
    fields = (
        '{name="head",at=0,type="u8"}, '
        '{name="v",per_sample=true,at=0,type="i16le",count=2}'
    )
    samples = "samples = {{ at = 1, stride = 4, count = 3{} }}"
    assert one(data, fields, '["v", "head"]', samples.format("")).tolist() == [
        [1, 2, 7], [3, 4, 7], [5, 6, 7],
    ]  # fmt: skip
    newest = samples.format(', order = "newest_first"')
    assert one(data, fields, '["v"]', newest).tolist() == [[5, 6], [3, 4], [1, 2]]


def test_numbers_that_do_not_stand_side_by_side() -> None:
    data = struct.pack("<6h", 1, 10, 2, 20, 3, 30)
    fields = '{name="v",at=2,type="i16le",count=3,stride=4}'
    assert one(data, fields, '["v"]').tolist() == [[10, 20, 30]]


def test_parts_of_fields_in_any_order() -> None:
    data = bytes(range(8))
    fields = '{name="v",at=0,type="u8",count=8}'
    assert one(data, fields, '["v[6:8]", "v[2]"]').tolist() == [[6, 7, 2]]


def test_rule_10_invalid_and_impossible_values_are_missing() -> None:
    data = struct.pack("<4H", 65535, 100, 200, 301)
    fields = (
        '{name="v",at=0,type="u16le",count=4,scale=0.1,unit="kPa",'
        "invalid=65535,min=15.0,max=30.0}"
    )
    np.testing.assert_allclose(
        one(data, fields, '["v"]'), [[np.nan, np.nan, 20.0, np.nan]], rtol=1e-6
    )


def test_axes_and_units_as_wanted() -> None:
    data = struct.pack("<6f", 1, 2, 3, 90, 0, -90)
    fields = (
        '{name="acc",at=0,type="f32le",count=3,unit="g"}, '
        '{name="gyro",at=12,type="f32le",count=3,unit="deg/s"}'
    )
    found = one(
        data, fields, '["acc", "gyro"]',
        extra='axes = ["z", "-x", "y"]\nunit_out = "m/s^2"',
    )  # fmt: skip
    g = 9.80665
    np.testing.assert_allclose(found, [[3 * g, -g, 2 * g, -90, -90, 0]], rtol=1e-6)


def test_offset_is_added_after_scaling() -> None:
    fields = '{name="v",at=0,type="u8",scale=0.5,offset=-10.0,unit="degC"}'
    assert one(b"\x40", fields, '["v"]').tolist() == [[22.0]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("u8", "float32"), ("i24be", "float32"), ("f32le", "float32"),
     ("u32le", "float64"), ("f64be", "float64"), ("u64le", "float64")],
)  # fmt: skip
def test_nothing_is_rounded_away(kind: str, expected: str) -> None:
    assert one(b"\1" * 8, f'{{name="v",at=0,type="{kind}"}}', '["v"]').dtype == expected


@pytest.mark.parametrize("kind", ["f32le", "f32be", "i16le"])
def test_neighbours_are_the_same_alone_and_among_others(kind: str) -> None:
    """Numbers side by side take a shorter way than those with others between."""
    code = {"f32le": "<2f", "f32be": ">2f", "i16le": "<2h"}[kind]
    size = struct.calcsize(code)
    rows_sent = [[1, 2], [3, 4], [5, -6]]
    data = b"\x07" + b"".join(struct.pack(code, *row) + b"\xee" for row in rows_sent)
    samples = f"samples = {{ at = 1, stride = {size + 1}, count = 3 }}"
    fields = (
        '{name="head",at=0,type="u8"}, '
        f'{{name="v",per_sample=true,at=0,type="{kind}",count=2}}'
    )
    assert one(data, fields, '["v"]', samples).tolist() == rows_sent
    with_head = one(data, fields, '["v", "head"]', samples)
    assert with_head[:, :2].tolist() == rows_sent
    plain = f'{{name="v",at=1,type="{kind}",count=2}}'
    assert one(data, plain, '["v"]').tolist() == rows_sent[:1]
