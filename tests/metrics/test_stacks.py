"""Strides measured together give bit for bit what each gives alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stride_cases import around, bare, segment, simulated, turned

from lablive.metrics.motion import rotation_range_deg
from lablive.metrics.registry import METRICS, PARTS, stride_record, stride_records
from lablive.metrics.shared import ApartError, NotMeasuredError
from lablive.metrics.smooth import smooth_rows
from lablive.metrics.stack import StrideStack, refuse_where, stacked
from lablive.names import STANDARD_GRAVITY
from lablive.signals.angles import heading_deg, stride_rotation_deg

SITES = ("pelvis", "trunk", "head", "thigh", "shank", "foot")
FIELDS = ("t_s", "rotation", "rate_rps", "acc_mps2")


def fresh(data, **changes):
    return replace(data, memo={}, **changes)


def told(record):
    """Return values to the bit, and why the others are missing."""
    values = {key: np.float64(it).tobytes() for key, it in record.values.items()}
    return list(values.items()), record.lacks, record.notes


def changed(data, site, **how):
    """Return a stride with other rows of a site, of either side."""
    names = [name for name in data.segments if name.startswith(site)]
    made = {name: replace(data.segments[name], **how) for name in names}
    return fresh(data, segments={**data.segments, **made})


def kept(data, site, wanted):
    """Return a stride with some rows of a site only."""
    for name in [name for name in data.segments if name.startswith(site)]:
        rows = data.segments[name]
        known = wanted(rows.t_s)
        parts = {field: getattr(rows, field)[known] for field in FIELDS}
        data = fresh(data, segments={**data.segments, name: replace(rows, **parts)})
    return data


def without_a_row(data, site, at_s):
    return kept(data, site, lambda t_s: np.abs(t_s - at_s) > 0.003)


def short(data, site, at_s):
    """Return a stride whose rows end at a time, as a recording does."""
    end_s = max(at_s, data.stride.next_ic_s + 0.01)
    return kept(data, site, lambda t_s: t_s <= end_s)


def clipped(data, site, at_s):
    for name in [name for name in data.segments if name.startswith(site)]:
        rows = data.segments[name]
        acc = rows.acc_mps2.copy()
        acc[np.abs(rows.t_s - at_s) < 0.013] = 16 * STANDARD_GRAVITY
        there = {**data.segments, name: replace(rows, acc_mps2=acc)}
        data = fresh(data, segments=there)
    return data


def headed(data, site, at_s):
    """Return a stride that heads so that headings jump by 360 degrees."""
    turn = turned("z", 180.0 + 40.0 * np.sin(at_s))
    for name in [name for name in data.segments if name.startswith(site)]:
        rows = data.segments[name]
        there = replace(rows, rotation=turn @ rows.rotation)
        data = fresh(data, segments={**data.segments, name: there})
    return data


def blind(data, site, _):
    return changed(data, site, zeroed=False)


def unsettled(data, site, at_s):
    between = data.stride.ic_s <= at_s < data.stride.next_ic_s
    return changed(data, site, settled=not between)


def absent(data, site, at_s):
    if not data.stride.ic_s <= at_s < data.stride.next_ic_s:
        return data
    names = [name for name in data.segments if not name.startswith(site)]
    return fresh(data, segments={name: data.segments[name] for name in names})


def bare_cells(data, _, at_s):
    """Return a stride in which a cell dropped out for a while, or all of them."""
    p = data.pressure
    if p is None or p.regions is None:
        return data
    regions, halves, xy = p.regions.copy(), p.halves.copy(), p.xy.copy()
    missing = np.abs(p.t_s - at_s) < 0.06
    regions[missing, 2:] = halves[missing] = xy[missing] = np.nan
    return fresh(data, pressure=replace(p, regions=regions, halves=halves, xy=xy))


def no_cells(data, _, at_s):
    inside = data.stride.ic_s <= at_s < data.stride.next_ic_s
    if data.pressure is None or not inside:
        return data
    return fresh(data, pressure=replace(data.pressure, regions=None, halves=None))


def no_sole(data, _, at_s):
    inside = data.stride.ic_s <= at_s < data.stride.next_ic_s
    return fresh(data, force=None, pressure=None) if inside else data


FAULTS = (
    without_a_row, short, clipped, headed, blind, unsettled, absent, bare_cells,
    no_cells, no_sole,
)  # fmt: skip
faults = st.tuples(
    st.sampled_from(FAULTS), st.sampled_from(SITES), st.floats(16.0, 21.5)
)


@settings(max_examples=10, deadline=None)
@given(
    runner=st.sampled_from(("ref1", "limp")),
    found=st.lists(faults, max_size=3),
    cuts=st.sets(st.integers(1, 11), max_size=4),
    left_out=st.sets(st.integers(0, 11), max_size=4),
)
def test_no_stride_depends_on_those_it_comes_with(runner, found, cuts, left_out):
    strides = [it for n, it in enumerate(simulated(runner)[:12]) if n not in left_out]
    for fault, site, at_s in found:
        strides = [fault(data, site, at_s) for data in strides]
    alone = [told(stride_record(fresh(data))) for data in strides]
    edges = [0, *sorted(cut for cut in cuts if cut < len(strides)), len(strides)]
    together = [
        told(record)
        for begin, end in pairwise(edges)
        for record in stride_records([fresh(data) for data in strides[begin:end]])
    ]
    assert together == alone


def test_strides_of_a_side_are_one_stack_and_nothing_is_looked_at_alone():
    stacks = stacked([fresh(data) for data in simulated()])
    assert sorted(len(stack) for _, stack in stacks) == [11, 12]
    assert sorted(n for numbers, _ in stacks for n in numbers) == list(range(23))
    measured = 0
    for _, stack in stacks:
        for metric in (*METRICS.values(), *PARTS.values()):
            if metric.of_stack is None:
                continue
            try:
                found = metric.of_stack(stack)
            except NotMeasuredError:
                continue
            assert found.shape == (len(stack),)
            measured += 1
    assert measured > 80


@pytest.mark.parametrize("site", ["pelvis", "trunk"])
def test_a_heading_without_drift_is_that_of_one_stride(site):
    strides = simulated()
    expected = []
    for data in strides:
        rows = data.segments[site]
        heading = smooth_rows(rows.t_s, heading_deg(rows.rotation), rows.rate_hz)
        stride = data.stride
        _, within = stride_rotation_deg(
            rows.t_s, heading, stride.ic_s, stride.next_ic_s
        )
        expected.append(np.ptp(within))
    found = np.empty(len(strides))
    for numbers, stack in stacked([fresh(data) for data in strides]):
        found[numbers] = rotation_range_deg(stack, site)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_rows_that_are_not_of_one_series_are_never_joined():
    one, other = (
        fresh(bare(), segments={"pelvis": segment(around(bare().stride) + late_s)})
        for late_s in (0.0, 0.002)
    )
    with pytest.raises(ApartError):
        StrideStack([one, other]).block("pelvis")


def test_what_some_strides_lack_is_found_alone():
    with pytest.raises(ApartError):
        refuse_where(np.array([False, True]), "why")
    with pytest.raises(NotMeasuredError, match="why"):
        refuse_where(np.True_, "why")
    refuse_where(np.array([False, False]), "why")


def test_a_single_row_is_none():
    few = kept(simulated()[0], "pelvis", lambda t_s: t_s < t_s[1])
    assert "no pelvis IMU rows" in stride_record(few).lacks["pelvic_drop_deg"]


def test_a_stride_with_unknown_rows_changes_no_bit_of_the_others():
    metric = METRICS["cop_x_midstance_pct"]
    random = np.random.default_rng(2)
    strides = [data for data in simulated() if data.stride.side == "left"][:12]
    strides = [
        fresh(
            data,
            pressure=replace(
                data.pressure,
                xy=random.normal(0.0, 0.01, data.pressure.xy.shape),
            ),
        )
        for data in strides
    ]
    holey = strides[-1].pressure.xy.copy()
    holey[len(holey) // 3] = np.nan
    strides[-1] = fresh(strides[-1], pressure=replace(strides[-1].pressure, xy=holey))
    together = [record.values[metric.id] for record in stride_records(strides)]
    alone = [stride_record(fresh(data)).values[metric.id] for data in strides]
    assert together == alone
    assert len(set(alone)) == len(strides)
