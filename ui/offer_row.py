"""One line of the connect dialog: something that can be connected, or is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from ui.device_questions import (
    Answers,
    QuestionDialog,
    answer_field,
    answer_of,
    is_answered,
    name_with,
)
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtWidgets import QLineEdit

    from lablive.messages import SourceSpec
    from ui.device_offers import Offer
    from ui.device_questions import Question

CHOOSE: Final = "choose its profile"
RAW: Final = "Raw bytes"
RAW_WHY: Final = (
    "Keep the bytes of this device beside each trial, so that a lab can look into them "
    "or send them to us (lablive decode)."
)


class OfferRow(QWidget):
    """One thing that can be connected; a port or Bluetooth device needs a profile.

    Parameters
    ----------
    offer
        What it is.
    changed
        Called when it is ticked or no longer.
    questions
        What must be said of a device, by profile.
    """

    def __init__(
        self,
        offer: Offer,
        changed: Callable[[], None],
        questions: Mapping[str, tuple[Question, ...]] | None = None,
    ) -> None:
        super().__init__()
        self.offer = offer
        self._changed = changed
        self._questions = questions or {}
        self._answers: Answers = self._answered_before()
        self._profile: QComboBox | None = None
        self.place: QComboBox | QLineEdit | KeyButton | None = None
        self.switch: QCheckBox | None = None
        self.raw: QCheckBox | None = None
        self.tick = QCheckBox()
        self.tick.setAccessibleName(offer.title)
        self._line = _line(
            self, offer.title, offer.problem or offer.detail, offer.problem
        )
        self._line.insertWidget(0, self.tick)
        if offer.profiles and not offer.problem:
            self._profile = QComboBox()
            self._profile.addItems([CHOOSE, *offer.profiles])
            self._profile.setCurrentText(offer.fits or CHOOSE)
            self._profile.setAccessibleName(say(f"Profile of {offer.title}"))
            self._profile.currentTextChanged.connect(self._follow_profile)
            self._line.addWidget(self._profile)
            self.raw = QCheckBox(RAW)
            self.raw.setToolTip(RAW_WHY)
            self.raw.setAccessibleName(say(f"Keep raw bytes of {offer.title}"))
            self.raw.setChecked(bool(offer.known and offer.known.spec.record_raw))
            self._line.addWidget(self.raw)
        if offer.switch[0] and not offer.problem:
            self.switch = QCheckBox(offer.switch[1])
            self._line.addWidget(self.switch)
        self._ask_place()
        self.tick.setChecked(self._is_ready())
        self.tick.setEnabled(not offer.problem)
        self.tick.toggled.connect(lambda _: changed())

    def spec(self) -> SourceSpec | None:
        """Return what to open; None = not ticked, without a profile or an answer."""
        offer = self.offer
        if not self.tick.isChecked() or not self._is_complete():
            return None
        options = {**offer.spec.options, **self._answers}
        if self.switch is not None and self.switch.isChecked():
            options[offer.switch[0]] = True
        if self._profile is not None:
            options["profile"] = self._profile.currentText()
        kept = self.raw is not None and self.raw.isChecked()
        name = name_with(self._answers, offer.spec.id)
        if offer.maybe:  # it has its name from before
            name, kept = offer.spec.id, offer.spec.record_raw
        return msgspec.structs.replace(
            offer.spec, id=name, options=options, record_raw=kept
        )

    def _is_ready(self) -> bool:
        """Tell whether it is ticked by itself: it fits, or was connected before."""
        offer = self.offer
        if offer.problem or offer.maybe or not self._is_complete():
            return False
        return offer.known is not None or not offer.private

    def _is_complete(self) -> bool:
        chosen = self._profile is None or self._profile.currentText() != CHOOSE
        return chosen and is_answered(self._asked(), self._answers)

    def _asked(self) -> Sequence[Question]:
        if self._profile is None:
            return ()
        return self._questions.get(self._profile.currentText(), ())

    def _answered_before(self) -> Answers:
        if self.offer.known is None or self.offer.maybe:
            return {}
        kept = self.offer.known.spec.options
        asked = {it.option for several in self._questions.values() for it in several}
        return {key: value for key, value in kept.items() if key in asked}

    def _ask_place(self) -> None:
        """Ask for what the profile leaves open: one field, or a dialog for more."""
        if self.place is not None:
            self.place.hide()
            self.place.deleteLater()
            self.place = None
        asked = self._asked()
        self._answers = {
            it.option: self._answers[it.option]
            for it in asked
            if it.option in self._answers
        }
        if not asked or self._profile is None:
            return
        if len(asked) == 1:
            value = str(self._answers.get(asked[0].option, ""))
            self.place = answer_field(asked[0], value, self._take_place)
        else:
            self.place = KeyButton(f"{asked[0].answer.capitalize()}s …")
            self.place.setAutoDefault(False)
            self.place.clicked.connect(self._ask_more)
        self._line.insertWidget(self._line.indexOf(self._profile) + 1, self.place)

    def _take_place(self) -> None:
        (asked,) = self._asked()
        field = self.place
        if field is None or isinstance(field, KeyButton):
            return
        self._answers = {asked.option: value} if (value := answer_of(field)) else {}
        self.tick.setChecked(self._is_complete())
        self._changed()

    def _ask_more(self) -> None:
        dialog = QuestionDialog(self.offer.title, self._asked(), self._answers, self)
        if dialog.exec():
            self._answers = dialog.form.answers()
            self.tick.setChecked(self._is_complete())
            self._changed()

    def _follow_profile(self, name: str) -> None:
        self._ask_place()
        self.tick.setChecked(self._is_complete())
        self._changed()


class OpenRow(QWidget):
    """A device that is open, with the button that lets it go."""

    def __init__(self, name: str, let_go: Callable[[str], None]) -> None:
        super().__init__()
        button = KeyButton("Disconnect")
        button.setAutoDefault(False)
        button.setAccessibleName(say(f"Disconnect {name}"))
        button.clicked.connect(lambda: let_go(name))
        _line(self, name, "connected").addWidget(button)


def _line(row: QWidget, title: str, detail: str, problem: str = "") -> QHBoxLayout:
    """Lay a row out: two lines of words, and room for what goes beside them."""
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addStretch(1)  # both lines stay together beside tall fields
    words.addWidget(ElidedLabel(title, "strong"))
    below = label(detail, "poor" if problem else "muted")
    below.setWordWrap(True)
    words.addWidget(below)
    words.addStretch(1)
    line = QHBoxLayout(row)
    line.setContentsMargins(0, STEP_PX, 0, STEP_PX)
    line.setSpacing(3 * STEP_PX)
    line.addLayout(words, 1)
    return line
