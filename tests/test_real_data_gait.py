"""Real recordings through the whole pipeline, against what is known of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pipeline_cases import bits, played, run

from drivers.sim import datasets
from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.metrics.registry import METRICS
from lablive.signals.montage import load_montage

MONTAGES = Path(__file__).resolve().parents[1] / "configs" / "montages"


def montage_of(name):
    return load_montage(MONTAGES / f"{name}.toml")


def lab_of(name, data, **how):
    return played(datasets.load(name, data, **how), montage_of(name))


def times(pipeline, kind, side=None):
    found = [c.t_s for c in pipeline.contacts if c.kind == kind]
    if side is not None:
        found = [c.t_s for c in pipeline.contacts if (c.kind, c.side) == (kind, side)]
    return np.array(found)


def kinds(pipeline):
    return {c.kind for c in pipeline.contacts}


def test_drifting_treadmill_has_77_contacts(real_data):
    pipeline, _ = run(lab_of("dryft", real_data))
    ic, to = times(pipeline, "ic"), times(pipeline, "to")
    complete = [at for at in ic if np.any(to > at)]
    assert len(complete) == 77
    assert kinds(pipeline) == {"ic", "to"}
    contact = np.array([to[to > at][0] - at for at in complete])
    assert 0.24 < contact.min() < contact.max() < 0.32
    sample = pipeline.results.sample()
    cadence = sample.summarise(METRICS["cadence_spm"])
    assert cadence.both.median == pytest.approx(156.5, abs=0.5)
    assert {record.stride.side for record in pipeline.strides} == {"unknown"}
    assert all(record.stride.valid for record in pipeline.strides)
    # nobody knows the body mass: the run itself is the scale
    weight = sample.weight
    assert "from the run itself" in weight.note
    force = datasets.load_dryft(real_data).streams[0].x[:, 0]
    zero_n = np.interp(np.arange(len(force)) / 300.0, to + 0.05, [
        np.median(force[int(at * 300) + 12 : int(at * 300) + 24]) for at in to
    ])  # fmt: skip
    assert weight.value == pytest.approx(np.mean(force - zero_n), rel=0.03)
    peak = sample.summarise(METRICS["peak_force_bw"])
    assert 2.0 < peak.both.median < 2.7


@pytest.mark.parametrize("trial", range(16))
def test_treadmill_running_finds_every_complete_contact(real_data, trial):
    recording = datasets.load("running", real_data, trials=[trial])
    pipeline, _ = run(played(recording, montage_of("running")))
    force_n = recording.streams[0].x[:, 0] * 76.8 * 9.80665
    t = recording.streams[0].t_s
    ic, to = times(pipeline, "ic"), times(pipeline, "to")
    assert kinds(pipeline) == {"ic", "to"}
    late = [c for c in recording.contacts if c.on_s > 2.5]
    assert len(late) >= 5
    used = set()
    for true in late:
        near = np.flatnonzero(np.abs(ic - true.on_s) < 0.05)
        assert len(near) == 1
        used.add(near[0])
        end = to[to > ic[near[0]]]
        if not len(end):  # the trace ends before the force is below our threshold
            assert t[-1] - true.off_s < 0.02
            continue
        # the same thresholds on the raw trace: the force our events were dated at
        level = np.interp([ic[near[0]], end[0]], t, force_n)
        raw_s = crossings(t, force_n, true, level)
        assert end[0] - ic[near[0]] == pytest.approx(raw_s[1] - raw_s[0], abs=0.005)
        assert np.all(level < 0.1 * 76.8 * 9.80665)
    extra = [at for k, at in enumerate(ic) if at > 2.5 and k not in used]
    assert len(extra) <= 1
    last_complete_s = max(true.off_s for true in late)
    assert all(at > last_complete_s for at in extra)  # begun, not complete


def crossings(t, force, true, level):
    """Return when the raw trace last rises and first falls through the levels."""
    rows = np.arange(len(t))
    up = rows[(t <= true.on_s + 0.002) & (force < level[0])][-1]
    down = rows[(t >= true.off_s - 0.05) & (force < level[1]) & (t > true.on_s + 0.1)][
        0
    ]
    rise = np.interp(level[0], force[up : up + 2], t[up : up + 2])
    fall = np.interp(
        level[1], force[down - 1 : down + 1][::-1], t[down - 1 : down + 1][::-1]
    )
    return rise, fall


def test_sixteen_trials_in_a_row_are_found_too(real_data):
    recording = datasets.load("running", real_data)
    pipeline, _ = run(played(recording, montage_of("running")), rows_per_chunk=500)
    ic = times(pipeline, "ic")
    found = sum(np.any(np.abs(ic - true.on_s) < 0.05) for true in recording.contacts)
    assert found == len(recording.contacts)
    assert len(times(pipeline, "lost")) == 15


def test_standing_with_radio_dropouts_makes_no_step(real_data):
    pipeline, _ = run(lab_of("loadsol", real_data))
    assert not {"ic", "to", "stuck"} & kinds(pipeline)
    assert pipeline.strides == []


@pytest.mark.parametrize("column", [4, 16])
def test_dropouts_sent_as_zero_make_no_step_either(real_data, column):
    stream = datasets.load("loadsol", real_data).streams[0]
    for weight_n in (700.0, None):
        settings = ContactSettings(rate_hz=200.0, weight_n=weight_n)
        detector = ContactDetector(settings, "left", "insole")
        assert detector.feed(stream.t_s, stream.x[:, column]) == []


def test_pedar_walking(real_data):
    recording = datasets.load("pedar", real_data)
    pipeline, _ = run(played(recording, montage_of("pedar")))
    assert kinds(pipeline) == {"ic", "to"}
    for side, most in (("left", 0), ("right", 1)):
        ic = times(pipeline, "ic", side)
        true = [c.on_s for c in recording.contacts if c.side == side]
        # the very last step is put down slowly, its beginning is a matter of taste
        assert all(np.abs(ic - at).min() < 0.06 for at in true if at < 20.0)
        assert len(ic) <= len(true) + most  # the last step ends standing
    gait = {r.stride.gait for r in pipeline.strides if r.stride.valid}
    assert gait == {"walk"}
    support = pipeline.results.sample().summarise(METRICS["double_support_pct"])
    assert 15 < support.both.median < 35
    contact = pipeline.results.sample().summarise(METRICS["contact_time_ms"])
    assert contact.both.median == pytest.approx(620, abs=40)


def test_one_stappone_sole_in_counts(real_data):
    pipeline, _ = run(lab_of("stappone", real_data))
    assert kinds(pipeline) == {"ic", "to"}
    ic = times(pipeline, "ic", "left")
    steady = ic[(ic > 12) & (ic < 66)]
    assert len(steady) == pytest.approx(54 / 1.09, abs=1.5)
    assert np.diff(steady).max() < 1.25
    sample = pipeline.results.sample()
    assert sample.summarise(METRICS["contact_time_ms"]).left.n > 45
    peak = sample.summarise(METRICS["peak_force_bw"])
    assert (peak.both.n, "body mass" in peak.note) == (0, True)
    assert sample.summarise(METRICS["cop_path"]).left.n > 45


@pytest.mark.parametrize("name", ["dryft", "loadsol", "pedar", "stappone"])
def test_real_data_in_any_cut(real_data, name):
    lab = lab_of(name, real_data)
    expected = bits(run(lab)[1])
    for seed in range(25):
        assert bits(run(lab, seed)[1]) == expected
