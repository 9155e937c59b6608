"""XDF 1.0 chunks as bytes: written for every stream, read from any bytes.

The format: https://github.com/sccn/xdf/wiki/Specifications. Decoders never raise on
bad bytes; they answer None.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lablive.messages import Floats, SampleFormat

    Buffer = bytes | bytearray | memoryview

MAGIC: Final = b"XDF:"
FILE_HEADER, STREAM_HEADER, SAMPLES, CLOCK_OFFSET, BOUNDARY, STREAM_FOOTER = range(1, 7)
BOUNDARY_UUID: Final = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
HEAD_BYTES: Final = 24  # enough for length, tag, stream id and number of samples
STRING: Final = "string"

_DTYPES: Final = {
    "float32": "<f4", "double64": "<f8",
    "int8": "<i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
}  # fmt: skip
NUMERIC_FORMATS: Final = frozenset(_DTYPES)
_STAMPED: Final = 8  # bytes of an explicit time stamp
_MANY_ROWS: Final = 1000
_LENGTHS: Final = {
    1: struct.Struct("<B"),
    4: struct.Struct("<I"),
    8: struct.Struct("<Q"),
}
_SAMPLES_HEAD: Final = struct.Struct("<BIHIBI")


class Layout(NamedTuple):
    """How the rows of a numeric stream lie in the file."""

    channels: int
    row: np.dtype[np.void]  # stamp length, stamp, values: one fully stamped row
    values: np.dtype[np.float32] | np.dtype[np.float64]  # as given to callers


class Head(NamedTuple):
    """What the first bytes of a chunk say."""

    tag: int
    stream: int  # -1 for chunks without one
    content: int  # bytes from the chunk's start to its content after the stream id
    size: int  # bytes of the whole chunk


def layout(channels: int, sample_format: str) -> Layout | None:
    """Return the row layout of a numeric format; None for text or unknown ones."""
    code = _DTYPES.get(sample_format)
    if code is None or not 0 < channels < 1 << 20:
        return None
    row = np.dtype([("n", "u1"), ("t", "<f8"), ("v", code, (channels,))])
    exact_as_float32 = sample_format in ("float32", "int8", "int16")
    return Layout(channels, row, np.dtype("f4" if exact_as_float32 else "f8"))


# ---------------------------------------------------------------------- encode


def varlen(number: int) -> bytes:
    """Return XDF's variable-length integer."""
    width = 1 if number < 1 << 8 else 4 if number < 1 << 32 else 8
    return bytes((width,)) + _LENGTHS[width].pack(number)


def chunk(tag: int, content: bytes) -> bytes:
    """Return one whole chunk."""
    return varlen(len(content) + 2) + struct.pack("<H", tag) + content


def samples(
    stream: int, t_s: Floats, x: NDArray[np.floating[Any]], rows: Layout
) -> bytearray:
    """Return a samples chunk with an explicit stamp on every row.

    Parameters
    ----------
    stream
        XDF stream id.
    t_s
        Time of every row, shape (rows,).
    x
        Values, shape (rows, channels).
    rows
        Layout of the stream.
    """
    count = len(t_s)
    start = _SAMPLES_HEAD.size
    data = bytearray(start + count * rows.row.itemsize)
    # both integers are always 4 bytes wide, so that the payload starts at a fixed place
    _SAMPLES_HEAD.pack_into(data, 0, 4, len(data) - 5, SAMPLES, stream, 4, count)
    table = np.frombuffer(data, rows.row, count, start)
    table["n"] = _STAMPED
    table["t"] = t_s
    if count >= _MANY_ROWS and x.dtype == rows.row["v"].base and x.flags.c_contiguous:
        # whole rows as opaque items: numpy is slow at rows of two values
        opaque = np.dtype((np.void, x.strides[0]))
        at = start + rows.row.itemsize - opaque.itemsize
        places = np.ndarray(count, opaque, data, at, (rows.row.itemsize,))
        places[:] = x.view(opaque)[:, 0]
    else:
        table["v"] = x
    return data


