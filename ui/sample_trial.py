"""The sample recording in the window: made at the first look, opened at once later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from ui.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from ui.session_model import SessionModel

PLACE: Final = ("sample", "sample.xdf")  # in the library, beside the sessions


class SampleTrial(QObject):
    """The sample recording of a library.

    Parameters
    ----------
    model
        Where it is shown.
    """

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self._model = model
        self._worker: Worker | None = None

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._model.library.joinpath(*PLACE)

    def open(self) -> None:
        """Show it; the first time it is made, which takes seconds."""
        if self.path.is_file():
            self._model.open_trial(self.path)
            return
        if self._worker is not None:
            return
        self._model.news.emit("one moment", "The sample recording is being made …")
        arguments = ["drivers.sim.sample", "--out", str(self.path)]
        worker = self._worker = Worker(arguments, self)
        worker.done.connect(self._made)
        worker.failed.connect(self._failed)
        self._model.start_worker(worker)

    def _made(self) -> None:
        self._worker = None
        model = self._model
        if model.replay is None and not model.live.feed.streams:
            model.open_trial(self.path)  # else something came meanwhile

    def _failed(self, said: str) -> None:
        self._worker = None
        self._model.trouble.emit(said)
