"""A row of buttons gives way: key caps from the right, then edges, never words."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QHBoxLayout

from ui.button_row import ButtonRow, shared
from ui.widgets import KeyButton

WIDE = [(100, 70, 54), (120, 90, 74), (80, 80, 64)]


@pytest.mark.parametrize(
    ("room", "given"),
    [(300, [0, 0, 0]), (299, [0, 1, 1]), (269, [1, 1, 1]), (239, [1, 1, 2]),
     (192, [2, 2, 2]), (10, [2, 2, 2])],
)  # fmt: skip
def test_buttons_give_way_from_the_right(room, given):
    assert shared(WIDE, room) == given


def test_the_next_step_keeps_its_key_and_all_words_fit(themed, shown):
    row = ButtonRow()
    box = QHBoxLayout(row)
    buttons = [
        KeyButton(word, "Space", "primary" if word == "Record" else "secondary")
        for word in ("Connect devices", "Practice", "Record")
    ]
    for button in buttons:
        box.addWidget(button)
    box.addStretch(1)
    whole = sum(button.width_at(0) for button in buttons)
    shown(row, whole - 40, 60)
    row.fit()
    widths = {button.text(): button.sizeHint().width() for button in buttons}
    assert widths["Record"] == buttons[2].width_at(0)
    assert widths["Practice"] < buttons[1].width_at(0)
    assert row.minimumSizeHint().width() < whole - 40
    row.resize(whole + 200, 60)
    assert all(button.sizeHint().width() == button.width_at(0) for button in buttons)
