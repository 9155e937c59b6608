"""Stride curves at every percent: collected stride by stride, then mean and SD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np

from lablive.metrics import motion
from lablive.metrics.curve import Curve
from lablive.metrics.shared import ApartError, NotMeasuredError
from lablive.metrics.smooth import smooth
from lablive.metrics.stack import StrideStack
from lablive.signals.angles import heading_deg
from lablive.signals.emg_activation import STANCE_PCT

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from numpy.typing import NDArray

    from lablive.gait.contacts import ContactSide
    from lablive.messages import Floats
    from lablive.metrics.metric import StatKey, StrideData

Over = Literal["stride", "stance"]
STRIDE_PCT: Final[Floats] = np.arange(101.0)
FEWEST: Final = 10  # strides of a mean; the first steps on a belt are fewer


class CurveKind(NamedTuple):
    """A curve of a stride.

    Attributes
    ----------
    id, label, unit
        Name, words for people, unit.
    over
        What 100 % is; ``stance`` begins at -30 %.
    of
        Values at every percent; raises NotMeasuredError.
    costly
        Only when it is asked for by its id.
    """

    id: str
    label: str
    unit: str
    over: Over
    of: Callable[[StrideData], Floats]
    costly: bool = False


class MeanCurve(msgspec.Struct, frozen=True):
    """Mean and standard deviation of strides at every percent; NaN = not measured."""

    mean: tuple[float, ...] = ()
    sd: tuple[float, ...] = ()
    n: int = 0


class Kept(NamedTuple):
    """One stride's curve, and when the stride began."""

    ic_s: float
    values: NDArray[np.float32]


def _force(data: StrideData) -> Floats:
    if data.force is None or data.stride.to_s is None:
        raise NotMeasuredError("no force in this stride")
    return np.interp(_times_s(data), data.force.t_s, data.force.force)


def _of_curve(
    make: Callable[[StrideStack], Curve],
) -> Callable[[StrideData], Floats]:
    def read(data: StrideData) -> Floats:
        curve = make(StrideStack.of_one(data))
        return np.interp(_times_s(data), curve.axis.t_s, curve.y)

    return read


def _own(part: str) -> Callable[[StrideData], Floats]:
    """Return the sagittal angle of a leg's segment, + = forward swing."""
    return _of_curve(lambda it: -motion.lean(it, motion.own(it, part)))


def _heading(strides: StrideStack, site: str) -> Curve:
    """Return the axial rotation within the stride, drift taken off, + = to the left.

    The line that joins the means of the strides around both ends is taken off, as
    for the range (metric reference 0.10, yaw rule a).
    """
    block = motion.segment(strides, site)
    t_s = block.axis.t_s
    raw = np.unwrap(heading_deg(block.rotation), period=360.0)
    half_s = 0.5 * strides.stride_s
    ends_s = (strides.ic_s, strides.next_ic_s)
    means = [raw[(t_s >= at - half_s) & (t_s < at + half_s)].mean() for at in ends_s]
    slope = (means[1] - means[0]) / strides.stride_s
    steady = raw - means[0] - slope * (t_s - strides.ic_s)
    return smooth(Curve(block.axis, steady), block.about.rate_hz)


def _muscle(name: str) -> Callable[[StrideData], Floats]:
    def read(data: StrideData) -> Floats:
        found = data.emg.get(f"{name}_{data.stride.side}")
        if found is None:
            raise NotMeasuredError("no EMG in this stride")
        return found.activation.curve

    return read


