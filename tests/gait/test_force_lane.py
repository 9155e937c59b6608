"""What a stride measures in its rows: zero, holes, centre of pressure."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from forces import WEIGHT_N, steps

from lablive.gait.force_lane import ForceLane, force_curve, mid_swing_s
from lablive.gait.rows import RowHistory
from lablive.gait.strides import StrideBuilder
from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.binding import bind
from lablive.signals.insole import feet
from lablive.signals.montage import parse_montage

CELLS = """
[[stream.channel]]
index = [1, 2]
role = "insole_left.zones"
unit = "{unit}"
zones = ["heel", "medial"]
layout = "loadsol_3"
"""
COP = """
[[stream.channel]]
index = [1, 2]
role = "insole_left.cop"
unit = "m"
layout = "pedar_99"
"""
MONTAGE = """
schema = 1
[[stream]]
match = { name = "sole" }
[[stream.channel]]
index = 0
role = "insole_left.force"
unit = "N"
"""


def lane_of(extra, columns, preload_n=30.0):
    """Feed one foot of running, force in column 0; return lane and valid strides."""
    t, force, _ = steps(200, 12, preload_n=preload_n, first_s=0.5)
    x = np.column_stack([force, *(column(t, force) for column in columns)])
    channels = tuple(ChannelInfo(f"c{k}", "") for k in range(x.shape[1]))
    info = StreamInfo(5, "sole", "Force", 200.0, channels)
    binding = bind(parse_montage(MONTAGE + extra, "test"), [info])
    lane = ForceLane(feet(binding)["left"], 200.0, WEIGHT_N, drill=False)
    builder = StrideBuilder(both_feet=False)
    contacts = lane.feed(5, t, x)
    strides = [s for c in contacts if (s := builder.feed(c)) is not None]
    assert len(strides) > 10
    return lane, strides


def test_the_zero_of_the_stride_is_taken_off():
    lane, strides = lane_of("", [])
    force, pressure = lane.loads([strides[3]])[0]
    peak = WEIGHT_N * np.pi / 2 * (0.12 / 0.25 + 1)
    assert force.force.max() == pytest.approx(peak, abs=15)
    low, high = mid_swing_s(strides[3].to_s, strides[3].next_ic_s)
    swing = force.force[(force.t_s > low) & (force.t_s < high)]
    assert np.median(swing) == pytest.approx(0.0, abs=1e-9)
    curve = force_curve(strides[3], force)
    assert curve.shape == (101,)
    assert curve[0] == pytest.approx(curve[-1], abs=20)
    assert curve[0] < 0.08 * WEIGHT_N
    assert pressure is None


@pytest.mark.parametrize("unit", ["N", "adc"])
def test_cells_beside_a_force_channel(unit):
    """Heel takes a quarter; counts are three per newton, each cell preloaded."""
    scale = 3.0 if unit == "adc" else 1.0
    lane, strides = lane_of(
        CELLS.format(unit=unit),
        [
            lambda _t, f: scale * 0.25 * f + 40.0,
            lambda _t, f: scale * 0.75 * f + 90.0,
        ],
    )
    stride = strides[4]
    pressure = lane.loads([stride])[0].pressure
    layout = lane._foot.layout.xy
    expected = 0.25 * layout[0] + 0.75 * layout[1]
    good = pressure.xy[~np.isnan(pressure.xy).any(axis=1)]
    assert len(good) > 40
    np.testing.assert_allclose(good, np.broadcast_to(expected, good.shape), atol=0.01)
    share = 0.1 * WEIGHT_N * scale
    assert pressure.least_load == pytest.approx(share, rel=0.02)


def test_centre_of_pressure_of_the_device_itself():
    lane, strides = lane_of(COP, [lambda t, _: 0.01 + 0 * t, lambda t, _: 0.13 + 0 * t])
    pressure = lane.loads([strides[4]])[0].pressure
    good = pressure.xy[~np.isnan(pressure.xy).any(axis=1)]
    assert len(good) > 40
    assert np.ptp(good, axis=0) == pytest.approx([0.0, 0.0])
    faint = pressure.load < 0.05 * WEIGHT_N
    assert np.isnan(pressure.xy[faint]).all()


def test_a_cell_that_was_never_measured_is_left_out():
    lane, strides = lane_of(
        CELLS.format(unit="N"), [lambda _t, f: f, lambda t, _: np.nan * t]
    )
    pressure = lane.loads([strides[4]])[0].pressure
    # the missing zone is more than a quarter of the area: no centre of pressure
    assert np.isnan(pressure.xy).all()


def same(one, other):
    """Tell whether two forces or pressures agree to the bit."""
    if one is None or other is None:
        return one is other
    fields = [field.name for field in dataclasses.fields(one)]
    pairs = [(getattr(one, name), getattr(other, name)) for name in fields]
    return all(
        a is b or np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)
        for a, b in pairs
    )


@pytest.mark.parametrize("unit", ["N", "adc"])
@pytest.mark.parametrize("fault", ["none", "missing cell", "missing force", "swing"])
def test_strides_together_have_the_bits_of_each_alone(unit, fault):
    lane, strides = lane_of(
        CELLS.format(unit=unit), [lambda _t, f: 0.25 * f + 4.0, lambda t, f: f + t]
    )
    own = slice(strides[3].ic_s, strides[3].next_ic_s)
    if fault == "missing cell":
        lane._cells.between(own.start, own.stop)[1][5:30, 2] = np.nan
    elif fault == "missing force":
        lane._force.between(own.start, own.stop)[1][12:15] = np.nan
    elif fault == "swing":  # no row shows the zero
        lane._force.between(strides[3].to_s, own.stop)[1][:] = np.nan
    alone = [lane.loads([stride])[0] for stride in strides]
    together = lane.loads(strides)
    for one, other in zip(alone, together, strict=True):
        assert same(one.force, other.force)
        assert same(one.pressure, other.pressure)
    told = sum(it.pressure is not None for it in together)
    assert told == len(strides) - (fault == "swing")


@pytest.mark.parametrize(("lost", "hole"), [(2, False), (3, False), (4, True)])
def test_holes_over_20_ms(lost, hole):
    lane, strides = lane_of("", [])
    stride = strides[3]
    _, x = lane._force.between(stride.ic_s, stride.next_ic_s)
    x[20 : 20 + lost] = np.nan  # a view of the history
    assert lane.has_hole(stride.ic_s, stride.next_ic_s) == hole


def test_no_rows_are_a_hole():
    lane, _ = lane_of("", [])
    assert lane.has_hole(100.0, 101.0)
    assert lane.has_hole(-1.0, 0.5)


def test_rows_are_found_again_by_time():
    rows, everything = RowHistory(), np.arange(5000) / 100.0
    rng = np.random.default_rng(0)
    at = 0
    while at < 5000:
        n = int(rng.integers(0, 300))
        t = everything[at : at + n]
        rows.append(t, np.column_stack([t, -t]))
        at += n
        rows.trim(everything[min(at, 4999)] - 5.0)
        newest = everything[min(at, 5000) - 1] if at else 0.0
        t, x = rows.between(newest - 4.0, newest - 1.0)
        wanted = everything[(everything >= newest - 4.0) & (everything <= newest - 1.0)]
        np.testing.assert_array_equal(t, wanted)
        np.testing.assert_array_equal(x, np.column_stack([wanted, -wanted]))
    assert len(rows.between(-np.inf, 44.9)[0]) == 0
