"""Level rows, or raw audio, to the sound of the footfall that begins each stride."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import CalibrationError, ConfigError
from lablive.gait.rows import RowHistory
from lablive.lanes.lane import Backlog, Learned
from lablive.metrics.metric import SoundStride
from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import (
    AFTER_S,
    GAP_S,
    NoiseFloor,
    belt_noise_at,
    decibel,
    footfalls,
    gap_energy,
)
from lablive.signals.sound_latency import LONGEST_S, estimate_latency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import Contact
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import Glance, Seen
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.sound import BeltNoise

_LEARN_STEPS: Final = 40  # contacts that tell the latency; metric reference 5.3: 20
_LEARN_S: Final = 40.0  # rows kept for it
_MARGIN_S: Final = 0.005


class _Known(NamedTuple):
    """What was learned: the latency, and the noise between footfalls, A, C, Z."""

    latency_s: float
    noise: Floats


class SoundLane:
    """The microphone at the belt.

    Parameters
    ----------
    source
        Where level rows or audio are read.
    info
        Their stream.
    calibrations
        Latency and noise of the belt.
    speed_mps
        Speed of the belt when it is constant, else None: a treadmill's reports come
        too late for the noise of the empty belt to be looked up by them.
    """

    def __init__(
        self,
        source: Source,
        info: StreamInfo,
        calibrations: Calibrations,
        speed_mps: float | None,
    ) -> None:
        self.names: tuple[str, ...] = ("sound",)
        self.stream: int | None = None
        self._source = source
        self._why = ""
        self._meter: LevelMeter | None = None
        is_audio = source.role.endswith(".audio")
        try:
            self._meter = LevelMeter(info.rate_hz) if is_audio else None
        except ConfigError as error:
            self._why = str(error)
            return
        self.stream = info.id
        self._unit = f"{source.unit}^2" if is_audio else source.unit
        self._backlog = Backlog()
        self._rows = RowHistory()
        latency = calibrations.sound_latency
        self._latency_s = np.nan if latency is None else latency.latency_s
        self._microphone = "" if latency is None else latency.microphone
        self._belt = self._empty_belt(calibrations, speed_mps)
        self._floor = NoiseFloor()
        self._ic_s: list[float] = []
        self._tried_s = -np.inf  # contacts up to here told nothing
        self._longest_s = LONGEST_S if latency is None else latency.latency_s
        self._learned: Learned[_Known] = Learned()

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows of the stream."""
        self._backlog.append(t_s, x)
        if self._backlog.long:
            self._work()

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self._backlog.advance(t_s)

    def contact(self, contact: Contact) -> None:
        """Note the contacts of both feet, for the latency."""
        if contact.kind == "ic" and self.stream is not None:
            self._ic_s.append(contact.t_s)

    def ready(self, stride: Stride) -> bool:
        """Tell whether the footfall that begins a stride has sounded out."""
        heard_s = stride.ic_s + LONGEST_S + AFTER_S + _MARGIN_S
        return self.stream is None or self._backlog.reached_s >= heard_s

    def look(self, strides: Sequence[tuple[Stride, Seen]]) -> None:
        """Add the sound of each stride's first contact, or why there is none."""
        for stride, seen in strides:
            self._look(stride, seen)

    def _look(self, stride: Stride, seen: Seen) -> None:
        if self._why:
            seen.lacks["sound"] = self._why
            return
        self._work()
        if np.isnan(self._latency_s):
            self._learn_latency(stride.ic_s)
        if np.isnan(self._latency_s):
            seen.lacks["sound"] = (
                "the microphone's latency is not known: a minute of running with clear "
                "footfalls tells it"
            )
            return
        found = self._heard(stride.ic_s + self._latency_s)
        if found is None:
            seen.lacks["sound"] = "sound rows are missing in this stride"
        else:
            seen.sound = found
            known = _Known(self._latency_s, self._floor.energy(self._belt))
            self._learned.put(stride.next_ic_s, known)

    @property
    def reached_s(self) -> float:
        """Every row up to here has come, or never will."""
        return np.inf if self.stream is None else self._backlog.reached_s

    def early_s(self, stride: Stride, filter_hz: float) -> float:
        """Return until when rows must have come for an early look."""
        return stride.ic_s + self._longest_s + AFTER_S + _MARGIN_S

    def look_early(self, stride: Stride, glance: Glance, seen: Seen) -> None:
        """Add the sound of a contact, over the noise that was known before it."""
        known = None if self._why else self._learned.at(glance.known_s)
        if known is None:
            seen.lacks["sound"] = self._why or "the belt's noise is not known yet"
            return
        self._work()
        heard_s = stride.ic_s + known.latency_s
        t, level = self._between(heard_s)
        if len(t):
            seen.sound = self._over(t, level, heard_s, known)
        if seen.sound is None:
            seen.lacks["sound"] = "sound rows are missing in this stride"

    def trim(self, before_s: float) -> None:
        """Give up rows that neither a footfall nor the latency needs."""
        if self.stream is None:
            return
        if np.isnan(self._latency_s):
            before_s -= _LEARN_S
        self._rows.trim(before_s)
        self._learned.trim(before_s)
        del self._ic_s[: bisect_left(self._ic_s, before_s)]

    # --------------------------------------------------------------------- the rows
    def _work(self) -> None:
        waiting = self._backlog.take()
        if waiting is None:
            return
        t, x = waiting
        level = self._source.extract(x)
        if self._meter is not None:
            t, level = self._meter.feed(t, level[:, 0])
        if len(t):
            self._rows.append(t, level)

    def _heard(self, heard_s: float) -> SoundStride | None:
        t, level = self._between(heard_s)
        if not len(t):
            return None
        self._floor.feed(gap_energy(t, level, heard_s))
        known = _Known(self._latency_s, self._floor.energy(self._belt))
        return self._over(t, level, heard_s, known)

    def _between(self, heard_s: float) -> tuple[Floats, Floats]:
        return self._rows.floats(
            heard_s + GAP_S[0] - _MARGIN_S, heard_s + AFTER_S + _MARGIN_S
        )

    def _over(
        self, t: Floats, level: Floats, heard_s: float, known: _Known
    ) -> SoundStride | None:
        a, c, z = footfalls(t, level, heard_s, known.noise)
        if a.quality == "missing data":
            return None
        noise_a, noise_c, noise_z = (decibel(float(it)) for it in known.noise)
        told = (noise_a, noise_c, noise_z)
        return SoundStride(a, c, z, told, known.latency_s, self._unit)

    # ------------------------------------------------------------ what is not known
    def _learn_latency(self, until_s: float) -> None:
        """Find the latency from the contacts before a stride."""
        end = bisect_right(self._ic_s, until_s)
        first = bisect_right(self._ic_s, max(self._tried_s, until_s - _LEARN_S))
        if end - first < _LEARN_STEPS:
            return
        newest = np.array(self._ic_s[end - _LEARN_STEPS : end])
        self._tried_s = float(newest[_LEARN_STEPS // 2])
        t, level = self._rows.floats(newest[0] - _MARGIN_S, newest[-1] + LONGEST_S)
        try:
            found = estimate_latency(t, level[:, 0], newest, made_at="", microphone="")
        except CalibrationError:
            return
        self._latency_s = found.latency_s

    def _empty_belt(
        self, calibrations: Calibrations, speed_mps: float | None
    ) -> BeltNoise | None:
        if speed_mps is None:
            return None
        recorded = calibrations.belt_noise
        places = {noise.microphone for noise in recorded}
        place = self._microphone or (places.pop() if len(places) == 1 else "")
        return belt_noise_at(recorded, place, self._unit, speed_mps)


def sound_lane(
    binding: Binding,
    streams: dict[int, StreamInfo],
    calibrations: Calibrations,
) -> SoundLane | None:
    """Return the lane of the microphone: its level meter, else its audio."""
    source = binding.source("mic_belt.level") or binding.source("mic_belt.audio")
    if source is None:
        return None
    told = binding.source("treadmill.speed") is not None
    speed_mps = None if told else binding.montage.constants.treadmill_speed_mps
    return SoundLane(source, streams[source.stream], calibrations, speed_mps)
