"""Corrections of the trial on screen: made, listed, taken back; the file stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lablive.editing.edit import (
    EVENT_WORDS,
    FARTHEST_MOVE_S,
    LONGEST_REASON,
    PAIR_WORDS,
    exclude,
    move,
    of_side,
    swap,
    words,
)
from lablive.editing.noted import add_edit, undo
from lablive.errors import ConfigError, LabLiveError
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.editing.edit import Edit, EditSide, EventKind, Pair
    from lablive.gait.contacts import Contact
    from lablive.live.replaying import ReplaySession
    from ui.session_model import SessionModel

FEET: Final[dict[EditSide, str]] = {"": "both feet", "left": "left", "right": "right"}
_NEAR_S: Final = 0.001  # an event stands where an edit has put it


class EditsDialog(QDialog):
    """Say what is wrong at the cursor or in the range, and why; see what was said.

    It does not block the window: cursor and range are set there.

    Parameters
    ----------
    model
        Whose trial it is.

    Signals
    -------
    edited
        The trial has another correction, or one less.
    """

    edited = Signal()

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle(say("Corrections of this trial"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(640, 420)
        self.what = QComboBox()
        self.what.setAccessibleName(say("What is wrong"))
        self._kinds: list[tuple[str, Callable[[ReplaySession], Edit]]] = [
            ("Leave out the strides of the range", self._out_range),
            ("Leave out the stride at the cursor", self._out_stride),
            ("The steps of the range are of this foot", self._side),
            ("Left and right sensors were exchanged", self._swap),
            ("The contact nearest to the cursor belongs there", self._contact),
            ("The toe-off nearest to the cursor belongs there", self._toe_off),
        ]
        self.what.addItems([text for text, _ in self._kinds])
        self.foot = QComboBox()
        self.foot.setAccessibleName(say("Foot"))
        for side, text in FEET.items():
            self.foot.addItem(text, side)
        self.pair = QComboBox()
        self.pair.setAccessibleName(say("Pair of sensors"))
        for pair, text in PAIR_WORDS.items():
            self.pair.addItem(text, pair)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(say("Reason"))
        self.reason.setPlaceholderText(say("Why; the report prints it"))
        self.reason.setMaxLength(LONGEST_REASON)
        self.list = QListWidget()
        self.list.setAccessibleName(say("Corrections made"))
        self.list.setWordWrap(True)
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.make_button = KeyButton("Correct", "Ctrl+Return", "primary", shortcut=True)
        self.make_button.clicked.connect(self.make)
        self.back_button = KeyButton("Take back", "Ctrl+Z", shortcut=True)
        self.back_button.clicked.connect(self.take_back)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        self._lay_out(close)
        self.what.currentIndexChanged.connect(self._follow)
        model.rebuilt.connect(self._show)
        self._follow()
        self._show()

    # -- what is done -------------------------------------------------------------

    def make(self) -> None:
        """Store the correction that is described, and work the trial out anew."""
        replay = self._model.replay
        if replay is None:
            return
        try:
            made = add_edit(
                replay.trial, self._kinds[self.what.currentIndex()][1](replay)
            )
        except LabLiveError as error:
            self.told.setText(str(error))
            return
        self.reason.clear()
        self._renew(replay)
        self.told.setText(say(f"Stored: {words(made, replay.trial.t0_s)}."))

    def take_back(self) -> None:
        """Take back the chosen correction, the last one when none is chosen."""
        replay = self._model.replay
        if replay is None:
            return
        chosen = self.list.currentItem()
        holding = replay.edits.holding
        number = chosen.data(Qt.ItemDataRole.UserRole) if chosen else 0
        if not number and holding:
            number = holding[-1].number
        try:
            undo(replay.trial, number)
        except LabLiveError as error:
            self.told.setText(str(error))
            return
        self._renew(replay)
        self.told.setText(say(f"Edit {number} is taken back; it stays in the list."))

    def _renew(self, replay: ReplaySession) -> None:
        """Open the trial again as it now is, at the same place."""
        at_s, range_s = replay.cursor_s, replay.range_s
        self._model.open_trial(replay.path, replay.given_montage)
        opened = self._model.replay
        if opened is not None:
            opened.seek(at_s)
            opened.range_s = range_s
            opened.speed, opened.looping = replay.speed, replay.looping
            self._model.rebuilt.emit()
        self.edited.emit()

    # -- what is meant ------------------------------------------------------------

    def _range_of(self, replay: ReplaySession) -> tuple[float, float]:
        if replay.range_s is None:
            raise ConfigError(
                "There is no range.",
                still="Nothing was changed.",
                todo="Choose one on the time line: B where it begins, E where it "
                "ends, or a drag with Shift.",
            )
        return replay.range_s

    @property
    def _foot(self) -> EditSide:
        return cast("EditSide", self.foot.currentData())

    def _out_range(self, replay: ReplaySession) -> Edit:
        return exclude(*self._range_of(replay), self.reason.text(), self._foot)

    def _out_stride(self, replay: ReplaySession) -> Edit:
        at_s = replay.cursor_s
        return exclude(at_s, at_s, self.reason.text(), self._foot)

    def _side(self, replay: ReplaySession) -> Edit:
        side = self._foot
        if not side:
            raise ConfigError(
                "It is not said whose steps they are.",
                still="Nothing was changed.",
                todo="Choose left or right.",
            )
        return of_side(*self._range_of(replay), side, self.reason.text())

    def _swap(self, replay: ReplaySession) -> Edit:
        return swap(cast("Pair", self.pair.currentData()), self.reason.text())

    def _contact(self, replay: ReplaySession) -> Edit:
        return self._moved(replay, "ic")

    def _toe_off(self, replay: ReplaySession) -> Edit:
        return self._moved(replay, "to")

    def _moved(self, replay: ReplaySession, event: EventKind) -> Edit:
        found = nearest(replay, event, self._foot)
        if found is None:
            raise ConfigError(
                f"There is no {EVENT_WORDS[event]} within {FARTHEST_MOVE_S:g} s of "
                "the cursor.",
                still="Nothing was changed.",
                todo="Put the cursor where the event belongs, and choose the foot.",
            )
        side: EditSide = found.side if found.side in ("left", "right") else ""
        before = [
            it for it in replay.edits.holding
            if it.kind == "move" and it.event == event
            and abs(it.to_s - found.t_s) < _NEAR_S
        ]  # fmt: skip
        if before and self.reason.text().strip():  # an event has one place only
            undo(replay.trial, before[-1].number, "moved again")
        from_s = before[-1].from_s if before else found.t_s
        return move(event, side, from_s, replay.cursor_s, self.reason.text())

    # -- what is shown ------------------------------------------------------------

    def _follow(self) -> None:
        """Offer foot and pair where they say something."""
        number = self.what.currentIndex()
        self.pair.setEnabled(number == 3)
        self.foot.setEnabled(number != 3)

    def _show(self) -> None:
        replay = self._model.replay
        self.list.clear()
        for button in (self.make_button, self.back_button):
            button.setEnabled(replay is not None)
        if replay is None:
            self.told.setText(say("No trial is on screen."))
            return
        held = {it.number for it in replay.edits.holding}
        for edit in replay.edits.made:
            if edit.kind == "undo":
                continue
            gone = "" if edit.number in held else " — taken back"
            text = f"{edit.made_at[:16].replace('T', ' ')}  "
            text += words(edit, replay.trial.t0_s) + gone
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, edit.number)
            if gone:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.told.setText(
            say(
                replay.edits.problem
                or "Corrections lie beside the trial, which stays as it was recorded; "
                "every number, replay and report follow them."
            )
        )

    def _lay_out(self, close: KeyButton) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(3 * STEP_PX)
        form.setVerticalSpacing(2 * STEP_PX)
        for row, (name, field) in enumerate((
            ("What is wrong", self.what), ("Foot", self.foot),
            ("Sensors", self.pair), ("Reason", self.reason),
        )):  # fmt: skip
            form.addWidget(label(name, "muted"), row, 0)
            form.addWidget(field, row, 1)
        form.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.make_button)
        buttons.addWidget(self.back_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setSpacing(3 * STEP_PX)
        box.addLayout(form)
        box.addWidget(self.list, 1)
        box.addWidget(self.told)
        box.addLayout(buttons)


def nearest(replay: ReplaySession, event: EventKind, side: EditSide) -> Contact | None:
    """Return the event of a foot ("" = any) nearest to the cursor, None when far."""
    found = [
        it
        for it in replay.contacts_between(
            replay.cursor_s - FARTHEST_MOVE_S, replay.cursor_s + FARTHEST_MOVE_S
        )
        if it.kind == event and side in ("", it.side)
    ]
    return min(found, key=lambda it: abs(it.t_s - replay.cursor_s), default=None)
