"""Where the blocks of the live page are: columns, shares, what is hidden. No Qt.

A layout belongs to a protocol template and lies in the ``screens`` folder of the
library, as JSON that a person can read. Every change is a new layout.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from lablive.errors import ConfigError
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

K = TypeVar("K")
SCHEMA: Final = 1
MOST_COLUMNS: Final = 4
_LEAST_SHARE: Final = 0.02


class Slot(msgspec.Struct, frozen=True):
    """A block in its column and its share of the height."""

    block: str
    share: float = 1.0


class Column(msgspec.Struct, frozen=True):
    """Blocks below each other, and their share of the width."""

    share: float
    slots: tuple[Slot, ...]


class Layout(msgspec.Struct, frozen=True):
    """The whole page.

    Attributes
    ----------
    columns
        From left to right; every block is in one of them, shown or not.
    chosen
        Block -> shown or hidden by a person; the others follow their sensors.
    curves
        Tiles that show their curve instead of their number.
    """

    columns: tuple[Column, ...]
    chosen: dict[str, bool] = {}
    curves: tuple[str, ...] = ()
    schema: int = SCHEMA

    @property
    def blocks(self) -> tuple[str, ...]:
        """Every block, column by column."""
        return tuple(slot.block for column in self.columns for slot in column.slots)


def place(layout: Layout, block: str) -> tuple[int, int]:
    """Return column and row of a block; raises KeyError."""
    for number, column in enumerate(layout.columns):
        for row, slot in enumerate(column.slots):
            if slot.block == block:
                return number, row
    raise KeyError(block)


def moved(layout: Layout, block: str, column: int, row: int) -> Layout:
    """Return the layout with a block at a row of a column.

    Parameters
    ----------
    layout
        As it is.
    block
        Which.
    column, row
        Where, counted with the block still in its place; -1 or one more than there
        are is a new column at that end, while there are fewer than four.
    """
    at, before = place(layout, block)
    slot = layout.columns[at].slots[before]
    columns = [list(it.slots) for it in layout.columns]
    shares = [it.share for it in layout.columns]
    if not 0 <= column < len(columns):
        if len(columns) >= MOST_COLUMNS or len(columns[at]) == 1:
            return layout
        end = 0 if column < 0 else len(columns)
        columns.insert(end, [])
        shares.insert(end, sum(shares) / len(shares))
        column, row = end, 0
        at += end == 0
    del columns[at][before]
    if at == column and before < row:
        row -= 1
    columns[column].insert(min(max(row, 0), len(columns[column])), slot)
    return msgspec.structs.replace(
        layout,
        columns=tuple(
            Column(share, tuple(slots))
            for share, slots in zip(shares, columns, strict=True)
            if slots
        ),
    )


def chosen(layout: Layout, block: str, *, shown: bool) -> Layout:
    """Return the layout with a block shown or hidden by a person."""
    return msgspec.structs.replace(layout, chosen=layout.chosen | {block: shown})


def resized(
    layout: Layout, widths: Mapping[int, float], heights: Mapping[str, float]
) -> Layout:
    """Return the layout with other sizes of what is on the screen now.

    Parameters
    ----------
    layout
        As it is.
    widths
        Column -> px; those that are not on the screen keep their share.
    heights
        Block -> px, likewise.
    """
    wide = _shares({number: it.share for number, it in _numbered(layout)}, widths)
    columns: list[Column] = []
    for number, column in _numbered(layout):
        own = {it.block: it.share for it in column.slots}
        high = _shares(own, {k: v for k, v in heights.items() if k in own})
        slots = tuple(Slot(it.block, high[it.block]) for it in column.slots)
        columns.append(Column(wide[number], slots))
    return msgspec.structs.replace(layout, columns=tuple(columns))


def completed(layout: Layout, usual: Layout) -> Layout:
    """Return a stored layout with the blocks that this program has, each once."""
    seen: set[str] = set()
    columns: list[Column] = []
    for column in layout.columns[:MOST_COLUMNS]:
        slots: list[Slot] = []
        for slot in column.slots:
            if slot.block in usual.blocks and slot.block not in seen:
                seen.add(slot.block)
                slots.append(Slot(slot.block, _sane(slot.share)))
        if slots:
            columns.append(Column(_sane(column.share), tuple(slots)))
    if not columns:
        return usual
    for number, column in _numbered(usual):
        new = tuple(it for it in column.slots if it.block not in seen)
        if new:
            at = min(number, len(columns) - 1)
            slots_of = (*columns[at].slots, *new)
            columns[at] = msgspec.structs.replace(columns[at], slots=slots_of)
    known = {k: v for k, v in layout.chosen.items() if k in usual.blocks}
    return Layout(tuple(columns), known, layout.curves)


def layout_path(library: Path, template: str) -> Path:
    """Return where the layout of a protocol template is kept."""
    return library / "screens" / f"{template}.json"


def load_layout(path: Path, usual: Layout) -> Layout:
    """Read a layout; the usual one when none is stored.

    Raises
    ------
    ConfigError
        The file cannot be read or is damaged.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return usual
    except OSError as error:
        raise _unusable(path, str(error.strerror or error)) from error
    try:
        found = from_json(text, Layout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error)) from error
    if found.schema != SCHEMA:
        raise _unusable(path, f"schema {found.schema}, this LabLive knows {SCHEMA}")
    return completed(found, usual)


def save_layout(path: Path, layout: Layout) -> None:
    """Store a layout, whole or not at all.

    Raises
    ------
    ConfigError
        The folder cannot be written.
    """
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(layout)))
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise ConfigError(
            f"The arrangement of the screen is not stored in {path}: "
            f"{error.strerror or error}.",
            still="It stays as it is until LabLive is closed; recording goes on.",
            todo="See that the folder may be written.",
        ) from error


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"The arrangement of the screen in {path} cannot be used: {why}.",
        still="The usual arrangement is shown, nothing of a session is affected.",
        todo="Arrange the blocks again; this replaces the file.",
    )


def _numbered(layout: Layout) -> Iterable[tuple[int, Column]]:
    return enumerate(layout.columns)


def _shares(old: Mapping[K, float], px: Mapping[K, float]) -> dict[K, float]:
    """Give what is on the screen the shares it had together, as its px say."""
    there = {key: size for key, size in px.items() if key in old and size > 0}
    whole = sum(there.values())
    held = sum(old[key] for key in there)
    found = dict(old)
    for key, size in there.items():
        found[key] = max(_LEAST_SHARE, held * size / whole)
    return found


def _sane(share: float) -> float:
    return share if math.isfinite(share) and share >= _LEAST_SHARE else _LEAST_SHARE


def sizes(shares: Sequence[float], whole_px: int) -> list[int]:
    """Return px in proportion to shares."""
    total = sum(shares) or 1.0
    return [round(whole_px * share / total) for share in shares]
