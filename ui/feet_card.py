"""The insole picture with its states: waiting, live, stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.messages import Chunk
from lablive.names import SIDES
from ui.insole_view import InsoleView, Moment
from ui.widgets import Card

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lablive.live.replaying import ReplaySession
    from lablive.live.scene import Picture, Scene
    from lablive.messages import Gap, StreamStatus, Values
    from lablive.names import Side

STALE_S: Final = 0.5
FULL_SCALE: Final = {"kPa": 200.0, "N": 60.0, "uncalibrated counts": 500.0}


class FeetCard(Card):
    """Both insoles from above."""

    def __init__(self) -> None:
        super().__init__("Insoles", "not connected")
        self._view = InsoleView()
        self._scene: Scene | None = None
        self.body.addWidget(self._view)

    def set_scene(self, scene: Scene | None) -> None:
        """Begin afresh with other insoles."""
        self._scene = scene
        left = scene.layout("left") if scene else None
        right = scene.layout("right") if scene else None
        units = {scene.picture_unit(side) for side in SIDES} - {""} if scene else set()
        unit = units.pop() if len(units) == 1 else ""
        self._view.set_layouts(left, right, unit or "kPa", FULL_SCALE.get(unit, 200.0))
        self.set_subtitle(unit or ("no cells" if scene else "not connected"))
        for side in SIDES:
            if scene is None:
                self._view.set_state(side, "waiting", f"waiting for the {side} insole")
            elif side not in scene.feet:
                self._view.set_state(side, "absent", f"no {side} insole")
            elif scene.layout(side) is None:
                self._view.set_state(side, "absent", "force only, no cells")
            else:
                self._view.set_state(side, "waiting", f"waiting for the {side} insole")

    def append(
        self, items: Iterable[Chunk | Gap], lines: Mapping[Side, Values | None]
    ) -> None:
        """Take live rows; ``lines``: gait line of each foot's last contact."""
        scene = self._scene
        if scene is None:
            return
        found: dict[Side, Picture | None] = {}
        rows = list(items)
        for side in SIDES:
            mine = [
                item.x
                for item in rows
                if isinstance(item, Chunk)
                and len(item)
                and item.stream == scene.picture_stream(side)
            ]
            found[side] = scene.picture(side, np.concatenate(mine)) if mine else None
        if any(found.values()):
            self._show(found, lines)

    @property
    def live(self) -> bool:
        """Whether both feet are shown as they are now."""
        return self._view.accessibleDescription() == "left: live; right: live"

    def loaded(self, side: Side) -> bool:
        """Whether a foot carries weight in the picture now."""
        return self._view.centre_of_pressure(side) is not None

    def show_replay(
        self, replay: ReplaySession, lines: Mapping[Side, Values | None]
    ) -> None:
        """Show the moment under the cursor; the scale fits the whole trial."""
        scene = self._scene
        if scene is None:
            return
        for side in SIDES:
            row = replay.row_at_cursor(scene.picture_stream(side))
            found = scene.picture(side, row) if row is not None else None
            moment = Moment(
                found.cells if found else None,
                found.cop if found else None,
                lines.get(side),
                replay.peaks.get(side),
            )
            self._view.show_moment(side, moment)
        self._view.fit_scale()

    def show_status(self, status: Mapping[int, StreamStatus]) -> None:
        """Grey out a foot whose stream has stopped."""
        scene = self._scene
        if scene is None:
            return
        for side in SIDES:
            told = status.get(scene.picture_stream(side) or -1)
            if told is None or told.rows == 0:
                continue
            if told.last_sample_age_s > STALE_S:
                reason = f"no sample for {told.last_sample_age_s:.0f} s"
                self._view.set_state(side, "stale", reason)
            else:
                self._view.set_state(side, "live")

    def _show(
        self,
        found: Mapping[Side, Picture | None],
        lines: Mapping[Side, Values | None],
    ) -> None:
        left, right = found.get("left"), found.get("right")
        self._view.update_feet(
            left.cells if left else None,
            right.cells if right else None,
            left.cop if left else None,
            right.cop if right else None,
            lines.get("left"),
            lines.get("right"),
        )
