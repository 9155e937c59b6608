"""The tiles: the numbers of the last strides, each with what it stands on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtWidgets import QVBoxLayout

from ui.numbers import elapsed_text, used_text, value_text
from ui.scrolling import scrolling
from ui.tile import Tile, TileValue, Zone
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.live.scene import Scene
    from lablive.metrics.bands import Band
    from lablive.protocol.baseline import Change
    from lablive.snapshot import Snapshot
    from lablive.snapshot import Tile as Shown


class _Spec(NamedTuple):
    metric: str
    name: str
    unit: str
    digits: int
    signed: bool = False
    compares: bool = False  # needs both feet


TILES: Final = (
    _Spec("cadence_spm", "Cadence", "steps/min", 0),
    _Spec("contact_time_ms", "Contact time", "ms", 0),
    _Spec(
        "contact_time_si_pct", "Contact asymmetry", "%", 1, signed=True, compares=True
    ),
    _Spec("flight_time_ms", "Flight time", "ms", 0, compares=True),
    _Spec("peak_force_bw", "Peak force, in-shoe", "BW", 2),
    _Spec("duty_factor_pct", "Duty factor", "%", 0),
)
LARGER: Final = ("left larger", "right larger")
OLD_S: Final = 2.0  # of the newest step: from then on its numbers say nothing of now
OLD_STRIDES: Final = 2.0  # or so many strides, for who walks slowly


class TilesCard(Card):
    """One tile per quantity, median of the last ten strides of each side."""

    def __init__(self) -> None:
        super().__init__("Now", "median of last 10 strides")
        self._has_zones = False
        self.tiles: dict[str, Tile] = {}
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(0)
        for spec in TILES:
            made = Tile(spec.name, spec.unit, spec.digits, signed=spec.signed)
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

    def set_scene(self, scene: Scene | None) -> None:
        """Name the peak force by the sensor it comes from."""
        plate = scene is not None and "both" in scene.curves
        where = "treadmill" if plate else "in-shoe"
        self.tiles["peak_force_bw"].rename(f"Peak force, {where}")
        if scene is not None:
            self._add_zones()

    def _add_zones(self) -> None:
        if self._has_zones:
            return
        # the metrics are loaded by the first stream: the window comes before them
        from lablive.metrics.bands import load_bands

        bands = load_bands().band
        for spec in TILES:
            self.tiles[spec.metric].set_zones(_zones(bands[spec.metric]))
        self._has_zones = True

    def show_nothing(self, reason: str) -> None:
        """Say why there is no number."""
        for tile in self.tiles.values():
            tile.show_value(TileValue(None, "unknown", reason=reason))
        self._used.setText("")
        self._weight.setText("")

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Show one moment; ``at_s``: now on the lab clock, or of the cursor."""
        self._add_zones()
        for spec in TILES:
            found = snapshot.tiles.get(spec.metric)
            if found is not None:
                change = snapshot.changes.get(spec.metric, {}).get("both")
                shown = _value(spec, found, change)
                old = _old(spec, snapshot, at_s) if shown.value is not None else ""
                self.tiles[spec.metric].show_value(shown._replace(old=old))
        used, expected = snapshot.strides_used, snapshot.strides_expected
        since = used_text(used, expected, "strides") + " since the start"
        self._used.setText(since if expected else "")
        self._weight.setText(snapshot.weight_note)


def _value(spec: _Spec, shown: Shown, change: Change | None) -> TileValue:
    value = shown.value
    both, left, right = (value.stat(key) for key in ("both", "left", "right"))
    verdict = shown.verdicts.get("both") or "info"
    note = ""
    if spec.signed and math.isfinite(both.median):
        shown_equal = round(both.median, spec.digits) == 0
        note = "equal" if shown_equal else LARGER[both.median > 0]
    elif change is not None:
        note = _since_baseline(spec, change)
    sides = left.n > 0 or right.n > 0
    return TileValue(
        both.median if both.n else None,
        verdict,
        left=left.median if sides and left.n else None,
        right=right.median if sides and right.n else None,
        used=both.n,
        total=both.n_total,
        note=note,
        reason="" if both.n else value.note or "no steps yet",
    )


def _old(spec: _Spec, snapshot: Snapshot, at_s: float) -> str:
    """Say for how long no step was measured; "" while they are.

    What needs both feet is as old as the foot that lags behind the other.
    """
    last_s = snapshot.last_stride_s
    if not last_s:
        return ""
    cadence = snapshot.tiles.get("cadence_spm")
    per_min = cadence.value.stat("both").median if cadence is not None else math.nan
    usual_s = 120.0 / per_min if per_min > 0 else 0.0  # a stride has two steps
    limit_s = max(OLD_S, OLD_STRIDES * usual_s)
    newest_s = max(last_s.values())
    if at_s - newest_s > limit_s:
        return f"no step measured for {_seconds(at_s - newest_s)}"
    side = min(last_s, key=lambda name: last_s[name])
    if spec.compares and newest_s - last_s[side] > limit_s:
        return f"no {side} step measured for {_seconds(at_s - last_s[side])}"
    return ""


def _seconds(age_s: float) -> str:
    return f"{age_s:.0f} s" if age_s < 60.0 else elapsed_text(age_s)


def _since_baseline(spec: _Spec, change: Change) -> str:
    """Say what the last minute is against the baseline; "" when it cannot be told."""
    if not math.isfinite(change.delta):
        return ""
    if change.verdict == "within error":
        return "as in the baseline"
    told = f"{value_text(change.delta, spec.digits, signed=True)} since baseline"
    # without five baseline minutes nobody knows how much of it is error
    return told if change.verdict == "change" else f"{told}, error not known"


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
    if not (math.isfinite(low) and math.isfinite(high)):
        return ()
    found = [Zone(low, good[0], "caution"), Zone(*good, "good")]
    found.append(Zone(good[1], high, "caution"))
    return tuple(zone for zone in found if zone.high > zone.low)
