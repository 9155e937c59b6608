"""Whether the clocks of two sensors stay together: the lag of one behind the other.

Metric reference, section 1.4.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from lablive.gait.findings import Finding

STEPS: Final = 20  # metric reference 1.4
_DRIFT_OVER_S: Final = 300.0
_DRIFT_MS: Final = 10.0


class SyncCheck:
    """Lag between the contacts of an insole and another sensor's answer to them.

    The lag itself is anatomy and latency; that it changes is two clocks apart.

    Parameters
    ----------
    what
        The two sensors, as the finding names them: "left insole and left shank IMU".

    Attributes
    ----------
    blocks
        Complete groups of 20 steps.
    worst_ms
        Largest :attr:`drift_ms` there was: clocks that once drifted are not trusted
        again.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._newest: list[tuple[float, float]] = []  # contact, lag in ms
        self.blocks = 0
        self.worst_ms = 0.0
        self._medians: deque[tuple[float, float]] = deque()  # last contact, median lag

    def feed(self, contact_s: float, lag_ms: float) -> None:
        """Take the next contact and how much later the other sensor answered."""
        self._newest.append((contact_s, lag_ms))
        if len(self._newest) < STEPS:
            return
        self._medians.append((contact_s, median(lag for _, lag in self._newest)))
        self._newest = []
        self.blocks += 1
        oldest_s = contact_s - _DRIFT_OVER_S
        while len(self._medians) > 1 and self._medians[1][0] <= oldest_s:
            self._medians.popleft()
        self.worst_ms = max(self.worst_ms, self.drift_ms, key=abs)

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
        if not abs(self.worst_ms) > _DRIFT_MS:
            return ()
        text = (
            f"The clocks of {self._what} drift: the lag between them moved by "
            f"{self.worst_ms:+.0f} ms within 5 minutes. Compare nothing between the "
            "two to the millisecond; stomp three times at the start and at the end."
        )
        return (Finding("clocks drift", text),)
