"""EMG rows to the activity of each muscle in the strides of its own side."""

from __future__ import annotations

from bisect import bisect_left
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import CalibrationError, ConfigError
from lablive.gait.rows import RowHistory
from lablive.lanes.lane import Backlog, Learned
from lablive.metrics.metric import EmgStride
from lablive.names import side_of
from lablive.signals.emg import EmgRows, EmgSettings, EmgStage, kind_of
from lablive.signals.emg_activation import LEAD_S, TAIL_S, activation, activations
from lablive.signals.emg_quality import WINDOW_S, judge
from lablive.signals.emg_reference import (
    TASK_STRIDES,
    Electrode,
    rest_from_quiet_windows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.gait.contacts import Contact
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import Glance, Seen
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.binding import Source
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.emg_activation import Activation
    from lablive.signals.emg_reference import EmgRest

_USELESS: Final = frozenset({"clip", "flat", "lead-off"})
_FEWEST_CONTACTS: Final = 5  # in a window: somebody runs or walks
_ROWS_BEHIND: Final = 2  # an instant lies between two rows, and they jitter
_KEPT_S: Final = 2 * WINDOW_S  # the newest whole window may have begun so long ago


class _Muscle:
    """One channel: what it is compared with, and how good it is."""

    def __init__(
        self, source: Source, settings: EmgSettings, calibrations: Calibrations
    ) -> None:
        self.source = source
        self.name = source.role.removeprefix("emg_")
        self.side = side_of(source.role)
        self.flags: tuple[str, ...] = ()
        self.rest: EmgRest | None = calibrations.emg_rest(
            source.role, settings, source.unit
        )
        reference = calibrations.emg_reference(source.role, settings, source.unit)
        self.full = reference.value if reference else float("nan")
        self._of = "" if reference else f"% of the first {TASK_STRIDES} strides"
        if reference and reference.method == "mvc":
            self._of = "% of the maximal contraction"
        self._peaks: list[float] = []
        self.ic_s: list[float] = []

    def is_of(self, stride: Stride) -> bool:
        """Tell whether it is of the side of a stride that can be measured."""
        return self.side == stride.side and stride.to_s is not None

    @property
    def note(self) -> str:
        """What a reader of percentages must know."""
        known = self.rest is None or self.rest.source == "stand"
        return "; ".join(
            told for told in (self._of, "" if known else "rest from the run") if told
        )

    def learn(self, peak: float) -> None:
        """Take a stride's peak: the mean of the first twenty is 100 %."""
        useless = _USELESS.intersection(self.flags)
        if not np.isnan(self.full) or not np.isfinite(peak) or useless:
            return
        self._peaks.append(peak)
        if len(self._peaks) == TASK_STRIDES:
            self.full = float(np.mean(self._peaks))


class _Known(NamedTuple):
    """What counts as 100 %, what is wrong, what a reader must know."""

    full: float
    flags: tuple[str, ...]
    note: str


class EmgLane:
    """All muscles of one EMG stream.

    Parameters
    ----------
    sources
        Role -> where it is read.
    info
        The stream.
    calibrations
        Rests, references and the notch.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        info: StreamInfo,
        calibrations: Calibrations,
    ) -> None:
        self.names: tuple[str, ...] = tuple(
            role.removeprefix("emg_") for role in sources
        )
        self.stream: int | None = None
        self._why = ""
        self._muscles: list[_Muscle] = []
        try:
            self._set = EmgSettings(
                rate_hz=info.rate_hz,
                kind=kind_of(info.type),
                notch_hz=calibrations.emg_notch_hz,
            )
        except ConfigError as error:
            self._why = str(error)
            return
        self.stream = info.id
        self._muscles = [
            _Muscle(source, self._set, calibrations) for source in sources.values()
        ]
        self._backlog = Backlog()
        self._stage = EmgStage(self._set, len(sources))
        self._curves = RowHistory(
            by_channel=True
        )  # smooth and envelope, at the middle of windows
        self._bands = RowHistory(
            by_channel=True
        )  # raw and rectified, less the filters' delay
        self._first_s = np.nan  # of the windows that are judged
        self._window = -1  # the newest one that was
        self._learned: Learned[dict[str, tuple[EmgRest | None, _Known]]] = Learned()

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows of the stream."""
        self._backlog.append(t_s, x)
        if self._backlog.long:
            self._work()

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self._backlog.advance(t_s)

    def contact(self, contact: Contact) -> None:
        """Note the contacts of each muscle's side."""
        if contact.kind == "ic":
            for muscle in self._muscles:
                if muscle.side == contact.side:
                    muscle.ic_s.append(contact.t_s)

    def ready(self, stride: Stride) -> bool:
        """Tell whether the rows reach far enough behind a stride."""
        if self.stream is None:
            return True
        reached_s = self._backlog.reached_s - self._stage.delay_s
        return reached_s >= stride.next_ic_s + TAIL_S

    def look(self, strides: Sequence[tuple[Stride, Seen]]) -> None:
        """Add every muscle of each stride's side, or why it was not measured."""
        if self._why:
            for _, seen in strides:
                seen.lacks.update(dict.fromkeys(self.names, self._why))
            return
        self._work()
        ends_s = (stride.next_ic_s for stride, _ in strides)
        windows = [self._window_before(end_s) for end_s in ends_s]
        for _, alike in groupby(zip(windows, strides, strict=True), itemgetter(0)):
            self._look([it for _, it in alike])

    def _look(self, strides: Sequence[tuple[Stride, Seen]]) -> None:
        """Add the muscles of strides that the same window is judged for."""
        self._judge(strides[0][0].next_ic_s)
        found = [
            iter(self._active(channel, [it for it, _ in strides if muscle.is_of(it)]))
            for channel, muscle in enumerate(self._muscles)
        ]
        for stride, seen in strides:
            for active, muscle in zip(found, self._muscles, strict=True):
                if not muscle.is_of(stride):
                    continue
                activity = next(active)
                if np.isnan(activity.stride_peak) and np.isnan(activity.stance_mean):
                    seen.lacks[muscle.name] = "EMG rows are missing in this stride"
                    continue
                muscle.learn(activity.stride_peak)
                seen.emg[muscle.name] = EmgStride(activity, *self._known(muscle))
            known = {it.name: (it.rest, self._known(it)) for it in self._muscles}
            self._learned.put(stride.next_ic_s, known)

    @property
    def reached_s(self) -> float:
        """Every row up to here has come, or never will."""
        if self.stream is None:
            return np.inf
        return self._backlog.reached_s - self._stage.delay_s

    def early_s(self, stride: Stride, filter_hz: float) -> float:
        """Return until when rows must have come for an early look."""
        rate_hz = np.inf if self.stream is None else self._set.rate_hz
        return stride.next_ic_s + _ROWS_BEHIND / rate_hz

    def look_early(self, stride: Stride, glance: Glance, seen: Seen) -> None:
        """Add the muscles of a stance by what was known of them before it."""
        known = None if self._why else self._learned.at(glance.known_s)
        if known is None or stride.to_s is None:
            why = self._why or "no stride with EMG has ended yet"
            seen.lacks.update(dict.fromkeys(self.names, why))
            return
        self._work()
        t, x = self._curves.floats(stride.ic_s - LEAD_S, glance.until_s)
        for channel, muscle in enumerate(self._muscles):
            if muscle.side == stride.side:
                rest, told = known[muscle.name]
                curves = x[:, channel], x[:, len(self._muscles) + channel]
                ends_s = stride.ic_s, stride.to_s, stride.next_ic_s
                found = activation(t, *curves, ends_s, self._set, rest)
                seen.emg[muscle.name] = EmgStride(found, *told)

    def _known(self, muscle: _Muscle) -> _Known:
        notes = "; ".join(note for note in (self._set.note, muscle.note) if note)
        return _Known(muscle.full, muscle.flags, notes)

    def trim(self, before_s: float) -> None:
        """Give up what no later stride or window needs."""
        if self.stream is None:
            return
        self._learned.trim(before_s)
        self._curves.trim(before_s - _KEPT_S)
        self._bands.trim(before_s - _KEPT_S)
        for muscle in self._muscles:
            del muscle.ic_s[: bisect_left(muscle.ic_s, before_s - _KEPT_S)]

    # --------------------------------------------------------------------- the rows
    def _work(self) -> None:
        waiting = self._backlog.take()
        if waiting is None:
            return
        t, x = waiting
        raw = [muscle.source.extract(x) for muscle in self._muscles]
        raw = raw[0] if len(raw) == 1 else np.concatenate(raw, axis=1)
        rows = self._stage.feed(t, raw)
        if np.isnan(self._first_s):
            self._first_s = float(rows.t_s[0])
        self._curves.append(rows.t_s, rows.smooth, rows.envelope)
        self._bands.append(rows.band_s, raw, rows.rectified)

    def _active(self, channel: int, strides: Sequence[Stride]) -> list[Activation]:
        """Return what a muscle does in each stride; by its rest as it is known now."""
        if not strides:
            return []
        first_s, last_s = strides[0].ic_s - LEAD_S, strides[-1].next_ic_s + TAIL_S
        t, x = self._curves.floats(first_s, last_s)
        rest, channels = self._muscles[channel].rest, len(self._muscles)
        ends_s = [(it.ic_s, it.to_s or it.ic_s, it.next_ic_s) for it in strides]
        curves = x[:, channel], x[:, channels + channel]
        return activations(t, *curves, ends_s, self._set, rest)

    # ------------------------------------------------------------------ how good
    def _window_before(self, until_s: float) -> int:
        """Return the newest whole 10 s that ended before a time, -1 = none did."""
        if np.isnan(self._first_s):
            return -1
        return int((until_s - self._first_s) // WINDOW_S) - 1

    def _judge(self, until_s: float) -> None:
        """Judge the newest whole 10 s that ended before a time."""
        window = self._window_before(until_s)
        if window <= self._window:
            return
        self._window = window
        begin_s = self._first_s + window * WINDOW_S
        end_s = begin_s + WINDOW_S
        rows, raw = self._between(begin_s, end_s)
        if not len(rows.t_s):
            return
        for channel, muscle in enumerate(self._muscles):
            within = (
                bisect_left(muscle.ic_s, begin_s),
                bisect_left(muscle.ic_s, end_s),
            )
            steps = np.array(muscle.ic_s[slice(*within)])
            if muscle.rest is None and len(steps) >= _FEWEST_CONTACTS:
                muscle.rest = self._quiet(rows, channel, muscle)
            found = judge(
                raw[:, channel],
                rows,
                channel,
                self._set,
                ic_s=steps,
                rest=muscle.rest,
                unit=muscle.source.unit,
            )
            muscle.flags = tuple(dict.fromkeys(flag.kind for flag in found.flags))

    def _between(self, begin_s: float, end_s: float) -> tuple[EmgRows, Floats]:
        channels = len(self._muscles)
        t, curves = self._curves.floats(begin_s, end_s)
        band_s, bands = self._bands.floats(begin_s, end_s)
        smooth, envelope = curves[:, :channels], curves[:, channels:]
        rows = EmgRows(t, smooth, envelope, band_s, bands[:, channels:])
        return rows, bands[:, :channels]

    def _quiet(self, rows: EmgRows, channel: int, muscle: _Muscle) -> EmgRest | None:
        """Return the rest as the run itself shows it; None while it does not."""
        electrode = Electrode(
            muscle.source.role, "", "", self._set.chain, muscle.source.unit
        )
        try:
            return rest_from_quiet_windows(
                rows, channel, electrode=electrode, made_at=""
            )
        except CalibrationError:
            return None


def emg_lanes(
    sources: Mapping[str, Source],
    streams: Sequence[StreamInfo],
    calibrations: Calibrations,
) -> list[EmgLane]:
    """Return a lane for every stream that brings EMG."""
    lanes: list[EmgLane] = []
    for info in streams:
        own = {
            role: source
            for role, source in sources.items()
            if role.startswith("emg_") and source.stream == info.id
        }
        if own:
            lanes.append(EmgLane(own, info, calibrations))
    return lanes
