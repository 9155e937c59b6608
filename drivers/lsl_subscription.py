"""An open LSL inlet: pulls rows, puts their times on the lab clock, counts losses."""

from __future__ import annotations

import ctypes
import socket
import time
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.base import READ_S, StreamTally
from drivers.lsl_clock import SAME_CLOCK_S, lab_minus_lsl_s
from drivers.lsl_streams import stream_info
from drivers.stamp_loss import StampLoss
from drivers.timeline import Loss
from lablive.clock import CounterUnwrapper, Step, now_s
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Chunk, Floats, Gap, Ints, Values

_ANSWER_S: Final = 5.0
_QUEUE_S: Final = 360
_QUEUE_FAST_S: Final = 60  # 300 MB per stream otherwise
_FAST_HZ: Final = 20_000.0
# Feet are fetched row by row, since feedback hangs on them. A thread that wakes for
# every row of every other stream costs more than all of liblsl.
_AT_ONCE: Final = ("force", "pressure")
_AT_ONCE_HZ: Final = 500.0
# All others wake at the same moments: one wake-up of the core, caches warm.
_POLL_S: Final = 0.015
_REFRESH_S: Final = 5.0
_ROWS_AT_ONCE: Final = 4096
_BACKWARDS_S: Final = 0.1
_FOREIGN_S: Final = 10.0  # stamps so far from now are not of the LSL clock
_EARLY_S: Final = 3.0  # no row is stamped so long after it has arrived
_STILL: Final = "Other devices and the recording go on."


