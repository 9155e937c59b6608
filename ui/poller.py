"""One timer, sixty times a second: rows in, pipeline, picture. 30 Hz under load."""

from __future__ import annotations

import logging
import statistics
from collections import deque
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from lablive.clock import now_s

if TYPE_CHECKING:
    from lablive.live.session import Tick
    from ui.session_model import SessionModel

log = logging.getLogger(__name__)

FAST_MS, CALM_MS = 16, 33
BUSY_S, RELAXED_S = 0.012, 0.006  # of a tick: slower, faster again
WATCHED_TICKS = 60


class View(Protocol):
    """Whatever draws one tick."""

    def refresh(self, tick: Tick) -> None:
        """Draw."""
        ...


class Poller(QObject):
    """Drive the model and one view; slow down rather than fall behind."""

    def __init__(
        self, model: SessionModel, view: View, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._view = model, view
        self._last_s = now_s()
        self._cost_s: deque[float] = deque(maxlen=WATCHED_TICKS)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self.ticks = 0

    def start(self) -> None:
        """Begin."""
        self._last_s = now_s()
        self._timer.start(FAST_MS)

    def stop(self) -> None:
        """End; nothing is read after this."""
        self._timer.stop()

    def tick(self) -> None:
        """Do one round; a fault is told once and never stops the next round."""
        began_s = now_s()
        passed_s, self._last_s = began_s - self._last_s, began_s
        try:
            self._view.refresh(self._model.poll(passed_s))
        except Exception as error:
            log.exception("tick")
            self._model.trouble.emit(
                f"The view failed ({type(error).__name__}: {error}). Recording goes "
                "on. Please send us the log."
            )
        self.ticks += 1
        self._cost_s.append(now_s() - began_s)
        if len(self._cost_s) == WATCHED_TICKS:
            self._pace()

    def _pace(self) -> None:
        cost_s = statistics.median(self._cost_s)
        wanted = self._timer.interval()
        if cost_s > BUSY_S:
            wanted = CALM_MS
        elif cost_s < RELAXED_S:
            wanted = FAST_MS
        if wanted != self._timer.interval():
            self._timer.setInterval(wanted)
            self._cost_s.clear()
