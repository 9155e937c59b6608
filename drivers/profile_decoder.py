"""Bytes of a device to rows and gaps, as its profile says (no transport here)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.base import StreamTally
from drivers.framing import make_framer
from drivers.layout import StreamLayout
from drivers.text_framing import LineFramer, used_columns
from drivers.timeline import Loss
from drivers.track import Track
from drivers.wire_types import WIRE_TYPES
from lablive.clock import CounterUnwrapper, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from drivers.frame_rules import Frame, FrameStats
    from drivers.framing import Framer
    from drivers.profile import Message, Profile
    from drivers.timeline import Timeline
    from lablive.messages import Chunk, Gap, StreamInfo

    Reader = Callable[[Frame], float]

_LONG_S: Final = 60.0  # nothing waits so long for its rest
_SLACK_FRAMES: Final = 3.0
_SLACK_S: Final = 0.1  # jitter by which a frame may seem to come before its time


class _Plan(NamedTuple):
    """What to do with one kind of frame."""

    name: str
    smallest: int  # bytes up to the last field outside of the samples
    exact: int  # bytes demanded, 0 = any
    trailing: int  # checksum bytes at the end, which are no data
    samples: int  # per frame, 0 = see ``counted_by``
    counted_by: Reader | None
    samples_at: int
    stride: int
    counter: Reader | None
    clock: Reader | None
    routes: tuple[tuple[Track, int], ...]


class ProfileDecoder:
    """Decode one device.

    Parameters
    ----------
    profile
        A checked profile.
    infos
        Its streams, in the order of the profile.
    live
        False: captured bytes that begin where they begin.
    framer
        Finds the frames instead of what the profile's ``[framing]`` says: for bytes
        that a profile cannot describe.

    Attributes
    ----------
    tallies
        Rows and losses per stream.
    late
        Frames that came after later ones and were left out.
    jumps
        Frames at which counter or clock began again.
    """

    def __init__(
        self,
        profile: Profile,
        infos: Sequence[StreamInfo],
        *,
        live: bool = True,
        framer: Framer | None = None,
    ) -> None:
        self._framer = framer or make_framer(profile, live=live)
        self.tallies = tuple(StreamTally(info) for info in infos)
        self.late = 0
        self.jumps = 0
        self._tracks = _tracks(profile, self.tallies)
        self._plans = _plans(profile, self._tracks)
        bits = profile.counter.bits if profile.counter else 0
        self._may_reorder = profile.transport.type == "udp"
        self._counter = (
            CounterUnwrapper(bits, may_reorder=self._may_reorder) if bits else None
        )
        self._counted: set[str] = set()
        self._place = self._batch = 0  # frames taken and frames in this read

    @property
    def stats(self) -> FrameStats:
        """What was wrong on the wire since the first good frame."""
        return self._framer.stats

    @property
    def startup(self) -> FrameStats:
        """What came before the first good frame."""
        return self._framer.startup

    @property
    def began(self) -> bool:
        """Whether a good frame was seen."""
        return self._framer.began

    @property
    def hint(self) -> str:
        """Why lines were refused, in words; empty when none were."""
        return self._framer.hint if isinstance(self._framer, LineFramer) else ""

    @property
    def incomplete_rows(self) -> int:
        """How many joined rows had a message missing."""
        return sum(track.incomplete for track in self._tracks)

    def feed(self, pieces: Iterable[bytes], arrival_s: float) -> list[Chunk | Gap]:
        """Return what the bytes hold; they arrived at ``arrival_s`` in seconds."""
        return self._decode(self._framer.feed(pieces, arrival_s), arrival_s)

    def idle(self, now: float) -> list[Chunk | Gap]:
        """Give up on a partial frame that is too old."""
        return self._decode(self._framer.idle(now), now)

    @property
    def timelines(self) -> list[Timeline]:
        """What gives rows their times, one per group of streams."""
        return [track.timeline for track in self._tracks]

    def without_arrivals(self, known: ProfileDecoder | None = None) -> None:
        """Take the device's own times as they are: captured bytes have no arrival.

        ``known`` is a decoder of the same profile that has seen these bytes before.
        """
        before = known.timelines if known else [None] * len(self._tracks)
        for timeline, same in zip(self.timelines, before, strict=True):
            timeline.without_arrivals(same)

    def finish(self, now: float) -> list[Chunk | Gap]:
        """Give what waits for more bytes: none will come any more."""
        out = self.idle(now + _LONG_S)
        for track in self._tracks:
            track.finish(now, out)
        return out

    def clock_of(self, stream: int) -> tuple[float, float]:
        """Return ppm and jitter (95th percentile, ms) of a stream's device."""
        for track in self._tracks:
            clock = track.timeline.clock
            if clock and any(tally.info.id == stream for _, tally in track.streams):
                return clock.ppm, clock.jitter_p95_ms
        return 0.0, 0.0

    def _decode(self, frames: list[Frame], arrival_s: float) -> list[Chunk | Gap]:
        out: list[Chunk | Gap] = []
        if not frames:
            return out
        self._place, self._batch = 0, len(frames)
        for frame in frames:
            self._take(frame, arrival_s, out)
        for track in self._tracks:
            track.flush(arrival_s, out)
        return out

    def _take(self, frame: Frame, arrival_s: float, out: list[Chunk | Gap]) -> None:
        plan = self._plans.get(frame.type)
        if plan is None:
            self.stats.unknown_types += 1
            return
        samples = plan.samples
        long = len(frame.body) - plan.trailing
        if plan.counted_by and long >= plan.smallest:
            samples = int(plan.counted_by(frame))
        needed = max(plan.smallest, plan.samples_at + samples * plan.stride)
        wrong = plan.exact and len(frame.body) != plan.exact
        if wrong or long < needed or samples < 1:
            self.stats.short_frames += 1
            return
        raw = plan.counter(frame) if plan.counter else None
        clock = plan.clock(frame) if plan.clock else None
        if not (isfinite(raw or 0.0) and isfinite(clock or 0.0)):
            self.stats.bad_lines += 1  # an empty column where a number must be
            return
        counter, tick = None, None
        if raw is not None and self._counter:
            if plan.name not in self._counted:
                self._counted.add(plan.name)
            if self._counter.follows(int(raw)):
                self._place += 1
            elif not self._accept(plan, int(raw), samples, clock, arrival_s, out):
                return
            counter = self._counter.value
        for track, _ in plan.routes:
            if track.lead != plan.name:
                continue
            if samples != track.samples:
                track.set_samples(samples, arrival_s, out)
            if clock is None:
                continue
            if counter is None and track.repeats(clock, frame.body):
                for _, tally in track.streams:
                    tally.duplicates += samples
                return
            if self._may_reorder and counter is None and track.is_late(clock):
                self.late += 1
                return
            tick, loss = track.take_tick(clock, samples, arrival_s)
            if loss:
                self.jumps += counter is None and loss.kind == "reset"
                track.lose(loss, arrival_s, out)
        for track, part in plan.routes:
            track.add(part, frame, counter, tick)

    def _accept(
        self,
        plan: _Plan,
        raw: int,
        samples: int,
        clock: float | None,
        arrival_s: float,
        out: list[Chunk | Gap],
    ) -> bool:
        """Check the counter of a frame; False = it must not become a row."""
        counter = self._counter
        if counter is None:
            return True
        expected, slack = self._expected(arrival_s), _SLACK_FRAMES
        self._place += 1
        for track, _ in plan.routes:
            moved = None if clock is None else track.frames_moved(clock, samples)
            if moved is not None:
                expected = counter.value + moved
            if track.timeline.row_s > 0:
                slack += _SLACK_S / (track.timeline.row_s * samples)
        step = counter.step(raw, expected, slack)
        if step is Step.DUPLICATE:
            for track, _ in plan.routes:
                for _, tally in track.streams:
                    tally.duplicates += samples
            return False
        if step is Step.LATE:
            self.late += 1
            return False
        if step is Step.NEXT:
            return True
        counted = [track for track in self._tracks if track.is_counted]
        for track in counted:
            if step is Step.RESET:
                self.jumps += 1
                loss = Loss(None, "reset", "the device's counter began again")
            else:
                sure = len(self._counted) == 1 and not track.samples_vary
                rows = counter.lost * track.samples if len(counted) == 1 else None
                why = f"{counter.lost} frames missing in the device's counter"
                loss = Loss(rows, "lost", why, sure)
            track.lose(loss, arrival_s, out)
        return True

    def _expected(self, arrival_s: float) -> float | None:
        """Return the counter that the lab clock expects of the frame being taken."""
        counted = [track for track in self._tracks if track.is_counted]
        if self._counter is None or len(counted) != 1 or len(self._counted) > 1:
            return None
        track = counted[0]
        due = track.timeline.due(arrival_s)
        if due is None:
            return None
        # the last frame of a read is the fresh one; those before it were waiting
        waiting = self._batch - 1 - self._place
        last = track.timeline.next_index - 1 + track.waiting_rows
        return self._counter.value + (due - last) / max(track.samples, 1) - waiting


