"""Strides of one side that are measured together, and what their sensors sent.

Strides are alike when the same can be said of all their sensors: then one refusal
holds for all of them. What only some of them lack is found by looking at each alone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive.metrics.curve import Curve
from lablive.metrics.lone_axis import LoneAxis
from lablive.metrics.metric import Metric, first_line
from lablive.metrics.moments import TOE_OFF, Times
from lablive.metrics.shared import ApartError, NotMeasuredError
from lablive.metrics.stack_axis import StackAxis, StackRows
from lablive.names import site_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lablive.gait.contacts import ContactSide
    from lablive.messages import Floats
    from lablive.metrics.curve import Axis, PerStride
    from lablive.metrics.metric import SegmentRows, StrideData, StridePressure

_FEWEST_ROWS: Final = 2  # to read anything between them


class _once:  # noqa: N801 used as a decorator
    """A property that is worked out once; functools' own takes a lock for it."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    def __get__(self, owner: Any, _: type | None = None) -> Any:
        value = owner.__dict__[self._name] = self._function(owner)
        return value


class SegmentBlock:
    """The rows of one segment in all strides of a stack, each row once.

    Attributes
    ----------
    axis
        Times of the rows, shape (rows,), and whose they are.
    about
        One stride's own rows: what it says of the sensor holds for all.
    """

    def __init__(self, parts: Sequence[SegmentRows], times: Times) -> None:
        self.about = parts[0]
        self._parts = parts
        self._new, self.axis = _joined([it.t_s for it in parts], times)
        self.memo: dict[Any, Any] = {}

    @_once
    def rotation(self) -> Floats:
        """Segment to world, shape (rows, 3, 3)."""
        whole = self._whole([it.rotation.transpose(1, 2, 0) for it in self._parts])
        return whole.transpose(2, 0, 1)

    @_once
    def rate_rps(self) -> Floats:
        """Rates less the gyroscope's bias, segment axes, shape (rows, 3)."""
        return self._whole([it.rate_rps.T for it in self._parts]).T

    @_once
    def acc_mps2(self) -> Floats:
        """Specific force, segment axes, shape (rows, 3)."""
        return self._whole([it.acc_mps2.T for it in self._parts]).T

    def _whole(self, parts: Sequence[Floats]) -> Floats:
        """Return the parts, rows last, as one: the rows of a channel side by side."""
        if len(parts) > 1:
            pairs = zip(parts, self._new, strict=True)
            return np.concatenate([part[..., new:] for part, new in pairs], axis=-1)
        (whole,) = parts
        side_by_side = whole.strides[-1] == whole.itemsize
        return whole if side_by_side else np.ascontiguousarray(whole)


class PressureBlock:
    """Centre of pressure and load under the foot in all stances of a stack.

    Attributes
    ----------
    axis
        Times of the rows, shape (rows,), and whose they are.
    parts
        Each stride's own.
    """

    def __init__(self, parts: Sequence[StridePressure], times: Times) -> None:
        self.parts = parts
        _, self.axis = _joined([it.t_s for it in parts], times, overlap=False)

    @_once
    def xy(self) -> Floats:
        """Centre of pressure, shape (2, rows): x medial +0.5, y toe 1."""
        return self._whole([it.xy for it in self.parts])

    @_once
    def regions(self) -> Floats:
        """Load on heel, midfoot, forefoot and toes, shape (4, rows).

        Raises
        ------
        NotMeasuredError
            The sole does not tell.
        """
        known = [it.regions for it in self.parts if it.regions is not None]
        if len(known) < len(self.parts):
            raise NotMeasuredError("the insole's cells do not tell heel from toes")
        return self._whole(known)

    @_once
    def halves(self) -> Floats:
        """Load on the medial and the lateral cells, shape (2, rows).

        Raises
        ------
        NotMeasuredError
            The sole does not tell.
        """
        known = [it.halves for it in self.parts if it.halves is not None]
        if len(known) < len(self.parts):
            raise NotMeasuredError("the insole has no medial and lateral cells")
        return self._whole(known)

    def _whole(self, parts: Sequence[Floats]) -> Floats:
        return np.ascontiguousarray(np.concatenate(parts).T)


