"""The shock of a contact at the shin: its time, and whether two clocks agree.

Metric reference, sections 3.5 and 1.4.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.gait.findings import Finding
from lablive.signals.filters import MAX_BRIDGE_S, butterworth

if TYPE_CHECKING:
    from lablive.messages import Floats

AFTER_CONTACT_S: Final = 0.075  # where the shock of an insole's contact is
BEFORE_MID_STANCE_S: Final = 0.100  # where it is when no insole tells the contact
_LOWPASS_HZ: Final = 60.0
_HIGHEST: Final = 0.4  # of the rate: a cut-off is never nearer to half the rate
_PAD_S: Final = 0.1  # rows around the window, for the filter
_STEPS: Final = 20  # metric reference 1.4
_DRIFT_OVER_S: Final = 300.0
_DRIFT_MS: Final = 10.0


class Shock(NamedTuple):
    """Peak of the acceleration along the shin: when, and m/s^2."""

    t_s: float
    peak_ms2: float


def find_shock(
    t_s: Floats, axial_ms2: Floats, rate_hz: float, window_s: tuple[float, float]
) -> Shock | None:
    """Return the highest peak inside a window; None when there is none.

    Parameters
    ----------
    t_s, axial_ms2
        Times and acceleration along the shank (proximal +) less its standing value,
        shapes (rows,), from 0.1 s before the window to 0.1 s behind it; other rows
        change nothing. NaN = not measured.
    rate_hz
        Rows per second.
    window_s
        From a contact to 75 ms later; without an insole the 100 ms before
        mid-stance (metric reference 3.5).

    Returns
    -------
    shock : None also when more than 20 ms are missing around the window
    """
    around = (t_s >= window_s[0] - _PAD_S) & (t_s <= window_s[1] + _PAD_S)
    t, x = t_s[around], axial_ms2[around]
    known = t[np.isfinite(x)]
    hole_s = max(MAX_BRIDGE_S, 1.0 / rate_hz) + 0.5 / rate_hz
    edges = np.array([window_s[0], window_s[1]])
    if not len(known) or np.diff(np.sort(np.append(known, edges))).max() > hole_s:
        return None
    cutoff_hz = min(_LOWPASS_HZ, _HIGHEST * rate_hz)
    y = butterworth("lowpass", cutoff_hz, rate_hz).zero_phase(t, x)
    inside = np.flatnonzero((t >= window_s[0]) & (t <= window_s[1]) & np.isfinite(y))
    if len(inside) < 3:
        return None
    i = int(inside[y[inside].argmax()])
    if i in (inside[0], inside[-1]):  # still rising or falling: no peak
        return None
    return Shock(float(t[i]), float(y[i]))


class SyncCheck:
    """Lag between the contacts of an insole and another sensor's answer to them.

    The lag itself is anatomy and latency; that it changes is two clocks apart.

    Parameters
    ----------
    what
        The two sensors, as the finding names them: "left insole and left shank IMU".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._newest: list[tuple[float, float]] = []  # contact, lag in ms
        self._medians: deque[tuple[float, float]] = deque()  # last contact, median lag

    def feed(self, contact_s: float, answer_s: float) -> None:
        """Take the next contact and when the other sensor saw it."""
        self._newest.append((contact_s, 1000.0 * (answer_s - contact_s)))
        if len(self._newest) < _STEPS:
            return
        self._medians.append((contact_s, median(lag for _, lag in self._newest)))
        self._newest = []
        oldest_s = contact_s - _DRIFT_OVER_S
        while len(self._medians) > 1 and self._medians[1][0] <= oldest_s:
            self._medians.popleft()

    @property
    def lag_ms(self) -> float:
        """Median lag of the newest 20 steps that are complete; NaN before."""
        return self._medians[-1][1] if self._medians else float("nan")

    @property
    def drift_ms(self) -> float:
        """How far the lag has moved in the last 5 minutes (or since the start)."""
        return self.lag_ms - self._medians[0][1] if self._medians else float("nan")

    def findings(self) -> tuple[Finding, ...]:
        """Return a finding when the clocks drift apart."""
        if not abs(self.drift_ms) > _DRIFT_MS:
            return ()
        text = (
            f"The clocks of {self._what} drift: the lag between them moved by "
            f"{self.drift_ms:+.0f} ms within 5 minutes. Compare nothing between the "
            "two to the millisecond; stomp three times at the start and at the end."
        )
        return (Finding("clocks drift", text),)
