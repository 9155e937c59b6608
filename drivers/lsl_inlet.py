"""LSL streams: one driver for every device that has an LSL app."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.lsl_library import load_lsl
from drivers.lsl_return import ReturnWatch
from drivers.lsl_streams import find_stream
from drivers.lsl_subscription import Subscription
from lablive.errors import ConfigError, LabLiveError
from lablive.live.lsl_choices import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.messages import Chunk, DriverState, Gap, StreamInfo, StreamStatus

_OPTIONS: Final = (*KEYS, "counter", "counter_bits")
_CLOSE_S: Final = 0.5


class LslInlet:
    """One LSL stream by name, type, source id and host.

    Parameters
    ----------
    match
        Wanted properties; all given ones must be equal.
    counter
        Label of a channel that counts samples; "" = none.
    counter_bits
        Width of that counter.
    """

    reopen_on_silence = False  # liblsl joins the same stream again by itself

    def __init__(
        self, match: Mapping[str, str], *, counter: str = "", counter_bits: int = 16
    ) -> None:
        self._match = dict(match)
        self._counter = counter
        self._counter_bits = counter_bits
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._state: DriverState = "closed"
        self._stream: Subscription | None = None
        self._watch: ReturnWatch | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> LslInlet:
        """Build a driver from the options of a source.

        Options: ``name``, ``type``, ``source_id``, ``hostname`` (at least one),
        ``counter`` (label of a sample counter), ``counter_bits``.

        Raises
        ------
        ConfigError
            An option is unknown, or nothing says which stream is wanted.
        """
        unknown = [key for key in options if key not in _OPTIONS]
        match = {key: str(options[key]) for key in KEYS if options.get(key)}
        if unknown or not match:
            what = f"unknown option {', '.join(unknown)}" if unknown else "no stream"
            raise ConfigError(
                f"LSL source: {what}.",
                todo=f"Give one or more of {', '.join(KEYS)}; also counter.",
            )
        bits = int(options.get("counter_bits", 16))
        return cls(match, counter=str(options.get("counter", "")), counter_bits=bits)

    def open(self) -> tuple[StreamInfo, ...]:
        """Find the stream and subscribe to it.

        Raises
        ------
        DeviceError
            ``missing`` with what was seen instead, ``ambiguous`` with the candidates,
            ``protocol`` for streams of text, ``timeout``.
        """
        self._state = "opening"
        self._stop.clear()
        try:
            lsl = load_lsl()
            found, match = find_stream(lsl, self._match, self._stop)
            stream = Subscription(lsl, found, self._counter, self._counter_bits)
        except LabLiveError:
            self._state = "failed"
            raise
        with self._lock:
            self._stream = stream
            self._watch = ReturnWatch(lsl, match, found)
            self._state = "streaming"
        return (stream.info,)

    def read(self) -> list[Chunk | Gap]:
        """Wait up to 20 ms for rows; raises DeviceError when the stream is gone."""
        with self._lock:
            if self._stream is None or self._watch is None or self._stop.is_set():
                return []
            self._watch.check()
            out = self._stream.read()
            self._watch.note(rows=bool(out))
            return out

    def close(self) -> None:
        """Unsubscribe within a second, whatever the network does."""
        self._stop.set()
        locked = self._lock.acquire(timeout=_CLOSE_S)
        try:
            stream, self._stream = self._stream, None
            self._state = "closed"
        finally:
            if locked:
                self._lock.release()
        if stream is not None:
            # liblsl may wait for a lost network here
            closer = threading.Thread(target=stream.close, daemon=True)
            closer.start()
            closer.join(_CLOSE_S)

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of the stream."""
        stream = self._stream
        if stream is None:
            return ()
        told = stream.tally.status(self._state, last_fault=stream.fault)
        return (msgspec.structs.replace(told, clock_offset_s=stream.offset_s),)
