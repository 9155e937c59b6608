"""The whole lab through the pipeline: any cut, stalls, what is missing, memory."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import (
    EMG,
    IMUS,
    LEVEL,
    SITES,
    SOLES,
    bits,
    run,
    segments_as_worn,
    simulated,
)

from lablive.gait.contacts import Contact
from lablive.lanes import strides as strides_module
from lablive.messages import Chunk, Gap
from lablive.metrics.record import StrideRecord
from lablive.signals.calibrations import Calibrations
from lablive.signals.segment_calibration import PelvicRange
from lablive.signals.sound_latency import SoundLatency

WHOLE = (*SOLES, *IMUS, EMG, LEVEL)
CALIBRATED = Calibrations(
    segments=segments_as_worn(pelvic_range=PelvicRange(12.0, -10.0)),
    sound_latency=SoundLatency("", "front", 0.137, 40, 0.4),
)
MUSCLES = {"gluteus_maximus", "gluteus_medius"}


@pytest.fixture
def watched(monkeypatch):
    """Return the list of everything that strides are measured by."""
    seen = []
    measure = strides_module.stride_records

    def watch(strides, *curves):
        seen.extend(strides)
        return measure(strides, *curves)

    monkeypatch.setattr(strides_module, "stride_records", watch)
    return seen


@pytest.fixture(scope="module")
def lab():
    """Return the whole lab with a stalled IMU and missing EMG rows."""
    made = simulated(16.0, WHOLE, standing_s=3.0)
    trunk, emg = (named(made, name) for name in ("Sim trunk IMU", EMG))
    t_s, _ = made.rows[trunk]
    row = int(t_s.searchsorted(9.0))
    made.gaps = [Gap(trunk, row, float(t_s[row - 1]), 2.0, None, "stall")]
    made.rows[trunk] = without(made.rows[trunk], 9.0, 11.5)
    made.rows[emg] = without(made.rows[emg], 12.0, 12.4)
    return made


def named(lab, name):
    return next(info.id for info in lab.streams if info.name == name)


def without(rows, t0_s, t1_s):
    t_s, x = rows
    kept = (t_s < t0_s) | (t_s >= t1_s)
    return t_s[kept], x[kept]


def apart(handed):
    """Return contacts and strides, each in the order they came."""
    contacts = [item for item in handed if isinstance(item, Contact)]
    return contacts, bits(i for i in handed if isinstance(i, StrideRecord))


def test_a_stride_sees_every_sensor_of_its_side_and_the_middle(watched):
    run(simulated(12.0, WHOLE, standing_s=3.0), calibrations=CALIBRATED)
    data = watched[8]
    other = "right" if data.stride.side == "left" else "left"
    assert set(data.segments) == {site for site in SITES if not site.endswith(other)}
    assert set(data.emg) == {f"{name}_{data.stride.side}" for name in MUSCLES}
    assert data.sound.a.sel_db > 60.0
    assert data.lacks == {}
    assert (data.mass_kg, data.height_m) == (70.0, 1.75)
    assert data.leg_length_m == pytest.approx(0.9275)
    assert data.pelvic_neutral_deg == (-4.5, 6.5)


@pytest.mark.slow
def test_a_hundred_cuts_change_no_bit(lab):
    expected = apart(run(lab, calibrations=CALIBRATED)[1])
    assert len(expected[1]) > 25
    for seed in range(100):
        assert apart(run(lab, seed, calibrations=CALIBRATED)[1]) == expected, seed


@pytest.mark.parametrize("rows_per_chunk", [7, 400])
def test_even_pieces_change_no_bit(lab, rows_per_chunk):
    expected = apart(run(lab, calibrations=CALIBRATED)[1])
    pieces = run(lab, None, rows_per_chunk, calibrations=CALIBRATED)[1]
    assert apart(pieces) == expected


def test_results_come_in_the_order_of_time(lab):
    pipeline, _ = run(lab, 1, calibrations=CALIBRATED)
    contacts = [contact.t_s for contact in pipeline.contacts]
    ends = [record.stride.next_ic_s for record in pipeline.strides]
    assert contacts == sorted(contacts)
    assert ends == sorted(ends)


def test_what_a_sensor_missed_is_told_and_the_others_go_on(lab, watched):
    run(lab, calibrations=CALIBRATED)
    during = [data for data in watched if 9.2 < data.stride.ic_s < 10.5]
    assert during
    for data in during:
        assert data.lacks == {"trunk": data.lacks["trunk"]}
        assert data.lacks["trunk"].endswith("in this stride")
        assert {"pelvis", "head"} <= set(data.segments)
    after = [data for data in watched if 11.6 < data.stride.ic_s < 12.3]
    assert any("EMG rows are missing" in why for d in after for why in d.lacks.values())
    assert all("trunk" in data.segments for data in after)


def test_a_stride_waits_for_a_sensor_and_a_stall_releases_it(lab):
    pipeline = lab.pipeline(CALIBRATED)
    trunk = named(lab, "Sim trunk IMU")
    for stream, (t_s, x) in lab.rows.items():
        if stream != trunk:
            pipeline.feed(Chunk(stream, 0, t_s, x))
    t_s, x = lab.rows[trunk]
    row = int(t_s.searchsorted(9.0))
    pipeline.feed(Chunk(trunk, 0, t_s[:row], x[:row]))
    before = len(pipeline.strides)
    assert pipeline.strides[-1].stride.next_ic_s < 9.0
    assert pipeline.contacts[-1].t_s > 15.0  # contacts wait for nobody
    pipeline.feed(lab.gaps[0])
    assert len(pipeline.strides) > before
    assert 10.0 < pipeline.strides[-1].stride.next_ic_s < 11.0
    pipeline.finish()
    assert pipeline.strides[-1].stride.next_ic_s > 14.5


def test_streams_that_come_later_than_the_strides_change_no_bit(lab):
    expected = apart(run(lab, calibrations=CALIBRATED)[1])
    for order in (lab.rows, reversed(lab.rows)):
        pipeline, handed = lab.pipeline(CALIBRATED), []
        for stream in order:
            handed += [it for gap in lab.gaps if gap.stream == stream
                       for it in pipeline.feed(gap)]  # fmt: skip
            handed += pipeline.feed(Chunk(stream, 0, *lab.rows[stream]))
        assert apart(handed + pipeline.finish()) == expected


def test_memory_stays_bounded():
    lab = simulated(70.0, WHOLE, standing_s=2.0)
    pipeline = lab.pipeline(CALIBRATED)
    for item in lab.chunks(rows_per_chunk=100):
        pipeline.feed(item)
    for lane in pipeline._meter._lanes:
        for history in vars(lane).values():
            if hasattr(history, "between"):
                t_s, _ = history.between(-np.inf, np.inf)
                assert t_s[-1] - t_s[0] < 60.0
                assert len(history._t) * history._x.shape[1] < 3_000_000


def test_a_slope_is_known_beside_the_speed():
    lab = simulated(6.0, standing_s=3.0)
    assert np.isnan(run(lab)[0].results.incline.at(5.0))