def _kinds() -> tuple[CurveKind, ...]:
    found = [CurveKind("force", "vertical force", "", "stride", _force)]
    for site in ("pelvis", "trunk", "head"):
        found += [
            CurveKind(
                f"{site}_lean_deg", f"{site} forward lean", "°", "stride",
                _of_curve(lambda it, site=site: motion.lean(it, site)),
            ),
            CurveKind(
                f"{site}_obliquity_deg", f"{site} obliquity, left up", "°", "stride",
                _of_curve(lambda it, site=site: motion.obliquity(it, site)),
            ),
            CurveKind(
                f"{site}_rotation_deg", f"{site} rotation, to the left", "°", "stride",
                _of_curve(lambda it, site=site: _heading(it, site)), costly=True,
            ),
        ]  # fmt: skip
    found += [
        CurveKind(f"{part}_angle_deg", f"{part} forward", "°", "stride", _own(part))
        for part in ("thigh", "shank", "foot")
    ]
    found += [
        CurveKind(
            f"emg_{name}", name.replace("_", " "), "% ref", "stance", _muscle(name)
        )
        for name in (
            "gluteus_maximus", "gluteus_medius", "biceps_femoris", "rectus_femoris",
            "vastus_lateralis", "tibialis_anterior", "gastrocnemius", "soleus",
        )
    ]  # fmt: skip
    return tuple(found)


CURVES: Final[dict[str, CurveKind]] = {it.id: it for it in _kinds()}
USUAL: Final = tuple(it.id for it in CURVES.values() if not it.costly)


class StrideCurves:
    """Curves of every valid stride, as the pipeline shows them.

    Parameters
    ----------
    ids
        Which of :data:`CURVES`; the costly ones must be named.
    """

    def __init__(self, ids: Sequence[str] = USUAL) -> None:
        self._kinds = [CURVES[name] for name in ids]
        self._kept: dict[tuple[str, ContactSide], list[Kept]] = {}
        self._full: dict[tuple[str, ContactSide], float] = {}  # 100 % of a muscle

    def look(self, data: StrideData) -> None:
        """Take a stride."""
        stride = data.stride
        for kind in self._kinds:
            try:
                values = kind.of(data)
            except (NotMeasuredError, ApartError):
                continue
            own = Kept(stride.ic_s, values.astype(np.float32))
            self._kept.setdefault((kind.id, stride.side), []).append(own)
        for name, found in data.emg.items():
            if np.isfinite(found.full):
                muscle = name.removesuffix(f"_{stride.side}")
                self._full[f"emg_{muscle}", stride.side] = found.full

    def of(
        self, name: str, side: StatKey, wanted: Container[tuple[ContactSide, float]]
    ) -> list[Floats]:
        """Return the curves of some strides.

        Parameters
        ----------
        name, side
            Which curve; ``both``: of all strides.
        wanted
            Side and initial contact of the strides.
        """
        sides: tuple[ContactSide, ...] = (
            ("left", "right", "unknown") if side == "both" else (side,)
        )
        found: list[Floats] = []
        for one in sides:
            full = self._full.get((name, one), np.nan)
            for kept in self._kept.get((name, one), ()):
                if (one, kept.ic_s) in wanted:
                    gain = 100.0 / full if name.startswith("emg_") else 1.0
                    found.append(kept.values.astype(np.float64) * gain)
        return found


def mean_of(curves: Sequence[Floats], weight: float = 1.0) -> MeanCurve:
    """Return mean and SD of curves; nothing of fewer than ten.

    Parameters
    ----------
    curves
        Each of the same length.
    weight
        What they are divided by.
    """
    known = [it for it in curves if np.isfinite(it).any()]
    if len(known) < FEWEST or not np.isfinite(weight):
        return MeanCurve(n=len(known))
    table = np.array(known, dtype=np.float64) / weight
    seen = np.isfinite(table).sum(axis=0)
    enough = seen >= FEWEST
    mean, sd = np.full((2, table.shape[1]), np.nan)
    mean[enough] = np.nanmean(table[:, enough], axis=0)
    sd[enough] = np.nanstd(table[:, enough], axis=0, ddof=1)
    return MeanCurve(tuple(mean.tolist()), tuple(sd.tolist()), len(known))


def percents(over: Over) -> tuple[float, ...]:
    """Return what the values of a curve stand at, in %."""
    return tuple((STRIDE_PCT if over == "stride" else STANCE_PCT).tolist())


def _times_s(data: StrideData) -> Floats:
    return data.stride.ic_s + STRIDE_PCT / 100.0 * data.stride.stride_s