def text_samples(stream: int, t_s: Sequence[float], texts: Sequence[str]) -> bytes:
    """Return a samples chunk of a one-channel string stream."""
    parts = [struct.pack("<I", stream), varlen(len(texts))]
    for t, text in zip(t_s, texts, strict=True):
        encoded = text.encode()
        parts += [struct.pack("<Bd", _STAMPED, t), varlen(len(encoded)), encoded]
    return chunk(SAMPLES, b"".join(parts))


def clock_offset(stream: int, t_s: float, offset_s: float) -> bytes:
    """Return a clock offset chunk: lab clock minus stream clock at ``t_s``."""
    return chunk(CLOCK_OFFSET, struct.pack("<Idd", stream, t_s, offset_s))


def boundary() -> bytes:
    """Return the boundary chunk that readers seek after damage."""
    return chunk(BOUNDARY, BOUNDARY_UUID)


def text_chunk(tag: int, stream: int, xml: str) -> bytes:
    """Return a stream header or footer chunk."""
    return chunk(tag, struct.pack("<I", stream) + xml.encode())


# ---------------------------------------------------------------------- decode


def _read_varlen(data: Buffer, at: int) -> tuple[int, int] | None:
    """Return (number, place behind it)."""
    if at >= len(data):
        return None
    width = data[at]
    form = _LENGTHS.get(width)
    if form is None or at + 1 + width > len(data):
        return None
    return form.unpack_from(data, at + 1)[0], at + 1 + width


def read_head(data: Buffer) -> Head | None:
    """Read what kind of chunk starts here; None when none plausibly does."""
    found = _read_varlen(data, 0)
    if found is None:
        return None
    length, at = found
    size = at + length
    if length < 2 or at + 2 > len(data):
        return None
    tag = data[at] | data[at + 1] << 8
    at += 2
    if tag == FILE_HEADER:
        return Head(tag, -1, at, size)
    if tag == BOUNDARY:
        return Head(tag, -1, at, size) if length == 18 else None
    if not STREAM_HEADER <= tag <= STREAM_FOOTER or length < 6 or at + 4 > len(data):
        return None
    if tag == CLOCK_OFFSET and length != 22:
        return None
    stream = int.from_bytes(data[at : at + 4], "little")
    return Head(tag, stream, at + 4, size)


def sample_count(data: Buffer, head: Head) -> int | None:
    """Return the number of samples a samples chunk claims."""
    found = _read_varlen(data, head.content)
    return found[0] if found else None


def edges(data: Buffer, head: Head, rows: Layout) -> tuple[int, float, float] | None:
    """Return (rows, first stamp, last stamp) of a fully stamped chunk.

    Cheap: looks at the first and last row only.
    """
    found = _read_varlen(data, head.content)
    if found is None:
        return None
    count, start = found
    width = rows.row.itemsize
    if count == 0 or start + count * width != len(data):
        return None
    last = len(data) - width
    if data[start] != _STAMPED or data[last] != _STAMPED:
        return None
    t0 = struct.unpack_from("<d", data, start + 1)[0]
    t1 = struct.unpack_from("<d", data, last + 1)[0]
    return count, t0, t1


def stamped_rows(
    data: Buffer, rows: Layout, count: int
) -> tuple[Floats, NDArray[np.generic]]:
    """View the last ``count`` rows of a chunk already known to be fully stamped."""
    start = len(data) - count * rows.row.itemsize
    table = np.frombuffer(data, rows.row, count, start)
    return table["t"], table["v"]


