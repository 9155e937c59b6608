"""A person over the sessions: any metric, body mass, the ladder, focus runs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lablive import journal
from lablive.errors import LabLiveError
from lablive.whole_file import replace_file
from ui.actions import ActionButton
from ui.language import say
from ui.numbers import counted
from ui.results.history_chart import HistoryChart
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.library.progress import History, Line, Point
    from lablive.library.records import SessionEntry
    from lablive.library.store import Library
    from lablive.metrics.bands import Band
    from lablive.metrics.metric import StatKey
    from ui.register import Register

MASS: Final = "body mass"
FIRST: Final = "cadence_spm"
HEADS: Final = ("Day", "Value", "Strides", "Since the first", "Means", "Shoes", "Trial")
_WIDE: Final = HEADS.index("Means")
_CHANGED: Final = {
    "first": "first", "change": "▲ change", "no change": "= no change",
    "unknown": "? no statement",
}  # fmt: skip


class Beside(NamedTuple):
    """What else is known of a person: lines to read."""

    ladder: tuple[str, ...]
    focus: tuple[str, ...]


class HistoryView(QWidget):
    """Metric and side on top, the curve, its table, ladder and focus.

    Parameters
    ----------
    register
        The library.

    Signals
    -------
    told
        A word and a sentence of what was done, or why not.
    """

    told = Signal(str, str)

    def __init__(self, register: Register) -> None:
        super().__init__()
        self._register = register
        self._code = ""
        self._asked = 0
        self._history: History | None = None
        self._sessions: list[SessionEntry] = []
        self.what = QComboBox()
        self.what.setAccessibleName(say("Metric"))
        short = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.what.setSizeAdjustPolicy(short)
        self.what.setMinimumContentsLength(22)
        self.side = QComboBox()
        self.side.setAccessibleName(say("Side"))
        for words in ("both", "left", "right"):
            self.side.addItem(words, words)
        self.line = QComboBox()
        self.line.setAccessibleName(say("Sensor and belt speed"))
        self.line.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.export_button = ActionButton("history_export", self.choose_place)
        self.why = label("", "muted")
        self.why.setWordWrap(True)
        self.chart = HistoryChart()
        self.table = QTableWidget()
        self.table.setAccessibleName(say("Sessions"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.ladder, self.focus = QListWidget(), QListWidget()
        self.ladder.setAccessibleName(say("Ladder of drills"))
        self.focus.setAccessibleName(say("Focus runs"))
        self._fill_metrics()
        self._lay_out()
        self.what.currentIndexChanged.connect(self.look)
        self.side.currentIndexChanged.connect(self.look)
        self.line.currentIndexChanged.connect(self._show_line)

    def show_person(self, code: str, sessions: list[SessionEntry]) -> None:
        """Show another person, or what has come since."""
        self._code, self._sessions = code, sessions
        self.look()
        home = self._register.home

        def found(_: Library) -> Beside:
            return beside(home, code)

        def tell(told: Beside) -> None:
            if code == self._code:
                _fill(self.ladder, told.ladder, "no drill was done yet")
                _fill(self.focus, told.focus, "no focus run yet")

        self._register.ask(found, tell)

    def look(self) -> None:
        """Ask for the metric that is chosen."""
        metric, side = self._chosen
        self._asked += 1
        asked, code = self._asked, self._code
        self.side.setEnabled(metric != MASS)
        if metric == MASS:
            self._take(mass_history(code, self._sessions))
            return

        def found(library: Library) -> History:
            return library.history(code, metric, side)

        def tell(history: History) -> None:
            if asked == self._asked:
                self._take(history)

        self._register.ask(found, tell)

    @property
    def _chosen(self) -> tuple[str, StatKey]:
        return str(self.what.currentData()), cast("StatKey", self.side.currentData())

    def _take(self, history: History) -> None:
        self._history = history
        self.line.blockSignals(True)
        self.line.clear()
        for line in history.lines:
            self.line.addItem(line_words(line))
        self.line.blockSignals(False)
        self.line.setVisible(len(history.lines) > 0)
        self._show_line()

    def current(self) -> Line | None:
        """Return the line that is shown."""
        lines = self._history.lines if self._history else ()
        at = self.line.currentIndex()
        return lines[at] if 0 <= at < len(lines) else None

    def _show_line(self) -> None:
        history, line = self._history, self.current()
        unit = history.unit if history else ""
        metric, side = self._chosen
        self.chart.show_line(line, band_of(metric, line), unit, side)
        points = line.points if line else ()
        self.table.clear()
        self.table.setColumnCount(len(HEADS))
        self.table.setHorizontalHeaderLabels(list(HEADS))
        self.table.setRowCount(len(points))
        for row, point in enumerate(reversed(points)):
            for column, text in enumerate(cells(point, unit)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_WIDE, QHeaderView.ResizeMode.Stretch)
        self.why.setText(
            say(
                (line.mdc.citation or line.mdc.why)
                if line
                else "Nothing was measured yet."
            )
        )
        self.export_button.setEnabled(bool(points))

    # -- export -------------------------------------------------------------------

    def choose_place(self) -> None:
        """Let the operator say where the table is to lie."""
        metric, side = self._chosen
        proposed = Path(f"{self._code}-{metric.replace(' ', '_')}-{side}.csv")
        path, _ = QFileDialog.getSaveFileName(
            self, "Export the table", str(proposed), "CSV (*.csv)"
        )
        if path:
            self.export(Path(path))

    def export(self, path: Path) -> None:
        """Write every line of the metric as a table, with the code alone."""
        if self._history is None:
            return
        try:
            replace_file(path, history_csv(self._history).encode())
            journal.handed_on(self._register.home, self._code, "export", path)
        except LabLiveError as error:
            self.told.emit("trouble", str(error))
        except OSError as error:
            why = error.strerror or str(error)
            self.told.emit("trouble", f"{path} cannot be written ({why}).")
        else:
            self.told.emit("exported", f"{path} is written.")

    # -- layout -------------------------------------------------------------------

    def _fill_metrics(self) -> None:
        from lablive.metrics.registry import METRICS

        named = sorted(METRICS.values(), key=lambda it: it.label.casefold())
        for metric in named:
            self.what.addItem(f"{metric.label} [{metric.unit}]", metric.id)
        self.what.addItem(say(f"{MASS} [kg]"), MASS)
        self.what.setCurrentIndex(self.what.findData(FIRST))

    def _lay_out(self) -> None:
        card = Card("Over the sessions")
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for field in (self.what, self.side, self.line):
            row.addWidget(field, 2 if field is self.line else 0)
        row.addWidget(self.export_button)
        card.body.addLayout(row)
        card.body.addWidget(self.chart, 3)
        card.body.addWidget(self.why)
        card.body.addWidget(self.table, 2)
        column = QVBoxLayout()
        column.setSpacing(3 * STEP_PX)
        for words, held in (("Ladder", self.ladder), ("Focus runs", self.focus)):
            side = Card(words)
            held.setWordWrap(True)
            side.body.addWidget(held)
            column.addWidget(side, 1)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(card, 3)
        box.addLayout(column, 1)
        self.setAccessibleName(say("History"))


def _fill(shown: QListWidget, lines: tuple[str, ...], empty: str) -> None:
    shown.clear()
    shown.addItems(list(lines) or [empty])


def beside(home: Path, code: str) -> Beside:
    """Return the ladder and the focus runs of a person in words."""
    from lablive.drills.catalogue import load_catalogue
    from lablive.drills.ladder import ladder
    from lablive.library.drill_history import focus_history, set_history
    from lablive.metrics.registry import METRICS

    sets = set_history(home, code)
    catalogue, _ = load_catalogue(home / "drills")
    signs = {"passed": "✓", "tried": "○", "now": "→", "open": " "}
    rungs = tuple(
        f"{signs[it.state]} {it.title}, {it.leg}: {it.words or it.state}"
        for it in (ladder(catalogue, sets) if sets else ())
    )
    runs: list[str] = []
    for it in reversed(focus_history(home, code)):
        known = METRICS.get(it.metric)
        told = f"{it.date}  {known.label if known else it.metric}: {it.minutes:g} min"
        if it.in_target_pct is not None:
            told += f", {it.in_target_pct:.0f} % in target"
        runs.append(told)
    return Beside(rungs, tuple(runs))


def mass_history(code: str, sessions: list[SessionEntry]) -> History:
    """Return the body mass over the sessions, as a metric without limits."""
    from lablive.library.progress import History, Line, Point
    from lablive.protocol.mdc import Mdc

    known = sorted((it for it in sessions if it.mass_kg), key=lambda it: it.date)
    first = known[0].mass_kg or 0.0 if known else 0.0
    why = "body mass is as it was entered: nothing is judged"
    points = tuple(
        Point(
            it.date, it.folder, "", it.mass_kg or 0.0, 1, it.shoes,
            (it.mass_kg or 0.0) - first, "unknown" if number else "first", why, 1,
        )
        for number, it in enumerate(known)
    )  # fmt: skip
    nan = float("nan")
    lines = (
        Line("", None, None, Mdc("kg", value=nan, threshold=nan, why=why), points),
    )
    return History(code, MASS, "both", "kg", lines if points else ())


def line_words(line: Line) -> str:
    """Return which sessions may be compared: their sensor and belt speed."""
    speed = "belt speed not known"
    if line.low_mps is not None and line.high_mps is not None:
        low, high = line.low_mps * 3.6, line.high_mps * 3.6
        speed = (
            f"{low:.1f} km/h" if high - low < 0.05 else f"{low:.1f} to {high:.1f} km/h"
        )
    source = line.source.replace("_", " ")
    return ", ".join(
        filter(None, (source, speed, counted(len(line.points), "session")))
    )


def band_of(metric: str, line: Line | None) -> Band | None:
    """Return the limits of a metric at a line's speed, None where none are known."""
    from lablive.metrics.bands import load_bands

    bands = load_bands()
    band = bands.band.get(metric)
    if line is None or band is None or band.info or band.faster is not None:
        return None
    if band.any_speed:
        return band
    if line.low_mps is None or line.high_mps is None:
        return None
    slowest, fastest = bands.speeds_mps
    inside = slowest <= line.low_mps and line.high_mps <= fastest
    return band if inside else None


def cells(point: Point, unit: str) -> tuple[str, ...]:
    """Return a row of the table."""
    means = _CHANGED[point.changed]
    return (
        point.date,
        f"{point.value:.4g} {unit}",
        str(point.n),
        "" if point.changed == "first" else f"{point.since_first:+.3g} {unit}",
        f"{means}: {point.why}" if point.why else means,
        point.shoes,
        point.trial,
    )


def history_csv(history: History) -> str:
    """Return the whole history as a table, units in the header."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    unit = history.unit
    table.writerow((
        "code", "metric", "side", "source", "low [m/s]", "high [m/s]", "date", "trial",
        f"value [{unit}]", "n", f"since_first [{unit}]", f"mdc [{unit}]", "changed",
        "why", "shoes",
    ))  # fmt: skip
    for line in history.lines:
        for it in line.points:
            table.writerow((
                history.code, history.metric, history.side, line.source, line.low_mps,
                line.high_mps, it.date, it.trial, it.value, it.n, it.since_first,
                line.mdc.threshold, it.changed, it.why, it.shoes,
            ))  # fmt: skip
    return text.getvalue()
