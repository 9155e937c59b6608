"""One IMU from its rows to contacts: what a ForceLane is for a force signal.

Rows come as the stream sends them; the lane knows the columns, the axes and the foot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.contacts import Contact, ContactSide, ContactSource
from lablive.gait.findings import Finding
from lablive.gait.foot_imu import FootImuDetector, FootImuSettings
from lablive.gait.mounting import MountingWatch
from lablive.gait.sacral_imu import SacralDetector, SacralSettings
from lablive.names import SIDES, site_words
from lablive.signals.angles import (
    in_axes,
    level_acceleration_mps2,
    segment_rotation,
)
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.messages import Floats, Values
    from lablive.names import Side
    from lablive.signals.binding import Binding, Source
    from lablive.signals.segment_calibration import SegmentCalibration

SLOWEST_HZ: Final = 30.0  # a step has hardly ten rows at fewer
_LEG_SOURCES: Final[dict[str, ContactSource]] = {
    "foot": "foot_imu", "shank": "shank_imu",
}  # fmt: skip


class _Lane:
    """One stream, its detector and the watch over its mounting."""

    def __init__(
        self,
        stream: int,
        detector: FootImuDetector | SacralDetector,
        watch: MountingWatch,
    ) -> None:
        self.stream = stream
        self._detector = detector
        self._watch = watch

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        return self._detector.final_s

    def feed(self, stream: int, t_s: Floats, x: Values) -> list[Contact]:
        """Take rows of the lane's stream; return contacts now certain."""
        if stream != self.stream or not len(t_s):
            return []
        self.watch(t_s, x)
        return self.contacts(t_s, x)

    def watch(self, t_s: Floats, x: Values) -> None:
        """Look in the next rows how the sensor is worn; before their contacts."""
        raise NotImplementedError

    def contacts(self, t_s: Floats, x: Values) -> list[Contact]:
        """Look for contacts in the next rows; return those now certain."""
        raise NotImplementedError

    def skip_to(self, t_s: float) -> None:
        """Begin anew to look for contacts, in rows not before a time."""
        self._detector.skip_to(t_s)

    def advance(self, stream: int, until_s: float) -> list[Contact]:
        """Let time pass without rows of the lane's stream."""
        return self._detector.advance(until_s) if stream == self.stream else []

    def finish(self) -> list[Contact]:
        """End the data."""
        return self._detector.finish()

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        found = self._detector.findings()
        told = {finding.name for finding in found}  # what clips, both see
        return (*found, *(it for it in self._watch.findings() if it.name not in told))


