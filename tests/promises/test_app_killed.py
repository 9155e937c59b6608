"""``kill -9`` of the app while recording: no row missing, and the next app rejoins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import (
    assert_whole,
    numbers,
    sources_json,
    wait_for,
)

if TYPE_CHECKING:
    from tests.promises.lab import Lab, Say

APP = "tests.promises.app"
REJOIN_S = 2.0  # promised; from the new process being ready to rows in its pipeline


@pytest.mark.slow
def test_no_row_is_lost_and_the_next_app_rejoins(lab: Lab, say: Say) -> None:
    devices = [lab.numbered_port(), lab.numbered_lsl(), lab.runner()]
    path = lab.trials / "trial-01.xdf"
    sources = sources_json(*devices)
    first = lab.program(APP, "--sources", sources, "--record", str(path))
    first.wait_for("running", 30)
    host = lab.start_host()

    def rows() -> int:
        return min(host.call("status")["recording"]["rows"].values())

    wait_for(lambda: rows() > 100, "a while of recording")
    first.kill()
    at_kill = rows()
    wait_for(lambda: rows() > at_kill + 100, "rows recorded while no app is there")
    second = lab.program(APP, "--rows", "2000")
    told = second.wait_for("running", REJOIN_S)
    say(f"rejoined after {told['took_s']:.2f} s, {told['rows']} rows")
    wait_for(lambda: rows() > at_kill + 500, "rows recorded with the new app")
    host.close()
    end = second.stop()
    assert end["path"] == str(path)
    assert end["differences"] == []
    assert end["strides"] > 2
    report = verify(path)
    assert report.ok, report.findings
    trial = Trial(path)
    assert_whole(numbers(trial, "numbered"))
    assert_whole(numbers(trial, "numbered-"))
    assert all(stream.lost == 0 for stream in report.streams)


def test_the_window_comes_back_recording(lab: Lab, say: Say) -> None:
    runner = lab.runner()
    path = lab.trials / "trial-01.xdf"
    window = (APP, "--window", "--library", str(lab.trials))
    first = lab.program(
        *window, "--sources", sources_json(runner), "--record", str(path)
    )
    first.wait_for("window", 30)
    first.kill()
    second = lab.program(*window)
    told = second.wait_for("window", REJOIN_S)
    say(f"window recording again after {told['took_s']:.2f} s")
    end = second.stop()
    assert end["path"] == str(path)
    assert end["differences"] == []
    assert verify(path).ok
