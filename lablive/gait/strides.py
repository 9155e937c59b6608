"""Strides from contacts: initial contact to the next one of the same foot.

Metric reference, section 1.4. A stride that cannot be trusted is kept, marked invalid
and says why; it is counted, never averaged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import msgspec

from lablive.gait.contacts import ContactSide, ContactSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.gait.contacts import Contact

Gait = Literal["run", "walk", "stand", "unknown"]
Reason = Literal[
    "gap",  # the interval holds more than one stride
    "double",  # two contacts within one stride
    "irregular",  # outside 0.75 to 1.25 of the usual stride time
    "no toe-off",
    "no opposite contact",
    "standing",
    "stuck",  # the zero of the sensor had jumped
    "sensor loss",
    "missing data",  # a hole of more than 20 ms in the rows
    "excluded",  # left out by a person, who said why
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_KNOWN_STRIDES: Final = 8
_FEWEST_KNOWN: Final = 3
_REGULAR: Final = (0.75, 1.25)  # of the usual stride time
_GAP: Final = 1.6
_DOUBLE: Final = 0.6
_STANDING_S: Final = 2.0  # [design] longer on one foot is no step
_LONGEST_S: Final = 3.0  # [design] no stride lasts longer
_GAIT_STRIDES: Final = 3


class Stride(msgspec.Struct, frozen=True):
    """One stride of one foot.

    Attributes
    ----------
    side
        ``unknown`` when a force plate under both feet saw it.
    ic_s, to_s, next_ic_s
        Initial contact, toe-off (None: not seen) and the next initial contact.
    opposite_ic_s, opposite_to_s
        Initial contact and toe-off of the other foot inside this stride.
    valid, reasons
        Whether the stride counts, and every reason why not.
    source
        Sensor its contacts come from.
    gait
        Walking or running; a change needs three strides in a row.
    expected
        How many strides this interval should have held.
    """

    side: ContactSide
    ic_s: float
    to_s: float | None
    next_ic_s: float
    opposite_ic_s: float | None
    opposite_to_s: float | None
    valid: bool
    reasons: tuple[Reason, ...]
    source: ContactSource
    gait: Gait
    expected: int

    @property
    def stride_s(self) -> float:
        """Stride time."""
        return self.next_ic_s - self.ic_s

    @property
    def middle_s(self) -> float:
        """When belt speed and slope are looked up."""
        return 0.5 * (self.ic_s + self.next_ic_s)


class Stance(NamedTuple):
    """A stance that has just ended.

    Attributes
    ----------
    stride
        What is known of its stride: ``next_ic_s`` is the toe-off, the contact that will
        end it is still to come.
    swing_s
        The swing before it (under both feet: the flight); None: not seen.
    """

    stride: Stride
    swing_s: tuple[float, float] | None


@dataclass
class _Foot:
    """What happened since a foot's last initial contact."""

    ic: Contact | None = None
    to_s: float | None = None
    before_s: float | None = None  # toe-off before that contact
    opposite_ic_s: float | None = None
    opposite_to_s: float | None = None
    reasons: set[Reason] = field(default_factory=set[Reason])

    def begin(self, contact: Contact, before_s: float | None) -> None:
        """Start the next stride."""
        self.ic, self.to_s, self.before_s = contact, None, before_s
        self.opposite_ic_s = self.opposite_to_s = None
        self.reasons = set()


