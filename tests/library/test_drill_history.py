"""Drills and focus runs of a person over the sessions, from what lies beside trials."""

from __future__ import annotations

import msgspec
from library_cases import session

from lablive.drills.catalogue import load_catalogue
from lablive.drills.ladder import ladder, references_of
from lablive.drills.record import SetRecord
from lablive.library.drill_history import focus_history, set_history
from lablive.library.summary import read_summary, save_summary
from lablive.protocol.focus import FocusRecord


def kept(home, date, code, sets=(), focus=()):
    """Write a session with what its trial says of drills and focus runs."""
    trial = session(home, date, code) / "trial-01.xdf"
    summary = read_summary(trial)
    told = {"drills": tuple(sets), "focus": tuple(focus)}
    save_summary(trial, msgspec.structs.replace(summary, **told))


def record(passed, verdict="pass", sel_db=70.0):
    reference = {"landing_sel_db": sel_db}
    return SetRecord("hop_two", "both", passed, 10, 10, 10, verdict, (), reference)


def test_the_ladder_stands_on_all_sessions_of_the_person(tmp_path):
    kept(tmp_path, "2026-11-02", "LB-0001", [record(6, "fail")])
    kept(tmp_path, "2026-11-09", "LB-0001", [record(10, sel_db=66.0)])
    kept(tmp_path, "2026-11-10", "LB-0002", [record(1, "fail")])
    found = set_history(tmp_path, "LB-0001")
    assert [(it.date, it.passed) for it in found] == [
        ("2026-11-02", 6), ("2026-11-09", 10)
    ]  # fmt: skip
    catalogue, _ = load_catalogue()
    assert ladder(catalogue, found)[0].words == "10/10 · 2026-11-09"
    assert references_of(found)["hop_two both"]["landing_sel_db"] == 70.0
    assert len(set_history(tmp_path, "LB-0001", until="2026-11-09")) == 1


def test_focus_runs_are_counted_over_the_sessions(tmp_path):
    run = FocusRecord("cadence_spm", 1.0, counts=True)
    kept(tmp_path, "2026-11-02", "LB-0001", focus=[run])
    kept(tmp_path, "2026-11-04", "LB-0001", focus=[run])
    found = focus_history(tmp_path, "LB-0001")
    assert [it.date for it in found] == ["2026-11-02", "2026-11-04"]
    assert focus_history(tmp_path, "LB-0003") == ()
