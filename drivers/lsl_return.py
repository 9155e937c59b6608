"""A silent LSL stream may have come back as another one, which liblsl never joins."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from drivers.lsl_streams import answering
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SILENT_S: Final = 3.0  # a stream that is the same has been joined again by then
_PAUSE_S: Final = 1.0  # rows after such a pause may be those of another stream
_SAME: Final = (
    "name", "type", "source_id", "channel_count", "nominal_srate", "channel_format",
)  # fmt: skip


class ReturnWatch:
    """Look around while a stream is silent; never waits for the network.

    Parameters
    ----------
    lsl
        The :mod:`pylsl` module.
    match
        What the stream was found by.
    joined
        The stream as it was found.
    """

    def __init__(self, lsl: Any, match: Mapping[str, str], joined: Any) -> None:
        self._lsl = lsl
        self._match = match
        self._joined = joined
        self._heard_s = now_s()
        self._next_s = self._heard_s + _SILENT_S
        self._owed = False  # a look, because of a pause
        self._there: list[Any] = []
        self._looking: threading.Thread | None = None

    def check(self) -> None:
        """Raise DeviceError when it is another stream by now.

        liblsl joins a stream again when name, source id and channels are as before,
        also with another rate, under which rows would be counted wrongly. All else
        has to be opened anew.
        """
        there, self._there = self._there, []
        if there and not any(self._is_same(stream) for stream in there):
            new = there[0]
            raise DeviceError(
                "unplugged",
                f'The stream "{self._joined.name()}" ended and another one came in its '
                f"place ({new.channel_count()} channels, {new.nominal_srate():g} Hz).",
                still="Other devices and the recording go on.",
                todo="It is opened now; its rows are a stream of their own.",
            )

    def note(self, *, rows: bool) -> None:
        """Note whether rows have come."""
        now = now_s()
        if rows:
            self._owed = self._owed or now - self._heard_s > _PAUSE_S
            self._heard_s = now
            self._next_s = now + _SILENT_S
        if self._looking and self._looking.is_alive():
            return
        if now < self._next_s and not self._owed:
            return
        self._owed = False
        self._next_s = now + _SILENT_S
        self._looking = threading.Thread(
            target=self._look, name="look for LSL", daemon=True
        )
        self._looking.start()

    def _look(self) -> None:
        self._there = answering(self._lsl, self._match)

    def _is_same(self, stream: Any) -> bool:
        return all(getattr(stream, k)() == getattr(self._joined, k)() for k in _SAME)
