"""Footfall levels, noise floor and baselines on sounds of known energy."""

import msgspec
import numpy as np
import pytest

from drivers.sim.chunks import runner_chunks
from drivers.sim.runner import Runner, RunnerSettings
from lablive.errors import CalibrationError
from lablive.names import role_accepts
from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import (
    REFERENCE_PA2,
    BeltNoise,
    NoiseFloor,
    belt_noise_at,
    decibel,
    footfall,
    gap_energy,
    level_unit,
    measure_belt_noise,
    weighted,
)
from lablive.signals.sound_baseline import (
    SoundBaseline,
    left_right_db,
    sound_baseline,
)

NAN = float("nan")
MIC = "front, 0.4 m"
WHEN = "2026-05-04T10:00:00+02:00"
LEVEL = "Sim belt microphone"


def energy_of(db):
    return REFERENCE_PA2 * 10 ** (db / 10)


def rows_with(sel_db, noise_db, heard_s=1.0, lasts_s=0.050):
    """Two seconds of steady noise and one sound of a known exposure level."""
    t_s = np.arange(2000) / 1000.0
    energy = np.full(2000, energy_of(noise_db))
    sounding = (t_s >= heard_s - 1e-9) & (t_s < heard_s + lasts_s - 1e-9)
    energy[sounding] += energy_of(sel_db) / lasts_s
    return t_s, energy


def test_levels_of_a_1_khz_burst_through_the_meter():
    t_s = np.arange(24_000) / 48_000.0
    on = (t_s >= 0.2) & (t_s < 0.25)
    audio = np.where(on, np.sqrt(2) * np.sin(2 * np.pi * 1000 * t_s), 0.0)
    rows = LevelMeter(48_000.0).feed(t_s, audio)
    burst = footfall(rows.t_s, weighted(rows.level, "A"), 0.2)
    assert burst.sel_db == pytest.approx(80.96, abs=0.05)
    assert burst.peak_db == pytest.approx(93.98, abs=0.05)
    fast, slow = 0.0, []
    for energy in np.nan_to_num(weighted(rows.level, "A")):  # time weighting F
        fast += (energy - fast) * (1 - np.exp(-1 / 125))
        slow.append(fast)
    assert decibel(max(slow)) == pytest.approx(89.1, abs=0.05)


def test_noise_is_subtracted():
    t_s, energy = rows_with(72.0, 62.0)
    raw = footfall(t_s, energy, 1.0)
    assert raw.sel_db == pytest.approx(72.06, abs=0.01)
    assert raw.quality == "noise not known"
    clean = footfall(t_s, energy, 1.0, energy_of(62.0))
    assert clean.sel_db == pytest.approx(72.0, abs=0.01)
    assert clean.quality == "clear"


@pytest.mark.parametrize(
    ("sel_db", "quality"),
    [(66.0, "clear"), (60.0, "noise subtracted"), (52.0, "not measurable")],
)
def test_a_footfall_near_the_noise_says_so(sel_db, quality):
    t_s, energy = rows_with(sel_db, 62.0)
    heard = footfall(t_s, energy, 1.0, energy_of(62.0))
    assert heard.quality == quality
    if quality == "not measurable":
        assert np.isnan([heard.sel_db, heard.peak_db]).all()
        assert heard.over_noise_db < 3.0
    else:
        assert heard.sel_db == pytest.approx(sel_db, abs=0.01)


def test_a_window_between_two_rows_takes_parts_of_them():
    t_s, energy = rows_with(72.0, 62.0)
    noise = energy_of(62.0)
    levels = [footfall(t_s, energy, 1.0 + at, noise).sel_db for at in (0.0, 3e-4, 7e-4)]
    assert levels == pytest.approx([72.0] * 3, abs=1e-6)


def test_missing_sound_is_missing():
    t_s, energy = rows_with(72.0, 62.0)
    energy[1010:1016] = NAN
    lost = footfall(t_s, energy, 1.0)
    assert lost.quality == "missing data"
    assert np.isnan(lost.sel_db)
    short = footfall(t_s[:1100], energy[:1100], 1.0)
    assert short.quality == "missing data"
    assert footfall(t_s[:0], energy[:0], 1.0).quality == "missing data"


def test_silence_has_no_level():
    t_s = np.arange(500) / 1000.0
    quiet = footfall(t_s, np.zeros(500), 0.2)
    assert np.isnan(quiet.sel_db)
    assert np.isnan(decibel(0.0))


def test_units_say_whether_the_microphone_is_calibrated():
    assert level_unit("A", "Pa^2") == "dB(A)"
    assert level_unit("Z", "Pa^2") == "dB(Z)"
    assert level_unit("A", "FS^2") == "dB rel"
    assert role_accepts("mic_belt.level", "FS^2")
    assert not role_accepts("mic_belt.level", "FS")


