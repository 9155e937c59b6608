"""What the operator noted in a trial: markers, notes, pain and effort.

Each is a marker at the time its key went down, on the clock of the rows:

========== =================================================================
kind       text
========== =================================================================
``marker`` ``marker``, or what it is
``note``   what was typed
``pain``   0 to 10, numeric rating scale (:mod:`lablive.protocol.pain`)
``effort`` 0 to 10, Borg's category-ratio scale (CR10)
``edit``   at exactly the time of one of these: what it says from now on
========== =================================================================

The file keeps what was said first and every change of it: nothing is written over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.messages import Marker
from lablive.protocol.pain import HIGHEST, PainEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

RemarkKind = Literal["marker", "note", "pain", "effort"]
EDIT: Final = "edit"
KINDS: Final[dict[str, RemarkKind]] = {
    kind: kind for kind in ("marker", "note", "pain", "effort")
}
SCALES: Final = ("pain", "effort")


class Remark(msgspec.Struct, frozen=True):
    """One remark as it stands now.

    Attributes
    ----------
    t_s
        When the key went down.
    kind
        Key of :data:`KINDS`.
    text
        As last changed; of a scale its number.
    value
        Of pain and effort, 0 to 10; None for the others.
    first_text
        Before it was changed, "" when it never was.
    """

    t_s: float
    kind: RemarkKind
    text: str
    value: int | None = None
    first_text: str = ""

    @property
    def words(self) -> str:
        """As a person reads it: ``pain 3``, ``note: left knee``."""
        if self.kind in SCALES:
            return f"{self.kind} {self.text}"
        return self.text if self.text == self.kind else f"{self.kind}: {self.text}"


def remarks_of(
    markers: Iterable[Marker],
) -> tuple[tuple[Remark, ...], tuple[str, ...]]:
    """Return the remarks in the order of time, and what is wrong with some.

    Markers of other kinds are passed over. A number that is none of its scale is left
    out and told; a change of nothing is told.

    Parameters
    ----------
    markers
        In the order of the file: of two changes the later one counts.
    """
    found: list[Remark] = []
    newest: dict[float, int] = {}  # place of the last remark of a time
    problems: list[str] = []
    for marker in markers:
        kind = KINDS.get(marker.kind)
        if kind is not None:
            wanted = Remark(marker.t_s, kind, marker.text)
        elif marker.kind != EDIT:
            continue
        elif marker.t_s in newest:
            before = found[newest[marker.t_s]]
            first = before.first_text or before.text
            wanted = msgspec.structs.replace(before, text=marker.text, first_text=first)
        else:
            problems.append(f'"{marker.text}" changes a remark that is not there.')
            continue
        remark = _read(wanted)
        if remark is None:
            told = f'{wanted.kind} "{wanted.text}" is left out'
            problems.append(f"{told}: it goes from 0 to {HIGHEST}.")
        elif kind is None:
            found[newest[marker.t_s]] = remark
        else:
            newest[marker.t_s] = len(found)
            found.append(remark)
    return tuple(sorted(found, key=lambda it: it.t_s)), tuple(problems)


def edit_of(remark: Remark, text: str) -> Marker:
    """Return the marker that changes what a remark says; its time stays."""
    return Marker(remark.t_s, text, EDIT)


def pain_entries(remarks: Iterable[Remark]) -> tuple[PainEntry, ...]:
    """Return the pain that was noted, as :mod:`lablive.protocol.pain` reads it."""
    return tuple(
        PainEntry(it.t_s, it.value)
        for it in remarks
        if it.kind == "pain" and it.value is not None
    )


def _read(remark: Remark) -> Remark | None:
    """Return a remark with its number, None when it is none of its scale."""
    if remark.kind not in SCALES:
        return remark
    text = remark.text.strip()
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST):
        return None
    return msgspec.structs.replace(remark, text=text, value=int(text))