class FootLane(_Lane):
    """A foot or shank IMU: contacts of its own foot.

    Parameters
    ----------
    part, side
        ``foot`` or ``shank``, and whose.
    gyro
        Where its rates are.
    acc
        Where its specific force is; None or in another stream: an upside-down shank
        is not noticed.
    rate_hz
        Rows per second.
    to_segment
        Forward, left and up in sensor axes, shape (3, 3), None when nobody said.
    holds
        Whether nobody else tells the first steps, from which unknown axes are found.
    """

    def __init__(
        self,
        part: str,
        side: Side,
        gyro: Source,
        acc: Source | None,
        rate_hz: float,
        to_segment: Floats | None,
        *,
        holds: bool,
    ) -> None:
        self.side: ContactSide = side
        self.source: ContactSource = _LEG_SOURCES[part]
        self._gyro = gyro
        self._acc = acc if acc is not None and acc.stream == gyro.stream else None
        toe_up = None
        if to_segment is not None:
            x, y, z = (-to_segment[1]).tolist()
            toe_up = (x, y, z)
        kind = FootImuSettings(rate_hz=rate_hz, toe_up=toe_up, holds=holds)
        self._leg = FootImuDetector(kind, side, self.source)
        watch = MountingWatch(f"{part}_{side}", rate_hz, to_segment)
        super().__init__(gyro.stream, self._leg, watch)
        self._wrong_s = np.inf  # behind it the mounting is wrong: nothing is taken
        self._stopped_s: float | None = None

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        return super().final_s if self._stopped_s is None else self._stopped_s

    def advance(self, stream: int, until_s: float) -> list[Contact]:
        """Let time pass without rows of the lane's stream."""
        if self._stopped_s is None or stream != self.stream:
            return super().advance(stream, until_s)
        self._stopped_s = max(self._stopped_s, until_s)
        return []

    def watch(self, t_s: Floats, x: Values) -> None:
        """Look in the next rows how the sensor is worn; before their contacts."""
        gyro = self._gyro.extract(x)
        acc = self._acc.extract(x) if self._acc else np.full_like(gyro, np.nan)
        told = self._watch.feed(t_s, acc, gyro)
        if told is not None:
            self._wrong_s = float(t_s[told - 1])

    def contacts(self, t_s: Floats, x: Values) -> list[Contact]:
        """Look for contacts in the next rows; return those now certain."""
        if self._stopped_s is not None:
            self._stopped_s = float(t_s[-1])
            return []
        right = int(t_s.searchsorted(self._wrong_s, side="right"))
        found = self._leg.feed(t_s[:right], self._gyro.extract(x[:right]))
        if t_s[-1] >= self._wrong_s:
            self._stopped_s = float(t_s[-1])
            if right:  # else it became wrong while nobody looked for contacts
                found += self._leg.finish()
                found.append(Contact(self._wrong_s, self.side, "lost", self.source))
        return found

    def skip_to(self, t_s: float) -> None:
        """Begin anew to look for contacts, in rows not before a time."""
        if self._stopped_s is None:
            super().skip_to(t_s)
        else:
            self._stopped_s = max(self._stopped_s, t_s)


class PelvisLane(_Lane):
    """The IMU at the sacrum: contacts of both feet.

    Parameters
    ----------
    acc
        Where its specific force is.
    gyro
        Where its rates are; None or in another stream: no side is told.
    rate_hz
        Rows per second.
    to_segment
        Forward, left and up in sensor axes, shape (3, 3); None: no side is told.
    """

    side: ContactSide = "unknown"
    source: ContactSource = "pelvis_imu"

    def __init__(
        self,
        acc: Source,
        gyro: Source | None,
        rate_hz: float,
        to_segment: Floats | None,
    ) -> None:
        self._acc = acc
        self._gyro = gyro if gyro is not None and gyro.stream == acc.stream else None
        # an axis the montage calls not measured must not take the others with it
        self._axes = np.flatnonzero(np.isfinite(acc.scale))
        whole = len(self._axes) == len(acc.scale)
        self._sway = None
        if self._gyro is not None and to_segment is not None and whole:
            self._sway = Sway(rate_hz, to_segment)
        self._sacrum = SacralDetector(SacralSettings(rate_hz=rate_hz))
        watch = MountingWatch("pelvis", rate_hz, to_segment)
        super().__init__(acc.stream, self._sacrum, watch)

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        found = super().findings()
        if self._sway is not None:
            return found
        lacks = "no gyroscope" if self._gyro is None else "axes nobody gave"
        todo = "Give its axes in the montage, or calibrate it."
        if len(self._axes) < len(self._acc.scale):
            lacks = "an accelerometer axis that was not measured"
            todo = "Record all three axes."
        text = f"The pelvis IMU has {lacks}: it tells contacts, not whose foot. {todo}"
        return (*found, Finding("mounting unknown", text))

    def watch(self, t_s: Floats, x: Values) -> None:
        """Look in the next rows how the sensor is worn; before their contacts."""
        self._watch.feed(t_s, *self._felt(x))

    def contacts(self, t_s: Floats, x: Values) -> list[Contact]:
        """Look for contacts in the next rows; return those now certain."""
        acc, gyro = self._felt(x)
        sway = self._sway.feed(t_s, acc, gyro) if self._sway else None
        return self._sacrum.feed(t_s, acc[:, self._axes], sway)

    def skip_to(self, t_s: float) -> None:
        """Begin anew to look for contacts, in rows not before a time."""
        super().skip_to(t_s)
        if self._sway is not None:
            self._sway.restart()

    def _felt(self, x: Values) -> tuple[Floats, Floats]:
        acc = self._acc.extract(x)
        gyro = self._gyro.extract(x) if self._gyro else np.full_like(acc, np.nan)
        return acc, gyro