def test_noise_floor_is_the_median_of_20_gaps():
    floor = NoiseFloor()
    belt = BeltNoise(WHEN, MIC, 3.0, (5.0, 6.0, 7.0), "Pa^2")
    assert np.isnan(floor.energy()).all()
    for value in (1.0, 1.0, 9.0, 1.0):
        floor.feed(np.array([value, 2 * value, 3 * value]))
    floor.feed(np.full(3, NAN))
    assert floor.energy(belt).tolist() == [5.0, 6.0, 7.0]
    floor.feed(np.array([1.0, 2.0, 3.0]))
    assert floor.energy(belt).tolist() == [1.0, 2.0, 3.0]
    for _ in range(20):
        floor.feed(np.array([4.0, 4.0, 4.0]))
    assert floor.energy().tolist() == [4.0, 4.0, 4.0]


def belt_rows(seconds, db=62.0, louder_from_s=None):
    rng = np.random.default_rng(3)
    t_s = 50.0 + np.arange(round(seconds * 1000)) / 1000.0
    level = energy_of(db) * rng.standard_gamma(4.0, (len(t_s), 3)) / 4.0
    if louder_from_s is not None:
        level[t_s > 50.0 + louder_from_s] *= 4.0
    return t_s, level


def test_belt_noise_is_kept_by_speed():
    about = {"made_at": WHEN, "microphone": MIC, "unit": "Pa^2"}
    records = []
    for speed_mps, db in ((2.5, 60.0), (3.0, 62.0)):
        t_s, level = belt_rows(20.0, db)
        records.append(measure_belt_noise(t_s, level, speed_mps=speed_mps, **about))
    assert decibel(records[1].energy[0]) == pytest.approx(62.0, abs=0.1)
    assert belt_noise_at(records, MIC, "Pa^2", 2.6) is records[0]
    assert belt_noise_at(records, MIC, "Pa^2", 2.8) is None
    assert belt_noise_at(records, "side", "Pa^2", 3.0) is None
    assert belt_noise_at(records, MIC, "FS^2", 3.0) is None
    text = msgspec.json.encode(records)
    assert msgspec.json.decode(text, type=list[BeltNoise]) == records


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (belt_rows(12.0), "12 s of sound are too few"),
        (belt_rows(20.0, louder_from_s=15.0), "its level moved by 6"),
        ((np.arange(20_000) / 1e3, np.zeros((20_000, 3))), "nothing but zero"),
        ((np.arange(20_000) / 1e3, np.full((20_000, 3), NAN)), "0 s of sound"),
    ],
)
def test_a_belt_noise_that_is_none_is_refused(rows, why):
    with pytest.raises(CalibrationError, match=why):
        measure_belt_noise(
            *rows, speed_mps=3.0, made_at=WHEN, microphone=MIC, unit="Pa^2"
        )


def baseline(left, right):
    return sound_baseline(
        {"left": left, "right": right},
        made_at=WHEN,
        person="P01",
        microphone=MIC,
        speed_mps=3.0,
        weighting="A",
        unit="FS^2",
    )


def test_footfalls_are_compared_with_the_same_foots_baseline():
    made = baseline([72.0] * 30 + [NAN] * 5, [73.0, 74.0] * 20)
    assert (made.left_n, made.right_n) == (30, 40)
    assert made.relative_db(69.0, "left") == pytest.approx(-3.0)
    assert made.relative_db(75.0, "right") == pytest.approx(1.5)
    text = msgspec.json.encode(made)
    assert msgspec.json.decode(text, type=SoundBaseline) == made


def test_a_baseline_needs_20_footfalls_of_each_foot():
    with pytest.raises(CalibrationError, match="19 measured footfalls of the right"):
        baseline([72.0] * 60, [73.0] * 19 + [NAN] * 40)


def test_right_minus_left():
    assert left_right_db([72.0, NAN, 72.0], [73.5, 73.5, NAN]) == pytest.approx(1.5)
    assert np.isnan(left_right_db([72.0], [NAN]))


def test_ref1_levels_come_back_through_chunks():
    settings = RunnerSettings(standing_s=2.0)
    chunks = list(runner_chunks(settings, 40.0, streams=[LEVEL]))
    t_s = np.concatenate([chunk.t_s for chunk in chunks])
    level = np.concatenate([chunk.x for chunk in chunks]).astype(float)
    floor = NoiseFloor()
    sel_db = {"left": [], "right": []}
    for event in Runner(settings).events(5.0, 39.0):
        if event.kind == "ic":
            heard_s = event.t_s + 0.137
            floor.feed(gap_energy(t_s, level, heard_s))
            noise = float(floor.energy()[0])
            heard = footfall(t_s, weighted(level, "A"), heard_s, noise)
            sel_db[event.side].append(heard.sel_db)
    assert np.median(sel_db["left"]) == pytest.approx(72.0, abs=0.1)
    assert np.median(sel_db["right"]) == pytest.approx(73.5, abs=0.1)
    assert left_right_db(**{f"{k}_db": v for k, v in sel_db.items()}) == pytest.approx(
        1.5, abs=0.05
    )
    assert decibel(float(floor.energy()[0])) == pytest.approx(62.0, abs=0.3)
