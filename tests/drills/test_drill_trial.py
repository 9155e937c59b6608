"""From a file: the simulated set as a trial, analysed as anybody would."""

from __future__ import annotations

import json

import msgspec
import pytest
from typer.testing import CliRunner

from drivers.sim import drills
from drivers.sim.wires import main as wires
from lablive.analysis import analysis_json, analyze
from lablive.drills.ladder import records_of
from lablive.errors import ConfigError
from lablive.library.summary import read_summary, save_summary, summarise
from lablive.live.replaying import ReplaySession
from lablive.recording.verify import verify
from ui.cli import app


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    path = tmp_path_factory.mktemp("drill") / "trial-01.xdf"
    done = drills.performed("lunge_fwd", "left")
    drills.write_trial(done, path)
    return path, done


def test_the_file_is_whole_and_says_what_was_done(trial):
    path, done = trial
    assert verify(path).ok
    found = analyze(path)
    assert found.drill.id == "lunge_fwd"
    assert len(found.drill.reps) == len(done.reps)
    assert {rep.state for rep in found.drill.reps} == {"passed"}
    told = json.loads(analysis_json(found))
    assert told["drill"]["reps"][0]["pass"] is True
    assert told["drills"][0]["passed"] == 8


def test_replay_shows_the_same_verdicts_as_the_analysis(trial):
    path, _ = trial
    replay = ReplaySession(path)
    while replay.work(1.0):
        pass
    (replayed,) = replay.pipeline.drills.sets()
    replay.close()
    (analysed,) = analyze(path).drills
    assert [it.state for it in replayed.reps] == [it.state for it in analysed.reps]
    assert [it.values for it in replayed.reps] == [it.values for it in analysed.reps]


def test_the_summary_beside_the_trial_keeps_the_sets(trial):
    path, _ = trial
    save_summary(path, summarise(path))
    kept = read_summary(path)
    assert kept is not None
    assert kept.drills == records_of(analyze(path).drills)
    assert kept.drills[0].passed == 8
    assert kept.drills[0].reference["landing_sel_db"] == pytest.approx(70.0, abs=0.3)


def test_the_program_prints_the_truth_and_overwrites_nothing(tmp_path, capsys):
    out = tmp_path / "march.xdf"
    asked = ["--drill", "drop_landing_one", "--leg", "right", "--out", str(out)]
    assert drills.main([*asked, "--mistake", "2=early"]) == 0
    reps = json.loads(capsys.readouterr().out)["reps"]
    assert reps[1]["mistake"] == "early"
    assert drills.main(asked) == 1
    assert "never overwritten" in capsys.readouterr().err
    assert drills.main(["--drill", "hop_one", "--out", str(tmp_path / "x.xdf")]) == 1
    assert "Say which with --leg" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="not understood"):
        drills.performed("hop_two", "", ["second contact"])


def test_a_drill_over_real_wires_waits_for_nobody(capsys):
    assert wires(["--runner", "drill:hop_two", "--hold"]) != 0
    said = capsys.readouterr()
    assert "waits for nobody" in said.out + said.err


def test_an_analysis_is_read_back(trial):
    """Whoever stores the analysis can read it: no value is lost on the way."""
    path, _ = trial
    told = msgspec.json.decode(analysis_json(analyze(path)))
    assert told["drills"][0]["t1_s"] is not None


def test_the_command_looks_for_a_drill(trial, tmp_path):
    path, _ = trial
    out = tmp_path / "found.json"
    asked = ["analyze", str(path), "--drill", "lunge_fwd", "--leg", "left", "--quiet"]
    found = CliRunner().invoke(app, [*asked, "--json", str(out)])
    assert found.exit_code == 0, found.output
    told = json.loads(out.read_text(encoding="utf-8"))["drill"]
    assert (told["id"], len(told["reps"])) == ("lunge_fwd", 8)
    wrong = CliRunner().invoke(app, ["analyze", str(path), "--drill", "nope"])
    assert isinstance(wrong.exception, ConfigError)
    assert "Choose one of: balance_one" in str(wrong.exception)