class Sway:
    """What tells whose foot the pelvis is on, of every row.

    Parameters
    ----------
    rate_hz
        Rows per second.
    to_segment
        Forward, left and up in sensor axes, shape (3, 3).
    """

    def __init__(self, rate_hz: float, to_segment: Floats) -> None:
        self._rate_hz = rate_hz
        self._to_segment = to_segment
        self.restart()

    def restart(self) -> None:
        """Begin anew, with rows that do not follow the last ones."""
        # VQF is loaded when the first IMU needs it, not when the program starts
        from lablive.signals.orientation import Orientation, OrientationSettings

        self._orientation = Orientation(OrientationSettings(rate_hz=self._rate_hz))

    def feed(self, t_s: Floats, acc: Floats, gyro: Floats) -> Floats:
        """Return acceleration to the left, roll and yaw rate, shape (rows, 3).

        Parameters
        ----------
        t_s, acc, gyro
            Times, shape (rows,), specific force in m/s^2 and rates in rad/s, sensor
            axes, shape (rows, 3).
        """
        quat = self._orientation.feed(t_s, acc, gyro).quat
        r = segment_rotation(quat, self._to_segment)
        felt = np.stack((acc.T, gyro.T))
        force, rates = in_axes(felt, self._to_segment).transpose(0, 2, 1)
        left_ms2 = level_acceleration_mps2(r, force)[:, 1]
        up_x, up_y, up_z = r[:, 2].T
        yaw_rad_s = up_x * rates[:, 0] + up_y * rates[:, 1] + up_z * rates[:, 2]
        return np.column_stack((left_ms2, rates[:, 0], yaw_rad_s))


ImuLane = FootLane | PelvisLane


def imu_lanes(
    binding: Binding,
    rates_hz: Mapping[int, float],
    segments: SegmentCalibration | None = None,
) -> tuple[list[ImuLane], tuple[Finding, ...]]:
    """Return a lane for every IMU that tells contacts, and why others do not.

    Parameters
    ----------
    binding
        Which channel measures what.
    rates_hz
        Rows per second of every stream.
    segments
        Axes of the sensors; without it those of the montage count.
    """
    lanes: list[ImuLane] = []
    worn = feet(binding)
    slow: list[Finding] = []
    sites = ["pelvis", *(f"{part}_{side}" for part in _LEG_SOURCES for side in SIDES)]
    for site in sites:
        acc = binding.source(f"imu_{site}.acc")
        gyro = binding.source(f"imu_{site}.gyro")
        main = acc if site == "pelvis" else gyro
        if main is None:
            continue
        rate_hz = rates_hz[main.stream]
        if rate_hz < SLOWEST_HZ:
            text = (
                f"The {site_words(site)} IMU sends {rate_hz:.0f} rows per second: too "
                f"few for contacts, {SLOWEST_HZ:.0f} are needed. It is recorded."
            )
            slow.append(Finding("slow", text))
            continue
        axes = axes_of(binding, site, segments)
        if site == "pelvis":
            lanes.append(PelvisLane(main, gyro, rate_hz, axes))
        else:
            part, _, end = site.partition("_")
            side: Side = "left" if end == "left" else "right"
            holds = side not in worn
            lanes.append(FootLane(part, side, main, acc, rate_hz, axes, holds=holds))
    return lanes, tuple(slow)


def axes_of(
    binding: Binding, site: str, segments: SegmentCalibration | None
) -> Floats | None:
    """Return forward, left and up of an IMU's rows, shape (3, 3), None if unknown."""
    own = segments.of(site) if segments else None
    if own is not None and own.has_angles:
        return own.matrix
    described = any(
        channel.axes and channel.role.startswith(f"imu_{site}.")
        for stream in binding.montage.streams
        for channel in stream.channels
    )
    return np.eye(3) if described else None
