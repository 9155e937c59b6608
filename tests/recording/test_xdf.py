from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablive.recording import xdf

FORCE = xdf.layout(2, "float32")
T_S = np.array([1.5, 2.5, 4.0])
X = np.arange(6, dtype=np.float32).reshape(3, 2)


def foreign_samples(stream: int, rows: list[tuple[float | None, bytes]]) -> bytes:
    """Chunk as other recorders write it: a stamp of None is left out."""
    content = struct.pack("<I", stream) + xdf.varlen(len(rows))
    for stamp, values in rows:
        content += b"\0" if stamp is None else struct.pack("<Bd", 8, stamp)
        content += values
    return xdf.chunk(xdf.SAMPLES, content)


@pytest.mark.parametrize("number", [0, 1, 255, 256, 70_000, 1 << 32, 1 << 40])
def test_varlen_takes_one_four_or_eight_bytes(number):
    data = xdf.chunk(xdf.SAMPLES, struct.pack("<I", 5) + xdf.varlen(number))
    head = xdf.read_head(data)
    assert (head.tag, head.stream, head.size) == (xdf.SAMPLES, 5, len(data))
    assert xdf.sample_count(data, head) == number


def test_samples_come_back_with_every_stamp():
    data = xdf.samples(9, T_S, X, FORCE)
    t_s, x = xdf.decode_samples(data, FORCE)
    np.testing.assert_array_equal(t_s, T_S)
    np.testing.assert_array_equal(x, X)
    assert xdf.edges(data, xdf.read_head(data), FORCE) == (3, 1.5, 4.0)


@pytest.mark.parametrize("given", ["float32", "float64"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["float32", "double64"])
@pytest.mark.parametrize("channels", [1, 2, 9])
def test_blocks_of_many_rows_have_the_bytes_of_small_ones(channels, kind, order, given):
    rows = xdf.layout(channels, kind)
    count, step = 2400, 240
    t_s = np.arange(count) / 48000
    x = np.random.default_rng(0).standard_normal((count, channels))
    x = np.array(x, given, order=order)
    size = rows.row.itemsize
    pieces = [
        xdf.samples(1, t_s[k : k + step], x[k : k + step], rows)[-step * size :]
        for k in range(0, count, step)
    ]
    whole = xdf.samples(1, t_s, x, rows)
    assert whole[-count * size :] == b"".join(pieces)


@pytest.mark.parametrize(
    "stamps", [[1.0, None, None, None], [1.0, None, 2.0, None], [None, None, 3.0, 4.0]]
)
def test_left_out_stamps_are_nan(stamps):
    values = [struct.pack("<2f", k, -k) for k in range(4)]
    data = foreign_samples(3, list(zip(stamps, values, strict=True)))
    t_s, x = xdf.decode_samples(data, FORCE)
    expected = [np.nan if stamp is None else stamp for stamp in stamps]
    np.testing.assert_array_equal(t_s, expected)
    np.testing.assert_array_equal(x, [[k, -k] for k in range(4)])


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "double64"])
def test_every_numeric_format_decodes(kind):
    rows = xdf.layout(3, kind)
    values = np.array([[1, -2, 3], [100, 7, -100]], rows.row["v"].base)
    pairs = zip([1.0, 2.0], values, strict=True)
    data = foreign_samples(1, [(t, v.tobytes()) for t, v in pairs])
    np.testing.assert_array_equal(xdf.decode_samples(data, rows)[1], values)


def test_integers_that_float32_would_round_become_doubles():
    assert xdf.layout(1, "int16").values == np.float32
    assert xdf.layout(1, "int32").values == np.float64


def test_texts_come_back():
    data = xdf.text_samples(4, [1.0, 2.0], ["left µ", ""])
    assert xdf.decode_texts(data, 1) == ([1.0, 2.0], [("left µ",), ("",)])


def test_texts_of_other_programs_have_channels_and_no_stamps():
    two = b"".join(xdf.varlen(len(word)) + word for word in (b"go", b"\xff"))
    t_s, texts = xdf.decode_texts(foreign_samples(4, [(None, two)]), 2)
    assert np.isnan(t_s[0])
    assert texts == [("go", "\ufffd")]


def test_clock_offset_comes_back():
    assert xdf.decode_offset(xdf.clock_offset(2, 5.0, -0.25)) == (5.0, -0.25)


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_cut_chunk_is_no_chunk(cut):
    data = bytes(xdf.samples(9, T_S, X, FORCE))[:-cut]
    assert xdf.decode_samples(data, FORCE) is None


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_decoders_answer_any_bytes(data):
    xdf.read_head(data)
    xdf.decode_samples(data, FORCE)
    xdf.decode_texts(data, 1)
    xdf.decode_offset(data)


@settings(max_examples=300)
@given(st.binary(max_size=80), st.integers(0, 1 << 64).filter(lambda n: n < 1 << 64))
def test_decoders_answer_any_samples_chunk(data, count):
    whole = xdf.chunk(
        xdf.SAMPLES, struct.pack("<I", 1) + b"\x08" + struct.pack("<Q", count) + data
    )
    for decoded in (xdf.decode_samples(whole, FORCE), xdf.decode_texts(whole, 1)):
        assert decoded is None or len(decoded[0]) == count
