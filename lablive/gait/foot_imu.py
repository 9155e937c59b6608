"""Contacts from the pitch rate of a foot IMU (or shank IMU), walking and running.

Metric reference, section 1.2: between two mid-swing peaks of the toe-up rate the
initial contact is the minimum of the first half, toe-off that of the second half.
An event is certain only when the next mid-swing is, about a stride after it happened;
its time needs no correction, the filters have no delay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.contacts import Contact, ContactSide, ContactSource, Kind
from lablive.gait.findings import Finding, slow
from lablive.gait.imu_detector import ImuDetector
from lablive.gait.pitch_axis import PitchAxisFinder
from lablive.gait.zero_phase import ZeroPhase
from lablive.names import site_words
from lablive.signals.imu_quality import clipped

if TYPE_CHECKING:
    from lablive.messages import Floats

_TIMING_HZ: Final = 30.0  # metric reference 1.2
_SWING_HZ: Final = 5.0  # [design] where swings are told apart: no blow of a contact
_RECOVERY_RAD_S: Final = np.radians(50.0)  # [design] a foot at rest follows a contact
_SITES: Final = {"foot_imu": "foot", "shank_imu": "shank"}


class FootImuSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a foot detector needs to know (metric reference 1.2).

    Attributes
    ----------
    rate_hz
        Nominal rate of the stream, 31 to 1000 Hz.
    toe_up
        Unit vector of toe-up rotation in sensor axes, by montage or calibration:
        right, when y points left. None: it is found from the first steps.
    holds
        Whether the steps that tell the axis are held back for it; else time goes on,
        and contacts begin behind them.
    range_rad_s
        Largest rate the gyroscope can tell, None when nobody said.
    swing_rad_s, apart_s
        Least mid-swing peak, and least time between two of one foot.
    longest_s
        No cycle lasts longer.
    """

    rate_hz: float
    toe_up: tuple[float, float, float] | None = (0.0, -1.0, 0.0)
    holds: bool = True
    range_rad_s: float | None = None
    swing_rad_s: float = float(np.radians(150.0))
    apart_s: float = 0.45
    longest_s: float = 3.0


