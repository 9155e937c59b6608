"""The loudspeaker for real: PortAudio into PulseAudio, heard by our own microphone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from drivers import speech
from drivers.audio_input import AudioInput
from drivers.loudspeaker import Loudspeaker
from lablive.clock import now_s
from lablive.live.sounds import Backdrop, Cue, Sounded
from lablive.messages import Chunk
from tests.drivers.sound_server import MICROPHONE, SoundServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def heard(microphone: AudioInput, until_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return times and Z-weighted energy of every millisecond."""
    chunks: list[Chunk] = []
    while now_s() < until_s:
        chunks += [item for item in microphone.read() if isinstance(item, Chunk)]
    return (
        np.concatenate([chunk.t_s for chunk in chunks]),
        np.nan_to_num(np.concatenate([chunk.x[:, 2] for chunk in chunks])),
    )


def test_cues_sound_at_their_time_and_say_when_they_did(
    sound_server: SoundServer, tmp_path: Path, until: Callable[..., None]
) -> None:
    microphone = AudioInput(MICROPHONE)
    microphone.open()
    told: list[Sounded] = []
    loudspeaker = Loudspeaker("", tmp_path / "voice", told.append)
    until(lambda: loudspeaker.report().state == "sounding", "the loudspeaker")
    begin_s = now_s() + 3.0  # the microphone has settled by then
    planned = [begin_s + 0.7 * k for k in range(6)]
    for k, at_s in enumerate(planned):
        loudspeaker.play(Cue(f"go {k}", at_s, "go"))
    t_s, energy = heard(microphone, planned[-1] + 1.5)
    dropouts = loudspeaker.report().dropouts
    loudspeaker.close()
    microphone.close()
    assert [cue.id for cue in told] == [f"go {k}" for k in range(6)]
    loud = energy > 0.02 * energy.max()
    begins = t_s[1:][loud[1:] & ~loud[:-1]]
    begins = begins[np.insert(np.diff(begins) > 0.3, 0, True)]
    assert len(begins) == len(planned)
    off_s = begins - planned
    # the microphone's own time is right to some milliseconds (docs/microphone.md)
    assert abs(np.median(off_s)) < 0.02, off_s
    # only a loudspeaker that ran dry is late, and then it says so
    assert np.sum(np.abs(off_s - np.median(off_s)) > 0.01) <= dropouts, off_s
    for cue, at_s in zip(told, planned, strict=True):
        assert cue.planned_s == at_s
        assert cue.sounded_s == pytest.approx(at_s, abs=0.001)


def test_a_loudspeaker_that_goes_away_comes_back_and_nothing_is_made_up(
    sound_server: SoundServer, tmp_path: Path, until: Callable[..., None]
) -> None:
    told: list[Sounded] = []
    loudspeaker = Loudspeaker("", tmp_path / "voice", told.append)
    until(lambda: loudspeaker.report().state == "sounding", "the loudspeaker")
    loudspeaker.set_backdrop(Backdrop(noise=0.5))
    loudspeaker.play(Cue("much later", now_s() + 600))
    sound_server.stop()
    until(lambda: loudspeaker.report().state == "failed", "told")
    assert "loudspeaker" in loudspeaker.report().fault.lower()
    loudspeaker.play(Cue("nobody hears", now_s()))
    until(lambda: len(told) == 2, "both told")
    assert {(cue.id, cue.sounded_s) for cue in told} == {
        ("much later", None),
        ("nobody hears", None),
    }
    sound_server.start(until)
    until(lambda: loudspeaker.report().state == "sounding", "back")
    loudspeaker.play(Cue("again", 0.0))
    until(lambda: told[-1].id == "again", "heard again")
    assert told[-1].sounded_s is not None
    loudspeaker.close()
    assert loudspeaker.report().state == "off"


def test_an_unknown_loudspeaker_says_which_there_are(
    sound_server: SoundServer, tmp_path: Path, until: Callable[..., None]
) -> None:
    loudspeaker = Loudspeaker("no such thing", tmp_path, lambda _: None)
    until(lambda: loudspeaker.report().state == "failed", "told")
    fault = loudspeaker.report().fault
    assert '"no such thing"' in fault
    assert "there:" in fault
    loudspeaker.close()


def test_words_are_spoken_and_kept(tmp_path: Path) -> None:
    if not speech.can_speak():
        pytest.skip(f"{speech.PROGRAM} is not installed")
    found = speech.speak("three, two, one", "en", tmp_path)
    assert found is not None
    wave, rate_hz = found
    assert 0.5 < len(wave) / rate_hz < 4.0
    assert np.abs(wave).max() > 0.1
    (kept,) = tmp_path.glob("*.wav")
    kept.write_bytes(b"no wave file")
    again = speech.speak("three,  two, one", "en", tmp_path)
    assert again is not None
    np.testing.assert_array_equal(again[0], wave)


def test_without_a_speech_program_there_is_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not speech.can_speak()
    assert speech.speak("go", "en", tmp_path) is None
    assert not list(tmp_path.iterdir())
