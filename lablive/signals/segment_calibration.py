"""Sensor-to-segment calibration of one mounting of the IMUs (metric reference 0.10).

A quiet stand gives up and the gyroscope's bias, bows and steps give left. A
calibration is written once and never changed; after a strap was touched a new one is
made. Standing is zero by construction: angles are ``*_rel`` angles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.errors import CalibrationError, RecordingError
from lablive.names import site_words
from lablive.signals.imu_quality import rate_note
from lablive.signals.segment_axes import (
    ImuRows,
    Stand,
    axes_from,
    functional_axis,
    has_movement,
    mounting_problem,
    read_stand,
)
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lablive.messages import Floats

AxesFrom = Literal["functional", "montage", "vertical"]
Axis = tuple[float, float, float]

MAX_SLIP_DEG: Final = 3.0  # metric reference 6
MIN_PELVIC_RANGE_DEG: Final = 5.0
_MONTAGE_LEFT: Final = np.array([0.0, 1.0, 0.0])


class SiteCalibration(msgspec.Struct, frozen=True):
    """Where one segment's axes lie in its sensor.

    Attributes
    ----------
    site
        One of :data:`lablive.names.IMU_SITES`.
    axes_from
        ``functional``: left from a movement; ``montage``: left from the montage's
        axes; ``vertical``: only up is known, so there are no angles.
    sensor_to_segment
        Rows forward, left, up: ``segment = matrix @ sensor``. Sensor axes are those
        of the montage where it gives any.
    gyro_bias_rps
        What the gyroscope showed in the stand, sensor axes.
    rate_hz
        Rows per second in the stand.
    variance_pct
        Share of the movement about the left axis; None without a movement.
    """

    site: str
    axes_from: AxesFrom
    sensor_to_segment: tuple[Axis, Axis, Axis]
    gyro_bias_rps: Axis
    rate_hz: float
    variance_pct: float | None = None

    @property
    def matrix(self) -> Floats:
        """``sensor_to_segment`` as an array, shape (3, 3)."""
        return np.array(self.sensor_to_segment)

    @property
    def has_angles(self) -> bool:
        """Whether forward and left are known."""
        return self.axes_from != "vertical"


class PelvicRange(msgspec.Struct, frozen=True):
    """Furthest pelvic tilt in standing, both ways, degrees from quiet standing."""

    anterior_deg: float
    posterior_deg: float

    @property
    def neutral_deg(self) -> tuple[float, float]:
        """Lowest and highest neutral tilt: the middle half (metric reference 6.2)."""
        quarter = (self.anterior_deg - self.posterior_deg) / 4
        return self.posterior_deg + quarter, self.anterior_deg - quarter


class SegmentCalibration(msgspec.Struct, frozen=True):
    """One sensor-to-segment calibration of a person in one mounting.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    person, mounting
        Pseudonymous code; how the sensors are fixed.
    sites
        What is known of every sensor with a gyroscope.
    no_gyro
        Sites of sensors that have only an accelerometer.
    pelvic_range
        Once the person has shown it.
    """

    made_at: str
    person: str
    mounting: str
    sites: tuple[SiteCalibration, ...]
    no_gyro: tuple[str, ...] = ()
    pelvic_range: PelvicRange | None = None

    def of(self, site: str) -> SiteCalibration | None:
        """Return the calibration of one site."""
        return next((own for own in self.sites if own.site == site), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the angles must know, one sentence each."""
        from_montage = [own.site for own in self.sites if own.axes_from == "montage"]
        blind = [
            own.site
            for own in self.sites
            if not own.has_angles and has_movement(own.site)
        ]
        found = [
            (from_montage, "no functional calibration, axes as the montage says"),
            (blind, "no functional calibration and no axes in the montage: no angles"),
            (self.no_gyro, "accelerometer only: contacts, but no angles"),
        ]
        told = [f"{_listing(sites)}: {what}." for sites, what in found if sites]
        told += filter(None, (rate_note(own.site, own.rate_hz) for own in self.sites))
        return tuple(told)


