"""Blocks with one mark per step: foot-contact sound and pelvic drop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ui.live.block import Block
from ui.live.reading import bands, read
from ui.live.step_chart import Line, StepChart, StepPicture
from ui.numbers import value_text
from ui.signs import VerdictChip
from ui.strip_scale import Band

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.gait.contacts import ContactSide
    from lablive.live.scene import Scene
    from lablive.metrics.bands import Band as Limits
    from lablive.snapshot import Snapshot, Wanted
    from lablive.steps import StepSound
    from ui.live.reading import Reading

_RELATIVE, _LEVEL = "footfall_rel_db", "footfall_sel_dba"
_DROP: Final = "pelvic_drop_deg"
_RELATIVE_RANGE: Final = (-6.0, 3.0)
_DROP_RANGE: Final = (0.0, 10.0)
_LEVEL_SPAN_DB: Final = 12.0
_FAR: Final = 1e6
_LETTERS: Final[tuple[tuple[str, ContactSide], ...]] = (("L", "left"), ("R", "right"))


class _Judged(Block):
    """A block whose head tells a verdict."""

    def __init__(self, title: str, needs: str) -> None:
        super().__init__(title, "", needs)
        self.chip = VerdictChip()
        self.head.addWidget(self.chip)
        self.chip.hide()

    def _judge(self, reading: Reading) -> None:
        lamp = reading.lamp
        self.chip.setVisible(reading.is_measured)
        self.chip.set_verdict(lamp, "old" if reading.old else reading.word)
        self.chip.setToolTip(reading.tip)


class SoundBlock(_Judged):
    """How loud each footfall was: against the own baseline, above the belt's noise."""

    def __init__(self) -> None:
        super().__init__("Foot-contact sound", "needs a microphone at the belt")
        self.chart = StepChart("Foot-contact sound per step", _RELATIVE_RANGE)
        self.body.addWidget(self.chart)

    def wanted(self, t_s: float) -> Wanted:
        """Return the footfalls."""
        from lablive.snapshot import Wanted

        return Wanted((_RELATIVE, _LEVEL), sound=True)

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Say what is missing."""
        self.set_subtitle("dB" if there else "")
        why = "no steps yet" if there else self.needs
        self.chart.show_picture(StepPicture(why=why))
        self.chip.hide()

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Draw a bar per step."""
        sound = snapshot.sound
        reading = read(_RELATIVE, snapshot, at_s)
        if sound is None or not sound.level.values:
            why = "no steps yet"
            if snapshot.last_stride_s:  # there are steps: why are they not heard?
                why = read(_RELATIVE, snapshot, at_s).why
                if "baseline" in why:
                    why = read(_LEVEL, snapshot, at_s).why
            self.chart.show_picture(StepPicture(why=why))
            self.chip.hide()
            return
        if sound.relative.values:
            self._show_relative(sound, reading)
        else:
            self._show_level(sound)

    def _show_relative(self, sound: StepSound, reading: Reading) -> None:
        self.chart.set_least(_RELATIVE_RANGE)
        base = _mean(sound.baseline_db.values())
        unit = sound.level.unit
        sides = " · ".join(
            f"{letter} {value_text(sound.baseline_db[side], 1)}"
            for letter, side in _LETTERS
            if side in sound.baseline_db
        )
        lines = [Line(0.0, "own baseline")]
        # below the picture it is told in words alone; the feet's baselines differ
        if sound.noise_db - base >= self.chart.y_range()[0]:
            lines.append(Line(sound.noise_db - base, "belt noise, about"))
        self.chart.show_picture(
            StepPicture(
                sound.relative,
                "bars",
                0.0,
                tinted(bands().band[_RELATIVE], "target", " dB"),
                tuple(lines),
            )
        )
        noise = value_text(sound.noise_db, 0)
        self.set_subtitle(f"dB · own baseline {sides} · belt noise {noise} {unit}")
        self._judge(reading)

    def _show_level(self, sound: StepSound) -> None:
        low = math.floor(min(sound.level.values) - 3)
        known = math.isfinite(sound.noise_db)
        base = sound.noise_db if known else low
        floor = 2.0 * math.floor(base / 2.0 - 1)
        if not self.chart.y_range()[0] <= base <= self.chart.y_range()[1]:
            self.chart.set_least((floor, floor + _LEVEL_SPAN_DB))
        lines = (Line(base, "belt noise"),) if known else ()
        picture = StepPicture(sound.level, "bars", base, (), lines)
        self.chart.show_picture(picture)
        self.set_subtitle(
            f"{sound.level.unit} per step, no baseline yet{_noise(sound)}"
        )
        self.chip.hide()


class DropBlock(_Judged):
    """How far the pelvis drops on the swing side, per stance side."""

    def __init__(self) -> None:
        super().__init__("Pelvic drop", "needs an IMU on the pelvis")
        self.chart = StepChart("Pelvic drop per stance side", _DROP_RANGE)
        self.body.addWidget(self.chart)

    def wanted(self, t_s: float) -> Wanted:
        """Return the drop of each step."""
        from lablive.snapshot import Wanted

        return Wanted((_DROP,), (_DROP,))

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Say what is missing."""
        self.set_subtitle("degrees, per stance side" if there else "")
        why = "no steps yet" if there else self.needs
        self.chart.show_picture(StepPicture(why=why))
        self.chip.hide()

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Draw a dot per step."""
        reading = read(_DROP, snapshot, at_s)
        steps = snapshot.steps.get(_DROP)
        if steps is None or not steps.values:
            self.chart.show_picture(StepPicture(why=reading.why))
            self.chip.hide()
            return
        own = bands().band[_DROP]
        if reading.verdict == "info":  # at this speed the bands say nothing
            self.chart.show_picture(StepPicture(steps))
        else:
            shown = tinted(own, "good", "°")
            self.chart.show_picture(StepPicture(steps, bands=shown))
        words = [f"stance side {reading.sides}°", reading.grade]
        self.set_subtitle(" · ".join(word for word in words if word))
        self._judge(reading)


def tinted(limits: Limits, good: str, unit: str) -> tuple[Band, ...]:
    """Return the bands of a metric where less is better, from good to poor."""
    if limits.good is None or limits.caution is None:
        return ()
    edge, worst = limits.good[1], limits.caution[1]
    low = f"{edge:g}".replace("-", "−")
    high = f"{worst:g}".replace("-", "−")
    return (
        Band(-_FAR, edge, "good", f"{good} {low}{unit}" if good == "target" else ""),
        Band(edge, worst, "caution", f"caution {low} to {high}"),
        Band(worst, _FAR, "poor", f"poor > {high}"),
    )


def _noise(sound: StepSound) -> str:
    if not math.isfinite(sound.noise_db):
        return ""
    told = value_text(sound.noise_db, 0)
    return f" · belt noise {told} {sound.level.unit}"


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else math.nan
