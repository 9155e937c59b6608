"""Whether an IMU is worn as described, and whether it stays so, from its steps alone.

A calibration tells it better (:mod:`lablive.signals.segment_calibration`), but nobody
calibrates again when a strap turns in the middle of a run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.findings import Finding
from lablive.gait.pitch_axis import PitchAxisFinder
from lablive.names import site_words
from lablive.signals.imu_quality import clipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats

_BLOCK_S: Final = 20.0  # [design] about 25 strides
_LEG_MOVES_RAD_S: Final = np.radians(100.0)  # [design] RMS of a block with steps
_PELVIS_MOVES_MS2: Final = 1.5  # [design] SD of a block with steps
_UPSIDE_DOWN: Final = -0.5  # cosine: 120 degrees, as in a calibration
_SAME_AXIS: Final = 0.5  # cosine: 60 degrees
_SLIP_DEG: Final = 15.0  # [design] more than posture, shoes or speed change
_RIGHT: Final = np.array([0.0, -1.0, 0.0])


class MountingWatch:
    """Watches one IMU, the same for any cut of its rows.

    Parameters
    ----------
    site
        One of :data:`lablive.names.IMU_SITES`.
    rate_hz
        Rows per second.
    to_segment
        Rows forward, left, up in sensor axes, shape (3, 3); None when nobody said.

    Attributes
    ----------
    wrong
        How the sensor contradicts ``to_segment``, empty while it does not.
    turned_deg
        How far the sensor has turned on the body since its first steps.
    """

    def __init__(self, site: str, rate_hz: float, to_segment: Floats | None) -> None:
        self._who = f"{site_words(site)} IMU"
        self._pelvis = site == "pelvis"
        self._to_segment = to_segment
        self._rows = int(_BLOCK_S * rate_hz)
        self._block: list[tuple[Floats, Floats]] = []  # acc and gyro
        self._filled = 0
        self._first: Floats | None = None  # what the first block with steps showed
        described = to_segment is not None and site.startswith("foot")
        self._finder = PitchAxisFinder(rate_hz) if described else None
        self._clipped = False
        self.wrong = ""
        self.turned_deg = 0.0

    def feed(self, t_s: Floats, acc: Floats, gyro: Floats) -> int | None:
        """Take rows; return how many until ``wrong`` became known, else None.

        Parameters
        ----------
        t_s, acc, gyro
            Times, shape (rows,), specific force in m/s^2 and rates in rad/s, sensor
            axes, shape (rows, 3); NaN = not measured.
        """
        told = self._first_steps(t_s, gyro)
        first = 0
        while first < len(t_s):
            end = min(len(t_s), first + self._rows - self._filled)
            self._block.append((acc[first:end], gyro[first:end]))
            self._filled += end - first
            first = end
            if self._filled == self._rows:
                before = self.wrong
                self._look(*(_known(parts) for parts in zip(*self._block, strict=True)))
                self._block, self._filled = [], 0
                if self.wrong and not before:
                    told = end if told is None else told
        return told

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        found: list[Finding] = []
        if self.wrong:
            kept = "sides" if self._pelvis else "contacts"
            text = (
                f"The {self._who} is {self.wrong}, by the axes it was given: no {kept} "
                "are taken from it. Turn the sensor, or correct its axes in the "
                "montage, and calibrate again."
            )
            found.append(Finding("mounted wrong", text))
        if self.turned_deg > _SLIP_DEG:
            text = (
                f"The {self._who} has turned on the body by {self.turned_deg:.0f} deg "
                "since the first steps: its angles are wrong. Fasten it and calibrate "
                "again."
            )
            found.append(Finding("slipped", text))
        if self._clipped:
            what = "accelerometer" if self._pelvis else "gyroscope"
            text = (
                f"The {what} of the {self._who} was at the end of its range: "
                "its contacts may be off. Choose a larger range."
            )
            found.append(Finding("clipped", text))
        return tuple(found)

    def _first_steps(self, t_s: Floats, gyro: Floats) -> int | None:
        """Compare the pitch axis of the first steps with the one described."""
        if self._finder is None or self._to_segment is None:
            return None
        known = np.flatnonzero(np.isfinite(gyro).all(axis=1))
        axis = self._finder.feed(t_s[known], gyro[known])
        if axis is None:
            self._finder = None if self._finder.failed else self._finder
            return None
        rows, self._finder = int(known[self._finder.taken - 1]) + 1, None
        toe_up = float(axis @ self._to_segment.T @ _RIGHT)
        if toe_up >= _SAME_AXIS:
            return None
        opposite = toe_up <= -_SAME_AXIS
        self._tell("upside down or back to front" if opposite else "on its side")
        return rows

    def _tell(self, wrong: str) -> None:
        self.wrong = self.wrong or wrong

    def _look(self, acc: Floats, gyro: Floats) -> None:
        """Judge a block of rows, if the person stepped."""
        if len(acc if self._pelvis else gyro) < self._rows // 2:
            return
        up = acc.sum(axis=0)
        if self._pelvis and not up.any():
            return  # no accelerometer reads zero
        if self._pelvis:
            moves = np.linalg.norm(acc, axis=1).std() > _PELVIS_MOVES_MS2
            now = up / np.linalg.norm(up)
            clips = clipped(acc, "acc")
        else:
            power, axes = np.linalg.eigh(gyro.T @ gyro / len(gyro))
            moves = power.sum() > _LEG_MOVES_RAD_S**2
            now = axes[:, -1]
            clips = clipped(gyro, "gyro")
        self._clipped = self._clipped or bool(clips.any())
        if not moves:
            return
        if self._to_segment is not None:
            z = float(self._to_segment[2] @ up)
            if z < _UPSIDE_DOWN * np.linalg.norm(up):
                self._tell("upside down")
        if self._first is None:
            self._first = now
        # a rotation axis has no direction
        turned = float(now @ self._first)
        turned = turned if self._pelvis else abs(turned)
        self.turned_deg = float(np.degrees(np.arccos(min(turned, 1.0))))


def _known(parts: Sequence[Floats]) -> Floats:
    """Return rows as one, without those of which a value is missing."""
    rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if math.isfinite(np.add.reduce(rows, axis=None)):  # as nearly always
        return rows
    return rows[np.isfinite(rows).all(axis=1)]
