"""The window: wires model, page and poller together; nothing else does."""

from __future__ import annotations

import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMessageBox,
)

from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.live.link import run_dir
from lablive.live.sounds import Cue
from lablive.recording.folders import home
from ui import theme
from ui.actions import Action
from ui.auto_control import AutoControl
from ui.auto_line import AutoLine
from ui.connect_dialog import ConnectDialog
from ui.feedback_control import FeedbackControl
from ui.filing import Filing
from ui.host_process import attach_or_start
from ui.icon import icon
from ui.keymap import own_keys
from ui.language import say, use_language
from ui.look import Look
from ui.pages.session_page import SessionPage
from ui.poller import Poller
from ui.preload import preload
from ui.privacy import Privacy
from ui.rail import Place, Places
from ui.reconnect_bar import ReconnectBar
from ui.register import Register
from ui.run_parts import RunParts
from ui.screen_settings import load_screen
from ui.session_model import SessionModel, State
from ui.troubles import Noted, standing
from ui.two_keys import TwoKeys
from ui.two_keys_line import TwoKeysLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lablive.live.link import LinkClient
    from lablive.live.session import Tick
    from lablive.signals.montage import Montage
    from ui.pages.devices_page import DevicesPage
    from ui.pages.people_page import PeoplePage
    from ui.pages.results_page import ResultsPage
    from ui.troubles import Trouble

COMFORTABLE: Final = QSize(1600, 900)
LEAST: Final = QSize(1180, 680)
TITLE_PX: Final = 32
PRELOAD_MS: Final = 300  # by then the window is painted
FIRST_LOOK_MS: Final = 3000
LOOK_S: Final = 0.5  # at what stands wrong
NO_DISPLAY: Final = (
    "There is no display, so no window can be opened. Recording works without one "
    "(lablive record), and so does the demo (lablive demo --headless)."
)
STATES_SAID: Final = {
    State.IDLE: "nothing is connected",
    State.CONNECTED: "nothing is recorded",
    State.RECORDING: "a trial is recorded",
    State.STOPPING: "the trial is being closed",
    State.REVIEW: "a trial is on the screen",
}


def room_for(screen: QSize) -> QSize:
    """Return the size of a new window on a screen, its title bar allowed for."""
    room = QSize(screen.width(), screen.height() - TITLE_PX)
    return COMFORTABLE.boundedTo(room).expandedTo(LEAST)


