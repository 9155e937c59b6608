"""``trial-01.edits.jsonl``: edits beside a trial, one line each, only ever added to.

Every line carries a checksum, and the first one which recording it is of. A file that
cannot be trusted in one line is not applied at all: then the raw numbers are shown.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.editing.edit import Edit, checked, words
from lablive.errors import ConfigError, RecordingError
from lablive.locks import try_lock
from lablive.structs import from_plain

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.replay import Trial

SCHEMA: Final = 1
ENDING: Final = ".edits.jsonl"
_CHECK: Final = "check"


class Head(msgspec.Struct, frozen=True):
    """First line: which recording the edits are of."""

    schema: int
    recording: str
    t0_s: float


class Edits(msgspec.Struct, frozen=True):
    """All edits of a trial.

    Attributes
    ----------
    made
        Every one, in the order made, undone ones and undoing ones included.
    holding
        Those that count.
    problem
        Why none is applied; "" when all is well.
    """

    made: tuple[Edit, ...] = ()
    problem: str = ""

    @property
    def holding(self) -> tuple[Edit, ...]:
        """Edits that count: not undone, and none that undoes."""
        undone = {it.undone for it in self.made if it.kind == "undo"}
        return tuple(
            it for it in self.made if it.kind != "undo" and it.number not in undone
        )


def edits_path(trial: Path) -> Path:
    """Return where the edits of a trial lie."""
    return trial.with_name(trial.stem + ENDING)


def edits_digest(trial: Path) -> str:
    """Return what changes with the edits of a trial; "" without any."""
    try:
        return f"{zlib.crc32(edits_path(trial).read_bytes()):08x}"
    except OSError:
        return ""


def read_edits(trial: Trial) -> Edits:
    """Return the edits of a trial; ``problem`` says why none is applied."""
    path = edits_path(trial.path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return Edits()
    except (OSError, UnicodeDecodeError) as error:
        return _unusable(path, f"it cannot be read ({error})")
    made: list[Edit] = []
    for number, line in enumerate(lines):
        try:
            if not line.endswith("\n"):
                return _unusable(path, f"line {number + 1} is cut off")
            if number == 0:
                problem = _of_another(from_plain(_plain(line), Head), trial)
                if problem:
                    return _unusable(path, problem)
                continue
            edit = from_plain(_plain(line), Edit)
        except (ValueError, msgspec.MsgspecError):
            return _unusable(path, f"line {number + 1} is damaged")
        if edit.number != number:
            return _unusable(path, f"line {number + 1} is out of order")
        made.append(edit)
    return Edits(tuple(made)) if lines else _unusable(path, "it is empty")


def add_edit(trial: Trial, edit: Edit) -> Edit:
    """Store an edit beside the trial; return it with its number and time.

    Raises
    ------
    ConfigError
        It cannot be applied to this trial.
    RecordingError
        The edits there are damaged, or it cannot be stored.
    """
    edit = checked(edit, trial.t0_s, trial.t1_s)
    path = edits_path(trial.path)
    try:
        file = try_lock(path)
        if file is None:
            raise _unwritable(path, "another program is editing this trial")
        with file:
            made = _append(trial, path, file.fileno(), edit)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error
    finally:
        _remove_empty(path)
    return made


def undo(trial: Trial, number: int, reason: str = "taken back") -> Edit:
    """Take an edit back; it stays in the file.

    Raises
    ------
    ConfigError
        There is no such edit, or it is undone already.
    RecordingError
        It cannot be stored.
    """
    holding = read_edits(trial).holding
    if number not in {it.number for it in holding}:
        there = "; ".join(words(it, trial.t0_s) for it in holding) or "none"
        raise ConfigError(
            f"There is no edit {number} to take back.",
            still="Nothing was changed.",
            todo=f"Edits that count: {there}.",
        )
    return add_edit(trial, Edit("undo", reason, undone=number))


def _append(trial: Trial, path: Path, file: int, edit: Edit) -> Edit:
    """Write an edit behind the others; the file is ours alone."""
    before = os.fstat(file).st_size
    known = read_edits(trial) if before else Edits()
    if known.problem:
        raise RecordingError(
            known.problem, todo="Move that file away to begin anew, then edit again."
        )
    made_at = datetime.now().astimezone().isoformat(timespec="seconds")
    edit = msgspec.structs.replace(edit, number=len(known.made) + 1, made_at=made_at)
    text = _line(edit)
    if not known.made:
        path.chmod(0o600)  # as the trial itself
        text = _line(Head(SCHEMA, _recording(trial), trial.t0_s)) + text
    _write(file, text.encode(), before)
    return edit


def _remove_empty(path: Path) -> None:
    """Take a file away that nothing was written to."""
    with contextlib.suppress(OSError):
        if not path.stat().st_size:
            path.unlink()


def _write(file: int, data: bytes, before: int) -> None:
    """Write all bytes or none."""
    try:
        while data:
            data = data[os.write(file, data) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, before)
        raise


def _line(item: Edit | Head) -> str:
    plain = msgspec.to_builtins(item)
    return json.dumps({**plain, _CHECK: _checksum(plain)}, ensure_ascii=False) + "\n"


def _plain(line: str) -> dict[str, object]:
    """Return the data of a line; ValueError when its checksum is not that of it."""
    plain = json.loads(line)
    if not isinstance(plain, dict) or plain.pop(_CHECK, "") != _checksum(plain):
        raise ValueError(line)
    return plain


def _checksum(plain: object) -> str:
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return f"{zlib.crc32(text.encode()):08x}"


def _recording(trial: Trial) -> str:
    return trial.files[0].file_header.recording


def _of_another(head: Head, trial: Trial) -> str:
    if head.schema != SCHEMA:
        return f"it is of schema {head.schema}, this LabLive knows {SCHEMA}"
    same = (head.recording, head.t0_s) == (_recording(trial), trial.t0_s)
    return "" if same else "it is of another recording"


def _unusable(path: Path, why: str) -> Edits:
    return Edits(
        problem=f"The edits in {path.name} are not applied: {why}. "
        "The numbers are those of the sensors."
    )


def _unwritable(path: Path, why: str) -> RecordingError:
    return RecordingError(
        f"{path}: the edit cannot be stored ({why}).",
        still="The trial and earlier edits are as they were.",
        todo="Free some space, or mend the folder, and edit again.",
    )