def calibrate_segments(
    stands: Mapping[str, ImuRows],
    movements: Mapping[str, ImuRows],
    *,
    made_at: str,
    aligned: Collection[str] = (),
    person: str = "",
    mounting: str = "",
) -> SegmentCalibration:
    """Turn calibration steps into the axes of every segment.

    Parameters
    ----------
    stands
        Site -> quiet standing, feet parallel to the belt, 10 s (5 s at least); also a
        montage's ``standing_s`` window.
    movements
        Site -> bows (pelvis, trunk, head) or steps (legs) in the same mounting. Sites
        without one use the montage's axes.
    made_at
        Wall-clock time, ISO 8601 with zone.
    aligned
        Sites whose montage gives axes, so that their rows are in segment axes but for
        how exactly the sensor was put on.
    person, mounting
        Pseudonymous code; how the sensors are fixed.

    Raises
    ------
    CalibrationError
        Every sensor that cannot be used, with its cause and what to repeat.
    """
    problems: list[str] = []
    sites: list[SiteCalibration] = []
    for site, rows in stands.items():
        if rows.gyro is not None:
            own = _site(site, rows, movements.get(site), site in aligned, problems)
            sites += [own] if own else []
    if not stands:
        problems.append("No stand was recorded: stand still for 10 s.")
    if problems:
        raise _error(problems)
    no_gyro = tuple(site for site, rows in stands.items() if rows.gyro is None)
    return SegmentCalibration(made_at, person, mounting, tuple(sites), no_gyro)


def with_pelvic_range(
    calibration: SegmentCalibration, anterior: ImuRows, posterior: ImuRows
) -> SegmentCalibration:
    """Return the calibration with the pelvic range the person showed standing.

    Parameters
    ----------
    calibration
        Must know the pelvis.
    anterior, posterior
        Rows of the pelvis while it was held tilted furthest forward and back.

    Raises
    ------
    CalibrationError
        The pelvis is not calibrated, or hardly tilted.
    """
    own = calibration.of("pelvis")
    if own is None or not own.has_angles:
        raise _error(["The pelvis sensor is not calibrated: bow first."])
    ahead_deg, back_deg = (_held_deg(own, rows) for rows in (anterior, posterior))
    if not ahead_deg - back_deg >= MIN_PELVIC_RANGE_DEG:
        raise _error(
            [
                f"Pelvic tilt: {ahead_deg:.1f} deg forward and {back_deg:.1f} deg back "
                f"of standing, {MIN_PELVIC_RANGE_DEG:g} deg apart at least. Arch the "
                "low back and hold, then flatten it and hold."
            ]
        )
    return msgspec.structs.replace(
        calibration, pelvic_range=PelvicRange(ahead_deg, back_deg)
    )


class StandingCheck(msgspec.Struct, frozen=True):
    """How one sensor stands at the end compared with its calibration, in degrees."""

    site: str
    lean_deg: float
    obliquity_deg: float

    @property
    def slipped(self) -> bool:
        """Whether it moved by more than 3 degrees."""
        return float(np.hypot(self.lean_deg, self.obliquity_deg)) > MAX_SLIP_DEG

    @property
    def note(self) -> str:
        """What to print beside the angles, empty when it did not slip."""
        if not self.slipped:
            return ""
        return (
            f"The {site_words(self.site)} sensor slipped, or the person stands "
            f"differently: {self.lean_deg:+.1f} deg forward, {self.obliquity_deg:+.1f} "
            "deg left side up since the calibration. Its angles are doubtful."
        )