class MainWindow(QMainWindow):
    """The whole app: a rail of places and their pages.

    Parameters
    ----------
    start_host
        Joins or starts the host program.
    library
        Folder of the trials.
    montage
        The room's montage.
    wait
        Until there is a host; else the window is there first.
    """

    def __init__(
        self,
        start_host: Callable[[], LinkClient] | None = None,
        library: Path | None = None,
        montage: Montage | None = None,
        *,
        wait: bool = True,
    ) -> None:
        super().__init__()
        wrong_keys = own_keys(library or home())
        starter = start_host or (lambda: attach_or_start(run_dir()))
        self.model = SessionModel(
            starter, library or home(), montage=montage, wait=wait
        )
        self.model.setParent(self)
        self.page = SessionPage(self.model)
        self.register = Register(self.model.library, self)
        self.filing = Filing(self.model, self.register)
        self.devices: DevicesPage | None = None  # until its first visit
        self.page.top.theme_wanted.connect(self.change_theme)
        self.look = Look(self.model.library, self.model.trouble.emit)
        self.setWindowTitle(say("LabLive"))
        self.setWindowIcon(QIcon(icon("insole")))
        self.setMinimumSize(LEAST)
        # Stop must never lie outside the screen
        self.resize(room_for(self.screen().availableSize()))
        self.reconnect = ReconnectBar()
        self.reconnect.retry_wanted.connect(self.model.devices.retry)
        self.reconnect.another_wanted.connect(self.pick_another)
        self.reconnect.without_wanted.connect(self.model.devices.go_on_without)
        self._noted = Noted()
        self._looked_s = 0.0
        self.reconnect.noted.connect(self._note)
        for changed in (self.model.devices.missing_changed, self.model.rebuilt):
            changed.connect(self._show_troubles)
        self.auto = AutoControl(self.model)
        self.auto.counted.connect(self._call_out)
        self.auto_line = AutoLine(self.auto)
        self.two_keys_line = TwoKeysLine()
        self.places = Places(
            self._places(),
            (self.page.top, self.reconnect),
            (
                self.auto_line,
                self.page.remarks,
                self.two_keys_line,
                self.page.action_bar,
            ),
        )
        self.page.remarks.closed.connect(self.places.focus)
        self.places.changed.connect(self._arrive)
        self.setCentralWidget(self.places)
        self.places.go("Session")
        Action("text_larger", partial(self.change_text, 1), self)
        Action("text_smaller", partial(self.change_text, -1), self)
        Action("language", self.change_language, self)
        self.page.replay_bar.tools.compare_wanted.connect(self._compare_trial)
        self.page.replay_bar.tools.edited.connect(self.filing.count_rest)
        self.feedback = FeedbackControl(self.model)
        self.page.feedback_wanted.connect(self.choose_feedback)
        self.run_parts = RunParts(self)
        self.page.action_bar.people_wanted.connect(self.choose_next)
        self.page.action_bar.auto_wanted.connect(self.choose_auto)
        Action("runner_window", self.feedback.show_window, self)
        Action("palette", self.open_palette, self)
        Action("key_list", self.list_keys, self)
        self.two_keys = TwoKeys(self)
        self.two_keys.changed.connect(partial(self._show_two_keys, now=True))
        Action("two_keys", self._turn_two_keys, self)
        for wrong in (wrong_keys, self.look.wrong):
            if wrong:
                self.model.trouble.emit(wrong)
        self.privacy = Privacy(self)
        self.poller = Poller(self.model, self, self)
        self.poller.start()

    def _places(self) -> Iterator[Place]:
        """Yield every place in the order of the rail."""
        yield Place("People", "people", self._make_people)
        yield Place("Session", "session", lambda: self.page)
        yield Place("Results", "results", self._make_results)
        yield Place("Devices", "devices", self._make_devices)

    def _make_people(self) -> PeoplePage:
        from ui.pages.people_page import PeoplePage

        made = PeoplePage(self.model, self.register, self.filing)
        made.session_wanted.connect(self._go_on)
        return made

    def _make_results(self) -> ResultsPage:
        from ui.pages.results_page import ResultsPage

        return ResultsPage(self.model, self.register, self.filing)

    def _compare_trial(self) -> None:
        """Compare the trial on screen, or its range."""
        page = cast("ResultsPage", self.places.page("Results"))
        page.take_trial()
        self.places.go("Results")

    def _make_devices(self) -> DevicesPage:
        from ui.pages.devices_page import DevicesPage

        self.devices = DevicesPage(self.model)
        return self.devices

    def refresh(self, tick: Tick) -> None:
        """Draw one tick: the session always, so that no row is missing later."""
        self.page.refresh(tick)
        if (now := now_s()) - self._looked_s >= LOOK_S:
            self._looked_s = now
            self._show_troubles()
        self.feedback.refresh()
        self.auto.tick()
        self.auto_line.tick()
        self._show_two_keys()
        if self.devices is not None and self.devices.isVisible():
            self.devices.refresh()

    def _show_troubles(self) -> None:
        """Say what stands wrong; a trial is looked at in peace."""
        model = self.model
        looking = model.replay is not None and model.live.recording is None
        pipeline = model.live.pipeline
        found = standing(
            model.live.report,
            model.devices.waiting,
            pipeline.findings() if pipeline is not None else (),
            read_only=self.register.read_only,
        )
        left = self._noted.left(found)
        self.reconnect.show_troubles(() if looking else left)

    def _note(self, trouble: Trouble) -> None:
        self._noted.add(trouble)
        self._show_troubles()

    def pick_another(self, source: str) -> None:
        """List what is connected, to take the place of a device that is away."""
        ConnectDialog(self.model, self, instead_of=source).open()

    def choose_feedback(self) -> None:
        """Choose what the runner sees and hears, beside the page."""
        from ui.feedback_dialog import FeedbackDialog

        dialog = FeedbackDialog(self.feedback, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def open_palette(self) -> None:
        """Find an action by its name."""
        from ui.palette import Palette

        Palette(self, self.why_not).open()

    def choose_auto(self) -> None:
        """Choose what starts and stops the recording."""
        from ui.auto_dialog import AutoDialog

        AutoDialog(self.auto, self).open()

    def _call_out(self, number: int) -> None:
        """Say a second of a count-down, where the session is called out."""
        if self.feedback.calls:
            cue = Cue(f"{number} s to go", voice=str(number))
            self.model.live.speaker.play(cue)

    def choose_next(self) -> None:
        """Find who is next: the trial of this person is stored."""
        self.places.go("People")
        page = cast("PeoplePage", self.places.page("People"))
        page.search.clear()
        self.model.news.emit(
            "stored", "The trial is stored. Who is next? Enter begins their session."
        )

    def _go_on(self) -> None:
        """Go to the session; with the same person after a run: to the next run."""
        if self.model.gates.reviewing and self.model.replay is None:
            self.model.gates.open("run")
        self.places.go("Session")

    def _turn_two_keys(self) -> None:
        self.two_keys.turn(on=not self.two_keys.is_on)

    def _show_two_keys(self, *, now: bool = False) -> None:
        self.two_keys_line.follow(self, self.two_keys, now=now)

    def list_keys(self) -> None:
        """List every key."""
        from ui.key_list import KeyList

        KeyList(self).open()

    def why_not(self) -> str:
        """Say what goes on now: why an action may not be possible."""
        if self.model.gates.doing is not None:
            return "a step of a gate is under way"
        if self.model.gates.practice_s is not None:
            return "a practice is under way"
        return STATES_SAID[self.model.state]

    def _arrive(self, place: str) -> None:
        """Elsewhere only what a running recording needs can be pressed."""
        self.page.action_bar.set_away(away=place != "Session")

    def change_theme(self) -> None:
        """Light, dark, high contrast, and light again."""
        self.look.change_theme()
        self.page.top.show_theme()

    def change_text(self, steps: int) -> None:
        """Larger (1) or smaller (-1) text."""
        self.look.change_text(steps)

    def change_language(self) -> None:
        """Take the next language, for the next start."""
        self.model.news.emit("note", self.look.change_language())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while recording; the host goes on recording if the answer is yes."""
        if self.model.state is State.RECORDING and not self._may_close():
            event.ignore()
            return
        self.poller.stop()
        self.feedback.close()
        self.filing.close()
        self.register.close()
        self.model.close()
        event.accept()

    def _may_close(self) -> bool:
        asked = QMessageBox(self)
        asked.setWindowTitle(say("LabLive"))
        asked.setText(say("A recording is running."))
        asked.setInformativeText(
            say(
                "It goes on without this window and is here again when you open "
                "LabLive. To end it, go back and press Stop."
            )
        )
        leave = asked.addButton(
            say("Close window"), QMessageBox.ButtonRole.DestructiveRole
        )
        stay = asked.addButton(say("Go back"), QMessageBox.ButtonRole.RejectRole)
        asked.setDefaultButton(stay)
        asked.exec()
        return asked.clickedButton() is leave


def make_app() -> QApplication:
    """Return the Qt application, dressed.

    Raises
    ------
    ConfigError
        When there is no display.
    """
    from ui.display import has_display

    if not has_display():
        raise ConfigError(NO_DISPLAY)
    known = QApplication.instance()
    app = known if isinstance(known, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("LabLive")
    theme.apply_theme(app, theme.tokens().name)
    return app


def run_app(
    trial: Path | None = None,
    montage: Montage | None = None,
    start_host: Callable[[], LinkClient] | None = None,
    lsl: str | None = None,
) -> int:
    """Open the window, with a trial in it if asked; return the exit code."""
    screen, _ = load_screen(home())  # what is wrong with it the window tells
    use_language(screen.spoken)
    app = make_app()
    theme.apply_theme(app, screen.theme, screen.text_size)
    window = MainWindow(start_host, montage=montage, wait=False)
    window.show()
    window.model.publish(lsl)
    QTimer.singleShot(PRELOAD_MS, preload)
    QTimer.singleShot(PRELOAD_MS, window.filing.count_rest)
    if not (window.model.library / "sessions").exists():  # the first start here
        QTimer.singleShot(FIRST_LOOK_MS, window.page.start.check.begin)
    if trial is not None:
        window.model.open_trial(trial, montage)
    # let Python see Ctrl+C while Qt waits
    signal.signal(signal.SIGINT, lambda *_: window.close())
    beat = QTimer()
    beat.start(250)
    beat.timeout.connect(lambda: None)
    return app.exec()
