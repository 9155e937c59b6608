"""Rows that a library hands over, as datagrams that the profile engine reads.

A library that owns its wire (x-IMU3, BrainFlow, Shimmer) gives numbers, not bytes. They
are packed and read by a profile like any other device, so that counters, clocks, gaps
and health are worked out in one place.
"""

from __future__ import annotations

import struct
import threading
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.profile import (
    Clock,
    Counter,
    Device,
    Field,
    Framing,
    Message,
    Profile,
    Stream,
    Transport,
)
from drivers.talk import STILL
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.profile import DeviceKind

SILENT_S: Final = 1.0  # libraries do not notice a pulled cable: this does
_CLOSE_S: Final = 0.8
_HEAD: Final = 16


class Quantity(NamedTuple):
    """Neighbouring numbers of a row: name, unit, how many."""

    name: str
    unit: str
    width: int = 1


def row_profile(
    device: Device,
    rate_hz: float,
    quantities: Sequence[Quantity],
    *,
    name: str,
    site: str = "",
    counter_bits: int = 0,
    tick_s: float = 0.0,
    tick_bits: int = 0,
) -> Profile:
    """Return the profile of rows as :meth:`RowPort.put` packs them.

    Parameters
    ----------
    counter_bits
        Width of the device's counter, 0 = it has none.
    tick_s, tick_bits
        Seconds per count of the device's clock and its width; 0 = it has none, or it
        never wraps.
    """
    fields = [
        Field(name="counter", at=0, type="i64le"),
        Field(name="tick", at=8, type="i64le"),
    ]
    at = _HEAD
    for item in quantities:
        fields.append(
            Field(name=item.name, at=at, type="f32le", count=item.width, unit=item.unit)
        )
        at += 4 * item.width
    return Profile(
        device=device,
        transport=Transport(type="serial"),  # opened again after silence
        framing=Framing(mode="datagram", size=at),
        messages=(Message(name="row", rate_hz=rate_hz, fields=tuple(fields)),),
        streams=(
            Stream(
                name=name,
                message="row",
                fields=tuple(item.name for item in quantities),
                site=site,
            ),
        ),
        counter=Counter(field="counter", bits=counter_bits) if counter_bits else None,
        clock=Clock(field="tick", unit_s=tick_s, bits=tick_bits) if tick_s else None,
    )


def nothing_yet(device: str, kind: DeviceKind) -> Profile:
    """Return a profile without streams: what is sent is known after opening."""
    return Profile(
        device=Device(name=device, kind=kind),
        transport=Transport(type="serial"),
        framing=Framing(mode="datagram"),
        messages=(),
        streams=(),
    )


class RowPort:
    """A port whose bytes come from a library's callback.

    Parameters
    ----------
    name
        The device as a person calls it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._rows: deque[bytes] = deque()
        self._came = threading.Event()
        self._last_s = float("inf")

    def put(self, values: Sequence[float], counter: int = 0, tick: int = 0) -> None:
        """Take a row, from any thread; only appends, so that a callback is quick."""
        row = struct.pack(f"<qq{len(values)}f", counter, tick, *values)
        self._rows.append(row)
        self._came.set()

    def fresh(self) -> None:
        """Begin: drop what is waiting and start the watch for silence."""
        self._rows.clear()
        self._last_s = now_s()

    def read(self, timeout_s: float) -> list[bytes]:
        """Return the rows that came; DeviceError after a second of silence."""
        if not self._rows:
            self._came.wait(timeout_s)
        self._came.clear()
        found: list[bytes] = []
        while self._rows:
            found.append(self._rows.popleft())
        now = now_s()
        if found:
            self._last_s = now
        elif now - self._last_s > SILENT_S:
            self._last_s = float("inf")
            raise DeviceError(
                "unplugged",
                f"{self.name} has sent nothing for {SILENT_S:g} s.",
                still=STILL,
                todo="Check power and cable; it is opened again by itself.",
            )
        return found

    def write(self, data: bytes) -> None:
        """Libraries write themselves."""
        del data


def let_go(*steps: object, at_most_s: float | None = None) -> None:
    """Call each step in a thread of its own, and wait for 0.8 s at most.

    A library or a wire that is gone may hang; closing must not.
    """

    def run() -> None:
        for step in steps:
            if callable(step):
                try:
                    step()
                except Exception:  # noqa: BLE001 - a library's last words
                    continue

    thread = threading.Thread(target=run, name="closing", daemon=True)
    thread.start()
    thread.join(_CLOSE_S if at_most_s is None else at_most_s)


def no_library(device: str, extra: str) -> DeviceError:
    """Return the error that names the line to type."""
    return DeviceError(
        "library",
        f"{device} needs a library that is not installed.",
        still=STILL,
        todo=f"Type: pip install 'lablive[{extra}]', then connect it again.",
    )