def decode_samples(
    data: Buffer, rows: Layout
) -> tuple[Floats, NDArray[np.generic]] | None:
    """Decode any samples chunk of a numeric stream; a missing stamp is NaN.

    Returns None unless every byte of the chunk is accounted for.
    """
    head = read_head(data)
    if head is None or head.tag != SAMPLES or head.size != len(data):
        return None
    found = _read_varlen(data, head.content)
    if found is None:
        return None
    count, start = found
    payload = len(data) - start
    width = rows.row.itemsize
    if payload == count * width:
        table = np.frombuffer(data, rows.row, count, start)
        if (table["n"] == _STAMPED).all():
            return table["t"], table["v"]
    bare = width - _STAMPED
    if not count * bare <= payload <= count * width:
        return None
    if count and payload == width + (count - 1) * bare and data[start] == _STAMPED:
        return _first_stamped(data, rows, count, start)
    return _mixed(data, rows, count, start)


def _bare_row(rows: Layout) -> np.dtype[np.void]:
    return np.dtype([("n", "u1"), ("v", rows.row["v"])])


def _first_stamped(
    data: Buffer, rows: Layout, count: int, start: int
) -> tuple[Floats, NDArray[np.generic]] | None:
    """Decode the usual chunk of other recorders: only the first row has a stamp."""
    first = np.frombuffer(data, rows.row, 1, start)
    rest = np.frombuffer(data, _bare_row(rows), count - 1, start + rows.row.itemsize)
    if rest["n"].any():
        return _mixed(data, rows, count, start)
    t = np.full(count, np.nan)
    t[0] = first["t"][0]
    return t, np.concatenate([first["v"], rest["v"]])


def _mixed(
    data: Buffer, rows: Layout, count: int, start: int
) -> tuple[Floats, NDArray[np.generic]] | None:
    """Decode a chunk in which stamps come and go."""
    code, channels = rows.row["v"].base, rows.channels
    t = np.full(count, np.nan)
    x = np.empty((count, channels), code)
    width, at = channels * code.itemsize, start
    for row in range(count):
        stamp = data[at] if at < len(data) else -1
        at += 1
        if stamp not in (0, _STAMPED) or at + stamp + width > len(data):
            return None
        if stamp:
            t[row] = struct.unpack_from("<d", data, at)[0]
        at += stamp
        x[row] = np.frombuffer(data, code, channels, at)
        at += width
    return (t, x) if at == len(data) else None


def decode_texts(
    data: Buffer, channels: int
) -> tuple[list[float], list[tuple[str, ...]]] | None:
    """Decode a samples chunk of a string stream; a missing stamp is NaN."""
    head = read_head(data)
    if head is None or head.tag != SAMPLES or head.size != len(data):
        return None
    found = _read_varlen(data, head.content)
    if found is None or found[0] > len(data):
        return None
    count, at = found
    stamps: list[float] = []
    texts: list[tuple[str, ...]] = []
    for _ in range(count):
        stamp = data[at] if at < len(data) else -1
        if stamp not in (0, _STAMPED) or at + 1 + stamp > len(data):
            return None
        known = stamp == _STAMPED
        stamps.append(struct.unpack_from("<d", data, at + 1)[0] if known else np.nan)
        at += 1 + stamp
        values: list[str] = []
        for _ in range(channels):
            size = _read_varlen(data, at)
            if size is None or size[1] + size[0] > len(data):
                return None
            at = size[1] + size[0]
            values.append(bytes(data[size[1] : at]).decode(errors="replace"))
        texts.append(tuple(values))
    return (stamps, texts) if at == len(data) else None


def decode_offset(data: Buffer) -> tuple[float, float] | None:
    """Decode a clock offset chunk: (time, offset) in seconds."""
    head = read_head(data)
    if head is None or head.tag != CLOCK_OFFSET or head.size != len(data):
        return None
    return struct.unpack_from("<dd", data, head.content)


def sample_format_of(rows: Layout) -> SampleFormat:
    """Return the format callers get: float32, or double64 where float32 would round."""
    return "float32" if rows.values.itemsize == 4 else "double64"