class StrideStack:
    """Strides of one side, alike and in time order.

    Parameters
    ----------
    members
        The strides.

    Attributes
    ----------
    side
        Of all of them.
    ic_s, next_ic_s, stride_s
        Their ends and how long they last: numbers, or shape (strides,) of several.
    about
        The first: what it says of person and sensors holds for all.
    memo
        What several metrics share (:mod:`lablive.metrics.shared`).
    """

    def __init__(self, members: Sequence[StrideData]) -> None:
        self.members = members
        self.about = members[0]
        self.side: ContactSide = self.about.stride.side
        self.times = Times([it.stride for it in members])
        self.ic_s: PerStride = self.times.ic_s
        self.next_ic_s: PerStride = self.times.next_ic_s
        self.stride_s: PerStride = self.next_ic_s - self.ic_s
        self.memo: dict[Any, Any] = {}
        self._blocks: dict[str, SegmentBlock] = {}

    def __len__(self) -> int:
        """Return the number of strides."""
        return len(self.members)

    @classmethod
    def of_one(cls, data: StrideData) -> StrideStack:
        """Return a stride as a stack of its own, the same one every time."""
        known = data.memo.get(cls)
        if known is None:
            known = data.memo[cls] = cls((data,))
        return known

    def block(self, site: str) -> SegmentBlock:
        """Return the rows of a segment that every stride has."""
        known = self._blocks.get(site)
        if known is None:
            parts = [it.segments[site] for it in self.members]
            known = SegmentBlock(parts, self.times)
            few = known.axis.own.count < _FEWEST_ROWS
            refuse_where(few, f"no {site_words(site)} IMU rows in this stride")
            self._blocks[site] = known
        return known

    @property
    def to_s(self) -> PerStride:
        """Toe-off.

        Raises
        ------
        NotMeasuredError
            No toe-off was seen.
        """
        return self.times.of(TOE_OFF)

    @_once
    def pressure(self) -> PressureBlock:
        """Pressure under the foot.

        Raises
        ------
        NotMeasuredError
            None was measured.
        """
        known = [it.pressure for it in self.members if it.pressure is not None]
        if len(known) < len(self):
            raise NotMeasuredError("no pressure was measured in this stride")
        return PressureBlock(known, self.times)

    @_once
    def force(self) -> Curve | None:
        """Force over the zero, from the row before contact to the one after toe-off."""
        parts = [it.force for it in self.members]
        known = [it for it in parts if it is not None]
        if len(known) < len(parts):
            return None
        every = np.ravel(self.ic_s).tolist(), np.ravel(self.to_s).tolist()
        pairs = [
            (it, _around(it.t_s, ic_s, to_s))
            for it, ic_s, to_s in zip(known, *every, strict=True)
        ]
        _, axis = _joined(
            [it.t_s[rows] for it, rows in pairs], self.times, overlap=False
        )
        force = [it.force[rows] for it, rows in pairs]
        return Curve(axis, force[0] if len(force) == 1 else np.concatenate(force))

    @property
    def nothing(self) -> PerStride:
        """NaN per stride."""
        return np.full(len(self), np.nan) if len(self) > 1 else np.nan

    def beside(self, values: PerStride) -> Any:
        """Return a number per stride as what goes with a line of its points."""
        return values[:, None] if len(self) > 1 else values


def _around(t_s: Floats, begin_s: float, end_s: float) -> slice:
    """Return the rows of a time and one beyond both ends."""
    first, end = t_s.searchsorted((begin_s, end_s)).tolist()
    return slice(max(first - 1, 0), end + 1)


def refuse_where(refused: Any, why: str) -> None:
    """Raise when strides cannot give a metric; it may be some of them.

    Parameters
    ----------
    refused
        True or false per stride.
    why
        The reason.

    Raises
    ------
    NotMeasuredError
        A stride alone cannot.
    ApartError
        Some of several cannot: each is to be looked at alone.
    """
    if isinstance(refused, np.ndarray) and refused.ndim:
        if refused.any():
            raise ApartError
    elif refused:
        raise NotMeasuredError(why)


def stacked(strides: Iterable[StrideData]) -> list[tuple[list[int], StrideStack]]:
    """Return strides as stacks, with their numbers in the order they came in."""
    groups: dict[object, list[tuple[int, StrideData]]] = {}
    for number, data in enumerate(strides):
        groups.setdefault(_likeness(data), []).append((number, data))
    return [
        ([number for number, _ in group], _stack([data for _, data in group]))
        for group in groups.values()
    ]


def _stack(members: list[StrideData]) -> StrideStack:
    return StrideStack(members) if len(members) > 1 else StrideStack.of_one(*members)


def _likeness(data: StrideData) -> object:
    """Return all that strides of a stack have in common."""
    stride, sole = data.stride, data.pressure
    person = (
        data.mass_kg,
        data.height_m,
        data.leg_length_m,
        data.standing_medial_pct,
    )
    key: list[object] = [
        stride.side,
        stride.source,
        stride.to_s is None,
        data.force is None,
        data.sound is None,
        data.pelvic_neutral_deg,
        *[None if it != it else it for it in person],  # NaN is like NaN
    ]
    if sole is not None:
        key += (sole.regions is None, sole.halves is None)
    for site, it in data.segments.items():
        key += (site, it.rate_hz, it.has_angles, it.zeroed, it.settled)
    key += data.emg
    return tuple(key)


def stack_metric(
    **about: Any,
) -> Callable[[Callable[[StrideStack], PerStride]], Metric]:
    """Make a metric of a function of a stack; the function's name is its id.

    The function returns a value per stride, NaN = not measured.

    Parameters
    ----------
    **about
        Fields of :class:`lablive.metrics.metric.Metric`.
    """

    def make(function: Callable[[StrideStack], PerStride]) -> Metric:
        def of_stride(data: StrideData) -> float:
            return float(function(StrideStack.of_one(data)))

        told: dict[str, Any] = {
            "id": function.__name__,
            "formula": first_line(function),
        }
        return Metric(of_stride=of_stride, of_stack=function, **(told | about))

    return make


def _joined(
    times_s: Sequence[Floats], times: Times, *, overlap: bool = True
) -> tuple[list[int], Axis]:
    """Return the first new row of each part, and the axis of all rows.

    Rows around a stride belong to the strides beside it as well.

    Raises
    ------
    ApartError
        The parts are not of one series of rows.
    """
    if len(times_s) == 1:
        return [0], LoneAxis(times_s[0], times)
    new, first, end = [0], [0], [len(times_s[0])]
    for before, t in pairwise(times_s):
        at = int(t.searchsorted(before[-1], side="right")) if overlap else 0
        new.append(at)
        first.append(end[-1] - at)
        end.append(first[-1] + len(t))
    pairs = zip(times_s, new, strict=True)
    whole = np.concatenate([t[at:] for t, at in pairs])
    begins = np.array([t[0] for t in times_s])
    own = StackRows(np.array(first), np.array(end))
    if min(first) < 0 or (whole[own.first] != begins).any() or _backwards(whole):
        raise ApartError
    return new, StackAxis(whole, own, times)


def _backwards(t_s: Floats) -> bool:
    return bool((t_s[1:] <= t_s[:-1]).any())
