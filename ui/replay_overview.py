"""The overview of a long trial, made beside the window when it is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from lablive.structs import from_json
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.replaying import ReplaySession

PROGRAM = "lablive.live.overview"


class ReplayOverview(QObject):
    """Have curves made for a trial that has none.

    Parameters
    ----------
    start
        Starts a worker that ends with the window.

    Signals
    -------
    told
        What to say on the time line; "" once the curves are there.
    """

    told = Signal(str)

    def __init__(self, start: Callable[[Worker], None]) -> None:
        super().__init__()
        self._start = start
        self._worker: Worker | None = None

    def begin(self, replay: ReplaySession | None) -> None:
        """See to the curves of a trial; those of an earlier one are given up."""
        self.end()
        if replay is None or replay.overview is not None:
            return
        from lablive.live.replaying import AT_ONCE_S

        if replay.trial.duration_s <= AT_ONCE_S:
            return
        arguments = [PROGRAM, str(replay.path)]
        if replay.given_montage is not None:
            from lablive.signals.montage import to_toml

            arguments += ["--montage-text", to_toml(replay.given_montage)]
        worker = Worker(arguments)
        worker.progress.connect(
            lambda share, _: self.told.emit(f"curves: {100 * share:.0f} %")
        )
        worker.done.connect(lambda text: self._take(replay, text))
        worker.failed.connect(self.told)
        self._worker = worker
        self._start(worker)
        self.told.emit("curves: 0 %")

    def end(self) -> None:
        """Give up what is being made."""
        if self._worker is not None:
            self._worker.blockSignals(True)
            self._worker.stop()
            self._worker = None

    def _take(self, replay: ReplaySession, text: str) -> None:
        from lablive.live.overview import Overview

        self._worker = None
        try:
            found = from_json(text.strip().splitlines()[-1], Overview)
        except (IndexError, msgspec.MsgspecError):
            self.told.emit("the curves of this trial could not be made")
            return
        if found.key == replay.overview_key:
            replay.overview = found
        self.told.emit("")
