"""What stands wrong: told within two seconds, gravest first, gone with its cause.

docs/trouble.md names these tests, one for each line of its table.
"""

from __future__ import annotations

import msgspec
import pytest
from fake_host import INSOLES
from on_page import texts
from page_states import running

from lablive.gait.findings import Finding
from lablive.live.reports import HOST_IS_GONE, HostReport, RecordingReport, SourceReport
from lablive.messages import SourceSpec, StreamInfo, StreamStatus
from ui.missing import Missing
from ui.session_model import State
from ui.troubles import AWAY, DISK, FOUND, HOST, KEPT, LOW, ODD, WRONG, Noted, standing

INFO = StreamInfo(1, "left_sole", "Pressure", 100.0, ())
MUTED = "The microphone sends nothing but zeros: it is muted. Turn it on."


def source(name="insoles", state="streaming", message="", **status):
    told = StreamStatus(1, state, rows=10, **status)
    spec = SourceSpec(name, "lsl")
    return SourceReport(spec, state, message, (INFO,), ("",), (told,))


def report(*sources, **running):
    told = None
    if running:
        whole = {
            "path": "t.xdf", "started_s": 0.0, "elapsed_s": 100.0,
            "bytes": 100_000_000, "rows": {}, "first_rows": {}, "free_bytes": 10**12,
            "fault": "", "parts": ("t.xdf",),
        }  # fmt: skip
        told = RecordingReport(**(whole | running))
    return HostReport(1, "test", 0.0, tuple(sources), told)


def ranks(*parts, **named):
    return [trouble.rank for trouble in standing(*parts, **named)]


def test_nothing_stands_wrong_where_all_is_well():
    assert standing(None) == ()
    assert standing(report(source(), free_bytes=10**12)) == ()
    assert standing(report(source(battery_pct=-1.0))) == ()


def test_a_full_disk_comes_before_everything_and_tells_the_minutes():
    found = standing(
        report(source(battery_pct=5.0), free_bytes=120_000_000),
        (Missing("IMU pelvis", "It is silent.", 3.0),),
        read_only=True,
    )
    assert [trouble.rank for trouble in found] == [DISK, AWAY, LOW, KEPT]
    assert found[0].head == "The disk is nearly full · 2 min left"
    assert "recording goes on" in found[0].text
    assert ranks(report(source(), free_bytes=0, fault="No space left.")) == [DISK, DISK]
    assert ranks(report(source(), free_bytes=700_000_000)) == []
    assert ranks(report(source(), free_bytes=-1)) == []  # not known yet


def test_a_host_that_is_gone_is_one_trouble_not_one_a_device():
    gone = [source(name, "recovering", HOST_IS_GONE) for name in ("a", "b")]
    (told,) = standing(report(*gone))
    assert (told.rank, told.source) == (HOST, "")
    assert "by itself" in told.text


def test_a_device_that_is_away_can_be_tried_again():
    (told,) = standing(report(), (Missing("IMU pelvis", "It is silent.", 3.0),))
    assert (told.rank, told.source) == (AWAY, "IMU pelvis")
    assert told.head == "IMU pelvis · no data for 0:03"


def test_a_muted_microphone_is_told_while_it_sends():
    (told,) = standing(report(source("microphone", message=MUTED)))
    assert (told.rank, told.head, told.text) == (ODD, "microphone", MUTED)
    assert standing(report(source("microphone"))) == ()


def test_a_low_battery_is_told_once_for_all_streams_of_a_device():
    (told,) = standing(report(source(battery_pct=7.0)))
    assert (told.rank, told.head) == (LOW, "insoles: battery nearly empty · 7 %")
    assert standing(report(source(battery_pct=10.0))) == ()


@pytest.mark.parametrize("name", FOUND)
def test_findings_that_make_numbers_wrong_are_told(name):
    (told,) = standing(report(), (), [Finding(name, "What, and what to do.")])
    assert told.rank in (WRONG, ODD)
    assert told.text == "What, and what to do."


def test_findings_that_are_no_trouble_are_not_told():
    for name in ("mounting found", "uncalibrated", "no side", "edit"):
        assert standing(report(), (), [Finding(name, "So it is.")]) == ()


def test_what_was_seen_is_told_again_only_after_it_was_gone():
    noted = Noted()
    at_7 = standing(report(source(battery_pct=7.0)))
    at_6 = standing(report(source(battery_pct=6.0)))
    noted.add(at_7[0])
    assert noted.left(at_6) == ()  # the same trouble, whatever its figure
    assert noted.left(()) == ()
    assert noted.left(at_6) == at_6


def told_now(scene):
    """Let the window look once more at what stands wrong."""
    scene.window._looked_s = 0.0
    scene.tick()
    return scene.window.reconnect


def test_the_bar_comes_and_goes_with_its_cause_and_covers_nothing(scene_of):
    scene = scene_of("recording")
    bar = told_now(scene)
    assert not bar.isVisible()
    held = scene.lab.host.recording
    scene.lab.host.recording = msgspec.structs.replace(held, free_bytes=50_000_000)
    bar = told_now(scene)
    assert bar.isVisible()
    assert "nearly full" in texts(bar)
    assert not any(button.isVisible() for button in bar.buttons)
    tiles = scene.page.tiles
    below = tiles.mapTo(scene.window, tiles.rect().topLeft()).y()
    assert bar.geometry().bottom() < below
    assert scene.model.state is State.RECORDING
    assert ("stop_recording", {}) not in scene.lab.host.asked
    scene.lab.host.recording = held
    assert not told_now(scene).isVisible()


def test_one_at_a_time_and_how_many_more(scene_of):
    scene = scene_of(names=INSOLES)
    running(scene)
    for info in scene.lab.infos:
        scene.lab.host.change(info.id, battery_pct=9.0)
    pipeline = scene.model.live.pipeline
    pipeline.findings = lambda: (Finding("swapped", "Swap the insoles."),)
    bar = told_now(scene)
    assert texts(bar).startswith("Left and right are swapped · and 1 more")
    bar.noted_button.click()
    assert "battery nearly empty" in texts(bar)
    assert "more" not in texts(bar)
    bar.noted_button.click()
    assert not told_now(scene).isVisible()
    del pipeline.findings
    told_now(scene)
    pipeline.findings = lambda: (Finding("swapped", "Swap the insoles."),)
    assert "swapped" in texts(told_now(scene))


def test_a_library_that_can_only_be_read_is_told(scene_of):
    scene = scene_of("connected")
    scene.window.register.read_only = True
    bar = told_now(scene)
    assert "The library can only be read" in texts(bar)
    scene.window.register.read_only = False
    assert not told_now(scene).isVisible()


def test_swapped_soles_are_told_by_the_live_pipeline(scene_of):
    """The runner's soles change places on the wire; the IMUs on the feet notice it."""
    scene = scene_of()
    left, right = (
        next(info for info in scene.lab.infos if info.name == name) for name in INSOLES
    )
    window = scene.lab.window

    def crossed(name, t0_s, t1_s):
        other = {left.name: right.name, right.name: left.name}.get(name, name)
        return window(other, t0_s, t1_s)

    scene.lab.window = crossed
    running(scene)
    scene.play(scene.lab.told_s + 15.0)
    told = texts(told_now(scene))
    assert "swapped" in told
