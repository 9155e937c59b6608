"""How a wire and its streams are: what the driver tells, and what the host adds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.source_stream import together
from lablive.messages import Marker, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from drivers.base import Driver
    from drivers.source_stream import Stream
    from lablive.messages import StreamInfo

log = logging.getLogger(__name__)

CLOCK_KIND: Final = "clock"  # of a marker


def health_of(
    streams: Sequence[Stream],
    earlier: Sequence[StreamStatus],
    current: Sequence[Stream],
    told: Sequence[StreamStatus],
    now_s: float,
) -> list[StreamStatus]:
    """Return the health of every stream a source has had.

    Parameters
    ----------
    streams, earlier
        All of them, and what earlier openings have counted.
    current, told
        Those of the wire that is open, and what its driver tells of them.
    now_s
        On the lab clock.
    """
    by_stream = {id(it): status for it, status in zip(current, told, strict=False)}
    return [
        _health(stream, before, by_stream.get(id(stream)), now_s)
        for stream, before in zip(streams, earlier, strict=True)
    ]


def told_by(driver: Driver, source_id: str) -> tuple[StreamStatus, ...]:
    """Return what a driver says of itself; one that fails must not hide others."""
    try:
        return driver.status()
    except Exception:
        log.exception("source %s tells no status", source_id)
        return ()


def clock_notes(
    streams: Iterable[StreamInfo], status: Iterable[StreamStatus], t_s: float
) -> Iterator[Marker]:
    """Yield what was added to the time stamps of other computers' clocks.

    The stamps in a trial are lab time already; this says what they were.
    """
    for info, told in zip(streams, status, strict=True):
        if told.clock_offset_s:
            yield Marker(
                t_s,
                f"{info.name} of {info.hostname}: "
                f"{told.clock_offset_s:+.6f} s added to its time stamps",
                CLOCK_KIND,
            )


def _health(
    stream: Stream, earlier: StreamStatus, told: StreamStatus | None, now_s: float
) -> StreamStatus:
    """Return a stream's health: ``told`` by its driver, None while the wire is shut."""
    base = earlier if told is None else together(earlier, told)
    return msgspec.structs.replace(
        base,
        stream=stream.info.id,
        state="stalled" if stream.stalled and told is not None else base.state,
        rows=stream.rows,
        gaps=base.gaps + stream.stalls,
        last_sample_age_s=now_s - stream.last_seen_s if stream.rows else -1.0,
        battery_pct=max(stream.battery_pct, base.battery_pct),
    )
