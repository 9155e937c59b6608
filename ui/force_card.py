"""The force strip: about ten steps of both feet, contacts marked, live or replayed.

The chart, with pyqtgraph, is made when the card is first seen: the window opens
without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from ui.language import say
from ui.live.block import Block
from ui.live.facts import LEAST_CARD_PX, FactLine, fact
from ui.live.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from lablive.gait.contacts import Contact
    from lablive.live.replaying import ReplaySession
    from lablive.live.scene import CurveName, ForceUnit, Scene
    from lablive.messages import Chunk, Floats, Gap, StreamStatus, Values
    from lablive.snapshot import Snapshot, Wanted
    from ui.strip_chart import StripChart

WINDOW_S: Final = 4.0  # about ten steps of running
FACTS: Final = (
    ("peak", "peak_force_bw"),
    ("impact", "impact_peak_bw"),
    ("loading", "valr_bw_s"),
)
STALE_S: Final = 0.5  # of the newest row: from then on the host calls it a stall
STYLES: Final[dict[CurveName, tuple[str, str, bool]]] = {
    "left": ("Left", "left", False),
    "right": ("Right", "right", True),
    "both": ("Both feet", "ink", False),
}
LEAST_RANGE: Final[dict[ForceUnit, tuple[float, float]]] = {
    "BW": (0.0, 2.0),
    "N": (0.0, 1000.0),
    "counts": (0.0, 1000.0),
}
NAMES: Final[dict[ForceUnit, str]] = {
    "BW": "body weights",
    "N": "newtons",
    "counts": "raw counts, not calibrated: Zero and Weigh give body weights",
}


class ForceCard(Block):
    """Force of both feet over the last seconds, or around the replay cursor."""

    cursor_moved = Signal(float)

    def __init__(self) -> None:
        super().__init__("Force", "no insole yet", "needs insoles or a force plate")
        self._facts = FactLine("Force of the last strides")
        self.body.addWidget(self._facts)
        self._chart: StripChart | None = None
        self._scene: Scene | None = None
        self._window: tuple[float, float] | None = None
        self._newest_s: dict[CurveName, float] = {}
        self._end_s = float("-inf")
        self._why_empty = "no insole yet"

    def showEvent(self, event: QShowEvent) -> None:
        """Make the chart at the first sight of the card."""
        if self._chart is None:
            self._build_empty()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give a low card to its curves."""
        super().resizeEvent(event)
        self._facts.setVisible(self.height() >= LEAST_CARD_PX)

    def wanted(self, t_s: float) -> Wanted:
        """Return peak, impact and loading."""
        from lablive.snapshot import Wanted

        return Wanted(tuple(name for _, name in FACTS))

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Mark contacts, and tell peak, impact and loading."""
        self.mark(snapshot.contacts)
        told = [(word, read(name, snapshot, at_s)) for word, name in FACTS]
        known = [fact(word, it) for word, it in told if it.is_measured]
        self._facts.show_facts(known)

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Begin afresh with other curves."""
        self._facts.show_facts(())
        self._scene = scene
        self._window = None
        self._newest_s, self._end_s = {}, float("-inf")
        if scene is None or not scene.curves:
            self._why_empty = "no force in these streams" if scene else "no insole yet"
            self.set_subtitle(self._why_empty)
            if self._chart is not None or self.isVisible():
                self._build_empty()
            return
        rates_hz = [scene.rate_hz(name) for name in scene.curves]
        self._build(scene.curves, rates_hz, scene.unit)
        where = "treadmill, both feet" if "both" in scene.curves else "in-shoe"
        words = NAMES[scene.unit]
        self.set_subtitle(words if scene.unit == "counts" else f"{words}, {where}")

    def append(self, items: Iterable[Chunk | Gap]) -> None:
        """Take live rows and scroll to the newest that both feet have."""
        scene, chart = self._scene, self._chart
        if scene is None or chart is None:
            return
        for name, pieces in scene.append(items).items():
            for piece in pieces:
                chart.append(piece.t_s, piece.force, scene.curves.index(name))
                self._newest_s[name] = float(piece.t_s[-1])
        if self._newest_s:
            self._scroll(max(self._newest_s.values()))

    def show_status(self, status: Mapping[int, StreamStatus]) -> None:
        """Scroll on while nothing comes: the right edge is now, not the last row."""
        scene = self._scene
        if scene is None:
            return
        ends_s: list[tuple[float, float]] = []
        for name, newest_s in self._newest_s.items():
            stream = scene.stream(name)
            if stream is not None and stream in status:
                age_s = status[stream].last_sample_age_s
                ends_s.append((age_s, newest_s + age_s))
        if ends_s and min(ends_s)[0] > STALE_S:
            self._scroll(min(ends_s)[1])

    def _scroll(self, end_s: float) -> None:
        self._end_s = max(self._end_s, end_s)
        if self._chart is not None:
            self._chart.set_view_end(self._end_s)

    def mark(self, contacts: Iterable[Contact]) -> None:
        """Mark contacts under the baseline."""
        if self._chart is not None:
            self._chart.set_marks(
                [
                    (contact.t_s, contact.side, contact.kind)
                    for contact in contacts
                    if contact.kind in ("ic", "to")
                ]
            )

    def show_replay(self, replay: ReplaySession) -> None:
        """Show the window that holds the cursor, and the cursor in it."""
        scene, chart = self._scene, self._chart
        if scene is None or chart is None or not scene.curves:
            return
        window = replay.window_around(WINDOW_S)
        if window != self._window:
            self._window = window
            data: list[tuple[int, Floats, Values]] = []
            for index, name in enumerate(scene.curves):
                curve = scene.window(name, *replay.rows(scene.stream(name), *window))
                data.append((index, curve.t_s, curve.force))
            chart.show_window(*window, data, origin_s=replay.trial.t0_s)
            self.mark(replay.contacts_between(*window))
        chart.set_cursor(replay.cursor_s)

    def forget_window(self) -> None:
        """Draw the replayed window again at the next chance (results have come)."""
        self._window = None

    def _build_empty(self) -> None:
        """Show no curve, above all none of the streams that were here before."""
        self._build(("left", "right"), (0.0, 0.0), "BW", self._why_empty)

    def _build(
        self,
        names: Sequence[CurveName],
        rates_hz: Sequence[float],
        unit: ForceUnit,
        placeholder: str = "waiting for force",
    ) -> None:
        from ui.strip_chart import StripChart
        from ui.strip_layout import CurveStyle

        if self._chart is not None:
            self.body.removeWidget(self._chart)
            self._chart.hide()  # it lives on until the event loop turns
            self._chart.deleteLater()
        styles = [
            CurveStyle(*STYLES[name], rate_hz=rate_hz)
            for name, rate_hz in zip(names, rates_hz, strict=True)
        ]
        self._chart = StripChart(styles, WINDOW_S, LEAST_RANGE[unit], unit)
        self._chart.set_placeholder(placeholder)
        self._chart.setAccessibleName(say("Force of both feet over the last steps"))
        self._chart.cursor_moved.connect(self.cursor_moved)
        self.body.insertWidget(0, self._chart, 1)
