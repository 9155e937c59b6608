"""What is called out while a trial is recorded, and at which moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import get_args

import pytest

from lablive.feedback.calls import Caller
from lablive.feedback.offers import load_cues
from lablive.live.sounds import Sounded, SoundReport
from lablive.live.speaker import MUTE, Speaker
from lablive.protocol.block_run import BlockRun
from lablive.protocol.template import BlockKind, BlockRule

WORDS = load_cues().de
BLOCKS = (
    BlockRule("baseline", minutes=0.5),
    BlockRule("cadence", minutes=0.5, cadence_spm=178.0),
)


@pytest.fixture
def heard():
    return []


@pytest.fixture
def caller(heard):
    return Caller(heard.append, WORDS, "de")


def ticks(caller, begin_s, end_s, blocks=None, *, recording=True):
    for number in range(round((end_s - begin_s) * 60)):
        now_s = begin_s + number / 60
        caller.tick(now_s, recording=recording, blocks=blocks)


def told(heard):
    return [cue.voice for cue in heard]


def test_a_recording_without_blocks_begins_and_ends(caller, heard):
    ticks(caller, 0.0, 1.0, recording=False)
    assert heard == []
    ticks(caller, 1.0, 3.0)
    ticks(caller, 3.0, 4.0, recording=False)
    assert told(heard) == ["Aufnahme", "Stopp"]
    assert {cue.language for cue in heard} == {"de"}


def test_each_block_is_called_and_its_last_seconds_are_counted_in_time(caller, heard):
    blocks = BlockRun(BLOCKS)
    ticks(caller, 99.9, 100.0)
    blocks.move_on(100.0)
    ticks(caller, 100.0, 131.0, blocks)
    assert told(heard) == ["Laufen wie gewohnt", "5", "4", "3", "2", "1"]
    assert [cue.at_s for cue in heard[1:]] == pytest.approx(
        [125.0, 126.0, 127.0, 128.0, 129.0]
    )
    assert all(cue.beep == "ready" for cue in heard[1:])
    heard.clear()
    blocks.move_on(131.0)
    ticks(caller, 131.0, 140.0, blocks)
    blocks.move_on(140.0)
    ticks(caller, 140.0, 150.0, blocks)
    assert told(heard) == ["Dem Takt folgen, 178", "Alle Blöcke sind vorbei"]


def test_every_kind_of_block_has_words_in_both_languages():
    for language in ("en", "de"):
        said = load_cues().words(language).call.block
        assert set(get_args(BlockKind)) <= set(said)
        assert len(set(said.values())) == len(said)


def test_who_moves_on_early_hears_no_more_numbers(caller, heard):
    blocks = BlockRun(BLOCKS)
    blocks.move_on(0.0)
    ticks(caller, 0.0, 27.0, blocks)
    blocks.move_on(27.0)
    ticks(caller, 27.0, 40.0, blocks)
    assert told(heard)[-2:] == ["3", "Dem Takt folgen, 178"]


def test_without_a_voice_it_is_told_once_and_beeps_stand_for_words(caller, heard):
    host = SimpleNamespace(connected=True, answer={}, played=[])
    host.is_asked = lambda _method: False

    def ask(method, then, _failed, **params):
        if method == "play":
            host.played.append(params["cue"])
        elif method == "sound":
            sounded = [
                Sounded(cue["id"], cue["at_s"], cue["at_s"], spoken=False)
                for cue in host.played
            ]
            then(SoundReport(state="sounding", sounded=tuple(sounded)))

    host.ask = ask
    said = []
    speaker = Speaker(host, said.append)
    speaker.on()
    caller = Caller(speaker.play, WORDS)
    ticks(caller, 0.0, 2.0)
    speaker.ask()
    ticks(caller, 2.0, 3.0, recording=False)
    speaker.ask()
    assert [cue["voice"] for cue in host.played] == ["Aufnahme", "Stopp"]
    assert said == [MUTE]