def _tracks(profile: Profile, tallies: Sequence[StreamTally]) -> tuple[Track, ...]:
    """Group the streams that are made from the same messages."""
    found: dict[tuple[str, tuple[str, ...]], Track] = {}
    for stream, tally in zip(profile.streams, tallies, strict=True):
        layout = StreamLayout(profile, stream)
        lead = profile.message(stream.message)
        if lead is None:
            continue
        key = (lead.name, layout.messages)
        if key not in found:
            found[key] = Track(profile, lead, layout.messages)
        found[key].streams.append((layout, tally))
    return tuple(found.values())


def _plans(profile: Profile, tracks: Sequence[Track]) -> dict[int | None, _Plan]:
    """Return what to do with every kind of frame, by its id."""
    found: dict[int | None, _Plan] = {}
    for place, message in enumerate(profile.messages):
        samples = message.samples
        count_at = samples.count_at if samples else None
        plan = _Plan(
            name=message.name,
            smallest=_smallest(message),
            exact=message.size,
            trailing=_trailing(profile),
            samples=samples.count if samples else 1,
            counted_by=_binary_reader(*count_at) if count_at else None,
            samples_at=samples.at if samples else 0,
            stride=samples.stride if samples else 0,
            counter=_reader(
                profile, message, profile.counter and profile.counter.field
            ),
            clock=_reader(profile, message, profile.clock and profile.clock.field),
            routes=tuple(
                (track, track.messages.index(message.name))
                for track in tracks
                if message.name in track.messages
            ),
        )
        key = place if profile.framing.is_text else message.id
        found[key] = plan
    return found


def _smallest(message: Message) -> int:
    """Return the bytes a frame must have before its samples are counted."""
    ends = [0]
    for field in message.fields:
        if field.at is not None and not field.per_sample:
            size = WIRE_TYPES[field.type].size
            ends.append(field.at + (field.count - 1) * (field.stride or size) + size)
    if message.samples and message.samples.count_at:
        at, kind = message.samples.count_at
        ends.append(at + WIRE_TYPES[kind].size)
    return max(ends)


def _trailing(profile: Profile) -> int:
    """Return the bytes at the end of every frame that the checksum takes."""
    checksum = profile.framing.checksum
    return -checksum.at if checksum and checksum.at < 0 else 0


def _reader(profile: Profile, message: Message, name: str | None) -> Reader | None:
    """Return how to read one number of a frame, None when it has none."""
    field = message.find(name) if name else None
    if field is None:
        return None
    if profile.framing.is_text:
        place = used_columns(message).index(field.col or 0)
        return lambda frame: frame.numbers[place]
    return _binary_reader(field.at or 0, field.type)


def _binary_reader(at: int, kind: str) -> Reader:
    read = WIRE_TYPES[kind].read
    return lambda frame: read(frame.body, at)
