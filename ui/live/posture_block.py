"""Posture: trunk, pelvis, thighs, reach and toe-out in one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtWidgets import QVBoxLayout

from ui.live.block import Block, Pace
from ui.live.reading import read
from ui.live.row_list import Row, RowList
from ui.scrolling import scrolling

if TYPE_CHECKING:
    from lablive.live.scene import Scene
    from lablive.snapshot import Snapshot, Wanted


class _Spec(NamedTuple):
    metric: str
    name: str
    sites: tuple[str, ...]  # any of them


_EVERY_S: Final = 0.5
ROWS: Final = (
    _Spec("trunk_lean_deg", "Trunk lean, forward", ("trunk",)),
    _Spec("pelvic_tilt_rel_deg", "Pelvic tilt, forward", ("pelvis",)),
    _Spec("thigh_pendulum_ratio", "Thigh swing, rear / front", ("thigh",)),
    _Spec("shank_angle_ic_deg", "Overstride, shank", ("shank",)),
    _Spec("foot_progression_deg", "Toe-out at push-off", ("foot",)),
)


class PostureBlock(Block):
    """One row per angle: both sides, verdict, target and the last steps as a curve."""

    is_calm = True

    def __init__(self) -> None:
        super().__init__("Posture", "", "needs IMUs on trunk, pelvis or legs")
        self.list = RowList("Posture")
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(self.list)
        column.addStretch(1)
        self.body.addWidget(scrolling(column))
        self._specs: tuple[_Spec, ...] = ()
        self._pace = Pace(_EVERY_S)

    def wanted(self, t_s: float) -> Wanted:
        """Return the angles whose sensor is worn."""
        from lablive.snapshot import Wanted

        if not self._pace.ask(t_s):
            return Wanted(())
        ids = tuple(spec.metric for spec in self._specs)
        return Wanted(ids, ids)

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Show the rows whose sensor is worn."""
        roles = scene.roles if scene is not None else frozenset[str]()
        self._specs = tuple(
            spec
            for spec in ROWS
            if any(
                role.startswith(f"imu_{site}") for role in roles for site in spec.sites
            )
        )
        self._pace.reset()
        self.set_subtitle("last 10 strides" if there else "")
        rows = [
            Row(spec.name, "—", "no steps yet", is_grey=True) for spec in self._specs
        ]
        self.list.show_rows(rows or [Row(self.needs, is_grey=True)])

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Show a moment."""
        if not (self._specs and self._pace.is_due):
            return
        rows: list[Row] = []
        for spec in self._specs:
            it = read(spec.metric, snapshot, at_s)
            if not it.is_measured:
                rows.append(Row(spec.name, "—", it.why, is_grey=True, tip=it.tip))
                continue
            unit = it.unit if it.unit == "°" else ""
            parts = (it.target, it.grade)
            note = it.old or " · ".join(part for part in parts if part)
            rows.append(
                Row(
                    spec.name,
                    f"{it.sides}{unit}",
                    note,
                    it.lamp,
                    it.word if not it.old else "",
                    steps=snapshot.steps.get(spec.metric),
                    least=it.least,
                    is_grey=bool(it.old),
                    tip=it.tip,
                )
            )
        self.list.show_rows(rows)
