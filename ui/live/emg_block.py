"""Muscles: signal with its envelope, and what they do in the phases of a stride.

Rows are gathered and drawn five times a second: a picture of a muscle is read over
strides, and every row is in it. The chart, with pyqtgraph, is made at the first sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.messages import Chunk
from lablive.names import side_of
from ui.language import say
from ui.live.block import Block
from ui.live.facts import LEAST_CARD_PX, FactLine, fact
from ui.live.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from lablive.live.replaying import ReplaySession
    from lablive.live.scene import Scene
    from lablive.messages import Floats, Gap, Values
    from lablive.signals.binding import Source
    from lablive.signals.emg import EmgStage
    from lablive.signals.filters import CausalFilter
    from lablive.snapshot import Snapshot, Wanted
    from ui.strip_chart import StripChart

    _Curve = tuple[Floats, Floats]

WINDOW_S: Final = 4.0
_EVERY_S: Final = 0.2  # of data time
_LANE_PX: Final = 44  # a lane lower than this cannot be read
_MOST: Final = 8
_LEAST_UV: Final = 50.0
_LEAD_S: Final = 0.4  # rows before a replayed window, for the filters
_FIRST: Final = ("gluteus_maximus", "gluteus_medius")
_SHORT: Final = {"gluteus_maximus": "Gmax", "gluteus_medius": "Gmed"}
_TWO_LINES_PX: Final = 220  # of the block: then both muscles are told
_FACTS: Final = {
    "gluteus_maximus": (
        ("Gmax drive phase", "gmax_drive_pct"),
        ("push-off", "gmax_pushoff_pct"),
        ("bursts", "gmax_burst_present_pct"),
        ("R against L", "gmax_si_pct"),
    ),
    "gluteus_medius": (
        ("Gmed peak", "gmed_stance_peak_pct"),
        ("onset", "gmed_onset_ms"),
        ("bursts", "gmed_burst_present_pct"),
        ("R against L", "gmed_si_pct"),
    ),
}


class _Channel(NamedTuple):
    """A muscle of one side, and its factor to the unit it is drawn in."""

    role: str
    source: Source
    factor: float
    unit: str

    @property
    def name(self) -> str:
        """As people say it: ``Gmax L``, ``Biceps femoris R``."""
        muscle = self.role.removeprefix("emg_").rpartition("_")[0]
        side = side_of(self.role)
        letter = {"left": " L", "right": " R"}.get(side or "", "")
        words = muscle.replace("_", " ")
        return _SHORT.get(muscle, f"{words[:1].upper()}{words[1:]}") + letter


class EmgBlock(Block):
    """EMG, its envelope over it, and the activation in the phases of the stride."""

    def __init__(self) -> None:
        super().__init__("Muscles", "", "needs an EMG amplifier")
        self._facts = {muscle: FactLine(muscle.replace("_", " ")) for muscle in _FACTS}
        self._scene: Scene | None = None
        self._channels: tuple[_Channel, ...] = ()
        self._chart: StripChart | None = None
        self._stage: EmgStage | None = None
        self._band: CausalFilter | None = None
        self._waiting: list[tuple[Floats, Values]] = []
        self._drawn_s = float("-inf")
        self._window: tuple[float, float] | None = None
        self._room = 2
        for line in self._facts.values():
            self.body.addWidget(line)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels drawn."""
        return tuple(it.name for it in self._drawn)

    def wanted(self, t_s: float) -> Wanted:
        """Return the activation of the muscles that are measured."""
        from lablive.snapshot import Wanted

        return Wanted(
            tuple(name for muscle in self._measured for _, name in _FACTS[muscle])
        )

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Begin afresh with other channels."""
        self._scene = scene
        self._channels = _channels(scene)
        self.set_subtitle("")
        for line in self._facts.values():
            line.show_facts(())
        self._show_lines()
        self._begin()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin the curves anew: what came meanwhile was not taken."""
        super().showEvent(event)
        self._begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw as many channels as can be read."""
        super().resizeEvent(event)
        self._show_lines()
        free = self.height() - 56 - 22 * len(self._measured)
        room = min(_MOST, max(2, free // _LANE_PX // 2 * 2))
        if room != self._room:
            self._room = room
            self._begin()

    def append(self, items: Iterable[Chunk | Gap]) -> None:
        """Take live rows; they are drawn five times a second."""
        drawn, chart = self._drawn, self._chart
        if not drawn or chart is None:
            return
        stream = drawn[0].source.stream
        for item in items:
            if isinstance(item, Chunk) and item.stream == stream and len(item):
                self._waiting.append((item.t_s, item.x))
        if not self._waiting:
            return
        newest_s = float(self._waiting[-1][0][-1])
        if newest_s - self._drawn_s < _EVERY_S:
            return
        self._drawn_s = newest_s
        t_s = np.concatenate([t for t, _ in self._waiting])
        x = np.concatenate([rows for _, rows in self._waiting])
        self._waiting.clear()
        self._draw(t_s, x)
        chart.set_view_end(newest_s)

    def show_replay(self, replay: ReplaySession) -> None:
        """Show the window that holds the cursor, and the cursor in it."""
        drawn = self._drawn
        if not drawn or self._chart is None:
            return
        window = replay.window_around(WINDOW_S)
        if window != self._window:
            self._window = window
            self._new_stage()
            stream = drawn[0].source.stream
            t_s, x = replay.rows(stream, window[0] - _LEAD_S, window[1])
            (band_s, band), (curve_s, envelope) = self._curves(t_s, x)
            inside = band_s >= window[0]
            after = curve_s >= window[0]
            data = [(0, band_s[inside], band[inside])]
            if self._stage is not None:
                data.append((len(drawn), curve_s[after], envelope[after]))
            self._chart.show_window(*window, data, origin_s=replay.trial.t0_s)
        self._chart.set_cursor(replay.cursor_s)

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Tell the activation."""
        for muscle in self._measured:
            told = [fact(word, read(name, snapshot, at_s))
                    for word, name in _FACTS[muscle]]  # fmt: skip
            if all(it.verdict == "unknown" for it in told):
                why = read(_FACTS[muscle][0][1], snapshot, at_s).why
                told = [told[0]._replace(value=f"— {why}")]
            self._facts[muscle].show_facts(told)

    # -- inside -------------------------------------------------------------------

    @property
    def _drawn(self) -> tuple[_Channel, ...]:
        """Channels of one stream that have room, the gluteal ones first."""
        if not self._channels:
            return ()
        stream = self._channels[0].source.stream
        own = tuple(it for it in self._channels if it.source.stream == stream)
        return own[: self._room]

    @property
    def _measured(self) -> tuple[str, ...]:
        roles = [it.role for it in self._channels]
        return tuple(
            muscle
            for muscle in _FACTS
            if any(role.startswith(f"emg_{muscle}") for role in roles)
        )

    def _show_lines(self) -> None:
        """Tell every muscle where there is room, else the first."""
        most = sum(self.height() >= least for least in (LEAST_CARD_PX, _TWO_LINES_PX))
        told = self._measured[:most]
        for muscle, line in self._facts.items():
            line.setVisible(muscle in told)

    def _begin(self) -> None:
        """Make the chart of the channels that are drawn; nothing while unseen."""
        self._waiting.clear()
        self._drawn_s, self._window = float("-inf"), None
        if self._chart is None and not self.isVisible():
            return
        self._new_stage()
        from ui.strip_chart import StripChart
        from ui.strip_layout import CurveStyle

        if self._chart is not None:
            self.body.removeWidget(self._chart)
            self._chart.hide()
            self._chart.deleteLater()
        drawn = self._drawn
        rate_hz = 0.0
        if self._scene is not None and drawn:
            rate_hz = self._scene.info(drawn[0].source.stream).rate_hz
        raw = [
            CurveStyle(it.name, _ink(it.role), unit=it.unit, rate_hz=rate_hz)
            for it in drawn
        ]
        envelopes = [
            CurveStyle(f"{it.name} envelope", "ink", rate_hz=rate_hz, over=number)
            for number, it in enumerate(drawn)
        ]
        ranges = [(-_LEAST_UV, _LEAST_UV)] * len(drawn)
        self._chart = StripChart(
            [*raw, *envelopes] or [CurveStyle("EMG", "ink")],
            WINDOW_S,
            ranges or (-_LEAST_UV, _LEAST_UV),
            stacked=True,
        )
        self._chart.set_placeholder("waiting for EMG" if drawn else self.needs)
        self._chart.setAccessibleName(say("EMG of the last steps"))
        self.body.insertWidget(0, self._chart, 1)

    def _new_stage(self) -> None:
        """Begin the envelope anew, with the filters that its numbers come from."""
        from lablive.signals.emg import EmgSettings, EmgStage, kind_of
        from lablive.signals.filters import CausalFilter

        self._stage = self._band = None
        drawn = self._drawn
        if self._scene is None or not drawn:
            return
        info = self._scene.info(drawn[0].source.stream)
        if kind_of(info.type) == "envelope":
            self.set_subtitle("envelope, as the device sends it")
            return
        try:
            settings = EmgSettings(
                rate_hz=info.rate_hz, notch_hz=self._scene.emg_notch_hz
            )
        except ConfigError:
            self.set_subtitle("raw; too slow for an envelope")
        else:
            self._stage = EmgStage(settings, len(drawn))
            self._band = CausalFilter(settings.design(), len(drawn))
            band = f"{settings.high_pass_hz:g} to {settings.low_pass_hz:g} Hz"
            self.set_subtitle(f"{band}, and envelope of 50 ms")

    def _curves(self, t_s: Floats, x: Values) -> tuple[_Curve, _Curve]:
        """Return the signal and its envelope, through the filters of its numbers.

        Cables that sway and half-cell voltages would hide the muscle.
        """
        drawn = self._drawn
        raw = np.concatenate([it.source.extract(x) * it.factor for it in drawn], axis=1)
        if self._stage is None or self._band is None:
            return (t_s, raw), (t_s[:0], raw[:0])
        rows = self._stage.feed(t_s, raw)
        return (rows.band_s, self._band.feed(t_s, raw)), (rows.t_s, rows.envelope)

    def _draw(self, t_s: Floats, x: Values) -> None:
        chart = self._chart
        if chart is None:
            return
        (band_s, band), (curve_s, envelope) = self._curves(t_s, x)
        chart.append(band_s, band, 0)
        if self._stage is not None:
            chart.append(curve_s, envelope, len(self._drawn))


def _channels(scene: Scene | None) -> tuple[_Channel, ...]:
    """Return the muscles that are measured, the gluteal ones first."""
    if scene is None:
        return ()
    found: list[_Channel] = []
    for role in sorted(role for role in scene.roles if role.startswith("emg_")):
        source = scene.source(role)
        if source is not None:
            volts = source.unit == "V"
            unit = "µV" if volts else source.unit
            found.append(_Channel(role, source, 1e6 if volts else 1.0, unit))

    def rank(it: _Channel) -> tuple[int, str]:
        for number, muscle in enumerate(_FIRST):
            if it.role.startswith(f"emg_{muscle}"):
                return number, it.role
        return len(_FIRST), it.role

    return tuple(sorted(found, key=rank))


def _ink(role: str) -> str:
    return {"left": "left", "right": "right"}.get(side_of(role) or "", "accent")
