"""Two stretches beside each other: warnings, table, curves, gait lines, maps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from PySide6.QtCore import QTemporaryDir
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import LabLiveError
from lablive.structs import from_plain
from ui.actions import ActionButton
from ui.language import say
from ui.results.compare_charts import SHOWN, CurveChart, GaitChart, MapChart
from ui.results.compare_sides import SideField, sides_form
from ui.results.compare_table import CompareTable
from ui.tokens import STEP_PX
from ui.widgets import Card, label
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.comparing.comparison import Comparison
    from lablive.library.records import SessionEntry
    from lablive.live.replaying import ReplaySession
    from ui.results.compare_charts import Shown

PROGRAM: Final = "lablive.comparing.compare_trials"
HOW: Final = (
    "Choose then and now: two trials, two sessions, or two ranges of one. "
    "With nothing for now, the left foot is held against the right one."
)


class CompareView(QWidget):
    """Then and now, worked out in a process of its own.

    Parameters
    ----------
    start
        Starts a worker that ends with the window.
    """

    def __init__(self, start: Callable[[Worker], None]) -> None:
        super().__init__()
        self._start = start
        self._worker: Worker | None = None
        self._temp: QTemporaryDir | None = None
        self.found: Comparison | None = None
        self.then = SideField("Then", "choose_then")
        self.now = SideField("Now", "choose_now")
        self.go_button = ActionButton("compare_go", self.go, "primary")
        self.stop_button = ActionButton("compare_stop", self.cancel)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(say("Progress of the comparison"))
        self.told = label(HOW, "muted")
        self.told.setWordWrap(True)
        self.doubts = label("", "concern")
        self.doubts.setWordWrap(True)
        self.table = CompareTable()
        self.sentence = label("", "strong")
        self.sentence.setWordWrap(True)
        self.table.told.connect(self.sentence.setText)
        self.curve = QComboBox()
        self.curve.setAccessibleName(say("Curve"))
        self.curve.currentIndexChanged.connect(self._show_curve)
        self.map = QComboBox()
        self.map.setAccessibleName(say("Map of the soles"))
        self.map.addItems(list(SHOWN))
        self.map.currentIndexChanged.connect(self._show_map)
        self.curves, self.lines, self.maps = CurveChart(), GaitChart(), MapChart()
        self._lay_out()
        self._follow()

    def offer(self, sessions: list[SessionEntry], library: Path) -> None:
        """List the trials of the person."""
        self.then.offer(sessions, library)
        self.now.offer(sessions, library)

    def take(self, replay: ReplaySession) -> None:
        """Take the trial on screen, or its range: the first time as then."""
        range_s = None
        if replay.range_s is not None:
            begin_s, end_s = replay.range_s
            range_s = (begin_s - replay.trial.t0_s, end_s - replay.trial.t0_s)
        field = self.now if self.then.path else self.then
        field.set_path(str(replay.path))
        field.set_range(range_s)

    def go(self) -> None:
        """Compare."""
        if self._worker is not None:
            return
        if not self.then.path:
            self.told.setText(say("Choose a trial for then."))
            return
        self._temp = QTemporaryDir()
        out = Path(self._temp.filePath("comparison.json"))
        words = [PROGRAM, self.then.path]
        try:
            words += [self.now.path] if self.now.path else []
            words += self.then.words("a")
            words += self.now.words("b") if self.now.path else []
        except LabLiveError as error:
            self._end()
            self.told.setText(str(error))
            return
        worker = Worker([*words, "--out", str(out)])
        worker.progress.connect(self._show_progress)
        worker.done.connect(lambda _: self._take(out))
        worker.failed.connect(self._fail)
        self._worker = worker
        self.told.setText("")
        self._follow()
        self._start(worker)

    def cancel(self) -> None:
        """End what goes on."""
        if self._worker is not None:
            self._worker.blockSignals(True)
            self._worker.stop()
            self._end()
            self.told.setText(say("Stopped."))

    # -- inside -------------------------------------------------------------------

    def _show_progress(self, share: float, step: str) -> None:
        self.bar.setValue(round(100 * share))
        self.told.setText(step)

    def _fail(self, why: str) -> None:
        self._end()
        self.told.setText(why)

    def _take(self, out: Path) -> None:
        try:
            self.show_comparison(read_comparison(out.read_bytes()))
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            self.told.setText(say(f"The comparison cannot be read ({error})."))
        self._end()

    def _end(self) -> None:
        self._worker = None
        if self._temp is not None:
            self._temp.remove()
            self._temp = None
        self._follow()

    def _follow(self) -> None:
        busy = self._worker is not None
        self.bar.setVisible(busy)
        self.bar.setValue(0)
        self.stop_button.setVisible(busy)
        self.go_button.setVisible(not busy)
        self._body.setVisible(self.found is not None)

    def show_comparison(self, found: Comparison) -> None:
        """Show what came out."""
        self.found = found
        a, b = found.a, found.b
        told = f"{a.name}: {a.strides} strides ({a.gait})"
        if found.rows:
            told = f"Then {told} · now {b.name}: {b.strides} strides ({b.gait})"
        self.told.setText(told)
        doubts = [f"▲ {it.text[:1].upper()}{it.text[1:]}." for it in found.doubts]
        self.doubts.setText("\n".join(doubts))
        self.doubts.setVisible(bool(doubts))
        self.sentence.setText(say("Nothing was measured on both sides."))
        self.table.show_comparison(found)
        held = self.curve.currentData()
        self.curve.blockSignals(True)
        self.curve.clear()
        for name, words in {it.id: it.label for it in found.curves}.items():
            self.curve.addItem(words, name)
        self.curve.setCurrentIndex(max(self.curve.findData(held), 0))
        self.curve.blockSignals(False)
        self.lines.show_lines(found.gait_lines)
        self._show_curve()
        self._show_map()
        self._follow()

    def _show_curve(self) -> None:
        if self.found is None:
            return
        name = self.curve.currentData()
        of_it = [it for it in self.found.curves if it.id == name]
        feet = [it for it in of_it if it.side != "both"]
        self.curves.show_curves(feet or of_it)

    def _show_map(self) -> None:
        if self.found is not None:
            shown = cast("Shown", self.map.currentText())
            self.maps.show_maps(self.found.maps, shown)

    def _lay_out(self) -> None:
        sides = Card()
        sides.body.addLayout(sides_form((self.then, self.now)))
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        row.addWidget(self.go_button)
        row.addWidget(self.stop_button)
        row.addWidget(self.bar)
        row.addWidget(self.told, 1)
        sides.body.addLayout(row)
        sides.body.addWidget(self.doubts)
        table = Card("What changed")
        table.body.addWidget(self.table, 1)
        table.body.addWidget(self.sentence)
        pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * STEP_PX)
        curves = Card("Mean of the strides ± SD")
        curves.head.addWidget(self.curve)
        curves.body.addWidget(self.curves)
        soles = Card("Soles")
        soles.head.addWidget(self.map)
        both = QHBoxLayout()
        both.addWidget(self.maps, 3)
        both.addWidget(self.lines, 2)
        soles.body.addLayout(both)
        column.addWidget(curves, 1)
        column.addWidget(soles, 1)
        self._body = QSplitter()
        self._body.setChildrenCollapsible(False)
        self._body.addWidget(table)
        self._body.addWidget(pictures)
        self._body.setStretchFactor(0, 5)
        self._body.setStretchFactor(1, 4)
        self._body.setSizes([700, 560])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(sides)
        box.addWidget(self._body, 1)
        box.addStretch(0)
        self.setAccessibleName(say("Compare"))


def read_comparison(data: bytes) -> Comparison:
    """Return a comparison from its JSON, null as NaN."""
    from lablive.comparing.comparison import Comparison

    return from_plain(_with_nan(json.loads(data)), Comparison)


def _with_nan(plain: Any) -> Any:
    if plain is None:
        return float("nan")
    if isinstance(plain, dict):
        return {key: _with_nan(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_with_nan(value) for value in plain]
    return plain
