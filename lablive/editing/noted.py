"""Edits as a person makes them: stored beside the trial, and noted in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive import journal
from lablive.editing import edit_file
from lablive.names import HeaderKey
from lablive.recording.folders import home

if TYPE_CHECKING:
    from lablive.editing.edit import Edit
    from lablive.recording.replay import Trial


def add_edit(trial: Trial, edit: Edit) -> Edit:
    """Store an edit and note it; see :func:`.edit_file.add_edit`."""
    return _noted(trial, edit_file.add_edit(trial, edit), "edit")


def undo(trial: Trial, number: int, reason: str = "taken back") -> Edit:
    """Take an edit back and note it; see :func:`.edit_file.undo`."""
    return _noted(trial, edit_file.undo(trial, number, reason), "edit undone")


def _noted(trial: Trial, made: Edit, what: journal.What) -> Edit:
    code = trial.header.get(HeaderKey.CODE, "anonymous")
    journal.note(
        home(), what, code=code, trial=trial.path.name, number=made.number,
        kind=made.kind,
    )  # fmt: skip
    return made