class StrideBuilder:
    """Strides of both feet from contacts in time order.

    Parameters
    ----------
    both_feet
        False when only one foot is measured: then the other foot's contact cannot
        be asked for.
    """

    def __init__(self, *, both_feet: bool) -> None:
        self._both_feet = both_feet
        self._feet = {key: _Foot() for key in ("left", "right", "one", "other")}
        self._plate_foot = "other"  # of the force plate's last contact
        self._known_s: deque[float] = deque(maxlen=_KNOWN_STRIDES)
        self._gait: Gait = "unknown"
        self._other_gait = 0

    @property
    def usual_s(self) -> float | None:
        """Median of the last 8 stride times, None until three are known."""
        enough = len(self._known_s) >= _FEWEST_KNOWN
        return median(self._known_s) if enough else None

    def feed(self, contact: Contact) -> Stride | None:
        """Take the next contact; return the stride it ends, if it ends one."""
        foot, opposite = self._pair(contact)
        if contact.kind == "lost":
            foot.reasons.add("sensor loss")
            opposite.reasons.add("sensor loss")
        elif contact.kind == "stuck":
            foot.reasons.add("stuck")
            if contact.side == "unknown":
                opposite.reasons.add("stuck")
        elif contact.kind == "to":
            if foot.to_s is None:
                foot.to_s = contact.t_s
            if opposite.opposite_to_s is None:
                opposite.opposite_to_s = contact.t_s
        else:
            alone = contact.side != "unknown"
            stride = self._step(foot, contact, foot.to_s if alone else opposite.to_s)
            if opposite.opposite_ic_s is None:
                opposite.opposite_ic_s = contact.t_s
            return stride
        return None

    def stance(self, contact: Contact) -> Stance | None:
        """Return the stance that a toe-off, fed before, has ended; None: it ended none.

        It is judged by what is known so far: the stride may still turn out irregular.
        """
        if contact.kind != "to":
            return None
        foot, _ = self._pair(contact)
        if foot.ic is None or foot.to_s != contact.t_s:
            return None
        found, ic_s, usual_s = set(foot.reasons), foot.ic.t_s, self.usual_s
        lasted_s = contact.t_s - ic_s
        if lasted_s > _STANDING_S:
            found.add("standing")
        elif usual_s is not None and lasted_s > usual_s:
            found.add("irregular")
        stride = Stride(
            side=contact.side,
            ic_s=ic_s,
            to_s=contact.t_s,
            next_ic_s=contact.t_s,
            opposite_ic_s=foot.opposite_ic_s,
            opposite_to_s=foot.opposite_to_s,
            valid=not found,
            reasons=tuple(r for r in REASONS if r in found),
            source=contact.source,
            gait="stand" if "standing" in found else self._gait,
            expected=1,
        )
        swing_s = (foot.before_s, ic_s) if foot.before_s is not None else None
        return Stance(stride, swing_s)

    def _pair(self, contact: Contact) -> tuple[_Foot, _Foot]:
        """Return the foot of a contact and the other one.

        The contacts of a force plate under both feet alternate.
        """
        key = contact.side
        if key == "unknown":
            if contact.kind == "ic":
                self._plate_foot = _OTHER[self._plate_foot]
            key = self._plate_foot
        return self._feet[key], self._feet[_OTHER[key]]

    def _step(
        self, foot: _Foot, contact: Contact, lifted_s: float | None
    ) -> Stride | None:
        before = foot.ic
        if before is None:
            foot.begin(contact, lifted_s)
            return None
        usual_s = self.usual_s
        length_s = contact.t_s - before.t_s
        double = usual_s is not None and length_s < _DOUBLE * usual_s
        if double and contact.rise_n <= before.rise_n:
            foot.reasons.add("double")  # the stronger contact was the first
            return None
        found: set[Reason] = {*foot.reasons, *self._reasons(foot, contact.t_s)}
        reasons: tuple[Reason, ...] = tuple(r for r in REASONS if r in found)
        standing = "standing" in found
        stride = Stride(
            side=contact.side,
            ic_s=before.t_s,
            to_s=foot.to_s,
            next_ic_s=contact.t_s,
            opposite_ic_s=foot.opposite_ic_s,
            opposite_to_s=foot.opposite_to_s,
            valid=not reasons,
            reasons=reasons,
            source=contact.source,
            gait="stand" if standing else self._follow_gait(foot, contact.t_s),
            expected=_expected(found, length_s, usual_s),
        )
        if not found & {"standing", "stuck", "sensor loss", "no toe-off"}:
            self._known_s.append(length_s)
        foot.begin(contact, lifted_s)
        return stride

    def _reasons(self, foot: _Foot, end_s: float) -> Iterator[Reason]:
        assert foot.ic is not None
        length_s, usual_s = end_s - foot.ic.t_s, self.usual_s
        stance_s = (foot.to_s or end_s) - foot.ic.t_s
        seen = not foot.reasons & {"sensor loss", "stuck"}
        if seen and stance_s > _STANDING_S:
            yield "standing"
        elif length_s > _LONGEST_S:
            yield "gap"
        elif usual_s is not None:
            share = length_s / usual_s
            if share > _GAP:
                yield "gap"
            elif share < _DOUBLE:
                yield "double"
            elif not _REGULAR[0] <= share <= _REGULAR[1]:
                yield "irregular"
        if foot.to_s is None:
            yield "no toe-off"
        if self._both_feet and foot.opposite_ic_s is None:
            yield "no opposite contact"

    def _follow_gait(self, foot: _Foot, end_s: float) -> Gait:
        """Return the gait: running needs a duty factor below one half and flight."""
        if foot.ic is None or foot.to_s is None or foot.reasons:
            return self._gait
        ic_s, to_s = foot.ic.t_s, foot.to_s
        runs = (to_s - ic_s) / (end_s - ic_s) < 0.5
        if foot.opposite_ic_s is not None and foot.opposite_to_s is not None:
            flight = to_s < foot.opposite_ic_s < foot.opposite_to_s
            runs = runs and flight
        gait: Gait = "run" if runs else "walk"
        self._other_gait = self._other_gait + 1 if gait != self._gait else 0
        if self._gait == "unknown" or self._other_gait >= _GAIT_STRIDES:
            self._gait, self._other_gait = gait, 0
        return self._gait


def _expected(reasons: set[Reason], length_s: float, usual_s: float | None) -> int:
    """Return how many strides an interval should have held."""
    if reasons & {"standing", "double"}:
        return 0
    if usual_s is None or not reasons & {"gap", "sensor loss", "stuck"}:
        return 1
    return max(1, round(length_s / usual_s))


_OTHER: Final = {"left": "right", "right": "left", "one": "other", "other": "one"}
