"""The tiles: the numbers of the last strides, each with what it stands on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.actions import Action
from ui.live.block import Block
from ui.live.reading import bands, read
from ui.numbers import used_text
from ui.scrolling import scrolling
from ui.tile import Tile, TileValue, Zone
from ui.widgets import label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.live.scene import Scene
    from lablive.metrics.bands import Band
    from lablive.snapshot import Snapshot, Wanted
    from ui.live.reading import Reading


class _Spec(NamedTuple):
    metric: str
    name: str
    unit: str
    digits: int
    signed: bool = False
    compares: bool = False  # needs both feet
    sensor: str = ""  # besides what tells contacts


TILES: Final = (
    _Spec("footfall_rel_db", "Foot-contact sound", "dB", 1, True, sensor="mic_belt"),
    _Spec("cadence_spm", "Cadence", "steps/min", 0),
    _Spec("contact_time_ms", "Contact time", "ms", 0),
    _Spec(
        "contact_time_si_pct", "Contact asymmetry", "%", 1, signed=True, compares=True
    ),
    _Spec("peak_force_bw", "Peak force, in-shoe", "BW", 2),
    _Spec("pelvic_drop_deg", "Pelvic drop", "°", 1, sensor="imu_pelvis"),
    _Spec("shank_angle_ic_deg", "Shank at contact", "°", 1, sensor="imu_shank"),
    _Spec("flight_time_ms", "Flight time", "ms", 0, compares=True),
    _Spec("duty_factor_pct", "Duty factor", "%", 0),
)
_SOUND: Final = "footfall_rel_db"
MOST: Final = 7  # at a time: more are not read
LARGER: Final = ("left larger", "right larger")


class TilesCard(Block):
    """One tile per quantity; ``curves_changed``: a person turned one over."""

    curves_changed = Signal()

    def __init__(self) -> None:
        super().__init__("Now", "last 10 strides")
        self._has_zones = False
        self.tiles: dict[str, Tile] = {}
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(0)
        for spec in TILES:
            made = Tile(spec.name, spec.unit, spec.digits, signed=spec.signed)
            made.flipped.connect(self.curves_changed)
            self.tiles[spec.metric] = made
            column.addWidget(made)
        self._used = label("", "note")
        self._weight = label("", "note")
        for note in (self._used, self._weight):
            note.setWordWrap(True)
        column.addWidget(self._used)
        column.addWidget(self._weight)
        column.addStretch(1)
        self.body.addWidget(scrolling(column))
        self._shown: tuple[_Spec, ...] = ()
        Action("curves", self.flip, self)
        self._choose(frozenset())

    @property
    def curves(self) -> tuple[str, ...]:
        """Tiles that show their curve."""
        return tuple(name for name, tile in self.tiles.items() if tile.shows_curve)

    def set_curves(self, metrics: Iterable[str]) -> None:
        """Turn up these curves, and the numbers of the others."""
        wanted = set(metrics)
        for name, tile in self.tiles.items():
            tile.show_face(curve=name in wanted)

    def flip(self) -> None:
        """Turn up all curves, or all numbers when all curves are up."""
        names = tuple(spec.metric for spec in self._shown)
        self.set_curves(() if set(names) <= set(self.curves) else names)
        self.curves_changed.emit()

    def wanted(self, t_s: float) -> Wanted:
        """Return the tiles that are shown, step by step where a curve is up."""
        from lablive.snapshot import Wanted

        names = tuple(spec.metric for spec in self._shown)
        curves = tuple(it for it in self.curves if it in names)
        return Wanted(names, curves, sound=_SOUND in curves)

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Choose the tiles, and name the peak force by the sensor it comes from."""
        plate = scene is not None and "both" in scene.curves
        where = "treadmill" if plate else "in-shoe"
        self.tiles["peak_force_bw"].rename(f"Peak force, {where}")
        if scene is not None:
            self._choose(scene.roles)
            self._add_zones()

    def _choose(self, roles: frozenset[str]) -> None:
        there = [
            spec
            for spec in TILES
            if not spec.sensor or any(role.startswith(spec.sensor) for role in roles)
        ]
        self._shown = tuple(there[:MOST])
        for spec in TILES:
            self.tiles[spec.metric].setVisible(spec in self._shown)

    def _add_zones(self) -> None:
        if self._has_zones:
            return
        # the metrics are loaded by the first stream: the window comes before them
        for spec in TILES:
            self.tiles[spec.metric].set_zones(_zones(bands().band[spec.metric]))
        self._has_zones = True

    def show_nothing(self, reason: str) -> None:
        """Say why there is no number."""
        for tile in self.tiles.values():
            tile.show_value(TileValue(None, "unknown", reason=reason))
            tile.set_steps(None)
        self._used.setText("")
        self._weight.setText("")

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Show one moment; ``at_s``: now on the lab clock, or of the cursor."""
        self._add_zones()
        for spec in TILES:
            if spec.metric in snapshot.tiles:
                reading = read(spec.metric, snapshot, at_s)
                tile = self.tiles[spec.metric]
                tile.show_value(_value(spec, reading))
                steps = snapshot.steps.get(spec.metric)
                if spec.metric == _SOUND and snapshot.sound is not None:
                    steps = snapshot.sound.relative
                tile.set_steps(steps)
        used, expected = snapshot.strides_used, snapshot.strides_expected
        since = used_text(used, expected, "strides") + " since the start"
        self._used.setText(since if expected else "")
        self._weight.setText(snapshot.weight_note)


def _value(spec: _Spec, it: Reading) -> TileValue:
    note = it.change
    if spec.compares and spec.signed and it.both is not None:
        shown_equal = round(it.both, spec.digits) == 0
        note = "equal" if shown_equal else LARGER[it.both > 0]
    if it.both is None:
        return TileValue(None, "info", total=it.total, reason=it.why)
    return TileValue(
        it.both,
        it.verdict,
        it.word if it.side else "",
        left=it.left,
        right=it.right,
        used=it.used,
        total=it.total,
        note=note,
        old=it.old,
        target=" · ".join(part for part in (it.target, it.grade) if part),
    )


def _zones(band: Band) -> tuple[Zone, ...]:
    """Return the bands of a two-sided or one-sided scale from low to high."""
    if band.info or band.good is None or band.caution is None:
        return ()
    good, caution = band.good, band.caution
    if band.absolute:
        most = caution[1] * 1.5
        edges = (-most, -caution[1], -good[1], good[1], caution[1], most)
        words = ("poor", "caution", "good", "caution", "poor")
        return tuple(
            Zone(low, high, word)
            for low, high, word in zip(edges[:-1], edges[1:], words, strict=True)
        )
    low, high = min(good[0], caution[0]), max(good[1], caution[1])
    if math.isinf(low) and math.isfinite(high):
        return _less_is_better(good[1], high)
    if not (math.isfinite(low) and math.isfinite(high)):
        return ()
    found = [Zone(low, good[0], "caution"), Zone(*good, "good")]
    found.append(Zone(good[1], high, "caution"))
    return tuple(zone for zone in found if zone.high > zone.low)


def _less_is_better(good: float, caution: float) -> tuple[Zone, ...]:
    """Return a scale from good to poor, as wide on both ends as its caution zone."""
    wide = 1.5 * (caution - good)
    return (
        Zone(good - wide, good, "good"),
        Zone(good, caution, "caution"),
        Zone(caution, caution + wide, "poor"),
    )
