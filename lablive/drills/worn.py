"""What is worn in a recording, and the tracks that a set needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.drills.body_track import FallTrack, MuscleTrack, SegmentTrack, SoundTrack
from lablive.drills.foot_track import FootTrack
from lablive.drills.measure import wanted
from lablive.drills.quantities import QUANTITIES
from lablive.drills.tracks import Tracks
from lablive.gait.imu_lanes import axes_of
from lablive.lanes.segments import SegmentLane
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.drills.marks import SetMark
    from lablive.messages import StreamInfo
    from lablive.names import Side
    from lablive.signals.binding import Binding
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.insole import Foot

_UNKNOWN_RATE_HZ: Final = 50.0
MUSCLES: Final = ("gluteus_maximus", "gluteus_medius")


class Worn:
    """What is worn: of one recording, shared by its sets.

    Parameters
    ----------
    binding, infos
        Which channel measures what; the streams.
    calibrations
        What is calibrated.
    feet
        The soles.
    weight_n
        Body weight, N; None = not known.
    """

    def __init__(
        self,
        binding: Binding,
        infos: Mapping[int, StreamInfo],
        calibrations: Calibrations,
        feet: Mapping[Side, Foot],
        weight_n: float | None,
    ) -> None:
        self.binding, self.infos, self.calibrations = binding, infos, calibrations
        self.feet, self.weight_n = feet, weight_n

    def rate_hz(self, stream: int) -> float:
        """Return the rows per second of a stream."""
        return self.infos[stream].rate_hz or _UNKNOWN_RATE_HZ

    @property
    def streams(self) -> frozenset[int]:
        """Streams that a drill may look at."""
        roles = [f"imu_{site}.acc" for site in ("pelvis", "trunk")]
        roles += [f"imu_thigh_{side}.acc" for side in SIDES]
        roles += [f"emg_{muscle}_{side}" for muscle in MUSCLES for side in SIDES]
        roles += ["mic_belt.level", "mic_belt.audio"]
        sources = [self.binding.source(role) for role in roles]
        found = {source.stream for source in sources if source is not None}
        return frozenset(found | {foot.force.stream for foot in self.feet.values()})

    def tracks(self, mark: SetMark) -> Tracks:
        """Return fresh tracks of what a set needs."""
        needs = {need for name in wanted(mark.drill) for need in QUANTITIES[name].needs}
        if mark.drill.movement == "bends":
            needs.add("thigh")
        found = Tracks()
        for side, foot in self.feet.items():
            rate_hz = self.rate_hz(foot.force.stream)
            found.feet[side] = FootTrack(foot, rate_hz, self.weight_n)
        sides = SIDES if mark.leg == "both" else (mark.leg,)
        sites = [site for site in ("pelvis", "trunk") if site in needs]
        sites += [f"thigh_{side}" for side in sides if "thigh" in needs]
        for site in sites:
            self._segment(site, found)
        if {"gmax", "gmed"} & needs:
            found.muscles = self._muscles()
        if "sound" in needs:
            found.sound = self._sound()
        acc = self.binding.source("imu_pelvis.acc")
        if mark.drill.has_flight and acc is not None:
            found.fall = FallTrack(acc)
        return found

    def _segment(self, site: str, found: Tracks) -> None:
        acc = self.binding.source(f"imu_{site}.acc")
        gyro = self.binding.source(f"imu_{site}.gyro")
        if acc is None or gyro is None or acc.stream != gyro.stream:
            return
        segments = self.calibrations.segments
        lane = SegmentLane(
            site, acc, gyro, self.infos[acc.stream].rate_hz,
            segments.of(site) if segments else None,
            aligned=axes_of(self.binding, site, None) is not None,
            lies=True,
        )  # fmt: skip
        found.segments[site] = SegmentTrack(lane, acc.stream)

    def _muscles(self) -> MuscleTrack | None:
        roles = [f"emg_{muscle}_{side}" for muscle in MUSCLES for side in SIDES]
        all_sources = {role: self.binding.source(role) for role in roles}
        sources = {role: it for role, it in all_sources.items() if it is not None}
        if not sources:
            return None
        stream = next(iter(sources.values())).stream
        own = {role: it for role, it in sources.items() if it.stream == stream}
        return MuscleTrack(own, self.infos[stream], self.calibrations)

    def _sound(self) -> SoundTrack | None:
        source = self.binding.source("mic_belt.level")
        source = source or self.binding.source("mic_belt.audio")
        if source is None:
            return None
        return SoundTrack(source, self.infos[source.stream], self.calibrations)
