"""Sessions: begun, filed, found again; the files are the truth."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from library_cases import ANNA, BEN, count, made, session, subject, trial

from lablive.errors import ConfigError, LibraryError, RecordingError
from lablive.library.clock_check import WallClock
from lablive.library.found import read_name
from lablive.library.opening import open_library
from lablive.library.session_plan import (
    SCHEMA,
    SessionPlan,
    keep_configs,
    load_plan,
    save_plan,
    used_configs,
)
from lablive.signals.montage import load_montage, parse_montage

REPO = Path(__file__).resolve().parents[2]
PLAN = SessionPlan(
    SCHEMA, "LB-0001", "2026-11-21", "2026-11-21T09:00:00+01:00", "LabLive 0.1.0",
    "easy run", (2.8, 3.0), "red", 2, "left knee stiff", "left", ("imu_shank_left",),
    subject(62.0), {"trial-01.xdf": ("metrics-0123abcd.toml",)},
)  # fmt: skip
NOON = datetime.fromisoformat("2026-11-21T12:00:00+01:00")


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path, ANNA, BEN)
    yield found
    found.close()


def begin(library, name="trial-01.xdf", plan=PLAN, configs=None):
    folder = library.home / "sessions" / f"{plan.date}_{plan.code}"
    told = library.begin_trial(folder / name, plan, configs or {"metrics": "a = 1\n"})
    return folder, told


def test_a_plan_comes_back_from_its_file(tmp_path):
    save_plan(tmp_path, PLAN)
    assert load_plan(tmp_path) == PLAN


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("schema = 2", "schema 2 is not known"), ("pain_nrs = 11", "pain goes from 0"),
        ("speeds_mps = [80.0]", "belt speeds are 0.1 to 13"), ("shoe = 'x'", "shoe"),
        ("affected_sensors = ['elbow']", "elbow"),
        ("[subject]\nmass_kg = 900.0", "900 is not plausible"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_names_line_and_cause(tmp_path, line, words):
    head = "" if line.startswith("schema") else "schema = 1\n"
    text = f'{head}code = "LB-0001"\ndate = "2026-11-21"\n{line}\n'
    (tmp_path / "session.toml").write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_plan(tmp_path)


def test_the_configs_that_numbers_depend_on_are_kept_once(tmp_path):
    montage = load_montage_of_the_room()
    configs = used_configs(montage, ["sim_insoles", "no such profile"])
    assert {"metrics", "montage", "device-sim_insoles"} <= configs.keys()
    assert any(name.startswith("layout-") for name in configs)
    names = keep_configs(tmp_path, configs)
    assert keep_configs(tmp_path, configs) == names
    changed = {**configs, "metrics": configs["metrics"] + "\n"}
    other = keep_configs(tmp_path, changed)
    kept = {path.name for path in (tmp_path / "configs").iterdir()}
    assert kept == {*names, *other}
    assert len(kept) == len(names) + 1
    (text,) = (tmp_path / "configs").glob("montage-*.toml")
    assert parse_montage(text.read_text(encoding="utf-8"), "kept") == montage


def test_the_protocol_is_the_labs_own_before_that_of_the_program(tmp_path):
    shipped = used_configs(None, (), tmp_path / "whole_lab.toml")
    assert "[[gate]]" in shipped["protocol-whole_lab"]
    (tmp_path / "whole_lab.toml").write_text("own = true\n")
    own = used_configs(None, (), tmp_path / "whole_lab.toml")
    assert own["protocol-whole_lab"] == "own = true\n"
    assert "protocol-none" not in used_configs(None, (), tmp_path / "none.toml")


def load_montage_of_the_room():
    return load_montage(REPO / "configs" / "montages" / "pedar.toml")


def test_a_session_is_begun_in_folder_and_database(library):
    folder, told = begin(library)
    assert told == ""
    plan = load_plan(folder)
    assert plan.configs["trial-01.xdf"][0].startswith("metrics-")
    (entry,) = library.sessions("LB-0001")
    assert (entry.protocol, entry.shoes, entry.pain_nrs) == ("easy run", "red", 2)
    assert (entry.speeds_mps, entry.mass_kg, entry.state) == (
        (2.8, 3.0),
        62.0,
        "no trial",
    )


def test_the_second_trial_keeps_what_was_said_of_the_session(library):
    begin(library)
    later = SessionPlan(SCHEMA, "LB-0001", "2026-11-21", "2026-11-21T09:30:00+01:00")
    folder, _ = begin(library, "trial-02.xdf", later, {"metrics": "b = 2\n"})
    plan = load_plan(folder)
    assert (plan.shoes, plan.started) == (PLAN.shoes, PLAN.started)
    assert plan.configs["trial-01.xdf"] != plan.configs["trial-02.xdf"]
    assert len(library.sessions("LB-0001")) == 1


def test_a_session_of_an_unknown_code_makes_its_person(library):
    begin(library, plan=msgspec.structs.replace(PLAN, code="LB-0077"))
    person = library.person("LB-0077")
    assert (person.name, person.mass_kg, person.involved_side) == ("", 62.0, "left")


def test_what_is_said_later_is_in_folder_and_database(library):
    folder, _ = begin(library)
    (entry,) = library.sessions("LB-0001")
    plan = msgspec.structs.replace(library.plan(entry.folder), shoes="blue", pain_nrs=4)
    library.change_session(entry.folder, plan)
    assert load_plan(folder).shoes == "blue"
    assert library.sessions("LB-0001")[0].pain_nrs == 4


def test_a_folder_that_cannot_be_written_changes_nothing(library, monkeypatch):
    begin(library)
    (entry,) = library.sessions("LB-0001")
    plan = msgspec.structs.replace(library.plan(entry.folder), shoes="blue")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lablive.library.session_plan.replace_file", full)
    with pytest.raises(RecordingError, match="No space left"):
        library.change_session(entry.folder, plan)
    assert library.sessions("LB-0001")[0].shoes == "red"


def test_a_trial_is_filed_when_it_ends_and_again_when_it_was_counted(library):
    folder, _ = begin(library)
    file = trial(folder / "trial-01.xdf", counted=False)
    library.file_trial(file, folder, "LB-0001")
    (entry,) = library.sessions("LB-0001")
    assert [(held.file, held.state) for held in entry.trials] == [
        ("trial-01.xdf", "not counted")
    ]
    assert library.uncounted() == [file]
    count(file, state="with losses", findings=["24 rows lost"])
    library.file_trial(file, folder, "LB-0001")
    (held,) = library.sessions("LB-0001")[0].trials
    assert (held.state, held.findings, held.sha256) == (
        "with losses", ("24 rows lost",), "ab" * 32,
    )  # fmt: skip
    assert held.duration_s == 61.5
    assert library.uncounted() == []


def test_a_trial_that_went_to_another_disk_is_filed_where_it_lies(library, tmp_path):
    folder, _ = begin(library)
    spill = tmp_path / "spill"
    spill.mkdir()
    file = trial(spill / "trial-01.xdf")
    library.file_trial(file, folder, "LB-0001")
    library.sync()
    (held,) = library.sessions("LB-0001")[0].trials
    assert (held.file, held.state) == (str(file), "complete")
    file.unlink()
    library.sync()
    assert library.sessions("LB-0001")[0].state == "missing"


def test_every_session_folder_is_found_again(tmp_path):
    session(tmp_path, "2026-11-20", "LB-0001", shoes="red", subject=subject(61.0))
    names = ["trial-01.xdf", "trial-01-continued2.xdf", "trial-01-part2.xdf"]
    session(tmp_path, "2026-11-21", "LB-0002", trials=names, counted=False)
    for other in ("2026-13-01_LB-0001", "notes", "2026-11-21_a b", "2026-11-21_"):
        (tmp_path / "sessions" / other).mkdir()
    library = open_library(tmp_path)
    told = library.sync()
    assert (told.sessions, told.trials, told.missing) == (2, 3, 0)
    assert told.strangers == ("LB-0001", "LB-0002")
    assert library.person("LB-0001").mass_kg == 61.0
    (entry,) = library.sessions("LB-0002")
    assert [(held.file, held.kind) for held in entry.trials] == [
        ("trial-01-continued2.xdf", "continued"), ("trial-01.xdf", "recorded"),
    ]  # fmt: skip
    assert library.sync() == (2, 0, (), 0, ())
    library.close()


def test_looking_again_keeps_names_and_takes_what_changed(library):
    folder = session(library.home, "2026-11-20", "LB-0001", trials=("trial-01.xdf",))
    library.sync()
    changed = trial(folder / "trial-01.xdf", counted=False)
    os.utime(changed, ns=(1, 1))
    assert library.sync().trials == 1
    assert library.sessions("LB-0001")[0].state == "not counted"
    assert library.person("LB-0001").given_name == "Anna"


def test_trials_that_are_gone_stay_in_the_history_as_missing(library):
    folder = session(library.home, "2026-11-20", "LB-0001")
    session(library.home, "2026-11-21", "LB-0001")
    library.sync()
    (folder / "trial-01.xdf").unlink()
    assert [entry.state for entry in looked(library)] == ["complete", "missing"]
    for path in sorted(library.home.glob("sessions/2026-11-21*/**/*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (library.home / "sessions" / "2026-11-21_LB-0001").rmdir()
    assert [entry.state for entry in looked(library)] == ["missing", "missing"]


def looked(library):
    library.sync()
    return library.sessions("LB-0001")


def test_a_damaged_plan_or_summary_costs_only_itself(library):
    folder = session(library.home, "2026-11-20", "LB-0001")
    (folder / "session.toml").write_text("schema = = 1")
    (folder / "trial-01.json").write_bytes(b"{")
    session(library.home, "2026-11-21", "LB-0002")
    told = library.sync()
    assert (told.sessions, told.trials) == (2, 2)
    assert "not valid TOML" in told.problems[0]
    assert library.sessions("LB-0001")[0].state == "not counted"


def test_a_session_is_as_good_as_its_worst_trial(library):
    folder = session(library.home, "2026-11-20", "LB-0001", trials=())
    trial(folder / "trial-01.xdf", state="complete")
    trial(folder / "trial-02.xdf", state="damaged")
    trial(folder / "trial-03.xdf", state="with losses")
    assert looked(library)[0].state == "damaged"


def test_a_thousand_sessions_belong_to_their_people(library):
    for day in range(1, 29):
        for code in ("LB-0001", "LB-0002"):
            session(library.home, f"2026-02-{day:02d}", code, trials=())
    assert library.sync().sessions == 56
    assert [entry.date[-2:] for entry in library.sessions("LB-0001")] == [
        f"{day:02d}" for day in range(28, 0, -1)
    ]


@pytest.mark.parametrize("name", ["2026-11-21_LB-0001", "2026-02-29_x", "x_2026", "a"])
def test_only_a_day_and_a_code_make_a_session(name):
    assert (read_name(name) is not None) == (name == "2026-11-21_LB-0001")


# -- the wall clock ---------------------------------------------------------------


def test_a_clock_that_goes_on_is_not_told():
    clock = WallClock(NOON, 100.0)
    assert clock.note(NOON + timedelta(minutes=5), 400.0, "2026-11-21") == ""
    # the computer slept: the lab clock stood still
    assert clock.note(NOON + timedelta(hours=9), 400.0, "2026-11-21") == ""


def test_a_clock_that_was_set_back_is_told():
    clock = WallClock(NOON, 100.0)
    told = clock.note(NOON - timedelta(hours=3), 400.0, "")
    assert "set back by 3 h" in told
    assert "its trials are whole" in told


def test_a_clock_behind_the_newest_session_is_told():
    clock = WallClock(NOON, 100.0)
    told = clock.note(NOON + timedelta(seconds=300), 400.0, "2031-01-01")
    assert "says 2026-11-21, but there is a session of 2031-01-01" in told
    assert clock.note(NOON + timedelta(seconds=300), 400.0, "2026-11-22") == ""


def test_a_session_begun_on_a_wrong_clock_is_filed_and_told(library):
    begin(library, plan=msgspec.structs.replace(PLAN, date="2999-01-01"))
    _, told = begin(library)
    assert "2999-01-01" in told
    assert len(library.sessions("LB-0001")) == 2


def test_a_trial_that_vanished_before_it_was_filed_is_told(library):
    folder, _ = begin(library)
    with pytest.raises(LibraryError, match="cannot be read"):
        library.file_trial(folder / "trial-01.xdf", folder, "LB-0001")