class FootImuDetector(ImuDetector):
    """Contacts of one foot from its gyroscope, the same for any cut of the rows.

    Parameters
    ----------
    settings
        Rate, mounting, thresholds.
    side
        Whose foot it is.
    source
        ``shank_imu``: the same features on a shank (Salarian 2004).

    Attributes
    ----------
    clipped_strides
        Cycles in which the gyroscope was at the end of its range.
    axis
        Unit vector of toe-up rotation in sensor axes, None until it is known.
    """

    def __init__(
        self,
        settings: FootImuSettings,
        side: ContactSide,
        source: ContactSource = "foot_imu",
    ) -> None:
        self._set = settings
        self.clipped_strides = 0
        self.axis = None if settings.toe_up is None else np.array(settings.toe_up)
        # a shank's swing does not tell its direction
        find = self.axis is None and source == "foot_imu"
        self._finder = PitchAxisFinder(settings.rate_hz) if find else None
        super().__init__(settings.rate_hz, side, source)

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        finder = self._finder if self._set.holds else None
        if finder is not None and len(finder.t_s):
            return float(finder.t_s[0])
        if self._lost or not len(self._t):
            return self._last_s
        done_s = float(self._t[max(0, self._known() - 1)])
        if self._swing_s is not None and done_s - self._swing_s <= self._set.longest_s:
            return self._swing_s
        return max(float(self._t[0]), done_s - self._set.apart_s)

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        site = f"{_SITES[self._source]}_{self._side}"
        who = f"{site_words(site)} IMU"
        found = list(slow(site, self._set.rate_hz))
        if self.clipped_strides:
            text = (
                f"The gyroscope of the {who} was at the end of its range in "
                f"{self.clipped_strides} strides: their contacts may be off. Choose a "
                "larger range."
            )
            found.append(Finding("clipped", text))
        if self._set.toe_up is not None:
            return tuple(found)
        if self.axis is not None:
            text = (
                f"The pitch axis of the {who} was found from its first steps: contacts "
                "yes, angles no."
            )
            found.append(Finding("mounting found", text))
        elif self._finder is None or self._finder.tried:
            text = (
                f"How the {who} is mounted is not known: no contacts are taken from "
                "it. Give its axes in the montage, or calibrate it."
            )
            found.append(Finding("mounting unknown", text))
        return tuple(found)

    def feed(self, t_s: Floats, gyro: Floats) -> list[Contact]:
        """Take the next rows and return the events that became certain.

        Parameters
        ----------
        t_s
            Time, shape (rows,), not decreasing.
        gyro
            Angular rate, rad/s, shape (rows, 3); NaN = not measured.
        """
        return self._feed(t_s, gyro)

    # ------------------------------------------------------------ rows in, rows kept
    def _begin(self) -> None:
        """Begin a segment."""
        self._t, self._gyro = np.empty(0), np.empty((0, 3))
        self._timing = np.empty(0)  # toe-up rate as events are timed
        self._swing = np.empty(0)  # toe-up rate as swings are told apart
        self._to_timing = ZeroPhase(_TIMING_HZ, self._set.rate_hz)
        self._to_swing = ZeroPhase(_SWING_HZ, self._set.rate_hz)
        self._at = 1  # next row to look at
        self._swing_s: float | None = None  # the last mid-swing
        if self._finder is not None:
            self._finder.forget()

    def _flush(self) -> None:
        self._timing = np.concatenate((self._timing, self._to_timing.finish()))
        self._swing = np.concatenate((self._swing, self._to_swing.finish()))
        self._look()

    def _rows(self, t: Floats, x: Floats) -> None:
        gyro = x
        if self._finder is not None and not self._finder.failed:
            self.axis = self._finder.feed(t, gyro)
            if self.axis is not None:
                found, self._finder = self._finder, None
                if self._set.holds:
                    t, gyro = found.t_s, found.gyro
                else:  # time has gone on without the rows it was found in
                    t, gyro = t[found.taken :], gyro[found.taken :]
        if self.axis is None or not len(t):
            return
        a, b, c = self.axis
        rate = a * gyro[:, 0] + b * gyro[:, 1] + c * gyro[:, 2]
        self._t = np.concatenate((self._t, t))
        self._gyro = np.concatenate((self._gyro, gyro))
        self._timing = np.concatenate((self._timing, self._to_timing.feed(rate)))
        self._swing = np.concatenate((self._swing, self._to_swing.feed(rate)))
        self._look()

    # ------------------------------------------------------------------- the cycles
    def _known(self) -> int:
        return min(len(self._timing), len(self._swing))

    def _look(self) -> None:
        """Find mid-swings that are certain, and the events between them."""
        t, s, apart_s = self._t, self._swing, self._set.apart_s
        end = self._known()
        stop = int(t.searchsorted(t[end - 1] - apart_s)) if end else 0
        if stop <= self._at:
            return
        peaks = _peaks(s, self._at, stop, self._set.swing_rad_s)
        for i in peaks:
            first = int(t.searchsorted(t[i] - apart_s))
            last = int(t.searchsorted(t[i] + apart_s, side="right"))
            highest = first + int(s[first:last].argmax())
            if first > 0 and highest == i:
                self._mid_swing(i)
        self._at = stop
        self._trim()

    def _trim(self) -> None:
        """Give up rows that no later event can need."""
        keep_s = float(self._t[self._at]) - 2 * self._set.apart_s
        if self._swing_s is not None:
            oldest_s = float(self._t[self._at]) - self._set.longest_s
            keep_s = min(keep_s, max(self._swing_s, oldest_s))
        # a row more than needed: the first row of all is no peak
        keep = min(int(self._t.searchsorted(keep_s)), self._at) - 2
        if keep > 0:
            self._t, self._gyro = self._t[keep:], self._gyro[keep:]
            self._at -= keep
            self._timing, self._swing = self._timing[keep:], self._swing[keep:]

    def _mid_swing(self, i: int) -> None:
        now_s, before_s = float(self._t[i]), self._swing_s
        self._swing_s = now_s
        if before_s is None or now_s - before_s > self._set.longest_s:
            return
        first = int(self._t.searchsorted(before_s))
        half = int(self._t.searchsorted(0.5 * (before_s + now_s)))
        cycle = self._gyro[first : i + 1]
        if clipped(cycle, "gyro", self._set.range_rad_s).any():
            self.clipped_strides += 1
        z = self._timing
        dips = [k for k in _dips(z, first, half) if _recovers(z, k, half)]
        self._event("ic", dips)
        self._event("to", _dips(z, half, i))

    def _event(self, kind: Kind, dips: list[int]) -> None:
        """Emit the lowest dip."""
        if dips:
            lowest = min(dips, key=lambda k: self._timing[k])
            t_s = vertex_s(self._t, self._timing, lowest)
            self._out.append(Contact(t_s, self._side, kind, self._source))


def _peaks(x: Floats, start: int, stop: int, least: float) -> list[int]:
    """Return rows in [start, stop) that are local maxima above ``least``."""
    here = x[start:stop]
    top = (here > x[start - 1 : stop - 1]) & (here >= x[start + 1 : stop + 1])
    return (np.flatnonzero(top & (here > least)) + start).tolist()


def _dips(x: Floats, start: int, stop: int) -> list[int]:
    """Return rows in [start, stop) that are local minima below zero."""
    return _peaks(-x, max(start, 1), stop, 0.0)


def _recovers(x: Floats, i: int, stop: int) -> bool:
    """Tell a contact, which a foot at rest follows, from a push-off that goes on."""
    return bool(x[i : stop + 1].max() - x[i] >= _RECOVERY_RAD_S)


def vertex_s(t_s: Floats, x: Floats, i: int) -> float:
    """Return when an extremum at row ``i`` lies between the rows (parabola)."""
    if i == 0 or i + 1 >= len(x):
        return float(t_s[i])
    bend = float(x[i - 1] - 2 * x[i] + x[i + 1])
    share = 0.5 * float(x[i - 1] - x[i + 1]) / bend if bend else 0.0
    return float(t_s[i] + share * 0.5 * (t_s[i + 1] - t_s[i - 1]))
