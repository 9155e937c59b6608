"""The library as the window asks it: in a thread of its own, no question ever waits.

The libraries of the database are loaded in that thread with the first question, after
the first paint.
"""

from __future__ import annotations

import logging
import queue
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QObject, Signal

from lablive import journal
from lablive.errors import LabLiveError, LibraryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.library.passphrase import Changed
    from lablive.library.store import Library

log = logging.getLogger(__name__)

T = TypeVar("T")
END_S: Final = 5.0  # a question on its way may finish


class Register(QObject):
    """People and sessions; every answer comes in the window's own thread.

    Parameters
    ----------
    home
        Folder of the library.

    Signals
    -------
    opened
        The library is open, for the first time or again.
    closed
        It does not open: :attr:`fault` says why.
    told
        What is to be told of it, a sentence or more.
    """

    opened = Signal()
    closed = Signal()
    told = Signal(str)
    _answered = Signal(object)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self.fault: LibraryError | None = None
        self.read_only = False
        self._library: Library | None = None  # of the thread, as is why there is none
        self._why: LibraryError | None = None
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._answered.connect(self._take)

    def open(self) -> None:
        """Open the library if it is not; :attr:`opened` or :attr:`closed` follows."""
        if self._thread is None and not self._ended:
            name = "library"
            self._thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._tasks.put(self._open)
            self._thread.start()

    def ask(
        self,
        question: Callable[[Library], T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[LabLiveError], None] | None = None,
    ) -> None:
        """Ask the library, or have it store something.

        Parameters
        ----------
        question
            Called with the library in its thread; must touch nothing of the window.
        then
            Called with the answer in the window's thread.
        failed
            Called with the error instead; without it the error is told, unless the
            library does not open, which is told already.
        """
        self.open()
        self._tasks.put(partial(self._answer, question, then, failed))

    def try_again(self) -> None:
        """Open a library anew that did not open."""
        self.open()
        self._tasks.put(self._open)

    def unlock(
        self,
        words: str,
        failed: Callable[[LabLiveError], None],
        *,
        remember: bool = False,
    ) -> None:
        """Open a library that a passphrase locks; :attr:`opened` follows, or failed."""

        def task() -> None:
            from lablive.library.passphrase import unlock

            try:
                told = unlock(self.home, words, remember=remember)
            except LabLiveError as error:
                if isinstance(error, LibraryError) and error.kind == "damaged":
                    self._why = error  # a backup can be brought back now
                    self._answered.emit(partial(self._fail, error))
                self._answered.emit(partial(failed, error))
                return
            if told:
                self._answered.emit(partial(self.told.emit, told))
            self._open()

        self.open()
        self._tasks.put(task)

    def change_passphrase(
        self,
        words: str,
        then: Callable[[Changed], None],
        failed: Callable[[LabLiveError], None],
        *,
        remember: bool = False,
    ) -> None:
        """Lock the library by a passphrase, or ("") take it away; opens it again."""

        def task() -> None:
            if self._library is None:
                why = self._why or _broken(RuntimeError("it is closed"))
                self._answered.emit(partial(failed, why))
                return
            try:
                self._close()
                done = _changed(self.home, words, remember=remember)
            except LabLiveError as error:
                self._answered.emit(partial(failed, error))
            else:
                self._answered.emit(partial(then, done))
            self._open()

        self.open()
        self._tasks.put(task)

    def restore(self, backup: Path) -> None:
        """Put a backup in the place of the database and open that."""
        self._mend(lambda: _restore(self.home, backup))

    def begin_anew(self) -> None:
        """Put the database aside and make one from the session folders."""
        self._mend(lambda: _begin_anew(self.home))

    def backups(self, then: Callable[[Any], None]) -> None:
        """Hand over the copies there are, newest first."""

        def look() -> None:
            from lablive.library.opening import backups_of

            self._answered.emit(partial(then, backups_of(self.home)))

        self.open()
        self._tasks.put(look)

    def close(self) -> None:
        """Finish what was asked and let go of the file. Callable twice."""
        self._ended = True
        if self._thread is not None:
            self._tasks.put(self._close)
            self._tasks.put(None)
            self._thread.join(END_S)
            self._thread = None

    # -- in the thread ------------------------------------------------------------

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception as error:
                log.exception("library")
                self._answered.emit(partial(self.told.emit, str(_broken(error))))

    def _answer(
        self,
        question: Callable[[Library], T],
        then: Callable[[T], None] | None,
        failed: Callable[[LabLiveError], None] | None,
    ) -> None:
        def tell(error: LabLiveError) -> None:
            self.told.emit(str(error))

        library = self._library
        if library is None:
            if failed is not None:
                why = self._why or _broken(RuntimeError("it is closed"))
                self._answered.emit(partial(failed, why))
            return
        try:
            found = question(library)
        except LabLiveError as error:
            self._answered.emit(partial(failed or tell, error))
        except Exception as error:
            log.exception("library")
            self._answered.emit(partial(failed or tell, _broken(error)))
        else:
            if then is not None:
                self._answered.emit(partial(then, found))

    def _open(self) -> None:
        from lablive.library.opening import open_library
        from lablive.library.passphrase import unlock_remembered

        if self._library is not None:
            return
        try:
            if not unlock_remembered(self.home):
                log.info("the library asks for its passphrase")
            library = open_library(self.home)
        except LibraryError as error:
            self._why = error
            self._answered.emit(partial(self._fail, error))
            return
        self._library, self._why = library, None
        notes = list(library.notes)
        if not library.read_only:
            try:
                notes += library.sync().problems
                library.backup()
            except LabLiveError as error:
                notes.append(str(error))
        self._answered.emit(partial(self._be_open, library.read_only, notes))

    def _close(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            try:
                library.backup()
            except LabLiveError:  # told at the next start
                log.exception("backup")
            library.close()

    def _mend(self, mend: Callable[[], object]) -> None:
        def task() -> None:
            try:
                self._close()
                mend()
            except LabLiveError as error:
                self._why = error if isinstance(error, LibraryError) else _broken(error)
                self._answered.emit(partial(self._fail, self._why))
            else:
                self._open()

        self.open()
        self._tasks.put(task)

    # -- in the window ------------------------------------------------------------

    def _take(self, answer: Callable[[], None]) -> None:
        if not self._ended:
            answer()

    def _fail(self, fault: LibraryError) -> None:
        self.fault = fault
        self.closed.emit()

    def _be_open(self, read_only: bool, notes: list[str]) -> None:
        self.fault, self.read_only = None, read_only
        self.opened.emit()
        if notes:
            self.told.emit("\n".join(notes))


def _restore(home: Path, backup: Path) -> None:
    from lablive.library.opening import restore_backup

    restore_backup(home, backup)
    journal.note(home, "backup restored", backup=backup.name)


def _begin_anew(home: Path) -> None:
    from lablive.library.opening import begin_anew

    begin_anew(home)
    journal.note(home, "library made anew")


def _changed(home: Path, words: str, *, remember: bool) -> Changed:
    from lablive.library.passphrase import remove_passphrase, set_passphrase, unlock

    if not words:
        done = remove_passphrase(home)
        journal.note(home, "passphrase removed", files=done.files)
        return done
    done = set_passphrase(home, words)
    journal.note(home, "passphrase set", files=done.files)
    if remember and (told := unlock(home, words, remember=True)):
        done = done._replace(left=(*done.left, told))
    return done


def _broken(error: BaseException) -> LibraryError:
    return LibraryError(
        "folder",
        f"The library failed ({type(error).__name__}: {error}).",
        still="Recording and replay work; the trials are files of their own.",
        todo="Please send us the log.",
    )
