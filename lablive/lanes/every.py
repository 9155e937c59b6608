"""A lane for every signal besides force: a new kind of signal has its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.gait.imu_lanes import axes_of
from lablive.lanes.emg import emg_lanes
from lablive.lanes.segments import SegmentLane
from lablive.lanes.sound import sound_lane
from lablive.names import IMU_SITES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.lanes.lane import SignalLane
    from lablive.messages import StreamInfo
    from lablive.signals.binding import Binding
    from lablive.signals.calibrations import Calibrations


def signal_lanes(
    binding: Binding, infos: dict[int, StreamInfo], calibrations: Calibrations
) -> Iterator[SignalLane]:
    """Yield a lane for every signal besides force: segments, EMG, sound."""
    segments = calibrations.segments
    for site in IMU_SITES:
        acc = binding.source(f"imu_{site}.acc")
        gyro = binding.source(f"imu_{site}.gyro")
        source = acc or gyro
        if source is not None:
            yield SegmentLane(
                site,
                acc,
                gyro,
                infos[source.stream].rate_hz,
                segments.of(site) if segments else None,
                aligned=axes_of(binding, site, None) is not None,
            )
    yield from emg_lanes(binding.sources, list(infos.values()), calibrations)
    sound = sound_lane(binding, infos, calibrations)
    if sound is not None:
        yield sound
