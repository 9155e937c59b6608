"""The card after Stop says the same as the count behind it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from lablive.recording.verify import StreamReport, VerifyReport
from ui.signs import VerdictChip
from ui.verify_card import VerifyCard


@pytest.mark.parametrize(
    ("explained", "exact", "words", "count"),
    [
        (True, False, "with losses", "≥ 24 lost"),
        (False, True, "not complete", "24 lost"),
    ],
)
def test_the_card_tells_losses_from_what_nothing_explains(
    qtbot, tmp_path, explained, exact, words, count
):
    stream = StreamReport(
        id=1, name="left_sole", type="Force", rate_hz=200.0, rows=1000, expected=1200,
        lost=24, lost_is_exact=exact, gaps=2, damaged_rows=0, t0_s=0.0, t1_s=6.0,
        effective_rate_hz=166.0, silent_s=0.9,
    )  # fmt: skip
    report = VerifyReport(
        "trial-01.xdf", "", 6.0, True, [], [stream], [], [], [], False, explained
    )
    card = VerifyCard()
    qtbot.addWidget(card)
    card.show_report(tmp_path / "trial-01.xdf", report)
    said = [label.text() for label in card.findChildren(QLabel)]
    assert card.findChild(VerdictChip).accessibleName() == words
    assert any(f"· {count} ·" in text for text in said)


def test_an_earlier_part_is_named_and_the_recording_not_called_complete(
    qtbot, tmp_path
):
    report = VerifyReport(
        file="", sha256="", duration_s=6.0, closed=True, files=[], streams=[], gaps=[],
        damage=[], findings=[], ok=True, is_explained=True,
    )  # fmt: skip
    card = VerifyCard()
    qtbot.addWidget(card)
    last = tmp_path / "trial-01-continued2.xdf"
    card.show_report(last, report, [tmp_path / "trial-01.xdf"])
    assert card.findChild(VerdictChip).accessibleName() == "not complete"
    said = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "Only the last part; not counted here: trial-01.xdf" in said
