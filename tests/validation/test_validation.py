"""What validation is made of, on recordings with known errors; no public data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pypdf
import pytest
from typer.testing import CliRunner

from lablive.errors import ConfigError
from lablive.validation import running
from lablive.validation.markdown import markdown
from lablive.validation.matching import joined, match
from lablive.validation.outcome import (
    Errors,
    Outcome,
    Section,
    at_least,
    at_most,
    exactly,
    near,
    told,
)
from lablive.validation.paper import places, write_reports
from lablive.validation.printed import document
from lablive.validation.run import Validation, validate
from lablive.validation.sets import CASES
from lablive.validation.thresholds import crossings_s, period_s
from ui.cli import app


def test_every_event_is_paired_once_and_edges_do_not_count():
    wanted = np.array([0.1, 1.0, 2.0, 3.0, 9.9])
    found = np.array([0.5, 1.01, 1.98, 2.02, 5.0, 9.7])
    told_so = match(found, wanted, 0.1, (0.9, 9.0))
    np.testing.assert_allclose(told_so.error_s, [0.01, -0.02])
    np.testing.assert_array_equal(told_so.wanted_s, [1.0, 2.0])
    assert (told_so.missed, told_so.extra) == (1, 2)  # 3.0; 2.02 and 5.0
    both = joined([told_so, told_so])
    assert (len(both.error_s), both.missed, both.extra) == (4, 2, 4)


def test_nothing_found_is_all_missed():
    none = match(np.empty(0), np.array([1.0, 2.0]), 0.1, (0.0, 3.0))
    assert (len(none.error_s), none.missed, none.extra) == (0, 2, 0)
    assert joined([none]).missed == 2


def test_statistics_of_errors():
    error = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    errors = Errors("x", "ms", error, error, "s")
    assert (errors.n, errors.median, errors.mean) == (5, 1.0, 1.0)
    assert errors.rms == pytest.approx(np.sqrt(3.0))
    assert errors.p95 == pytest.approx(2.8)
    assert errors.spread95 == pytest.approx(2.0)
    half = 1.96 * np.sqrt(2.5)
    assert errors.limits == pytest.approx((1.0 - half, 1.0 + half))


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (at_most("x", -10.0, 10, "ms"), "pass"),
        (at_most("x", -10.1, 10, "ms"), "short"),
        (at_most("x", np.nan, 10, "ms"), "short"),
        (near("x", 1.2, 1.0, 0.1, "s"), "short"),
        (exactly("x", 0, 0), "pass"),
        (exactly("x", 1, 0), "short"),
        (at_least("x", 3, 4), "short"),
        (told("x", "anything"), "info"),
    ],
)
def test_a_goal_is_reached_or_not(goal, verdict):
    assert goal.verdict == verdict


def test_a_threshold_with_hysteresis():
    t_s = np.arange(9) * 0.1
    force = np.array([0, 10, 30, 15, 5, 0, 40, 40, 40.0])
    found = crossings_s(t_s, force, 20, 10)
    np.testing.assert_allclose(found, [[0.15, 0.35], [0.55, np.nan]])
    assert len(crossings_s(t_s, force, 20, 10, shortest_s=0.3)) == 1
    # a contact that was there before the file began is none
    assert crossings_s(t_s[:3], np.array([50, 50, 0.0]), 20, 10).size == 0


def test_the_period_of_a_walk_is_the_stride_not_the_step():
    t_s = np.arange(0, 20, 0.01)
    turns = 2 * np.pi * t_s / 1.123
    x = np.column_stack([np.sin(2 * turns), 0.5 * np.sin(turns)])
    assert period_s(x, 100.0, 0.7, 1.6) == pytest.approx(1.123, abs=0.001)


def an_outcome():
    error = np.linspace(-2, 3, 900)
    return Outcome(
        truth="What is true | known.",
        ours="What we say.",
        errors=(Errors("contact", "ms", error, np.arange(900.0), "time, s", 1, 2),),
        goals=(exactly("missed", 1, 0), at_most("95 %", 2.9, 10, "ms")),
        notes=("A note in 日本語.",),
    )


def test_both_reports_say_the_same(tmp_path):
    found = Validation(
        (
            Section("a", "Set A", "folder_a", an_outcome()),
            Section("b", "Set B", "folder_b", None, absent="not there: folder_b/x.csv"),
        )
    )
    assert not found.ok
    printed = document(found, date(2026, 5, 4))
    json.dumps(printed, allow_nan=False)
    assert len(printed["sections"][0]["figures"][0]["points"]) == 400
    text, pdf = write_reports(printed, tmp_path / "report")
    said = text.read_text(encoding="utf-8")
    assert said == markdown(printed)
    pages = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    for both in ("1 of 2 goals reached", "not there: folder_b/x.csv", "Set A"):
        assert both in said
        assert both in pages
    assert "| Set A | missed | 0 | 1 |" in said
    assert "| contact, ms | 900 | 1 | 2 | +0.5 | " in said


def test_without_two_values_there_is_no_spread(tmp_path):
    none = Errors("x", "deg", np.empty(0), np.empty(0), "s")
    one = Outcome("t", "o", (none,), (at_most("rms", none.rms, 1, "deg"),))
    printed = document(Validation((Section("a", "A", "a", one),)), date(2026, 5, 4))
    assert printed["sections"][0]["errors"] == [
        ["x, deg", "0", "-", "-", "-", "-", "-", "-", "- to -"]
    ]
    assert printed["sections"][0]["figures"] == []
    write_reports(printed, tmp_path / "r.md")


def test_places():
    assert [p.name for p in places(Path("r.pdf"))] == ["r.md", "r.pdf"]
    assert [p.name for p in places(Path("v1.2"))] == ["v1.2.md", "v1.2.pdf"]


def test_a_folder_without_any_set_is_one_message(tmp_path):
    with pytest.raises(ConfigError, match=r"None of the sets.*jump_force"):
        validate(tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        validate(tmp_path / "x")
    with pytest.raises(ConfigError, match=r"no set jmup.*jump"):
        validate(tmp_path, ["jmup"])


def make_runs(data, seconds=4.96):
    """A runner whose sacrum and belt agree to the row."""
    folder = data / running.FOLDER
    folder.mkdir(parents=True)
    t = np.arange(running.ROWS) / running.RATE_HZ
    phase = ((t - 0.1) % 0.35) / 0.22
    force = np.where(phase < 1, 2.5 * np.sin(np.pi * phase), 0.0)
    both = np.concatenate([force, np.zeros_like(force)])
    np.savetxt(folder / "GRF_one_sub.csv", [force, force], "%.6f", ",")
    np.savetxt(folder / "Accelerometer_one_sub.csv", [both, both], "%.6f", ",")
    (folder / "Sub_Info_one_sub.csv").write_text("Sub,Speed\n1,3\n1,3\n")


def test_a_set_made_here_goes_through_the_whole_chain(tmp_path):
    make_runs(tmp_path)
    steps = []
    found = validate(
        tmp_path, ["running-sacrum", "jump"], lambda share, step: steps.append(share)
    )
    run, jump = found.sections
    assert jump.absent == "not there: jump_force_jumpmetrics/cmj_example.txt"
    ic, time = run.outcome.errors
    assert (ic.missed, ic.extra) == (0, 0)
    assert ic.n >= 26
    assert abs(ic.median) < 15
    assert abs(time.median) < 20
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_a_damaged_set_does_not_cost_the_others(tmp_path):
    make_runs(tmp_path)
    for name in ("dryft_treadmill_grf", "jump_force_jumpmetrics"):
        (tmp_path / name).mkdir()
    (tmp_path / "dryft_treadmill_grf/custom_drift_S001runT25.csv").write_text("x\ny\n")
    (tmp_path / "jump_force_jumpmetrics/cmj_example.txt").write_bytes(b"\x00\x01")
    names = ["belt-drift", "jump", "running-force"]
    drift, jump, force = validate(tmp_path, names).sections
    assert drift.failed
    assert jump.failed
    assert all(one.failed.startswith("could not be run: ") for one in (drift, jump))
    assert force.outcome is not None
    assert not validate(tmp_path, ["belt-drift"]).ok


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"MATLAB 5.0 MAT-file" + bytes(300)]
)
def test_a_damaged_matlab_file_is_one_message(tmp_path, content):
    case = CASES["lower-back"]
    path = tmp_path / case.folder / case.files[0]
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (section,) = validate(tmp_path, ["lower-back"]).sections
    assert "data.mat: it is no MATLAB file of this set" in section.failed


def test_the_command_and_its_exit_codes(tmp_path):
    make_runs(tmp_path / "data")
    out = tmp_path / "out.pdf"
    call = ["validate", "--data", str(tmp_path / "data"), "--out", str(out)]
    done = CliRunner().invoke(app, [*call, "--set", "running-force"])
    assert done.exit_code == 0, done.output
    assert "4 of 4 goals reached" in done.output
    assert out.is_file()
    assert out.with_suffix(".md").is_file()
    (tmp_path / "data" / "jump_force_jumpmetrics").mkdir()
    (tmp_path / "data/jump_force_jumpmetrics/cmj_example.txt").write_text("1,2\n3,4\n")
    done = CliRunner().invoke(app, [*call, "--quiet", "--set", "jump"])
    assert done.exit_code == 1
    assert done.output == ""
    nowhere = [*call[:-1], str(tmp_path / "no" / "r")]
    done = CliRunner().invoke(app, [*nowhere, "--set", "running-force"])
    assert isinstance(done.exception, ConfigError)


def test_names_of_sets_say_what_they_are():
    assert all(name == name.lower() and " " not in name for name in CASES)
    assert all(case.files for case in CASES.values())
