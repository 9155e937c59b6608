"""Edits as the pipeline applies them: on contacts before strides, on strides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.editing.edit import EVENT_WORDS, Edit
from lablive.gait.strides import REASONS, Stride

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.gait.contacts import Contact

NEAR_S: Final = 0.020  # an event is found again within this, by other thresholds too
_TELLS_FEET: Final = ("insole", "foot_imu", "shank_imu")  # these cannot be of the other


class Corrections(msgspec.Struct, frozen=True):
    """Edits that hold, of the kinds that change contacts and strides."""

    edits: tuple[Edit, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is corrected."""
        return bool(self.edits)


class Corrector:
    """Apply corrections to contacts and strides in the order of their times.

    Parameters
    ----------
    corrections
        What a person corrected.

    Attributes
    ----------
    held_s
        A contact that is to move later waits for the next one; when it was seen.
        Infinite when none waits.
    """

    def __init__(self, corrections: Corrections) -> None:
        edits = corrections.edits
        self._excluded = [it for it in edits if it.kind == "exclude"]
        self._sides = [it for it in edits if it.kind == "side"]
        self._moves = [it for it in edits if it.kind == "move"]
        self._used: set[int] = set()
        self._why_not: dict[int, str] = {}
        self._held: tuple[Contact, Contact, bool, Edit] | None = None
        self._last_s = -float("inf")

    @property
    def held_s(self) -> float:
        """When the contact that waits was seen, infinite when none waits."""
        return float("inf") if self._held is None else self._held[0].t_s

    def contacts(
        self, items: Iterable[tuple[Contact, bool]]
    ) -> Iterator[tuple[Contact, bool]]:
        """Yield contacts as corrected, still in the order of time.

        Parameters
        ----------
        items
            Contacts in time order, and whether strides are made of them.
        """
        if not (self._sides or self._moves):
            yield from items
            return
        for contact, counts in items:
            seen = self._sided(contact) if counts else contact
            edit = self._move_of(seen) if counts else None
            if edit is not None and edit.to_s > seen.t_s:
                yield from self._let_go(seen.t_s)
                moved = msgspec.structs.replace(seen, t_s=edit.to_s)
                self._held = (seen, moved, counts, edit)
                continue
            yield from self._let_go(seen.t_s)
            if edit is not None and edit.to_s > self._last_s:
                self._used.add(edit.number)
                seen = msgspec.structs.replace(seen, t_s=edit.to_s)
            elif edit is not None:
                self._why_not[edit.number] = "it would pass another event"
            self._last_s = seen.t_s
            yield seen, counts

    def finish(self) -> Iterator[tuple[Contact, bool]]:
        """End the data: nothing waits any longer."""
        yield from self._let_go(float("inf"))

    def stride(self, stride: Stride) -> Stride:
        """Return the stride, invalid when a person left it out."""
        for edit in self._excluded:
            if edit.side not in ("", stride.side):
                continue
            if _touches(edit, stride):
                self._used.add(edit.number)
                reasons = tuple(
                    it for it in REASONS if it in stride.reasons or it == "excluded"
                )
                return msgspec.structs.replace(stride, valid=False, reasons=reasons)
        return stride

    def unused(self) -> Iterator[str]:
        """Yield one sentence for every edit that changed nothing."""
        for edit in (*self._excluded, *self._sides, *self._moves):
            if edit.number in self._used:
                continue
            nothing = "there is no such stride"
            if edit.kind == "side":
                nothing = "no contact there leaves its foot open"
            elif edit.event is not None:
                nothing = f"there is no such {EVENT_WORDS[edit.event]} now"
            why = self._why_not.get(edit.number, nothing)
            yield f"Edit {edit.number} changes nothing: {why}."

    def _let_go(self, next_s: float) -> Iterator[tuple[Contact, bool]]:
        """Yield the contact that waits, moved unless the next one comes first."""
        if self._held is None:
            return
        seen, moved, counts, edit = self._held
        self._held = None
        if moved.t_s < next_s:
            self._used.add(edit.number)
            seen = moved
        else:
            self._why_not[edit.number] = "it would pass another event"
        self._last_s = seen.t_s
        yield seen, counts

    def _sided(self, contact: Contact) -> Contact:
        if contact.source in _TELLS_FEET:
            return contact
        for edit in self._sides:
            if edit.t0_s <= contact.t_s <= edit.t1_s and edit.side:
                self._used.add(edit.number)
                return msgspec.structs.replace(contact, side=edit.side)
        return contact

    def _move_of(self, contact: Contact) -> Edit | None:
        for edit in self._moves:
            if (
                edit.event == contact.kind
                and (edit.side or "unknown") == contact.side
                and abs(edit.from_s - contact.t_s) <= NEAR_S
                and edit.number not in self._used
            ):
                return edit
        return None


def _touches(edit: Edit, stride: Stride) -> bool:
    if edit.t0_s == edit.t1_s:
        return stride.ic_s <= edit.t0_s < stride.next_ic_s
    return stride.ic_s < edit.t1_s and stride.next_ic_s > edit.t0_s
