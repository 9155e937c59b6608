"""``lablive edit``, ``export`` and ``compare`` as a person types them."""

from __future__ import annotations

import json

import pytest
from command_line import FINDING, WRONG_USE, Cli
from pipeline_cases import simulated
from trial_files import recorded


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    return Cli(tmp_path_factory.mktemp("commands"))


@pytest.fixture(scope="module")
def file(cli):
    return recorded(cli.folder / "trial-01.xdf", simulated(14.0, standing_s=3.0))


def test_edits_are_made_listed_taken_back_and_damaged(cli, file):
    done = cli("edit", "exclude", file, "--from", 8, "--until", 9, "--reason", "spoke")
    assert "strides from 8.00 to 9.00 s are left out (spoke)" in done.stdout
    done = cli("edit", "undo", file, "--number", 1)
    assert "edit 1 is taken back" in done.stdout
    listed = cli("edit", "list", file).stdout
    assert "(taken back)" in listed
    assert len(listed.splitlines()) == 2
    assert "needs --from" in cli("edit", "exclude", file, code=WRONG_USE).stderr
    assert "no edit 7" in cli("edit", "undo", file, "--number", 7, code=2).stderr
    edits = file.with_name("trial-01.edits.jsonl")
    edits.write_text(edits.read_text()[:-9])
    assert "are not applied" in cli("edit", "list", file, code=FINDING).stdout
    edits.unlink()
    assert cli("edit", "list", file).stdout == "no edits\n"


def test_an_export_is_written_once(cli, file):
    out = cli.folder / "range.c3d"
    words = ("export", file, "--to", "c3d", "--out", out, "--from", 5, "--until", 9)
    assert "written" in cli(*words).stdout
    assert out.stat().st_size > 10_000
    assert "never overwritten" in cli(*words, code=WRONG_USE).stderr
    assert (
        "Invalid value"
        in cli("export", file, "--to", "docx", "--out", out, code=WRONG_USE).stderr
    )


def test_two_ranges_are_compared(cli, file):
    words = ("compare", file, "--from", 4, "--until", 9, "--from", 9)
    said = cli(*words).stdout
    assert said.startswith("trial-01, 4 s to 9 s: ")
    assert "Ground contact time, left: " in said
    told = json.loads(cli(*words, "--json", "-").stdout)
    assert told["a"]["name"] == "trial-01, 4 s to 9 s"
    assert "nothing to compare with" in cli("compare", file, code=WRONG_USE).stderr
    feet = cli("compare", file, "--left-right").stdout
    assert "Ground contact time: left 2" in feet


def test_roles_are_proposed_and_saved(cli, file):
    out = cli.folder / "made.toml"
    said = cli("montage", file, "--out", out).stdout
    assert "left_sole: insole_left.pressure = insole_left.pressure [kPa]" in said
    again = cli("analyze", file, "--montage", out, "--json", "-").stdout
    assert json.loads(again)["metrics"]["contact_time_ms"]["both"]["n"] > 5
