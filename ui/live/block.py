"""What every block of the live page has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.widgets import Card

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.live.replaying import ReplaySession
    from lablive.live.scene import Scene
    from lablive.messages import Chunk, Gap
    from lablive.snapshot import Snapshot, Wanted


class Block(Card):
    """A card that shows snapshots; while it is hidden nothing reaches it.

    Parameters
    ----------
    title, subtitle
        Of the card.
    needs
        Why it is empty without its sensor, in one line.
    """

    is_calm = False  # it is read, not watched

    def __init__(self, title: str, subtitle: str = "", needs: str = "") -> None:
        super().__init__(title, subtitle)
        self.needs = needs

    def wanted(self, t_s: float) -> Wanted:
        """Return what it shows of the snapshot of a time."""
        from lablive.snapshot import Wanted

        return Wanted(())

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Begin afresh with other streams; ``there``: its sensor is among them."""

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Show a moment; ``at_s``: now on the lab clock, or the cursor's time."""

    def append(self, items: Iterable[Chunk | Gap]) -> None:
        """Take live rows."""

    def show_replay(self, replay: ReplaySession) -> None:
        """Show recorded rows around the cursor."""


class Pace:
    """When a block that is read, not watched, is worked out anew.

    Parameters
    ----------
    every_s
        Of data time. While time stands still (a cursor, a stalled stream) it is due:
        nothing new is worked out then, but numbers grow old.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._asked_s = self._shown_s = float("-inf")
        self.is_due = True

    def ask(self, t_s: float) -> bool:
        """Tell whether the snapshot of a time is shown."""
        far = abs(t_s - self._shown_s) >= self._every_s
        self.is_due = far or t_s == self._asked_s
        self._asked_s = t_s
        if self.is_due:
            self._shown_s = t_s
        return self.is_due

    def reset(self) -> None:
        """Show the next snapshot, whatever its time."""
        self._shown_s = float("-inf")


def together(wishes: Sequence[Wanted]) -> Wanted:
    """Return what several blocks want, each thing once."""
    from lablive.snapshot import Wanted

    return Wanted(
        tuple(dict.fromkeys(name for wish in wishes for name in wish.tiles)),
        tuple(dict.fromkeys(name for wish in wishes for name in wish.steps)),
        any(wish.sound for wish in wishes),
    )
