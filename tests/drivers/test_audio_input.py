"""A microphone for real: PulseAudio, ALSA and PortAudio between the sound and us."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from drivers import audio_input, microphone
from drivers.audio_input import AudioInput
from drivers.audio_search import sound_inputs
from drivers.host import make_driver
from drivers.source import Source
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.messages import Chunk, Gap, SourceSpec
from lablive.signals.microphone import MicrophoneGain, keep_gain, newest_gain
from tests.drivers.sound_server import (
    HEADSET,
    MICROPHONE,
    RATE_HZ,
    Player,
    SoundServer,
    in_background,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def listen(driver: AudioInput, until_s: float) -> tuple[list[Chunk], list[Gap]]:
    chunks: list[Chunk] = []
    gaps: list[Gap] = []
    while now_s() < until_s:
        for item in driver.read():
            if isinstance(item, Chunk):
                chunks.append(item)
            else:
                gaps.append(item)
    return chunks, gaps


def rows(chunks: list[Chunk]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.concatenate([chunk.t_s for chunk in chunks]),
        np.concatenate([chunk.x for chunk in chunks]),
    )


def test_tone_and_clicks_are_heard_as_loud_and_as_late_as_they_were_played(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    keep_gain(tmp_path / "library", MicrophoneGain(MICROPHONE, 2.0, "2026-01-02"))
    driver = AudioInput(MICROPHONE)
    (info,) = driver.open()
    assert {channel.unit for channel in info.channels} == {"Pa^2"}
    t_s = np.arange(6 * RATE_HZ) / RATE_HZ
    wave = 0.1 * np.sin(2 * np.pi * 1000 * t_s)
    wave[: 2 * RATE_HZ] = wave[3 * RATE_HZ :] = 0
    clicks_s = 3.5 + 0.5 * np.arange(5)
    for at_s in clicks_s:
        wave[round(at_s * RATE_HZ) :][:240] = 0.5
    player = Player(sound_server)
    playing = in_background(player, wave)
    try:
        chunks, gaps = listen(driver, now_s() + 8.0)
    finally:
        driver.close()
        playing.join(10)
        player.close()
    heard_s, level = rows(chunks)
    begin_s = player.begin_s
    tone = (heard_s > begin_s + 2.2) & (heard_s < begin_s + 2.8)
    wanted_db = 10 * np.log10(0.005 * 2.0**2)
    assert 10 * np.log10(level[tone].mean(axis=0)) == pytest.approx(
        [wanted_db] * 3, abs=0.2
    )
    onsets = []
    for at_s in begin_s + clicks_s:
        near = np.abs(heard_s - at_s) < 0.1
        onsets.append(heard_s[near][np.argmax(level[near, 2] > 0.1)])
    late_s = np.array(onsets) - begin_s - clicks_s
    # PulseAudio works 2 ms ahead and tells its delay to some milliseconds
    assert np.abs(late_s).max() < 0.008
    assert np.ptp(late_s) < 0.004
    assert gaps == []
    counter = np.concatenate([chunk.counter for chunk in chunks])
    assert set(np.diff(counter)) == {48}  # every sample is in
    status = driver.status()[0]
    assert status.lost == 0
    assert status.effective_rate_hz == status.rate_hz  # silence is no repetition


def test_raw_audio_comes_as_played_and_only_when_asked_for(
    sound_server: SoundServer,
) -> None:
    driver = AudioInput.from_options({"device": MICROPHONE, "record_raw_audio": True})
    level, audio = driver.open()
    assert "dB rel" in level.device
    assert (audio.labels, audio.rate_hz) == (("mic_belt.audio",), 48000.0)
    wave = np.zeros(3 * RATE_HZ)
    wave[2 * RATE_HZ :] = np.random.default_rng(3).uniform(-0.3, 0.3, RATE_HZ)
    player = Player(sound_server)
    playing = in_background(player, wave)
    try:
        chunks, _ = listen(driver, now_s() + 5.0)
    finally:
        driver.close()
        playing.join(10)
        player.close()
    _, x = rows([chunk for chunk in chunks if chunk.stream == 1])
    first = int(np.argmax(np.abs(x[:, 0]) > 0))
    heard = x[first : first + RATE_HZ // 2, 0]
    played = wave[2 * RATE_HZ :][: len(heard)].astype(np.float32)
    assert np.array_equal(heard, played)


def test_inputs_are_listed_and_a_bluetooth_headset_is_refused(
    sound_server: SoundServer,
) -> None:
    found = {entry.name: entry for entry in sound_inputs()}
    assert found[MICROPHONE].problem == ""
    assert "Bluetooth headset" in found[HEADSET].problem
    with pytest.raises(DeviceError, match="evens loudness out") as refused:
        AudioInput(HEADSET).open()
    assert refused.value.kind == "protocol"
    with pytest.raises(DeviceError, match=MICROPHONE) as absent:
        AudioInput("Yeti").open()
    assert absent.value.kind == "missing"


def test_a_microphone_that_was_pulled_out_comes_back_by_itself(
    sound_server: SoundServer, tmp_path: Path, until: Callable[..., None]
) -> None:
    ids = iter(range(1, 9))
    spec = SourceSpec("Mic", "microphone", {"device": MICROPHONE})
    source = Source(
        spec, lambda it: AudioInput.from_options(it.options), lambda: next(ids),
        tmp_path,
    )  # fmt: skip
    source.start()

    def told() -> Any:
        return source.report()

    try:
        until(lambda: told().status and told().status[0].rows > 100, "sound", 20)
        sound_server.stop()
        until(lambda: told().state == "recovering", "the loss to be told", 10)
        assert "Plug it in" in told().message
        before = told().status[0].rows
        sound_server.start(until)
        until(lambda: told().status[0].rows > before + 100, "it to come back", 30)
        assert len(told().streams) == 1
        assert told().status[0].reconnects == 1
        assert told().status[0].gaps >= 1
    finally:
        source.stop()


def test_a_calibrator_gives_the_gain_and_silence_gives_none(
    sound_server: SoundServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t_s = np.arange(7 * RATE_HZ) / RATE_HZ
    player = Player(sound_server)
    playing = in_background(player, 0.05 * np.sin(2 * np.pi * 1000 * t_s))
    asked = ["calibrate", "--device", MICROPHONE, "--seconds", "1.5"]
    try:
        assert microphone.main(asked) == 0
    finally:
        playing.join(15)
        player.close()
    gain = newest_gain(tmp_path / "library", MICROPHONE)
    assert gain is not None
    assert 20 * np.log10(gain.pa_per_fs * 0.05 / np.sqrt(2)) == pytest.approx(
        0, abs=0.05
    )
    said = capsys.readouterr().out.splitlines()
    assert "dB rel" in said[0]
    assert "pa_per_fs" in said[-1]
    assert microphone.main(asked) == 1
    assert "cannot be used" in capsys.readouterr().err
    assert newest_gain(tmp_path / "library", MICROPHONE) == gain


def test_clicks_from_the_loudspeaker_come_back_six_decibels_apart(
    sound_server: SoundServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert microphone.main(["clicks", "--device", MICROPHONE]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["ok"]
    assert told["difference_db"] == pytest.approx(6.0, abs=0.1)


def test_a_full_queue_drops_whole_blocks_and_counts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Time:
        currentTime, inputBufferAdcTime = 10.0, 9.98  # noqa: N815

    class Status:
        input_overflow = False

    monkeypatch.setattr(audio_input, "_MOST_BLOCKS", 2)
    driver = AudioInput()
    for _ in range(5):
        driver._take(np.zeros((480, 1), np.float32), 480, Time, Status)
    driver._blocks.get()
    driver._take(np.zeros((480, 1), np.float32), 480, Time, Status)
    assert [driver._blocks.get().dropped for _ in range(2)] == [0, 3 * 480]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"channel": 0}, "channel 0"),
        ({"channel": "left"}, "left"),
        ({"record_raw_audio": "perhaps"}, "record_raw_audio"),
    ],
)
def test_wrong_options_are_one_message(options: dict[str, Any], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        AudioInput.from_options(options)


def test_closing_what_was_never_open_is_no_error() -> None:
    driver = AudioInput()
    driver.close()
    driver.close()
    assert driver.read() == []
    assert driver.status() == ()


def test_the_host_knows_the_driver_by_name() -> None:
    made = make_driver(SourceSpec("Mic", "microphone", {"device": "Yeti"}))
    assert isinstance(made, AudioInput)
