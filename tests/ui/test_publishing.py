"""Publishing on LSL and telling streams apart, from window and command line."""

from __future__ import annotations

import msgspec
import pytest
from on_page import texts

from lablive.live.lsl_choices import LslIdentity
from lablive.live.shared_results import CONTACTS, LATEST_METRICS, STRIDES
from lablive.live.sharing import SharingWish
from ui.sources import lsl_wish
from ui.stream_question import ask, undecided

BOTH = (
    LslIdentity("Insoles", "Force", "left-box", "pc-1"),
    LslIdentity("Insoles", "Force", "right-box", "pc-1"),
)


def questions(scene, method):
    return [params for name, params in scene.lab.host.asked if name == method]


def test_the_window_publishes_what_was_asked_for_on_the_command_line(scene_of):
    scene = scene_of()
    scene.model.publish("results,insoles")
    scene.tick()
    (asked,) = questions(scene, "share")
    assert [it["name"] for it in asked["results"]] == [
        CONTACTS,
        STRIDES,
        LATEST_METRICS,
    ]
    assert asked["devices"] == ["insoles"]
    assert scene.model.live.publishing.told.results
    scene.model.publish("results,insoles")  # nothing new
    scene.tick()
    assert len(questions(scene, "share")) == 1


def test_a_wrong_lsl_toml_is_told_and_the_window_goes_on(
    scene_of, tmp_path, monkeypatch
):
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    (tmp_path / "lsl.toml").write_text("share = true\n")
    scene = scene_of()
    scene.model.publish()
    assert "unknown key share" in texts(scene.page.notice)
    (tmp_path / "lsl.toml").write_text("share_results = true\n")
    scene.model.publish()
    assert scene.model.live.publishing.wish == SharingWish(results=True)
    assert lsl_wish(None) == SharingWish(results=True)


class Undecided:
    """A session with a source of which two streams fit."""

    def __init__(self, scene):
        report = scene.model.live.report
        held = msgspec.structs.replace(report.sources[0], choices=BOTH)
        self.report = msgspec.structs.replace(report, sources=(held,))
        self.name = held.spec.id
        self.chosen = []

    def choose_stream(self, source, chosen):
        self.chosen.append((source, chosen))


@pytest.mark.parametrize(
    ("typed", "chosen"), [("2", BOTH[1]), (" 1 ", BOTH[0]), ("3", None), ("", None)]
)
def test_the_terminal_asks_which_stream_is_meant(scene_of, typed, chosen):
    session, said = Undecided(scene_of("stalled")), []
    assert undecided(session.report) == [session.name]
    assert ask(session, session.name, said.append, lambda _: typed) is bool(chosen)
    assert session.chosen == ([(session.name, chosen)] if chosen else [])
    assert any("right-box" in line for line in said)


def test_no_answer_and_no_question(scene_of):
    session = Undecided(scene_of("stalled"))

    def nobody(_):
        raise EOFError

    assert not ask(session, session.name, lambda _: None, nobody)
    assert not ask(session, "another", lambda _: None, nobody)
    assert undecided(None) == []


def test_the_devices_page_publishes_results(scene_of, qtbot):
    scene = scene_of("devices_full")
    box = scene.window.devices.results
    assert not box.isChecked()
    box.click()
    (asked,) = questions(scene, "share")
    assert len(asked["results"]) == 3
    scene.model.live.publishing.want(SharingWish())  # as lsl.toml or a command said
    scene.window.devices._shown_s = float("-inf")
    scene.tick()
    scene.window.devices.refresh()
    assert not box.isChecked()
    assert "this network" in box.toolTip()
