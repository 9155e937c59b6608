"""The card after Stop: the file was opened again and counted; green, amber or red."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from ui.language import say
from ui.numbers import counted, size_text
from ui.signs import VerdictChip
from ui.widgets import Card, label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.recording.verify import VerifyReport

MOST_FINDINGS = 4


class VerifyCard(Card):
    """What the recorded file holds, as read back from disk."""

    def __init__(self) -> None:
        super().__init__("Recorded file", "counted again from disk")
        self.path: Path | None = None  # of the file it is about
        self._chip = VerdictChip()
        self._counts = label("", "strong")
        self._text = label("", "muted")
        self._text.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self._chip)
        row.addWidget(self._counts, 1)
        self.body.addLayout(row)
        self.body.addWidget(self._text)
        self.hide()

    def show_counting(self, path: Path) -> None:
        """Say that the count is under way."""
        self.path = path
        self._chip.set_verdict("unknown", "counting")
        self._counts.setText(path.name)
        self._text.setText(say("Opening the file again and counting every stream …"))
        self.show()

    def show_report(
        self, path: Path, report: VerifyReport, earlier: Sequence[Path] = ()
    ) -> None:
        """Show the result; ``earlier`` files of the recording are not in it."""
        self.path = path
        rows = sum(stream.rows for stream in report.streams)
        lost = sum(stream.lost for stream in report.streams)
        least = "" if all(stream.lost_is_exact for stream in report.streams) else "≥ "
        if report.damage:
            self._chip.set_verdict("poor", "damaged")
        elif earlier or not report.ok:  # between two parts something is missing
            whole = report.is_explained and not earlier
            words = "with losses" if whole else "not complete"
            self._chip.set_verdict("caution", words)
        else:
            self._chip.set_verdict("good", "complete")
        size = path.stat().st_size if path.exists() else 0
        self._counts.setText(
            say(
                f"{counted(len(report.streams), 'stream')} · {counted(rows, 'row')} · "
                f"{least}{lost} lost · {size_text(size)}"
            )
        )
        told = list(report.findings[:MOST_FINDINGS])
        more = len(report.findings) - len(told)
        if more > 0:
            told.append(f"and {more} more: lablive verify {path.name}")
        if earlier:
            names = ", ".join(file.name for file in earlier)
            told.insert(0, f"Only the last part; not counted here: {names}")
        self._text.setText("\n".join([str(path), *map(say, told)]))
        self.show()
