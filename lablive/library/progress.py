"""A metric of one person over the sessions, and which change is more than error.

Numbers are compared only when their contacts came from the same kind of sensor and
their strides were run within 0.1 m/s of each other (metric reference 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from lablive.library.models import PersonRow, ResultRow, SessionRow, TrialRow
from lablive.metrics.belt import one_speed
from lablive.metrics.metric import StatKey
from lablive.protocol.mdc import Mdc, published_mdc, within

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Changed = Literal["first", "change", "no change", "unknown"]


class Point(msgspec.Struct, frozen=True):
    """One session: the trial with most strides.

    Attributes
    ----------
    value, n
        Median and the valid strides it stands on.
    since_first
        Difference from the first session of the line.
    changed, why
        Whether that is beyond the minimal detectable change, and why it is not known.
    trials
        How many trials of the session could have been taken.
    """

    date: str
    folder: str
    trial: str
    value: float
    n: int
    shoes: str
    since_first: float
    changed: Changed
    why: str
    trials: int


class Line(msgspec.Struct, frozen=True):
    """Sessions that may be compared: one kind of sensor, one belt speed, oldest first.

    ``low_mps`` None: the belt speed is not known, so nothing is compared.
    """

    source: str
    low_mps: float | None
    high_mps: float | None
    mdc: Mdc
    points: tuple[Point, ...]


class History(msgspec.Struct, frozen=True):
    """A metric of one side over the sessions; the line with most sessions first."""

    code: str
    metric: str
    side: StatKey
    unit: str
    lines: tuple[Line, ...]


class _Value(msgspec.Struct, frozen=True):
    """One stored number and where it comes from."""

    date: str
    folder: str
    shoes: str
    trial: str
    unit: str
    value: float
    n: int
    source: str
    low_mps: float | None
    high_mps: float | None


def history(db: Session, code: str, metric: str, side: StatKey) -> History:
    """Return a metric of a person over the sessions.

    Parameters
    ----------
    db
        Open transaction.
    code
        Of the person.
    metric, side
        Metric id and side.
    """
    values = _values(db, code, metric, side)
    unit = values[-1].unit if values else ""
    groups = _groups([value for value in values if value.unit == unit])
    lines = [_line(metric, unit, group) for group in groups]
    lines.sort(key=lambda line: len(line.points), reverse=True)
    return History(code, metric, side, unit, tuple(lines))


def _values(db: Session, code: str, metric: str, side: StatKey) -> list[_Value]:
    wanted = (
        select(
            SessionRow.date, SessionRow.folder, SessionRow.shoes, TrialRow.file,
            ResultRow.unit, ResultRow.value, ResultRow.n, ResultRow.source,
            ResultRow.low_mps, ResultRow.high_mps,
        )
        .join(TrialRow, TrialRow.session_id == SessionRow.id)
        .join(ResultRow, ResultRow.trial_id == TrialRow.id)
        .join(PersonRow, PersonRow.id == SessionRow.person_id)
        .where(
            PersonRow.code_key == code.casefold(),
            ResultRow.metric == metric,
            ResultRow.side == side,
        )
        .order_by(SessionRow.date, SessionRow.id, TrialRow.file)
    )  # fmt: skip
    return [_Value(*row) for row in db.execute(wanted)]


def _groups(values: list[_Value]) -> list[list[_Value]]:
    """Return the values in groups that may be compared, each in order of time."""
    found: list[list[_Value]] = []
    order = {id(value): place for place, value in enumerate(values)}
    for value in sorted(values, key=lambda it: (it.low_mps is None, it.low_mps or 0.0)):
        for group in found:
            if _alike(group, value):
                group.append(value)
                break
        else:
            found.append([value])
    for group in found:
        group.sort(key=lambda it: order[id(it)])
    return found


def _alike(group: list[_Value], value: _Value) -> bool:
    if group[0].source != value.source:
        return False
    ends = [(it.low_mps, it.high_mps) for it in (*group, value)]
    speeds = [speed for pair in ends for speed in pair if speed is not None]
    if len(speeds) < 2 * len(ends):
        return not speeds  # unknown speeds stand together, never with known ones
    return one_speed(*speeds)


def _line(metric: str, unit: str, group: list[_Value]) -> Line:
    of_session: dict[str, list[_Value]] = {}
    for value in group:
        of_session.setdefault(value.folder, []).append(value)
    best = [(max(held, key=lambda it: it.n), len(held)) for held in of_session.values()]
    first = best[0][0]
    mdc = published_mdc(metric, unit, first.source)
    known = [it for it in group if it.low_mps is not None]
    points = tuple(_point(value, count, first, mdc) for value, count in best)
    return Line(
        source=first.source,
        low_mps=min(
            (it.low_mps for it in known if it.low_mps is not None), default=None
        ),
        high_mps=max(
            (it.high_mps for it in known if it.high_mps is not None), default=None
        ),
        mdc=mdc,
        points=points,
    )


def _point(value: _Value, count: int, first: _Value, mdc: Mdc) -> Point:
    delta = value.value - first.value
    changed, why = _judge(value, first, mdc)
    return Point(
        date=value.date, folder=value.folder, trial=value.trial, value=value.value,
        n=value.n, shoes=value.shoes, since_first=delta, changed=changed, why=why,
        trials=count,
    )  # fmt: skip


def _judge(value: _Value, first: _Value, mdc: Mdc) -> tuple[Changed, str]:
    if value is first:
        return "first", ""
    if value.low_mps is None:
        return "unknown", "needs the belt speed"
    if value.shoes and first.shoes and value.shoes != first.shoes:
        return "unknown", f"other shoes: {first.shoes} then, {value.shoes} now"
    if mdc.why:
        return "unknown", mdc.why
    why = within(value.value - first.value, mdc)
    return ("no change", why) if why else ("change", "")
