"""The five skills in words: rows of the board, made from a snapshot. No widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ui.live.reading import Reading, read
from ui.live.row_list import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.metrics.metric import Skill
    from lablive.snapshot import Snapshot

TITLES: Final[dict[Skill, str]] = {
    "sagittal": "Sagittal motion",
    "spine": "Neutral spine",
    "landing": "Soft and quiet",
    "reach": "No overstriding",
    "drive": "Hip drive",
}
COLUMNS: Final = (
    "", "left", "right", "both", "", "verdict", "target", "evidence", "strides used",
    "since baseline",
)  # fmt: skip


class Line(NamedTuple):
    """A line of the whole board: a skill's name, or one metric of it.

    Attributes
    ----------
    head
        "1 Sagittal motion" of a skill, "" of a metric.
    reading
        Of a metric.
    """

    head: str = ""
    reading: Reading | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of its columns; of what is not measured name and reason."""
        it = self.reading
        if it is None:
            return (self.head,)
        if not it.is_measured:
            return (it.label, it.why)
        return (
            it.label,
            it.number(it.left),
            it.number(it.right),
            it.number(it.both),
            it.unit if it.unit != "1" else "",
            it.old or it.word,
            it.target,
            it.grade,
            f"{it.used} of {it.total}",
            it.change.replace(" since baseline", ""),
        )


def leads() -> tuple[str, ...]:
    """Return the metrics that stand for the skills."""
    from lablive.metrics.registry import LEADS

    return tuple(it for ids in LEADS.values() for it in ids)


def every() -> tuple[str, ...]:
    """Return every metric of the five skills."""
    from lablive.metrics.registry import METRICS

    return tuple(it.id for it in METRICS.values() if it.skill in TITLES)


def summary(snapshot: Snapshot, at_s: float) -> Iterator[Row]:
    """Yield one row per skill: the first of its leads that is measured."""
    from lablive.metrics.registry import LEADS

    for number, (skill, title) in enumerate(TITLES.items(), 1):
        told = [read(name, snapshot, at_s) for name in LEADS[skill]]
        it = next((it for it in told if it.is_measured), None)
        if it is None:
            why = told[0].why
            yield Row(title, "—", why, lead=str(number), is_grey=True, tip=told[0].tip)
            continue
        tight = it.unit if it.unit == "°" else ""
        unit = "" if tight or it.unit == "1" else it.unit
        parts = (unit, it.label[:1].lower() + it.label[1:], it.old or it.grade)
        note = " · ".join(part for part in parts if part)
        yield Row(
            title,
            f"{it.sides}{tight}",
            note,
            it.lamp,
            "" if it.old else it.word,
            lead=str(number),
            is_grey=bool(it.old),
            tip=it.tip,
        )


def lines(snapshot: Snapshot, at_s: float) -> Iterator[Line]:
    """Yield the whole board: each skill, what of it is measured, then what is not."""
    from lablive.metrics.registry import METRICS

    for number, (skill, title) in enumerate(TITLES.items(), 1):
        yield Line(f"{number}  {title}")
        told = [
            read(it.id, snapshot, at_s) for it in METRICS.values() if it.skill == skill
        ]
        yield from (Line(reading=it) for it in told if it.is_measured)
        yield from (Line(reading=it) for it in told if not it.is_measured)
