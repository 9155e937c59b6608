from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest

from drivers import audio_library, audio_search
from drivers.audio_library import find_input
from drivers.audio_search import (
    SoundInput,
    headset_problem,
    listed,
    same_name,
    sound_inputs,
)
from lablive.errors import DeviceError


def device(name: str, channels: int = 1, rate_hz: float = 48000.0) -> dict[str, Any]:
    return {
        "name": name,
        "max_input_channels": channels,
        "default_samplerate": rate_hz,
        "hostapi": 0,
    }


def library(*devices: dict[str, Any], default: int = 0) -> Any:
    return types.SimpleNamespace(
        PortAudioError=OSError,
        query_devices=lambda: list(devices),
        query_hostapis=lambda: [{"name": "ALSA", "default_input_device": default}],
    )


@pytest.mark.parametrize(
    ("name", "rate_hz", "word"),
    [
        ("Headset (Jabra Hands-Free AG Audio)", 48000, "Bluetooth"),
        ("bluez_input.00_11", 48000, "Bluetooth"),
        ("AirPods Pro", 24000, "Bluetooth"),
        ("Phone line", 8000, "8000 samples"),
        ("USB PnP Sound Device: Audio (hw:1,0)", 44100, ""),
        ("Yeti Stereo Microphone", 48000, ""),
        ("Gaming Headset USB", 48000, ""),
    ],
)
def test_headsets_and_telephone_quality_are_refused_with_the_reason(
    name: str, rate_hz: float, word: str
) -> None:
    problem = headset_problem(name, rate_hz)
    assert word in problem
    assert bool(problem) is bool(word)


def test_plumbing_and_outputs_are_no_microphones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio_search.sys, "platform", "linux")
    sound = library(
        device("Yeti: USB Audio (hw:1,0)"), device("sysdefault"), device("dmix"),
        device("surround51"), device("HDMI", channels=0), default=0,
    )  # fmt: skip
    assert listed(sound) == [
        (0, SoundInput("Yeti: USB Audio (hw:1,0)", 48000.0, 1, is_default=True))
    ]


def test_windows_lists_a_microphone_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_search.sys, "platform", "win32")
    apis = ("MME", "Windows DirectSound", "Windows WASAPI")
    sound = library(*(device("Yeti") | {"hostapi": n} for n in range(3)))
    sound.query_hostapis = lambda: [
        {"name": name, "default_input_device": n} for n, name in enumerate(apis)
    ]
    assert [number for number, _ in listed(sound)] == [2]


def test_a_default_that_is_a_headset_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio_search, "_server_source", lambda: "bluez_source.1")
    ((_, found),) = listed(library(device("pulse")))
    assert "bluez_source.1" in found.problem


def test_a_microphone_is_found_again_under_another_card_number() -> None:
    inputs = [(4, SoundInput("Yeti: USB Audio (hw:2,0)", 48000.0, 1))]
    assert find_input(inputs, "Yeti: USB Audio (hw:1,0)") == inputs[0]
    assert same_name("Yeti: USB Audio (hw:1,0)") == "Yeti: USB Audio"
    twins = [*inputs, (5, SoundInput("Yeti: USB Audio (hw:3,0)", 48000.0, 1))]
    with pytest.raises(DeviceError, match="2 times"):
        find_input(twins, "Yeti: USB Audio (hw:1,0)")
    assert find_input(twins, "Yeti: USB Audio (hw:3,0)")[0] == 5
    with pytest.raises(DeviceError, match="no default microphone"):
        find_input(twins, "")


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        (-6, "", "ended with code -6"),
        (1, "The sound library cannot be loaded (gone).", "cannot be loaded"),
    ],
)
def test_a_search_that_dies_is_one_message(
    monkeypatch: pytest.MonkeyPatch, code: int, text: str, word: str
) -> None:
    told = subprocess.CompletedProcess((), code, "", text)
    monkeypatch.setattr(audio_search.subprocess, "run", lambda *_, **__: told)
    with pytest.raises(DeviceError, match=word) as failed:
        sound_inputs()
    assert failed.value.kind == "library"


def test_a_search_that_hangs_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("search", 10)

    monkeypatch.setattr(audio_search.subprocess, "run", hang)
    with pytest.raises(DeviceError, match="TimeoutExpired"):
        sound_inputs()


def test_a_missing_library_is_one_message_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert audio_search.main() == 1
    assert "pip install" in capsys.readouterr().err


def test_a_sound_system_that_hangs_is_told_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio_library, "_LOCK_S", 0.01)
    with (
        audio_library._lock,
        pytest.raises(DeviceError, match="does not answer"),
        audio_library.sound_alone(),
    ):
        pass
