"""The board with its blocks: feeds what is shown, keeps the layout of each protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import Signal

from lablive.errors import LabLiveError
from ui.feet_card import FeetCard
from ui.force_card import ForceCard
from ui.live.block import Block, together
from ui.live.board import Board
from ui.live.catalogue import BLOCKS, USUAL
from ui.live.layout import layout_path, load_layout, save_layout
from ui.streams_card import StreamsCard
from ui.tiles_card import TilesCard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from lablive.live.replaying import ReplaySession
    from lablive.live.scene import Scene
    from lablive.messages import Chunk, Gap, Values
    from lablive.names import Side
    from lablive.snapshot import Snapshot, Wanted
    from ui.session_model import SessionModel

C = TypeVar("C")
_ALWAYS: Final = ("cadence_spm",)  # tells how old a number may be


class LiveBoard(Board):
    """All live blocks; ``trouble``: a layout could not be read or stored.

    Parameters
    ----------
    model
        Whose protocol template says which layout.
    """

    trouble = Signal(str)

    def __init__(self, model: SessionModel) -> None:
        super().__init__(USUAL)
        self._model = model
        self._scene: Scene | None = None
        self._template = ""
        self._told = ""
        self._all = {spec.id: spec.make() for spec in BLOCKS}
        for spec in BLOCKS:
            self.add(spec.id, spec.title, self._all[spec.id])
        self.feet = self._card("feet", FeetCard)
        self.force = self._card("force", ForceCard)
        self.streams = self._card("streams", StreamsCard)
        self.tiles = self._card("tiles", TilesCard)
        self.tiles.curves_changed.connect(lambda: self.set_curves(self.tiles.curves))
        self.changed.connect(self._store)
        self.shown_changed.connect(self._begin_shown)
        model.gates.changed.connect(self.follow_protocol)
        self._fresh: set[str] = set()
        self.follow_protocol()

    def follow_protocol(self) -> None:
        """Show the layout of the protocol that is chosen."""
        template = self._model.gates.template_name
        if template == self._template:
            return
        self._template = template
        try:
            layout = load_layout(self._path, USUAL)
        except LabLiveError as error:
            layout = USUAL
            self._tell(str(error))
        self.enlarge("")
        self.set_layout(layout)
        self.tiles.set_curves(layout.curves)

    def block(self, name: str) -> Block:
        """Return a block that shows snapshots."""
        return self._card(name, Block)

    # -- what is shown ------------------------------------------------------------

    def set_scene(self, scene: Scene | None) -> None:
        """Begin afresh with other streams."""
        self._scene = scene
        self.feet.set_scene(scene)
        there = {spec.id for spec in BLOCKS if spec.has_sensor(scene)}
        for spec in BLOCKS:  # hidden ones, too: nothing of other streams stays
            card = self._all[spec.id]
            if isinstance(card, Block):
                card.set_scene(scene, there=spec.id in there)
        self._fresh.clear()
        self.set_there(there)
        self._begin_shown()

    def wanted(self, t_s: float, *, calm: bool | None = None) -> Wanted:
        """Return what the blocks on the screen show of a snapshot.

        ``calm``: those that are read, or those that are watched; None = all.
        """
        from lablive.snapshot import Wanted

        return together(
            [Wanted(_ALWAYS), *(block.wanted(t_s) for block in self._seen(calm))]
        )

    def append(
        self, items: Iterable[Chunk | Gap], lines: Mapping[Side, Values | None]
    ) -> None:
        """Take live rows; ``lines``: gait line of each foot's last contact."""
        rows = list(items)
        for block in self._seen():
            block.append(rows)
        if "feet" in self.shown:
            self.feet.append(rows, lines)

    def show_snapshot(
        self, snapshot: Snapshot, at_s: float, *, calm: bool | None = None
    ) -> None:
        """Show a moment; ``at_s``: now on the lab clock, or of the cursor."""
        for block in self._seen(calm):
            block.show_snapshot(snapshot, at_s)

    def show_replay(
        self, replay: ReplaySession, lines: Mapping[Side, Values | None]
    ) -> None:
        """Show the moment under the cursor."""
        for block in self._seen():
            block.show_replay(replay)
        if "feet" in self.shown:
            self.feet.show_replay(replay, lines)

    # -- inside -------------------------------------------------------------------

    @property
    def _path(self) -> Path:
        return layout_path(self._model.library, self._template)

    def _card(self, name: str, kind: type[C]) -> C:
        card = self._all[name]
        if not isinstance(card, kind):
            raise TypeError(f"the block {name} is no {kind.__name__}")
        return card

    def _seen(self, calm: bool | None = None) -> Iterator[Block]:
        for name in self.shown:
            card = self._all[name]
            if isinstance(card, Block) and calm in (None, card.is_calm):
                yield card

    def _begin_shown(self) -> None:
        """Begin the blocks that have come onto the screen with the streams of now."""
        for spec in BLOCKS:
            card = self._all[spec.id]
            if spec.id not in self.shown:
                self._fresh.add(spec.id)  # what comes meanwhile is not taken
            elif spec.id in self._fresh and isinstance(card, Block):
                self._fresh.discard(spec.id)
                card.set_scene(self._scene, there=spec.has_sensor(self._scene))

    def _store(self) -> None:
        try:
            save_layout(self._path, self.arrangement)
        except LabLiveError as error:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        """Tell a trouble once, not with every block that is moved."""
        if text != self._told:
            self._told = text
            self.trouble.emit(text)
