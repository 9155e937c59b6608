"""Belt speed and slope typed by the operator: a stream like a treadmill's own."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.base import READ_S, StreamTally
from drivers.options import check_options, number
from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.messages import Chunk, DriverState, Gap, StreamStatus

SPEED: Final = "speed_mps"
INCLINE: Final = "incline_pct"
LIMITS: Final = {SPEED: (0.0, 12.0), INCLINE: (-25.0, 40.0)}
REPEAT_S: Final = 1.0  # so that a recording begun later knows the speed, too
_OPTIONS: Final = (SPEED, INCLINE, "name")


class ManualSpeed:
    """The belt as the operator reads it off the treadmill.

    Nothing is sent before a speed was given. A change is stamped when it is taken;
    the values are repeated every second.

    Parameters
    ----------
    speed_mps
        Belt speed in m/s; None = not known yet.
    incline_pct
        Slope in percent; None = not known.
    """

    reopen_on_silence = False

    def __init__(
        self,
        speed_mps: float | None = None,
        incline_pct: float | None = None,
        name: str = "treadmill",
    ) -> None:
        self._infos = (
            StreamInfo(
                id=0,
                name=name,
                type="Treadmill",
                rate_hz=0.0,
                channels=(
                    ChannelInfo("treadmill.speed", "m/s", "Speed"),
                    ChannelInfo("treadmill.incline", "%", "Incline"),
                ),
                source_id=f"Belt speed by hand|{name}",
                device="Belt speed by hand",
                sample_format="double64",
            ),
        )
        self._values = {SPEED: math.nan, INCLINE: math.nan}
        self._changes: list[tuple[float, tuple[float, float]]] = []
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._next_s = math.inf
        self._tally = StreamTally(self._infos[0])
        self._state: DriverState = "closed"
        given = {SPEED: speed_mps, INCLINE: incline_pct}
        self.set_values({key: v for key, v in given.items() if v is not None})

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> ManualSpeed:
        """Build a driver from options; raises ConfigError."""
        check_options("manual_speed", options, _OPTIONS)
        given = {key: number(options, key, 0) for key in LIMITS if key in options}
        name = str(options.get("name", "")) or "treadmill"
        return cls(given.get(SPEED), given.get(INCLINE), name)

    def set_values(self, values: Mapping[str, float]) -> None:
        """Take ``speed_mps`` or ``incline_pct`` or both, from any thread.

        Raises
        ------
        ConfigError
            A name is not known or a value cannot be; nothing is changed then.
        """
        stamp_s = now_s()
        for key, value in values.items():
            low, high = LIMITS.get(key, (math.inf, -math.inf))
            if not low <= value <= high:
                raise ConfigError(
                    f"The belt cannot have {key} = {value:g}.",
                    still="The value before it holds.",
                    todo="speed_mps lies between 0 and 12, incline_pct between -25 "
                    "and 40.",
                )
        if not values:
            return
        with self._lock:
            self._values.update(values)
            if not math.isnan(self._values[SPEED]):
                self._changes.append((stamp_s, self._row()))
                self._changed.set()

    def open(self) -> tuple[StreamInfo, ...]:
        """Begin; values given before are stamped now."""
        with self._lock:
            self._tally = StreamTally(self._infos[0])
            self._state = "streaming"
            known = not math.isnan(self._values[SPEED])
            self._changes = [(now_s(), self._row())] if known else []
            self._next_s = now_s() + REPEAT_S
            if known:
                self._changed.set()
        return self._infos

    def read(self) -> list[Chunk | Gap]:
        """Return changes, and every second the values as they are."""
        self._changed.wait(READ_S)
        with self._lock:
            if self._state != "streaming":
                return []
            now = now_s()
            rows, self._changes = self._changes, []
            self._changed.clear()
            known = not math.isnan(self._values[SPEED])
            if not rows and known and now >= self._next_s:
                rows = [(now, self._row())]
            if not rows:
                return []
            self._next_s = now + REPEAT_S
            t_s = np.array([stamp_s for stamp_s, _ in rows])
            x = np.array([values for _, values in rows])
            return [self._tally.chunk(t_s, x, None, now)]

    def close(self) -> None:
        """End; what was typed is kept for the next opening."""
        self._state = "closed"
        self._changed.set()

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of the stream."""
        unknown = self._state == "streaming" and math.isnan(self._values[SPEED])
        fault = "No belt speed was entered yet." if unknown else ""
        return (self._tally.status(self._state, last_fault=fault),)

    def _row(self) -> tuple[float, float]:
        return self._values[SPEED], self._values[INCLINE]