class Subscription:
    """One stream being received.

    Parameters
    ----------
    lsl
        The :mod:`pylsl` module.
    found
        The resolved stream.
    counter, counter_bits
        Label of a channel that counts samples ("" = none), and its width.

    Attributes
    ----------
    info, tally
        The stream, its rows and losses.
    fault
        What a person should know about its time stamps.
    offset_s
        What turns a stamp into lab time; 0 when the sender is this machine.

    Raises
    ------
    DeviceError
        ``timeout``: the stream was seen but does not answer.
    ConfigError
        The counter channel does not exist.
    """

    def __init__(self, lsl: Any, found: Any, counter: str, counter_bits: int) -> None:
        rate_hz = float(found.nominal_srate())
        queue_s = _QUEUE_FAST_S if rate_hz >= _FAST_HZ else _QUEUE_S
        inlet = lsl.StreamInlet(found, max_buflen=queue_s, recover=True)
        try:
            whole = inlet.info(timeout=_ANSWER_S)
            self._same_machine = found.hostname() == socket.gethostname()
            correction_s = inlet.time_correction(timeout=_ANSWER_S)
            inlet.open_stream(timeout=_ANSWER_S)
        except RuntimeError as error:  # pylsl's TimeoutError and LostError
            raise DeviceError(
                "timeout",
                f'The stream "{found.name()}" on {found.hostname()} was seen but does '
                f"not answer ({error}).",
                still=_STILL,
                todo="Let TCP and UDP ports 16572-16604 through both firewalls.",
            ) from error
        self.info = stream_info(lsl, whole, counter_bits if counter else 0)
        self.tally = StreamTally(self.info)
        self.fault = ""
        self._lsl = lsl
        self._inlet: Any = inlet
        self._counter_at = self._counter_column(counter) if counter else -1
        self._unwrap = CounterUnwrapper(counter_bits)
        sees_steps = rate_hz > 0 and not counter
        self._loss = StampLoss(rate_hz) if sees_steps else None
        self._row_s = 1.0 / rate_hz if rate_hz > 0 else 0.0
        self._buffer = np.empty(
            (_ROWS_AT_ONCE, len(self.info.channels)), inlet.np_dtype
        )
        self._stamps_s = np.empty(_ROWS_AT_ONCE)
        self._error = ctypes.c_int()
        self._first_row = self._arguments(0, 1, READ_S)
        self._further_rows = (
            self._arguments(0, _ROWS_AT_ONCE, 0.0),
            self._arguments(1, _ROWS_AT_ONCE, 0.0),
        )
        self._dtype = np.float32 if self.info.sample_format == "float32" else np.float64
        feet = self.info.type.lower() in _AT_ONCE and rate_hz <= _AT_ONCE_HZ
        self._polled = rate_hz > 0 and not feet
        self._next_poll_s = 0.0
        self._shift_s = 0.0  # for stamps that are not of the LSL clock
        self._doubts = False  # the newest stamps were not believed
        self.offset_s = self._offset(correction_s)
        self._refresh_s = now_s() + _REFRESH_S

    def read(self) -> list[Chunk | Gap]:
        """Return everything that has come, waiting up to 20 ms for it."""
        out: list[Chunk | Gap] = []
        wait_s = READ_S
        if self._polled:
            time.sleep(min(max(self._next_poll_s - now_s(), 0.0), _POLL_S))
            self._next_poll_s = (now_s() // _POLL_S + 1.0) * _POLL_S
            wait_s = 0.0
        rows = _ROWS_AT_ONCE
        while rows == _ROWS_AT_ONCE:  # pull until empty
            rows, wait_s = self._pull(wait_s), 0.0
            if rows:
                out += self._rows(rows, now_s())
        if now_s() > self._refresh_s:
            self._refresh()
        return out

    def close(self) -> None:
        """Unsubscribe before the inlet dies: destroying a live one may abort."""
        self._inlet.close_stream()
        self._inlet = None

    def _pull(self, wait_s: float) -> int:
        """Fill the buffers, waiting ``wait_s`` for the first row; return the rows."""
        channels, pull = self._buffer.shape[1], self._inlet.do_pull_chunk
        rows = 0
        if wait_s:
            rows = pull(*self._first_row) // channels
        if rows or not wait_s:
            rows += pull(*self._further_rows[rows]) // channels
        if self._error.value:
            raise DeviceError(
                "unplugged",
                f'The stream "{self.info.name}" has ended.',
                still=_STILL,
                todo="Start its app again. With a source id it comes back by itself.",
            )
        return rows

    def _arguments(self, first: int, last: int, wait_s: float) -> tuple[Any, ...]:
        """Return ready arguments of liblsl's pull into rows ``first`` to ``last``.

        pylsl's own wrapper makes them anew for every call, which costs more than the
        call when ten streams bring two rows a hundred times a second.
        """
        rows, channels = last - first, self._buffer.shape[1]
        data = self._buffer.ctypes.data + first * self._buffer.strides[0]
        times = self._stamps_s.ctypes.data + first * self._stamps_s.strides[0]
        return (
            self._inlet.obj,
            ctypes.c_void_p(data),
            ctypes.c_void_p(times),
            ctypes.c_size_t(rows * channels),
            ctypes.c_size_t(rows),
            ctypes.c_double(wait_s),
            ctypes.byref(self._error),
        )

    def _rows(self, rows: int, arrival_s: float) -> list[Chunk | Gap]:
        """Return the rows in the buffers, cut where something is missing."""
        out: list[Chunk | Gap] = []
        raw = self._buffer[:rows]
        t_s = self._on_lab_clock(self._stamps_s[:rows], arrival_s, out)
        x = raw.astype(self._dtype)
        if self._counter_at < 0:
            self._find_loss(t_s, out)
            out.append(self.tally.chunk(t_s, x, None, arrival_s))
            return out
        for first, counter, loss in self._cuts(raw[:, self._counter_at]):
            part = slice(first, first + len(counter))
            if loss and self.tally.rows:
                told = (loss.rows, loss.kind, loss.why)
                out.append(self.tally.gap(float(t_s[first]), *told))
            out.append(self.tally.chunk(t_s[part], x[part], counter, arrival_s))
        return out

    def _on_lab_clock(
        self, stamps_s: Floats, arrival_s: float, out: list[Chunk | Gap]
    ) -> Floats:
        """Return lab-clock times, shape (rows,); what is not believed is told as a gap.

        A stamp that is no number or lies ahead is placed between its neighbours, a
        stream that jumps back by its arrival.
        """
        plain_s = stamps_s + self.offset_s
        t_s = plain_s + self._shift_s
        tally, newest_s = self.tally, float(plain_s[-1])
        near = -_FOREIGN_S <= newest_s - arrival_s <= _EARLY_S
        if not tally.rows and not near:
            self.fault = (
                "The time stamps are not of the LSL clock; this stream is placed by "
                "its arrival."
            )
            return self._placed_by_arrival(t_s, arrival_s)
        believed = np.isfinite(t_s) & (t_s <= arrival_s + _EARLY_S)
        if believed.all():
            self._doubts = False
            if not tally.rows or float(t_s[0]) > tally.last_t_s - _BACKWARDS_S:
                return t_s
            why = f"time stamps jumped back by {tally.last_t_s - float(t_s[0]):.1f} s"
            out.append(tally.gap(arrival_s, None, "reset", why))
            return self._placed_by_arrival(t_s, arrival_s)
        if self._shift_s and near:
            self._shift_s = 0.0  # the jump back was one wrong stamp
            return plain_s
        if self._doubts and not believed.any():  # it stays so
            return self._placed_by_arrival(t_s, arrival_s)
        if not self._doubts:
            why = "time stamps ahead of their arrival, or no numbers"
            self.fault = f"Some {why}: those rows are placed by their arrival."
            out.append(tally.gap(arrival_s, None, "reset", why))
        self._doubts = True
        return _filled(t_s, believed, min(tally.last_t_s + self._row_s, arrival_s))

    def _placed_by_arrival(self, t_s: Floats, arrival_s: float) -> Floats:
        """Let the newest of these rows, and all that follow, arrive at once."""
        known = np.isfinite(t_s)
        late_s = arrival_s - float(t_s[known][-1]) if known.any() else 0.0
        self._shift_s += late_s
        return _filled(t_s + late_s, known, arrival_s)

    def _find_loss(self, t_s: Floats, out: list[Chunk | Gap]) -> None:
        """Report rows missing by their stamps, half a second after the step."""
        lost = self._loss.feed(len(t_s), float(t_s[-1])) if self._loss else 0
        if not self._loss or not lost:
            return
        why = "a step in the time stamps"
        gap = self.tally.gap(float(t_s[0]), lost, "lost", why, exact=False)
        before_s, long_s = self._loss.before_s, lost * self._row_s
        out.append(msgspec.structs.replace(gap, t_s=before_s, duration_s=long_s))

    def _cuts(self, column: Values) -> list[tuple[int, Ints, Loss | None]]:
        """Return (first row, counter of every row, what is missing before it)."""
        found: list[tuple[int, Ints, Loss | None]] = []
        counters: list[int] = []
        first, loss, unwrap = 0, None, self._unwrap
        for at, value in enumerate(column.tolist()):
            number = int(value) if isfinite(value) else unwrap.value + 1
            if not unwrap.follows(number):
                step = unwrap.step(number)
                if step in (Step.LOST, Step.RESET):
                    if counters:
                        found.append((first, np.array(counters, np.int64), loss))
                    first, counters = at, []
                    reset = step is Step.RESET
                    why = (
                        "the stream's counter began again"
                        if reset
                        else (f"{unwrap.lost} values missing in the stream's counter")
                    )
                    loss = (
                        Loss(None, "reset", why)
                        if reset
                        else (Loss(unwrap.lost, "lost", why))
                    )
                self.tally.duplicates += step is Step.DUPLICATE
            counters.append(unwrap.value)
        found.append((first, np.array(counters, np.int64), loss))
        return found

    def _counter_column(self, label: str) -> int:
        if label in self.info.labels:
            return self.info.labels.index(label)
        raise ConfigError(
            f'LSL source: the stream "{self.info.name}" has no channel "{label}".',
            todo=f"Its channels are {', '.join(self.info.labels)}.",
        )

    def _refresh(self) -> None:
        """Follow the drift of the sender's clock; never waits."""
        self._refresh_s = now_s() + _REFRESH_S
        try:
            correction_s = self._inlet.time_correction(timeout=0.0)
        except RuntimeError:  # the stream is being looked for: the old one holds
            return
        self.offset_s = self._offset(correction_s)

    def _offset(self, correction_s: float) -> float:
        """Return what turns a stamp into lab time, in seconds.

        On this machine sender, LSL and lab read the same counter, so that the
        measured difference of some microseconds is only noise.
        """
        if self._same_machine and abs(correction_s) < SAME_CLOCK_S:
            correction_s = 0.0
        return correction_s + lab_minus_lsl_s(self._lsl)


def _filled(t_s: Floats, believed: NDArray[np.bool_], otherwise_s: float) -> Floats:
    """Return times with those not believed between their neighbours, shape (rows,)."""
    if not believed.any():
        return np.full(len(t_s), otherwise_s)
    rows = np.arange(len(t_s))
    return np.interp(rows, rows[believed], t_s[believed])
