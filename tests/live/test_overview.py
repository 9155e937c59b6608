"""The overview of a trial: no peak is lost at any zoom; it is of this trial only."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lablive.live.overview import (
    COLUMNS,
    Overview,
    OverviewCurve,
    extents,
    key_of,
    main,
    make_overview,
    overview_path,
    read_overview,
    window_overview,
)
from lablive.live.scene import Scene
from lablive.preparation import prepare
from lablive.recording.replay import Trial
from lablive.structs import from_json


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a short trial with its preparation."""
    from drivers.sim.sample import write_sample

    path = tmp_path_factory.mktemp("overview") / "trial-01.xdf"
    write_sample(path)
    trial = Trial(path)
    yield trial, prepare(trial, None)
    trial.close()


def test_every_peak_is_in_the_overview_and_in_a_part_of_it(run):
    trial, prepared = run
    found = make_overview(trial, prepared)
    scene = Scene(prepared.binding, trial.streams, prepared.calibrations.insole)
    for curve in (it for it in found.curves if it.lane == "force"):
        stream = scene.stream(curve.side)
        t_s, x = trial.window(stream, trial.t0_s, trial.t1_s + 1.0)
        force = scene.window(curve.side, t_s, x).force
        _, high = curve.extent()
        assert np.nanmax(high) == pytest.approx(np.nanmax(force), rel=1e-6)
        part = window_overview(trial, prepared, t_s[0] + 40.0, t_s[0] + 50.0, 500)
        number = [it.side for it in part.curves].index(curve.side)
        inside = (t_s >= t_s[0] + 40.0) & (t_s < t_s[0] + 50.0)
        _, most = extents(part, t_s[0] + 40.0, t_s[0] + 50.0, 50)[number]
        assert np.nanmax(most) == pytest.approx(np.nanmax(force[inside]), rel=1e-6)


def test_lanes_are_what_the_sensors_measure(run):
    found = make_overview(*run)
    lanes = {it.lane for it in found.curves}
    assert {"force", "movement", "sound", "gluteus maximus"} <= lanes
    assert all(len(it.extent()[0]) == COLUMNS for it in found.curves)


def test_it_is_kept_beside_the_trial_and_is_of_this_reading_only(run, capsys):
    trial, prepared = run
    assert main([str(trial.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[0])["step"] == "overview"
    key = key_of(trial, prepared)
    kept = read_overview(trial.path, key)
    assert kept is not None
    assert kept == from_json(lines[-1], Overview)
    assert read_overview(trial.path, f"{key}1") is None
    overview_path(trial.path).write_text("{")
    assert read_overview(trial.path, key) is None


def test_extents_join_columns_and_know_nothing_outside():
    low = np.array([0.0, -1.0, np.nan, 2.0], "<f4")
    high = np.array([1.0, 5.0, np.nan, 3.0], "<f4")
    curve = OverviewCurve("force", "", "N", low.tobytes(), high.tobytes())
    found = Overview(1, "", 10.0, 1.0, (curve,))
    ((least, most),) = extents(found, 10.0, 14.0, 2)
    assert least.tolist() == [-1.0, 2.0]
    assert most.tolist() == [5.0, 3.0]
    ((least, most),) = extents(found, 8.0, 12.0, 4)
    np.testing.assert_array_equal(most, [np.nan, np.nan, 1.0, 5.0])
    ((_, most),) = extents(found, 10.0, 12.0, 4)
    assert most.tolist() == [1.0, 1.0, 5.0, 5.0]


def test_a_slow_stream_is_a_line_and_a_loss_stays_a_hole(run):
    trial, prepared = run
    found = make_overview(trial, prepared)
    (belt,) = [it for it in found.curves if it.lane == "belt"]
    low, _ = belt.extent()
    assert np.isnan(low).mean() < 0.05
    source = prepared.binding.sources["treadmill.speed"]
    t_s, _ = trial.window(source.stream, trial.t0_s, trial.t1_s)
    part = window_overview(trial, prepared, t_s[-1] + 2.0, t_s[-1] + 3.0, 20)
    (belt,) = [it for it in part.curves if it.lane == "belt"]
    assert np.isnan(belt.extent()[0]).all()


def test_no_trial_is_one_message(tmp_path, capsys):
    assert main([str(tmp_path / "none.xdf")]) == 1
    assert "none.xdf" in capsys.readouterr().err
