"""Streams that share frames and times: the left and right sole of one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.timeline import Loss, Timeline
from lablive.clock import CounterUnwrapper, Step

if TYPE_CHECKING:
    from drivers.base import StreamTally
    from drivers.frame_rules import Frame
    from drivers.layout import Packet, StreamLayout
    from drivers.profile import Message, Profile
    from lablive.messages import Chunk, Gap

_NO_WRAP_BITS: Final = 63
_LATE_S: Final = 1.0
_FINE: Final = 0.5  # of the row period


class Track:
    """Frames waiting to become rows of one or more streams.

    Parameters
    ----------
    profile, lead
        A checked profile and the message whose counter and clock count.
    messages
        Names of the messages that one row is joined from, in wire order.
    """

    def __init__(
        self, profile: Profile, lead: Message, messages: tuple[str, ...]
    ) -> None:
        self.messages = messages
        self.lead = lead.name
        counter, clock = profile.counter, profile.clock
        self.is_counted = bool(
            counter and counter.bits and lead.find(counter.field) is not None
        )
        has_clock = clock is not None and lead.find(clock.field) is not None
        self.timeline = Timeline(
            lead.rate_hz,
            clock.unit_s if clock and has_clock else 0.0,
            newest_first=bool(lead.samples and lead.samples.order == "newest_first"),
            sees_loss=self.is_counted,
            max_gap_s=lead.max_gap_s,
        )
        self._lead_part = messages.index(lead.name)
        self._lead_numbers = self.is_counted or has_clock
        self.streams: list[tuple[StreamLayout, StreamTally]] = []
        self.samples = 0  # per frame; 0 = no frame yet
        self.samples_vary = False
        self.incomplete = 0
        self._unwrap = CounterUnwrapper((clock.bits if clock else 0) or _NO_WRAP_BITS)
        self._packets: list[Packet] = []
        self._counters: list[int] = []
        self._ticks: list[float] = []
        self._losses: list[Loss] = []
        self._open: list[Frame | None] = [None] * len(messages)
        self._open_at: tuple[int | None, float | None] = (None, None)
        self._last_part = -1
        self._last = (float("nan"), b"")  # newest device time, and its frame

    @property
    def waiting_rows(self) -> int:
        """Rows taken but not yet given times."""
        return len(self._packets) * self.samples

    def set_samples(
        self, samples: int, arrival_s: float, out: list[Chunk | Gap]
    ) -> None:
        """Take a new number of rows per frame."""
        self.flush(arrival_s, out)
        self.samples_vary = self.samples > 0
        self.samples = samples

    def frames_moved(self, clock: float, samples: int) -> float | None:
        """Return how many frames the device's clock has moved on; None = unknown."""
        return self.timeline.expected_steps(self._unwrap.peek(int(clock)), samples)

    def take_tick(
        self, raw: float, samples: int, arrival_s: float
    ) -> tuple[float, Loss | None]:
        """Take the device time of a frame.

        Returns
        -------
        tuple
            Unwrapped device time in counts, and what it tells is missing.
        """
        if self._unwrap.step(int(raw)) is Step.RESET:
            loss = Loss(None, "reset", "the device's clock began again")
            return float(self._unwrap.value), loss
        # text clocks may have a fraction
        tick = self._unwrap.value + (raw - int(raw))
        return tick, self.timeline.tick_loss(tick, samples, arrival_s)

    def repeats(self, raw: float, body: bytes) -> bool:
        """Tell whether a frame is the last one again: same device time, same bytes."""
        same = raw == self._last[0] and body == self._last[1]
        self._last = (raw, body)
        # a clock that is too coarse gives several rows one time
        return same and self.timeline.tick_s < _FINE * self.timeline.row_s

    def is_late(self, raw: float) -> bool:
        """Tell whether a datagram's device time lies just before the last one."""
        back = self._unwrap.value - self._unwrap.peek(int(raw))
        return 0 < back * self.timeline.tick_s < _LATE_S

    def add(
        self, part: int, frame: Frame, counter: int | None, tick: float | None
    ) -> None:
        """Take one frame; a row joined from several messages waits for all of them."""
        if len(self._open) == 1:
            self._keep((frame,), counter, tick)
            return
        if part <= self._last_part:
            self._close_row()
        if self._last_part < 0:
            self._open_at = (counter, tick)
        self._open[part] = frame
        self._last_part = part
        if part == len(self._open) - 1:
            self._close_row()

    def lose(self, loss: Loss, arrival_s: float, out: list[Chunk | Gap]) -> None:
        """Note what is missing before the next row; what came before is flushed."""
        self.flush(arrival_s, out)
        both_reset = self._losses and self._losses[-1].kind == loss.kind == "reset"
        if not both_reset:
            self._losses.append(loss)
        if loss.rows is None:
            self.timeline.restart()
        else:
            self.timeline.skip(loss.rows)

    def flush(self, arrival_s: float, out: list[Chunk | Gap]) -> None:
        """Turn the frames so far into rows that arrived at ``arrival_s``."""
        packets = self._packets
        if not packets:
            return
        counters, ticks = self._counters, self._ticks
        self._packets, self._counters, self._ticks = [], [], []
        frames, samples = len(packets), self.samples
        silence = self.timeline.silence(frames * samples, arrival_s)
        if silence:
            self._losses.append(silence)
            self.timeline.restart()
        t_s, jumped = self.timeline.times_s(ticks, frames, samples, arrival_s)
        if jumped:
            why = "the device stood still, or its rate is not the nominal one"
            self._losses.append(Loss(None, "reset", why))
        losses, self._losses = self._losses, []
        numbers = None
        if counters:
            numbers = np.array(counters, np.int64)
            numbers = numbers if samples == 1 else numbers.repeat(samples)
        for layout, tally in self.streams:
            for loss in losses if tally.rows else ():
                told = (loss.rows, loss.kind, loss.why)
                out.append(tally.gap(float(t_s[0]), *told, exact=loss.exact))
            x = layout.rows(packets, samples)
            out.append(tally.chunk(t_s, x, numbers, arrival_s))

    def finish(self, arrival_s: float, out: list[Chunk | Gap]) -> None:
        """Close a row that waits for a message which will not come."""
        if self._last_part >= 0:
            self._close_row(began=True)
            self.flush(arrival_s, out)

    def _close_row(self, *, began: bool = False) -> None:
        packet = tuple(self._open)
        self._open = [None] * len(self._open)
        self._last_part = -1
        if None in packet:
            if not (began or self._packets or self.streams[0][1].rows):
                return  # opened in the middle of a row
            self.incomplete += 1
            if self._lead_numbers and packet[self._lead_part] is None:
                return  # nobody knows when it was: counter or clock tell it as lost
        self._keep(packet, *self._open_at)

    def _keep(self, packet: Packet, counter: int | None, tick: float | None) -> None:
        self._packets.append(packet)
        if counter is not None:
            self._counters.append(counter)
        if tick is not None:
            self._ticks.append(tick)
