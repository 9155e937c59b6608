"""``lablive import`` as a person types it: words, exit codes, what opens then."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import FINDING, OK, WRONG_USE, Cli

from lablive.recording.replay import Trial

MONTAGE = """
schema = 1
name = "belt"
[[stream]]
match = { name = "belt" }
[[stream.channel]]
label = "force"
role = "treadmill.force_z"
unit = "N"
"""


@pytest.fixture
def cli(tmp_path):
    """Run ``lablive``; no import starts a host."""
    return Cli(tmp_path)


@pytest.fixture
def table(tmp_path):
    """Twenty seconds of steps of 0.25 s every 0.4 s."""
    path = tmp_path / "walk [1].csv"
    at = np.arange(4000)
    force = 1500 * np.sin(np.pi * np.minimum(at % 80, 50) / 50)
    rows = (f"{k / 200},{n:.3f}\n" for k, n in zip(at, force, strict=True))
    path.write_text("time,force\n" + "".join(rows))
    return path


@pytest.fixture
def montage(tmp_path):
    path = tmp_path / "belt.toml"
    path.write_text(MONTAGE)
    return path


def test_imported_analysed_reported_verified(cli, table, montage, tmp_path):
    trial = tmp_path / "trial.xdf"
    said = cli("import", table, "--montage", montage, "--out", trial).stdout
    assert "walk [1].csv: table of numbers" in said
    assert "treadmill.force_z  from  belt" in said
    cli("verify", trial)
    told = json.loads(cli("analyze", trial, "--json", "-", "--quiet").stdout)
    assert told["metrics"]["cadence_spm"]["both"]["median"] == pytest.approx(150)
    cli("report", trial, "--pdf", tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_without_roles_it_shows_how_to_give_them(cli, table, tmp_path):
    said = cli("import", table, "--out", tmp_path / "trial.xdf").stdout
    assert "No channel has a role yet" in said
    assert "insole_{left, right}: force [N]" in said
    assert 'match = { name = "walk [1]", type = "Table" }' in said


def test_quiet_says_nothing(cli, table, montage, tmp_path):
    out = tmp_path / "trial.xdf"
    done = cli("import", table, "--montage", montage, "--out", out, "--quiet")
    assert done.stdout == done.stderr == ""


def test_a_file_that_lacks_rows_is_a_finding(cli, table, montage, tmp_path):
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:500] + lines[600:]))
    out = tmp_path / "trial.xdf"
    said = cli("import", table, "--montage", montage, "--out", out, code=FINDING).stdout
    assert "belt: 100 rows are missing in 1 places" in said
    trial = Trial(out)
    assert [gap.rows_lost for gap in trial.gaps] == [100]
    trial.close()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["FILE"], WRONG_USE, "Missing option '--out'"),
        (["FILE", "--out", "OUT", "--rate", "-1"], WRONG_USE, "Invalid value"),
        (["gone.csv", "--out", "OUT"], WRONG_USE, "There is no file gone.csv"),
        (["FILE", "--out", "FILE"], WRONG_USE, "exists already"),
        (["FILE", "--out", "OUT", "--time", "c"], WRONG_USE, 'column of numbers "c"'),
        (["FILE", "--out", "OUT", "--montage", "gone.toml"], WRONG_USE, "gone.toml"),
        (["FILE", "--out", "OUT", "--code", "Anna Muster"], WRONG_USE, "code"),
        (["FILE", "--out", "OUT", "--parts", "2"], WRONG_USE, "Give --row too"),
    ],
)
def test_wrong_use_is_one_message(cli, table, tmp_path, words, code, said):
    names = {"FILE": table, "OUT": tmp_path / "trial.xdf"}
    done = cli("import", *(names.get(word, word) for word in words), code=code)
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "trial.xdf").exists()


def test_options_of_the_command_are_explained(cli):
    said = cli("import", "--help", code=OK).stdout
    for word in ("--montage", "--rate", "--time", "--time-unit", "--row", "--parts"):
        assert word in said
