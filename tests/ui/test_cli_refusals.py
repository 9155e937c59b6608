"""What commands refuse: no trial, no montage, no device, each in one message."""

from __future__ import annotations

import json
import os

import pytest
from command_line import FINDING, WRONG_USE

from ui.simulator import Simulator


@pytest.fixture
def montage(tmp_path):
    def write(text):
        path = tmp_path / "montage.toml"
        path.write_text(text)
        return path

    return write


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


@pytest.mark.parametrize("option", ["--logo", "--template"])
def test_a_file_of_the_clinic_that_is_not_there_is_wrong_use(cli, trial, option):
    said = cli("report", trial, option, "not-there.svg", code=WRONG_USE).stderr
    assert said.startswith("There is no file not-there.svg.")
    assert len(said.strip().splitlines()) == 1


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
