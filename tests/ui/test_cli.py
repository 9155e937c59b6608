"""Every command as a person types it: exit codes, JSON, one message, no traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from lablive.errors import LabLiveError
from lablive.live.link import LinkClient
from lablive.recording.replay import Trial
from ui.simulator import Simulator

OK, FINDING, WRONG_USE = 0, 1, 2
REPO = Path(__file__).resolve().parents[2]
RUN_S = "4"


class Cli:
    """Run ``lablive`` in a folder of its own, without a display."""

    def __init__(self, folder):
        self.folder = folder
        self.run_dir = folder / "run"
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        self.env = {k: v for k, v in os.environ.items() if k not in hidden}
        self.env |= {
            "LABLIVE_RUN": str(self.run_dir),
            "LABLIVE_HOME": str(folder / "library"),
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }

    def __call__(self, *words, code=OK):
        """Return what it printed; stdout and stderr must be free of tracebacks."""
        command = [sys.executable, "-m", "ui.start", *map(str, words)]
        done = subprocess.run(
            command, env=self.env, cwd=REPO, capture_output=True, text=True, timeout=90
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert code is None or done.returncode == code, said
        if code:
            assert done.stderr.strip() or done.stdout.strip(), "it ended without a word"
        return done

    def end_host(self):
        """End the host that a command has started."""
        try:
            link = LinkClient.connect(self.run_dir)
        except LabLiveError:
            return
        link.post("shutdown")
        link.close()


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    made = Cli(tmp_path_factory.mktemp("cli"))
    yield made
    made.end_host()


@pytest.fixture(scope="module")
def trial(cli):
    """Record four seconds of the simulated runner as a person would."""
    tag = f"cli-{os.getpid()}"
    wires = [
        "drivers.sim.wires", "--id", tag, "--streams", "insoles,level",
        "--set", "standing_s=0.5,ramp_s=0", "--wait", "30",
    ]  # fmt: skip
    simulator = Simulator(wires)
    path = cli.folder / "trial [1].xdf"
    try:
        port = simulator.ready["pty"]
        done = cli(
            "record", "--source", f"profile:sim_insoles@{port}",
            "--source", "lsl:Sim belt microphone", "--seconds", RUN_S, "--out", path,
            "--code", "LB-0007",
        )  # fmt: skip
    finally:
        simulator.stop()
    assert f"Recorded to {path}" in done.stdout
    return path


@pytest.fixture
def montage(tmp_path):
    def write(text):
        path = tmp_path / "montage.toml"
        path.write_text(text)
        return path

    return write


# -- help and wrong use -----------------------------------------------------------


def test_help_names_every_command_in_one_line_each(cli):
    said = cli("--help").stdout
    for command in (
        "demo", "devices", "record", "analyze", "replay", "report", "verify",
        "repair", "doctor", "calibrate", "import",
    ):  # fmt: skip
        assert command in said
    assert all(len(line) <= 100 for line in said.splitlines())
    assert "LabLive" in cli("--version").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"], ["analyze"], ["verify", "--nonsense", "x.xdf"],
        ["demo", "--seconds", "3"], ["report", "x.xdf", "--paper", "a5"],
        ["verify", "not-there.xdf"], ["analyze", "not-there.xdf"],
        ["report", "not-there.xdf"], ["replay", "not-there.xdf"],
        ["repair", "not-there.xdf", "--out", "y.xdf"], ["verify", "."],
        ["record", "--out", "x.xdf"],
        ["record", "--out", "x.xdf", "--source", "nonsense"],
        ["record", "--out", "x.xdf", "--montage", "not-there.toml"],
        ["record", "--out", "/not/there/x.xdf", "--source", "lsl:a"],
        ["--montage", "not-there.toml"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_is_exit_code_2_and_one_message(cli, words):
    said = cli(*words, code=WRONG_USE).stderr.strip()
    if "Usage:" not in said:  # what the command line itself refuses comes in a frame
        assert len(said.splitlines()) == 1, said


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
    assert told.keys() == {
        "schema", "file", "duration_s", "streams", "gaps", "events", "strides",
        "metrics", "drill", "notes",
    }  # fmt: skip
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


@pytest.mark.parametrize("option", ["--logo", "--template"])
def test_a_file_of_the_clinic_that_is_not_there_is_wrong_use(cli, trial, option):
    said = cli("report", trial, option, "not-there.svg", code=WRONG_USE).stderr
    assert said.startswith("There is no file not-there.svg.")
    assert len(said.strip().splitlines()) == 1


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


# -- what is not a trial, not a montage, not a device ------------------------------


@pytest.mark.parametrize("content", [b"", b"XDF:" + b"\1" * 500])
@pytest.mark.parametrize("command", ["verify", "analyze", "report", "replay", "repair"])
def test_a_file_that_is_no_recording_is_one_message(cli, tmp_path, command, content):
    path = tmp_path / "strange.xdf"
    path.write_bytes(content)
    more = ["--out", tmp_path / "o.xdf"] if command == "repair" else []
    said = cli(command, path, *more, code=FINDING).stderr
    assert f"{path}: this is not a recording" in said
    assert len(said.strip().splitlines()) == 1
    assert path.read_bytes() == content
    assert not (tmp_path / "o.xdf").exists()


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


GOOD = """
schema = 1
[[stream]]
match = {{ name = "left_sole" }}
[[stream.channel]]
index = "0:16"
role = "insole_left.{quantity}"
unit = "{unit}"
layout = "sim_16"
{more}
"""


def test_a_montage_that_fits_is_used(cli, trial, montage):
    path = montage(GOOD.format(quantity="pressure", unit="kPa", more=""))
    told = json.loads(cli("analyze", trial, "--montage", path).stdout)
    assert {event["side"] for event in told["events"]} == {"left"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GOOD.format(quantity="pressure", unit="kPa", more="colour = 3"), "colour"),
        (GOOD.format(quantity="pressure", unit="furlong", more=""), "furlong"),
        (GOOD.format(quantity="smell", unit="kPa", more=""), "insole_left.smell"),
        (GOOD.format(quantity="pressure", unit="kPa", more='scale = "x"'), "scale"),
        ("schema = 1\n[[stream]\n", "montage.toml"),
        ("", "montage.toml"),
        (GOOD.replace("= 1", "= 7").format(quantity="pressure", unit="kPa", more=""),
         "schema"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["analyze", "report"])
def test_a_wrong_montage_is_named_with_its_key(
    cli, trial, montage, command, text, named, tmp_path
):
    path = montage(text)
    more = ["--pdf", tmp_path / "x.pdf"] if command == "report" else []
    said = cli(command, trial, "--montage", path, *more, code=WRONG_USE).stderr
    assert named in said
    assert path.name in said


def test_a_montage_for_other_streams_says_which_are_there(cli, trial, montage):
    text = GOOD.format(quantity="pressure", unit="kPa", more="")
    path = montage(text.replace("left_sole", "Moonboot"))
    said = cli("analyze", trial, "--montage", path, code=WRONG_USE).stderr
    assert "Moonboot" in said
    assert "left_sole" in said


def test_json_that_cannot_be_written_is_one_message(cli, trial):
    said = cli("analyze", trial, "--json", "/not/there/a.json", code=WRONG_USE).stderr
    assert "/not/there/a.json cannot be written" in said


def test_record_says_which_device_is_missing(cli, tmp_path):
    out = tmp_path / "x.xdf"
    said = cli(
        "record", "--source", "profile:sim_insoles@/dev/not-there", "--out", out,
        "--seconds", "1", code=FINDING,
    ).stderr  # fmt: skip
    assert "There is no port /dev/not-there" in said
    assert not out.exists()


def test_record_never_overwrites(cli, trial):
    before = trial.read_bytes()
    said = cli("record", "--source", "lsl:a", "--out", trial, code=WRONG_USE).stderr
    assert "exists already and is never overwritten" in said
    assert trial.read_bytes() == before


def test_two_streams_of_one_name_are_ambiguous(cli, tmp_path):
    wires = ["drivers.sim.wires", "--streams", "speed", "--id"]
    first = Simulator([*wires, f"one-{os.getpid()}"])
    try:
        second = Simulator([*wires, f"two-{os.getpid()}"])
        try:
            said = cli(
                "record", "--source", "lsl:Sim treadmill", "--seconds", "1",
                "--out", tmp_path / "x.xdf", code=FINDING,
            ).stderr  # fmt: skip
        finally:
            second.stop()
    finally:
        first.stop()
    assert 'LSL streams have name "Sim treadmill"' in said
    assert "source_id" in said


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
