"""Rest, task peak, best contraction: made, kept, refused."""

import msgspec
import numpy as np
import pytest
from emg_cases import WHEN, SimulatedRun, electrode, part

from lablive.errors import CalibrationError, RecordingError
from lablive.signals.emg import EmgRows, EmgSettings
from lablive.signals.emg_reference import (
    EmgRecords,
    EmgRest,
    best_contraction,
    parse_records,
    rest_from_quiet_windows,
    rest_from_stand,
    task_peak,
)

SETTINGS = EmgSettings(rate_hz=1000.0)
ABOUT = {"electrode": electrode(SETTINGS), "made_at": WHEN}
REST = EmgRest(**ABOUT, mean=1.0, sd=0.1, rms=1.2, source="stand")


def rows_of(values):
    t_s = np.arange(len(values)) / 1000.0
    column = np.asarray(values, float)[:, None]
    return EmgRows(t_s, column, column, t_s, column)


def steady(seconds, level=1.0, seed=0):
    """A smoothed noise of 15 % SD that changes every 25 ms."""
    rng = np.random.default_rng(seed)
    steps = 1 + 0.15 * rng.standard_normal(round(seconds * 40))
    return level * np.repeat(steps, 25)


def test_rest_of_a_stand_and_of_quiet_windows_agree():
    run = SimulatedRun(emg_hum=0.0, emg_cable=0.0)
    stand = rest_from_stand(part(run.rows, 1.0, 4.0), 0, **ABOUT)
    quiet = rest_from_quiet_windows(part(run.rows, 6.0, 24.0), 0, **ABOUT)
    assert (stand.source, quiet.source) == ("stand", "quiet windows")
    assert stand.rms == pytest.approx(5e-6, rel=0.12)
    assert stand.mean == pytest.approx(0.8 * stand.rms, rel=0.05)
    assert quiet.mean == pytest.approx(stand.mean, rel=0.06)
    assert quiet.sd == pytest.approx(stand.sd, rel=0.3)
    assert quiet.rms == pytest.approx(stand.rms, rel=0.06)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (steady(2.0), "2.0 s of signal are too few"),
        (np.full(3000, np.nan), "0.0 s of signal"),
        (np.zeros(3000), "the channel is silent"),
        (np.concatenate([steady(2.0), steady(1.0, 8.0)]), "the muscle was tense"),
    ],
)
def test_a_stand_that_is_none_is_refused(values, why):
    with pytest.raises(CalibrationError, match=why) as caught:
        rest_from_stand(rows_of(values), 0, **ABOUT)
    assert "emg_gluteus_maximus_left" in caught.value.what
    assert caught.value.todo


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (steady(4.0), "4.0 s are too few, 5 s needed"),
        (np.zeros(0), "0.0 s are too few"),
        (np.zeros(8000), "silent"),
        (np.tile([0.0] * 49 + [50.0], 200), "never at rest"),
    ],
)
def test_quiet_windows_that_are_none_are_refused(values, why):
    with pytest.raises(CalibrationError, match=why):
        rest_from_quiet_windows(rows_of(values), 0, **ABOUT)


def test_task_peak_is_the_mean_of_20_strides():
    peaks = [np.nan, *([2.0, 4.0] * 10), 100.0]
    made = task_peak(peaks, speed_mps=3.0, **ABOUT)
    assert made.value == pytest.approx(3.0)
    assert (made.n, made.method, made.speed_mps) == (20, "task peak", 3.0)
    with pytest.raises(CalibrationError, match="19 measured strides are too few"):
        task_peak(peaks[:20], speed_mps=3.0, **ABOUT)


def contraction(level, seconds=5.0):
    values = steady(seconds, 0.6 * level)
    values[2000:2500] = level
    return rows_of(values)


def test_best_half_second_of_three_contractions():
    trials = [contraction(level) for level in (20.0, 30.0, 25.0)]
    made = best_contraction(trials, 0, rest=REST, **ABOUT)
    assert made.value == pytest.approx(30.0)
    assert (made.n, made.method, made.speed_mps) == (3, "mvc", None)
    trials[1].envelope[2100:2110] = np.nan  # a hole is no half second
    spoiled = best_contraction(trials, 0, rest=REST, **ABOUT)
    assert 25.0 <= spoiled.value < 29.0


def test_contractions_that_are_none_are_refused():
    good = contraction(20.0)
    with pytest.raises(CalibrationError, match="2 of 3 contractions were recorded"):
        best_contraction([good, good], 0, rest=REST, **ABOUT)
    with pytest.raises(CalibrationError, match=r"contraction 2 lasted 4.0 of 5 s"):
        best_contraction([good, contraction(20.0, 4.0), good], 0, rest=REST, **ABOUT)
    weak = contraction(2.0)
    with pytest.raises(CalibrationError, match="no contraction stands out"):
        best_contraction([weak, weak, weak], 0, rest=REST, **ABOUT)


def test_records_grow_and_are_never_overwritten():
    first = task_peak([1.0] * 20, speed_mps=3.0, **ABOUT)
    second = task_peak([2.0] * 20, speed_mps=3.0, **ABOUT)
    empty = EmgRecords()
    one = empty.with_reference(first).with_rest(REST)
    two = one.with_reference(second)
    assert empty.references == ()
    assert two.references == (first, second)
    own = ABOUT["electrode"]
    assert two.reference_of(own, "task peak") == second
    assert two.reference_of(own, "mvc") is None
    assert two.rest_of(own) == REST
    for change in ({"person": "P02"}, {"placement": "later"}, {"chain": "notch"}):
        other = msgspec.structs.replace(own, **change)
        assert two.reference_of(other, "task peak") is None
        assert two.rest_of(other) is None
    assert parse_records(msgspec.json.encode(two).decode()) == two


def test_damaged_records_are_told():
    with pytest.raises(RecordingError, match="EMG references cannot be read"):
        parse_records('{"rests": 3}')
