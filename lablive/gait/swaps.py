"""Left and right taken for each other: sensors swapped on the body or in the montage.

Metric reference, sections 1.4 and 6: left events that agree with the right insole, and
thighs that are flexed most while their own foot stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.strides import Stride
    from lablive.messages import Floats

_VOTES: Final = 20
_AGREEMENT: Final = 0.9  # [design]
_LEFT_FOR_RIGHT: Final = "The pelvis IMU tells left for right"
_SAME_S: Final = 0.15  # [design] two sensors see one contact within this


def on_other_foot(
    contacts_s: Sequence[float], own_s: Sequence[float], other_s: Sequence[float]
) -> float:
    """Return the share of a sensor's contacts that fall on the other foot's insole.

    Parameters
    ----------
    contacts_s
        Initial contacts a sensor saw.
    own_s, other_s
        Initial contacts of the insole on its side, and on the other.

    Returns
    -------
    share : of the last 20 contacts that fall on exactly one insole; NaN for fewer
    """
    votes = [
        near_other
        for t_s in contacts_s
        if (near_other := _near(other_s, t_s)) != _near(own_s, t_s)
    ]
    return sum(votes[-_VOTES:]) / _VOTES if len(votes) >= _VOTES else float("nan")


def swapped(what: str, share: float) -> tuple[Finding, ...]:
    """Return the finding for a share of events on the wrong side, if it is one."""
    if not share >= _AGREEMENT:
        return ()
    text = (
        f"Left and right {what} are swapped, or the insoles are: {100 * share:.0f} % "
        "of what they see belongs to the other foot. Nothing is taken from them. "
        "Exchange the sensors, or their roles in the montage."
    )
    return (Finding("swapped", text),)


def says_swapped(finding: Finding) -> bool:
    """Tell whether a finding is of :func:`swapped` or :func:`back_to_front`."""
    return finding.name == "swapped" or finding.text.startswith(_LEFT_FOR_RIGHT)


def back_to_front(share: float) -> tuple[Finding, ...]:
    """Return the finding for a pelvis IMU that tells left for right, if it does."""
    if not share >= _AGREEMENT:
        return ()
    text = (
        f"{_LEFT_FOR_RIGHT} in {100 * share:.0f} % of the steps: it "
        "is worn back to front, or the insoles are swapped. It stands in for none of "
        "them. Turn the sensor, or correct its axes in the montage."
    )
    return (Finding("mounted wrong", text),)


class Votes:
    """The last strides' votes on whether sensors and insoles mean the same foot.

    Attributes
    ----------
    swapped
        Whether they did once mean the other foot; what was seen before and later
        belongs to it as well.
    """

    def __init__(self) -> None:
        self._votes: deque[bool] = deque(maxlen=_VOTES)
        self.swapped = False

    @property
    def share(self) -> float:
        """Share of the votes for swapped, NaN for too few of them."""
        enough = len(self._votes) == _VOTES
        return sum(self._votes) / _VOTES if enough else float("nan")

    @property
    def agrees(self) -> bool:
        """Whether sensors and insoles mean the same foot, by enough votes."""
        return not self.swapped and self.share <= 1.0 - _AGREEMENT

    def vote(self, other_foot: bool) -> None:
        """Take the word of one valid stride."""
        self._votes.append(other_foot)
        self.swapped = self.swapped or self.share >= _AGREEMENT


class RateSwap(Votes):
    """Watches whether a foot or shank turns more in its own stance than in swing."""

    def feed(self, stride: Stride, t_s: Floats, rate_rps: Floats) -> None:
        """Take a stride and the rates of the segment on its side.

        Parameters
        ----------
        stride
            A stride by the insoles; invalid ones teach nothing.
        t_s, rate_rps
            Times, shape (rows,), and rates, shape (rows, 3), over the stride.
        """
        ends_s = stride.to_s, stride.opposite_ic_s, stride.opposite_to_s
        to_s, other_ic_s, other_to_s = ends_s
        if not stride.valid or to_s is None or other_ic_s is None or other_to_s is None:
            return
        if other_to_s < other_ic_s:  # the other foot still stands at the end
            other_to_s += stride.stride_s
        own = _turning(t_s, rate_rps, stride.ic_s, to_s)
        other = _turning(t_s, rate_rps, other_ic_s, other_to_s)
        if np.isfinite(own) and np.isfinite(other) and own != other:
            self.vote(bool(own > other))


class ThighSwap(Votes):
    """Watches whether thighs are flexed most while the other foot stands."""

    def feed(self, stride: Stride, t_s: Floats, flexion_deg: Floats) -> None:
        """Take a stride and the flexion of the thigh on its side.

        Parameters
        ----------
        stride
            A stride by the insoles; invalid ones teach nothing.
        t_s, flexion_deg
            Times and thigh angle (forward +), shapes (rows,), over the stride.
        """
        other_ic_s = stride.opposite_ic_s
        known = np.isfinite(flexion_deg) & (t_s >= stride.ic_s)
        known &= t_s < stride.next_ic_s
        if not stride.valid or other_ic_s is None or not np.count_nonzero(known):
            return
        peak_s = float(t_s[known][flexion_deg[known].argmax()])
        self.vote(peak_s < other_ic_s)

    def findings(self) -> tuple[Finding, ...]:
        """Return a finding when the thigh sensors are swapped."""
        return swapped("thigh IMUs", self.share)


def _turning(t_s: Floats, rate_rps: Floats, from_s: float, to_s: float) -> float:
    """Return the mean rate in the middle of a stance, 20 to 60 % of it; NaN: no row."""
    length_s = to_s - from_s
    middle_s = from_s + 0.2 * length_s, from_s + 0.6 * length_s
    first, end = t_s.searchsorted(middle_s).tolist()
    if first >= end:
        return np.nan
    part = rate_rps[first:end]
    size = np.sqrt(np.add.reduce(part * part, axis=1))
    return float(np.add.reduce(size)) / (end - first)


def _near(times_s: Sequence[float], t_s: float) -> bool:
    at = bisect_left(times_s, t_s)
    return any(abs(near - t_s) <= _SAME_S for near in times_s[max(0, at - 1) : at + 1])