def check_standing(
    calibration: SegmentCalibration, stands: Mapping[str, ImuRows]
) -> tuple[StandingCheck, ...]:
    """Compare a quiet stand at the end with the one of the calibration.

    Raises
    ------
    CalibrationError
        Somebody moved: every sensor that did, and what to repeat.
    """
    problems: list[str] = []
    found: list[StandingCheck] = []
    for own in calibration.sites:
        rows = stands.get(own.site)
        if rows is None or rows.gyro is None:
            continue
        stand = read_stand(own.site, rows, problems)
        if stand:
            found.append(StandingCheck(own.site, *_leaning_deg(own, stand.up)))
    if problems:
        raise _error(problems)
    return tuple(found)


def parse_segment_calibration(text: str) -> SegmentCalibration:
    """Read a calibration from the JSON text of a trial header.

    Raises
    ------
    RecordingError
        The text is no calibration.
    """
    try:
        return from_json(text, SegmentCalibration)
    except msgspec.DecodeError as error:
        raise RecordingError(
            f"The segment calibration in the trial header cannot be read: {error}.",
            still="The raw rows are not affected.",
            todo="Analyse the trial with a montage that gives axes and standing_s.",
        ) from error


def _site(
    site: str,
    rows: ImuRows,
    movement: ImuRows | None,
    aligned: bool,
    problems: list[str],
) -> SiteCalibration | None:
    stand = read_stand(site, rows, problems)
    if stand is None:
        return None
    mounting = mounting_problem(site, stand.up) if aligned else ""
    if mounting:
        problems.append(mounting)
        return None
    if movement is None or not has_movement(site):
        return _from_stand(site, stand, aligned)
    axis = functional_axis(site, movement, stand, problems)
    if axis is None:
        return None
    if aligned and axis.left @ _MONTAGE_LEFT < 0:
        problems.append(
            f"The {site_words(site)} sensor faces backwards by the axes of the "
            "montage, or the movement went backwards. Turn the sensor or correct axes "
            "in the montage; else repeat the movement."
        )
        return None
    matrix = axes_from(stand.up, axis.left)
    return _calibrated(site, "functional", matrix, stand, axis.variance_pct)


def _from_stand(site: str, stand: Stand, aligned: bool) -> SiteCalibration:
    if aligned:
        return _calibrated(
            site, "montage", axes_from(stand.up, _MONTAGE_LEFT), stand, None
        )
    flattest = np.eye(3)[int(np.argmin(np.abs(stand.up)))]
    return _calibrated(site, "vertical", axes_from(stand.up, flattest), stand, None)


def _calibrated(
    site: str,
    source: AxesFrom,
    matrix: Floats,
    stand: Stand,
    variance_pct: float | None,
) -> SiteCalibration:
    ahead, left, up = (_axis(row) for row in matrix)
    bias, rate_hz = _axis(stand.bias_rps), round(stand.rate_hz, 3)
    return SiteCalibration(site, source, (ahead, left, up), bias, rate_hz, variance_pct)


def _axis(vector: Floats) -> Axis:
    x, y, z = vector.tolist()
    return (x, y, z)


def _held_deg(own: SiteCalibration, rows: ImuRows) -> float:
    """Return the mean lean of a held posture; NaN when the sensor sent nothing."""
    acc = rows.acc[np.isfinite(rows.acc).all(axis=1)]
    if not len(acc):
        return float("nan")
    up = acc.mean(axis=0)
    return _leaning_deg(own, up / np.linalg.norm(up))[0]


def _leaning_deg(own: SiteCalibration, up: Floats) -> tuple[float, float]:
    """Return forward lean and obliquity from up in sensor axes (section 0.9)."""
    x, y, z = own.matrix @ up
    lean = np.degrees(np.arctan2(-x, z))
    return float(lean), float(np.degrees(np.arcsin(np.clip(y, -1.0, 1.0))))


def _listing(sites: Collection[str]) -> str:
    words = ", ".join(site_words(site) for site in sites)
    return words[:1].upper() + words[1:]


def _error(problems: list[str]) -> CalibrationError:
    return CalibrationError(
        "\n  ".join(["The calibration of the IMUs cannot be used:", *problems]) + "\n",
        still="Recording and contacts work; angles of these segments do not yet.",
        problems=tuple(problems),
    )
