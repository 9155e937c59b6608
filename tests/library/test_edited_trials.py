"""A trial that was edited after it was counted is counted anew for the history."""

from __future__ import annotations

import os

import msgspec
from library_cases import ANNA, count, made, session

from lablive.editing.edit_file import edits_digest, edits_path
from lablive.library.records import Result
from lablive.library.summary import read_summary, save_summary

CADENCE = Result("cadence_spm", "both", "steps/min", 170.0, 100, "insole", 3.0, 3.0)


def later(path, seconds):
    held = path.stat()
    os.utime(path, ns=(held.st_atime_ns, held.st_mtime_ns + int(seconds * 1e9)))


def test_edits_make_old_numbers_go_and_new_ones_come(tmp_path):
    folder = session(tmp_path, "2026-11-20", ANNA.code, counted=False)
    trial = folder / "trial-01.xdf"
    count(trial, results=(CADENCE,))
    library = made(tmp_path, ANNA)
    library.sync()
    assert library.uncounted() == []
    assert len(library.history(ANNA.code, "cadence_spm").lines) == 1
    edits_path(trial).write_text("an edit\n")
    later(edits_path(trial), 5.0)
    assert read_summary(trial) is None
    library.sync()
    assert library.uncounted() == [trial]
    assert library.history(ANNA.code, "cadence_spm").lines == ()
    count(trial, results=(CADENCE,))  # of the raw rows: not of these edits
    library.sync()
    assert library.uncounted() == [trial]
    raw = msgspec.json.decode(trial.with_suffix(".json").read_bytes())
    assert raw["edits"] == ""
    _count_with_edits(trial)
    library.sync()
    assert library.uncounted() == []
    assert len(library.history(ANNA.code, "cadence_spm").lines) == 1
    library.close()


def _count_with_edits(trial):
    edits_path(trial).rename(trial.with_name("aside"))
    known = read_summary(trial)
    trial.with_name("aside").rename(edits_path(trial))
    save_summary(trial, msgspec.structs.replace(known, edits=edits_digest(trial)))
    later(trial.with_suffix(".json"), 10.0)
