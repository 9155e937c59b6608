"""Every command as a person types it: exit codes, JSON, one message, no traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from command_line import FINDING, OK, REPO, RUN_S, WRONG_USE
from pypdf import PdfReader

from lablive.analysis import Analysis
from lablive.recording.replay import Trial

# -- help, and no display ----------------------------------------------------------


def test_help_names_every_command_in_one_line_each(cli):
    said = cli("--help").stdout
    for command in (
        "demo", "devices", "record", "analyze", "replay", "report", "verify",
        "repair", "doctor", "calibrate", "import",
    ):  # fmt: skip
        assert command in said
    assert all(len(line) <= 100 for line in said.splitlines())
    assert "LabLive" in cli("--version").stdout


def test_without_a_display_the_window_says_what_works(cli):
    said = cli(code=WRONG_USE).stderr
    assert "There is no display" in said
    assert "lablive record" in said
    assert len(said.strip().splitlines()) == 1


def test_replay_without_a_display_says_so_too(cli, trial):
    assert "There is no display" in cli("replay", trial, code=WRONG_USE).stderr


def test_the_command_line_loads_no_qt(cli, trial):
    program = (
        "import sys\n"
        "from ui import cli\n"
        "for words in (['verify', sys.argv[1], '--json'], ['analyze', sys.argv[1]]):\n"
        "    try:\n"
        "        cli.app(words)\n"
        "    except SystemExit:\n"
        "        pass\n"
        "loaded = [m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph'))]\n"
        "sys.exit(str(loaded) if loaded else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(trial)],
        env=cli.env, cwd=REPO, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# -- the chain: record, verify, analyze, report, repair ---------------------------


def test_a_recorded_trial_is_complete(cli, trial):
    assert "complete and intact" in cli("verify", trial).stdout
    told = json.loads(cli("verify", trial, "--json").stdout)
    assert told["ok"]
    assert {s["name"] for s in told["streams"]} == {
        "left_sole", "right_sole", "Sim belt microphone",
    }  # fmt: skip
    for stream in told["streams"]:
        assert stream["lost"] == 0
        wanted = float(RUN_S) * stream["rate_hz"]
        assert stream["rows"] > 0.9 * wanted
    opened = Trial(trial)
    assert opened.header["code"] == "LB-0007"
    opened.close()


STAT = {"median", "mean", "sd", "n", "n_total"}


def test_analyze_writes_the_published_json(cli, trial, tmp_path):
    out = tmp_path / "a.json"
    cli("analyze", trial, "--json", out)
    told = json.loads(out.read_text())
    assert told.keys() == set(Analysis.__struct_fields__)
    assert told["schema"] == 1
    assert told["file"] == trial.name
    assert told["duration_s"] == pytest.approx(float(RUN_S), abs=1.0)
    for stream in told["streams"]:
        assert stream.keys() == {"name", "type", "rate_hz", "samples", "lost"}
    assert told["gaps"] == []
    kinds = {(e["side"], e["kind"], e["source"]) for e in told["events"]}
    assert kinds == {
        (side, kind, "insole") for side in ("left", "right") for kind in ("ic", "to")
    }
    times = [event["t_s"] for event in told["events"]]
    assert times == sorted(times)
    for event in told["events"]:
        assert event.keys() == {"t_s", "side", "kind", "source"}
    assert len(told["strides"]) >= 4
    for stride in told["strides"]:
        assert stride.keys() == {
            "side", "ic_s", "to_s", "next_ic_s", "valid", "reasons", "speed_mps",
            "incline_pct",
        }  # fmt: skip
        assert stride["ic_s"] < stride["to_s"] < stride["next_ic_s"]
    for metric in told["metrics"].values():
        assert metric.keys() >= {"unit", "grade", "note"}
        for key in metric.keys() & {"left", "right", "both"}:
            assert metric[key].keys() == STAT
    cadence = told["metrics"]["cadence_spm"]
    assert cadence["unit"] == "steps/min"
    assert cadence["both"]["median"] == pytest.approx(162.16, rel=0.01)
    assert told["drill"] is None
    assert json.loads(cli("analyze", trial).stdout) == told


def test_report_makes_the_pdf(cli, trial, tmp_path):
    pdf = tmp_path / "r.pdf"
    done = cli("report", trial, "--pdf", pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert str(pdf) in done.stdout
    assert cli("report", trial, "--pdf", pdf, "--quiet").stdout == ""


def test_report_carries_the_clinics_logo_and_template(cli, trial, tmp_path):
    logo, template, pdf = (tmp_path / n for n in ("l.svg", "own.typ", "r.pdf"))
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        '<rect width="9" height="9"/></svg>'
    )
    shipped = REPO / "lablive" / "report" / "session.typ"
    template.write_text(shipped.read_text() + "\nOur own last line\n")
    cli("report", trial, "--pdf", pdf, "--logo", logo, "--template", template)
    reader = PdfReader(pdf)
    assert "Our own last line" in reader.pages[-1].extract_text()
    objects = (reader.get_object(n) for n in range(1, reader.trailer["/Size"]))
    told = [it.get("/Alt") for it in objects if isinstance(it, dict)]
    assert "Clinic logo" in told


def test_repair_copies_what_is_intact_and_never_overwrites(cli, trial, tmp_path):
    out = tmp_path / "whole.xdf"
    said = cli("repair", trial, "--out", out).stdout
    assert "rows kept" in said
    assert "trial [1].xdf was not changed" in said  # brackets are no markup
    assert cli("verify", out).returncode == OK
    before = out.read_bytes()
    assert "exists already" in cli("repair", trial, "--out", out, code=2).stderr
    assert out.read_bytes() == before


def test_a_cut_trial_is_a_finding_and_can_be_repaired(cli, trial, tmp_path):
    cut = tmp_path / "cut.xdf"
    cut.write_bytes(trial.read_bytes()[:-2000])
    shutil.copy(f"{trial}.idx", f"{cut}.idx")
    cli("verify", cut, code=FINDING)
    out = tmp_path / "whole.xdf"
    cli("repair", cut, "--out", out)
    told = json.loads(cli("verify", out, "--json").stdout)
    assert not told["damage"]
    assert len(json.loads(cli("analyze", out).stdout)["strides"]) >= 3


# -- recordings of other programs -------------------------------------------------


def test_foreign_recordings_of_other_programs_are_read(cli, real_data, tmp_path):
    for name in ("minimal.xdf", "empty_streams.xdf"):
        path = real_data / "xdf_example_files" / name
        told = json.loads(cli("analyze", path).stdout)
        assert told["file"] == name
        assert told["events"] == []
        done = subprocess.run(
            [sys.executable, "-m", "ui.start", "verify", str(path)],
            env=cli.env, cwd=REPO, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode in (OK, FINDING)
        assert "no checksum" in done.stdout
        cli("report", path, "--pdf", tmp_path / f"{name}.pdf")


# -- this computer ----------------------------------------------------------------


def test_devices_lists_ports_streams_and_profiles(cli):
    assert "Serial ports:" in cli("devices").stdout
    told = json.loads(cli("devices", "--json").stdout)
    assert {"serial", "lsl", "profiles", "problems"} <= told.keys()
    assert "sim_insoles" in told["profiles"]


def test_doctor_looks_at_everything_and_names_the_fix(cli):
    done = cli("doctor", "--json", code=None)  # this computer may have faults
    told = json.loads(done.stdout)
    faults = [check for check in told if check["verdict"] == "fault"]
    assert done.returncode == (FINDING if faults else OK)
    names = {check["name"] for check in told}
    assert {"Python", "Library", "Disk", "Display", "Serial ports", "LSL streams"} <= (
        names
    )
    display = next(check for check in told if check["name"] == "Display")
    assert display["verdict"] == "note"
    assert "lablive demo --headless" in display["todo"]
    assert {check["verdict"] for check in told} <= {"ok", "note", "fault"}


def test_demo_leaves_foreign_folders_alone(cli, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    said = cli("demo", "--headless", "--out", tmp_path, code=FINDING).stderr
    assert "something else than a demo" in said
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
