"""What is sent to the loudspeaker: only what can be heard, and silence always."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from pipeline_cases import run, simulated

from lablive.errors import DeviceError, LinkError
from lablive.feedback.giving import AWAY_S, Giver
from lablive.feedback.hint import Feedback, Target
from lablive.feedback.offers import load_cues
from lablive.feedback.pace import beats_of, pace
from lablive.feedback.schedule import Schedule
from lablive.live.sounds import Backdrop, Cue
from lablive.live.speaker import Speaker


class Host:
    """Answers at once, as the link's next poll would."""

    def __init__(self) -> None:
        self.connected = True
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] = {"state": "sounding"}
        self.error: Exception | None = None

    def is_asked(self, _method: str) -> bool:
        return False

    def ask(self, method: str, then: Any, failed: Any, **params: Any) -> None:
        self.asked.append((method, params))
        if self.error is not None:
            failed(self.error)
        elif method in ("sound", "sound_on"):
            then(self.answer)


@pytest.fixture
def lab():
    host, told = Host(), []
    return SimpleNamespace(host=host, told=told, speaker=Speaker(host, told.append))


def test_without_sound_nothing_is_asked(lab):
    lab.speaker.play(Cue("go"))
    lab.speaker.set_backdrop(Backdrop(noise=1.0))
    lab.speaker.silence()
    lab.speaker.poll()
    assert lab.host.asked == []


def test_a_difference_nobody_hears_is_not_sent_silence_is(lab):
    lab.speaker.on()
    lab.host.asked.clear()
    for noise in (0.5, 0.505, 0.51, 0.515, 0.53, 0.015, 0.0):
        lab.speaker.set_backdrop(Backdrop(noise=noise))
    sent = [params["wanted"]["noise"] for _, params in lab.host.asked]
    assert sent == [0.5, 0.53, 0.015, 0.0]


def test_the_next_host_is_asked_for_the_same(lab):
    lab.speaker.on("front")
    lab.speaker.set_backdrop(Backdrop(beats_per_min=170.0))
    lab.host.asked.clear()
    lab.speaker.begin()
    assert [method for method, _ in lab.host.asked] == ["sound_on", "backdrop"]
    assert lab.host.asked[0][1] == {"device": "front"}
    assert lab.host.asked[1][1]["wanted"]["beats_per_min"] == 170.0


def test_a_fault_is_told_once_and_again_when_it_comes_back(lab):
    lab.speaker.on()
    for fault in ("", "The loudspeaker is gone.", "The loudspeaker is gone.", "", "x"):
        lab.host.answer = {"state": "failed", "fault": fault}
        lab.speaker._asked_s = 0.0
        lab.speaker.poll()
    assert lab.told == ["The loudspeaker is gone.", "x"]


def test_a_host_that_is_gone_is_no_trouble_of_sound(lab):
    lab.speaker.on()
    lab.host.error = LinkError("The host is gone.")
    lab.speaker.play(Cue("go"))
    assert lab.told == []
    lab.host.error = DeviceError("missing", "Sound is switched off.")
    lab.speaker.play(Cue("go"))
    assert lab.told == ["Sound is switched off."]


def test_off_is_silent_and_on_begins_silent(lab):
    lab.speaker.on()
    lab.speaker.set_backdrop(Backdrop(noise=1.0))
    lab.speaker.off()
    assert not lab.speaker.is_on
    lab.host.asked.clear()
    lab.speaker.on()
    assert lab.host.asked[1][1]["wanted"]["noise"] == 0.0


def test_feedback_and_metronome_sound_together_and_end_together():
    sent: list[Backdrop] = []
    giver = Giver(SimpleNamespace(set_backdrop=sent.append))
    lab = simulated(12.0, standing_s=3.0)
    pipeline = lab.pipeline()
    assert giver.tick(pipeline, 0.0) is None
    target = Target("contact_time_ms", "both", 200.0, 220.0, 20.0)
    words = load_cues().en
    giver.feedback = Feedback(target, words, sound="noise", schedule=Schedule())
    giver.beats_per_min = 170.0
    hint = None
    for item in lab.chunks(None, 20):
        pipeline.feed(item)
        hint = giver.tick(pipeline, pipeline.newest_s)
    assert hint is not None
    assert hint is giver.hint
    assert sent[-1].noise == hint.sound.noise > 0
    assert sent[-1].beats_per_min == 170.0
    gone = giver.tick(pipeline, pipeline.newest_s + AWAY_S + 0.1)
    assert gone.cue == words.away
    assert (sent[-1].noise, sent[-1].beats_per_min) == (0.0, 170.0)
    assert giver.tick(None, 12.0) is None  # every device is gone
    assert (sent[-1].noise, sent[-1].beats_per_min) == (0.0, 170.0)
    giver.stop()
    assert sent[-1] == Backdrop()
    assert giver.hint is None


def test_how_a_metronome_is_followed():
    results = run(simulated(20.0, standing_s=3.0))[0].results  # 120 / 0.74 = 162.2
    on_it = pace(results, 20.0, 162.0)
    assert on_it.steps_per_min == pytest.approx(162.2, abs=0.3)
    assert on_it.on_it_pct > 90.0
    assert on_it.n == 20
    assert pace(results, 20.0, 175.0).on_it_pct == 0.0
    assert pace(results, 40.0, 162.0).n == 0  # nobody runs any more
    assert beats_of(162.2, 10.0) == 178.0
    assert math.isnan(beats_of(math.nan, 10.0))
