"""The microphone command as typed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ui.microphone_command import in_words
from ui.sources import parse_source


@pytest.mark.parametrize("task", ["calibrate", "claps", "clicks"])
def test_a_microphone_that_is_not_there_is_one_message(task):
    command = [sys.executable, "-m", "ui.cli", "microphone", task, "--device", "Nope"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Listening" in done.stdout or "Clicks" in done.stdout
    assert "no microphone" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_answer_is_told_in_words():
    gain = {"device": "Yeti", "pa_per_fs": 2.0, "made_at": ""}
    assert "dB SPL" in in_words(gain)
    good = {"kind": "claps", "difference_db": 9.3, "ok": True, "why": ""}
    assert "9.3 dB" in in_words(good)
    assert in_words(good | {"ok": False, "why": "automatic gain"}) == "automatic gain"


def test_a_microphone_is_a_source_by_its_name():
    spec = parse_source("microphone:device=USB Audio: (hw:1,0)")
    assert spec.driver == "microphone"
    assert spec.options == {"device": "USB Audio: (hw:1,0)"}
    assert parse_source("microphone:").options == {}
