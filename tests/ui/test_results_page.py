"""Results: then against now as ``lablive compare`` says it, and the history."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from people_scenes import PEOPLE
from test_actions import keyless, nameless
from test_replay_page import T0_S, record

from lablive.comparing.comparison import Wanted, compare
from lablive.library.records import Result
from lablive.library.session_plan import SCHEMA, SessionPlan, save_plan
from lablive.library.summary import SCHEMA as SUMMARY
from lablive.library.summary import TrialSummary, save_summary
from lablive.signals.montage import Subject
from ui.actions import actions_in
from ui.results.history_view import MASS

VALUES_MS = (250.0, 262.0, 290.0)
DAYS = ("2026-08-01", "2026-09-01", "2026-10-20")


def measured(home):
    """Write three sessions with one number each."""
    for day, value in zip(DAYS, VALUES_MS, strict=True):
        folder = home / "sessions" / f"{day}_LB-0042"
        folder.mkdir(parents=True)
        plan = SessionPlan(
            SCHEMA, "LB-0042", day, f"{day}T10:00:00+01:00", shoes="A",
            subject=Subject(62.0 + value / 100),
        )  # fmt: skip
        save_plan(folder, plan)
        path = folder / "trial-01.xdf"
        path.write_bytes(bytes(100))
        held = path.stat()
        number = Result(
            "contact_time_ms", "both", "ms", value, 120, "pelvis_imu", 2.78, 2.8, "B"
        )
        summary = TrialSummary(
            SUMMARY, path.name, "recorded", "complete", f"{day}T10:05:00+01:00", 60.0,
            held.st_size, held.st_mtime_ns, "ab" * 32, f"{day}T10:20:00+01:00",
            "LabLive 0.1.0", (), (number,),
        )  # fmt: skip
        save_summary(path, summary)


@pytest.fixture
def scene(people_of):
    """A person with three sessions, the Results page in front."""
    scene = people_of(people=PEOPLE[:2], sessions=(), break_it=measured)
    scene.window.filing.take(PEOPLE[0])
    scene.window.places.go("Results")
    scene.settle()
    scene.tick()
    return scene


def test_a_metric_over_the_sessions_with_its_detectable_change(scene, tmp_path):
    view = scene.window.places.page("Results").history
    view.what.setCurrentIndex(view.what.findData("contact_time_ms"))
    scene.settle()
    line = view.current()
    assert [it.value for it in line.points] == list(VALUES_MS)
    assert view.table.item(0, 4).text() == "▲ change"
    assert (
        view.table.item(1, 4).text().endswith("the minimal detectable change of 32 ms")
    )
    assert "Patoz" in view.why.text()
    assert view.line.currentText() == "pelvis imu, 10.0 to 10.1 km/h, 3 sessions"
    view.export(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["value [ms]"]) for row in rows] == list(VALUES_MS)
    assert {row["code"] for row in rows} == {"LB-0042"}
    assert "Anna" not in (tmp_path / "table.csv").read_text()


def test_body_mass_and_what_was_not_measured(scene):
    view = scene.window.places.page("Results").history
    view.what.setCurrentIndex(view.what.findData(MASS))
    assert [it.value for it in view.current().points] == [64.5, 64.62, 64.9]
    view.what.setCurrentIndex(view.what.findData("cadence_spm"))
    scene.settle()
    assert view.current() is None
    assert view.why.text() == "Nothing was measured yet."
    assert not view.export_button.isEnabled()
    assert view.ladder.item(0).text() == "no drill was done yet"


def test_every_control_of_the_results_page_has_a_name_and_a_key(scene):
    page = scene.window.places.page("Results")
    for show in ("view_compare", "view_history"):
        actions_in(scene.window)[show].act()
        scene.tick()
        assert nameless(scene.window) == []
        assert keyless(scene.window) == []
    assert page.compare.then.trial.count() == 3


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return record(tmp_path_factory, {})


def test_two_ranges_of_the_trial_on_screen_are_compared(scene_of, recorded, qtbot):
    scene = scene_of(size=(1366, 768))
    scene.model.open_trial(recorded)
    scene.tick()
    page = None
    for begin_s, end_s in ((2.0, 8.0), (9.0, 15.0)):
        scene.window.places.go("Session")
        scene.tick()
        scene.model.replay.set_range(T0_S + begin_s, T0_S + end_s)
        actions_in(scene.window)["compare"].act()
        page = scene.window.places.page("Results")
    view = page.compare
    assert (view.then.begin_s.value(), view.now.end_s.value()) == (2.0, 15.0)
    actions_in(scene.window)["compare_go"].act()
    qtbot.waitUntil(lambda: view.found is not None, timeout=60_000)
    path = str(recorded)
    truth = compare(Wanted(path, 2.0, 8.0), Wanted(path, 9.0, 15.0))
    shown = view.found
    assert [it.sentence for it in shown.rows] == [it.sentence for it in truth.rows]
    assert view.table.rowCount() == sum(1 for it in truth.rows if it.a.n and it.b.n)
    assert view.sentence.text() in {it.sentence for it in truth.rows}
    for ours, theirs in zip(shown.gait_lines, truth.gait_lines, strict=True):
        np.testing.assert_array_equal(ours.a, theirs.a)
    assert shown.maps
    assert [it.difference for it in shown.maps] == [it.difference for it in truth.maps]
    for number in range(view.map.count()):
        view.map.setCurrentIndex(number)
        assert not page.grab().isNull()


def test_a_comparison_that_cannot_be_made_is_one_message(scene_of, tmp_path, qtbot):
    scene = scene_of(size=(1366, 768))
    scene.window.places.go("Results")
    view = scene.window.places.page("Results").compare
    view.go()
    assert view.told.text() == "Choose a trial for then."
    view.then.set_path(str(tmp_path / "none.xdf"))
    view.then.begin_s.setValue(5.0)
    view.then.end_s.setValue(3.0)
    view.go()
    assert view.told.text().startswith("Then ends before it begins.")
    view.then.set_range(None)
    view.go()
    qtbot.waitUntil(lambda: "none.xdf" in view.told.text(), timeout=60_000)
    assert view.found is None
