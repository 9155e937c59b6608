"""One timer, sixty times a second: rows in, pipeline, picture. 30 Hz under load.

Load is what the whole program takes of a core, painting and all threads included: the
host, on the same machine, must never wait for a picture.
"""

from __future__ import annotations

import logging
from time import process_time
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from lablive.clock import now_s

if TYPE_CHECKING:
    from lablive.live.session import Tick
    from ui.session_model import SessionModel

log = logging.getLogger(__name__)

FAST_MS: Final = 16
CALM_MS: Final = 33
BUSY: Final = 0.20  # of a core: slower from here on
RELAXED: Final = 0.10  # half of it, since twice as many pictures cost twice as much
WATCHED_S: Final = 1.0


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
        self._watched = (self._last_s, process_time())
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self.ticks = 0

    def start(self) -> None:
        """Begin."""
        self._last_s = now_s()
        self._watched = (self._last_s, process_time())
        self._timer.start(FAST_MS)

    @property
    def interval_ms(self) -> int:
        """Time from tick to tick now, in ms."""
        return self._timer.interval()

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
        if began_s - self._watched[0] >= WATCHED_S:
            self._pace(began_s)

    def _pace(self, at_s: float) -> None:
        since_s, spent_before_s = self._watched
        spent_s = process_time()
        self._watched = (at_s, spent_s)
        share = (spent_s - spent_before_s) / (at_s - since_s)
        wanted = self.interval_ms
        if share > BUSY:
            wanted = CALM_MS
        elif share < RELAXED:
            wanted = FAST_MS
        if wanted != self.interval_ms:  # else the timer would begin anew
            self._timer.setInterval(wanted)
