"""EMG in strides: the right muscle, what is 100 %, and why there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from lane_cases import contacts, fed, looked, source, stride

from lablive.lanes.emg import EmgLane
from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.calibrations import Calibrations
from lablive.signals.emg import EmgSettings, EmgStage
from lablive.signals.emg_activation import activation
from lablive.signals.emg_reference import (
    Electrode,
    EmgRecords,
    EmgReference,
    EmgRest,
)

RATE_HZ, STRIDE_S, FIRST_S = 2000.0, 0.74, 5.0
ROLES = ("emg_gluteus_maximus_left", "emg_gluteus_medius_right")
SETTINGS = EmgSettings(rate_hz=RATE_HZ)
ELECTRODE = Electrode(ROLES[0], "P01", "today", SETTINGS.chain)
NOTHING = Calibrations()
REST = EmgRest(ELECTRODE, "", 8e-6, 2e-6, 1e-5, "stand")


@pytest.fixture(scope="module")
def rows():
    """Noise of 10 uV, and a burst of 100 uV in every stride from -50 to 150 ms."""
    t_s = np.arange(0.0, 40.0, 1 / RATE_HZ)
    noise = np.random.default_rng(3).standard_normal((len(t_s), 2))
    phase = (t_s - FIRST_S + 0.05) % STRIDE_S
    active = (t_s > FIRST_S - 0.1) & (phase < 0.2)
    x = noise * np.where(active, 1e-4, 1e-5)[:, None]
    return t_s, x.astype(np.float32)


def info(rate_hz=RATE_HZ, kind="EMG"):
    channels = tuple(ChannelInfo(role, "V") for role in ROLES)
    return StreamInfo(0, "EMG", kind, rate_hz, channels)


def lane(calibrations=NOTHING, **stream):
    sources = {role: source(role, (n,), "V") for n, role in enumerate(ROLES)}
    return EmgLane(sources, info(**stream), calibrations)


def walked(one, rows, number=45):
    """Return what every stride of a fed lane holds, left and right in turn."""
    times_s = FIRST_S + STRIDE_S * np.arange(number)
    contacts(one, times_s, ("left", "left"))
    contacts(one, times_s, ("right", "right"))
    fed(one, *rows)
    found = []
    for at_s in times_s.tolist():
        found += [looked(one, stride(at_s, side)) for side in ("left", "right")]
    return found


def test_a_stride_sees_the_muscles_of_its_own_side(rows):
    seen = walked(lane(), rows)
    assert [set(it.emg) for it in seen[:2]] == [
        {"gluteus_maximus_left"},
        {"gluteus_medius_right"},
    ]
    found = seen[4].emg["gluteus_maximus_left"].activation
    in_band = np.sqrt(430.0 / 1000.0)  # of white noise up to 1 kHz
    assert found.stride_peak == pytest.approx(1e-4 * in_band, rel=0.15)


def test_it_equals_the_chain_run_at_once(rows):
    t_s, x = rows
    chain = EmgStage(SETTINGS, 2).feed(t_s, x.astype(np.float64))
    at_s = FIRST_S + 7 * STRIDE_S
    near = slice(*chain.t_s.searchsorted((at_s - 0.4, at_s + STRIDE_S + 0.1)))
    times = (at_s, at_s + 0.25, at_s + STRIDE_S)
    expected = activation(
        chain.t_s[near], chain.smooth[near, 0], chain.envelope[near, 0],
        times, SETTINGS, REST,
    )  # fmt: skip
    with_rest = Calibrations(emg=EmgRecords(rests=(REST,)))
    one = fed(lane(with_rest), *rows, rows=311)
    found = looked(one, stride(at_s)).emg["gluteus_maximus_left"].activation
    assert found[:8] == expected[:8]
    assert np.array_equal(found.curve, expected.curve)
    assert found.onset_ms == pytest.approx(-50.0, abs=12.0)


def test_the_first_twenty_strides_are_100_percent(rows):
    seen = [it.emg["gluteus_maximus_left"] for it in walked(lane(), rows)[::2]]
    peaks = [it.activation.stride_peak for it in seen]
    assert all(np.isnan(it.full) for it in seen[:19])
    assert {it.full for it in seen[19:]} == {np.mean(peaks[:20])}
    assert "first 20 strides" in seen[30].note


def test_a_reference_of_the_calibration_is_100_percent_from_the_start(rows):
    made = EmgReference(ELECTRODE, "", 2e-4, "mvc", 3)
    records = EmgRecords(references=(made,), rests=(REST,))
    seen = walked(lane(Calibrations(emg=records)), rows)
    found = seen[0].emg["gluteus_maximus_left"]
    assert found.full == 2e-4
    assert found.note == "% of the maximal contraction"
    assert np.isnan(seen[1].emg["gluteus_medius_right"].full)  # another electrode


def test_without_a_stand_the_run_shows_the_rest(rows):
    seen = [it.emg["gluteus_maximus_left"] for it in walked(lane(), rows)[::2]]
    assert np.isnan(seen[0].activation.burst)
    assert "rest" not in seen[0].note
    later = seen[25]
    assert later.activation.burst == 1.0
    assert "rest from the run" in later.note
    assert later.flags == ()


def test_a_channel_that_dies_is_flagged_within_its_window(rows):
    t_s, x = rows
    dead = x.copy()
    dead[t_s > 12.0, 0] = 0.0
    seen = [it.emg["gluteus_maximus_left"] for it in walked(lane(), (t_s, dead))[::2]]
    assert seen[5].flags == ()
    assert "flat" in seen[-1].flags
    assert all(
        not it.emg["gluteus_medius_right"].flags for it in walked(lane(), rows)[1::2]
    )


def test_missing_rows_are_told(rows):
    t_s, x = rows
    at_s = FIRST_S + 7 * STRIDE_S
    hole = (t_s > at_s - 0.3) & (t_s < at_s + 1.0)
    one = fed(lane(), t_s[~hole], x[~hole])
    assert looked(one, stride(at_s)).lacks == {
        "gluteus_maximus_left": "EMG rows are missing in this stride"
    }


def test_a_stream_too_slow_for_emg_says_so():
    one = lane(rate_hz=100.0)
    assert one.stream is None
    assert one.ready(stride(1e6))
    lacks = looked(one, stride(1.0)).lacks
    assert set(lacks) == {"gluteus_maximus_left", "gluteus_medius_right"}
    assert all("too slow for raw EMG" in why for why in lacks.values())


def test_it_waits_for_the_delay_of_its_filters(rows):
    t_s, x = rows
    one, wanted = lane(), stride(20.0)
    end_s = wanted.next_ic_s + 0.1
    fed(one, t_s[t_s < end_s + 0.01], x[t_s < end_s + 0.01])
    assert not one.ready(wanted)
    one.advance(end_s + 0.05)
    assert one.ready(wanted)


@pytest.mark.parametrize("rows_per_chunk", [50, 1000, 10**6])
def test_any_cut_gives_the_same_bits(rows, rows_per_chunk):
    def told(per_chunk):
        one = lane()
        times_s = FIRST_S + STRIDE_S * np.arange(44)
        contacts(one, times_s, ("left", "left"))
        found, next_row = [], 0
        for at_s in times_s.tolist():
            while not one.ready(stride(at_s)):
                part = slice(next_row, next_row + per_chunk)
                one.feed(rows[0][part], rows[1][part])
                next_row += per_chunk
            seen = looked(one, stride(at_s)).emg["gluteus_maximus_left"]
            one.trim(at_s - 10.0)
            values = np.array([*seen.activation[:8], seen.full])
            found.append((values.tobytes(), seen.flags, seen.note))
        return found

    assert told(rows_per_chunk) == told(700)
