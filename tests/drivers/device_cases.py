"""What the tests of dialogue drivers share."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from lablive.clock import now_s
from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.base import Driver
    from drivers.framing import Framer
    from drivers.profile import Profile


@contextlib.contextmanager
def opened(driver: Driver) -> Iterator[Driver]:
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def read(driver: Driver, rows: int, at_most_s: float = 15.0) -> list[Chunk | Gap]:
    """Read until stream 0 has ``rows`` rows."""
    out: list[Chunk | Gap] = []
    end_s = now_s() + at_most_s
    while count(out) < rows:
        assert now_s() < end_s, f"only {count(out)} of {rows} rows came"
        out += driver.read()
    return out


def count(out: Iterable[Chunk | Gap], stream: int = 0) -> int:
    return sum(len(c) for c in out if isinstance(c, Chunk) and c.stream == stream)


def x_of(out: Iterable[Chunk | Gap], stream: int = 0) -> np.ndarray:
    """Return the rows of a stream, shape (rows, channels)."""
    return np.concatenate(
        [c.x for c in out if isinstance(c, Chunk) and c.stream == stream]
    )


def lost_in(out: Iterable[Chunk | Gap], stream: int = 0) -> int:
    return sum(
        g.rows_lost or 0 for g in out if isinstance(g, Gap) and g.stream == stream
    )


def vectors(*prefixes: str) -> dict[str, Any]:
    """Return the published bytes whose id begins so, by id."""
    file = Path(__file__).parent / "data" / "driver_vectors.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["vectors"]
    return {v["id"]: v for v in listed if v["id"].startswith(prefixes)}


def decode_live(
    profile: Profile,
    framer: Framer,
    came: Iterable[bytes],
    rate_hz: float,
    per: int = 1,
) -> tuple[list[Chunk | Gap], ProfileDecoder]:
    """Decode frames that arrive at their time, ``per`` of them in one read."""
    found = ProfileDecoder(profile, stream_infos(profile), framer=framer)
    out: list[Chunk | Gap] = []
    waiting = b""
    for number, data in enumerate(came, start=1):
        waiting += data
        if number % per == 0 and waiting:
            out += found.feed([waiting], 100.0 + number / rate_hz)
            waiting = b""
    if waiting:
        out += found.feed([waiting], 100.0 + number / rate_hz)
    return out, found


def decode(
    profile: Profile, framer: Framer, data: bytes, size: int, rate_bps: float = 115200
) -> tuple[list[Chunk | Gap], ProfileDecoder]:
    """Decode bytes read ``size`` at a time, arriving at the speed of the line."""
    found = ProfileDecoder(profile, stream_infos(profile), framer=framer)
    out: list[Chunk | Gap] = []
    size = size or max(len(data), 1)
    for at in range(0, len(data), size):
        arrival_s = 100.0 + (at + size) * 10 / rate_bps
        out += found.feed([data[at : at + size]], arrival_s)
    return out, found
