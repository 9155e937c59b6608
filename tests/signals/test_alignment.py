"""Clocks of devices by stomps: the truth comes back, and chance gives no number."""

from __future__ import annotations

import numpy as np
import pytest
import stomps

from lablive.signals.alignment import FEWEST, activity, impulses, match
from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import weighted

ROOM = np.random.default_rng


def seen(kind: str, rng, rate_hz: float, stomps_s: np.ndarray, late_s: float):
    """Return the impulses of a device whose times are late."""
    first_s = rng.uniform(0.0, 1.0 / rate_hz)
    t_s = first_s + np.arange(0.0, stomps_s[-1] + 2.0, 1.0 / rate_hz)
    made = getattr(stomps, kind)(rng, t_s, stomps_s)
    x = made if made.ndim == 2 else made[:, None]
    return impulses(t_s + late_s, activity(kind, x))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("kind", "force_hz", "rate_hz", "within_ms"),
    [
        ("acc", 200.0, 400.0, 1.0),
        ("acc", 200.0, 200.0, 1.5),
        ("acc", 100.0, 200.0, 2.0),
        ("sound", 200.0, 1000.0, 2.0),
        ("sound", 100.0, 1000.0, 2.0),
        ("force", 100.0, 200.0, 1.5),
    ],
)
def test_a_known_offset_comes_back(
    kind: str, force_hz: float, rate_hz: float, within_ms: float, seed: int
) -> None:
    rng = ROOM(seed)
    stomps_s = stomps.times(rng, 20)
    late_s = rng.uniform(-0.1, 0.1)
    reference_s = seen("force", rng, force_hz, stomps_s, 0.0)
    device_s = seen(kind, rng, rate_hz, stomps_s, late_s)
    found = match(reference_s, device_s, 1 / min(force_hz, rate_hz))
    assert found.why == ""
    assert found.n >= 14
    assert 1e3 * found.offset_s == pytest.approx(1e3 * late_s, abs=within_ms)
    assert found.residual_s < 0.005
    assert found.error_s == pytest.approx(found.residual_s / np.sqrt(found.n))


def test_impulses_that_one_device_missed_do_not_matter() -> None:
    rng = ROOM(1)
    stomps_s = stomps.times(rng, 20)
    reference_s = seen("force", rng, 200.0, stomps_s[::2], 0.0)  # the other foot's
    device_s = np.append(seen("acc", rng, 400.0, stomps_s, 0.031), 30.0)
    found = match(reference_s, device_s)
    assert 1e3 * found.offset_s == pytest.approx(31.0, abs=1.0)
    assert found.n <= 10


def test_too_few_impulses_are_told() -> None:
    found = match(np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.5, 4.0]))
    assert np.isnan(found.offset_s)
    assert found.why == "only 2 impulses are seen"
    assert np.isnan(match(np.empty(0), np.empty(0)).error_s)


def test_steps_as_even_as_a_clock_give_no_offset() -> None:
    even_s = np.arange(30) * 0.2
    found = match(even_s, even_s + 0.03)
    assert "as even as steps" in found.why


@pytest.mark.parametrize("spread_s", [0.002, 0.007, 0.015, 0.022])
@pytest.mark.parametrize("seed", range(5))
def test_steps_give_no_offset_however_well_they_agree(
    spread_s: float, seed: int
) -> None:
    rng = ROOM(seed)
    steps_s = np.cumsum(rng.normal(0.74, spread_s, 60))
    swing_s = steps_s - 0.205 + rng.normal(0.0, 0.001, 60)  # felt in every swing
    found = match(steps_s, swing_s)
    assert np.isnan(found.offset_s)
    assert "as even as steps" in found.why


def test_chance_gives_no_offset() -> None:
    told = 0
    for seed in range(200):
        rng = ROOM(seed)
        one, other = (np.sort(rng.uniform(0.0, 20.0, 20)) for _ in range(2))
        told += not match(one, other).why
    assert told <= 2


def test_what_scatters_gives_no_offset() -> None:
    rng = ROOM(2)
    one_s = stomps.times(rng, 20)
    found = match(one_s, one_s + 0.05 + rng.uniform(-0.015, 0.015, 20))
    assert "does not begin at once" in found.why


def test_a_wrong_impulse_is_left_out() -> None:
    one_s = stomps.times(ROOM(3), 10)
    other_s = one_s + 0.040 + ROOM(4).normal(0.0, 0.0005, 10)
    other_s[4] += 0.015
    found = match(one_s, other_s)
    assert found.n == 9
    assert found.offset_s == pytest.approx(0.040, abs=0.0005)


@pytest.mark.parametrize(
    "felt", [np.zeros(500), np.full(500, np.nan), np.ones(2), np.empty(0)]
)
def test_where_nothing_is_felt_there_is_nothing(felt: np.ndarray) -> None:
    assert len(impulses(np.arange(len(felt)) / 100.0, felt)) == 0


def test_rows_that_are_missing_make_no_impulse() -> None:
    rng = ROOM(5)
    stomps_s = stomps.times(rng, 6)
    t_s = np.arange(0.0, stomps_s[-1] + 2.0, 1 / 200)
    felt = stomps.force(rng, t_s, stomps_s)
    lost = (t_s > stomps_s[2] - 0.3) & (t_s < stomps_s[2] + 0.004)
    assert len(impulses(t_s[~lost], felt[~lost])) == 5
    felt[lost] = np.nan  # the same, told by the values
    assert len(impulses(t_s, felt)) == 5


def test_two_artefacts_hide_no_stomp() -> None:
    rng = ROOM(6)
    stomps_s = stomps.times(rng, 8)
    t_s = np.arange(0.0, stomps_s[-1] + 2.0, 1 / 200)
    felt = stomps.force(rng, t_s, stomps_s)
    felt[[50, 250]] = 1e6
    begins_s = impulses(t_s, felt)
    near = np.abs(begins_s[:, None] - stomps_s[None, :]).min(axis=0)
    assert (near < 0.005).sum() == 8 >= FEWEST


def test_the_sound_of_real_footsteps(real_data) -> None:
    soundfile = pytest.importorskip("soundfile", reason="it decodes the footsteps")
    folder = real_data / "footstep_samples_minetest"
    if not folder.is_dir():
        pytest.skip(f"the footstep samples are not in {folder}")
    files = sorted(folder.glob("default_hard_footstep.*.ogg"))
    rng, rate_hz, late_s = ROOM(8), 44_100, 0.052
    stomps_s = stomps.times(rng, 15)
    audio = 0.002 * rng.standard_normal(round((stomps_s[-1] + 2) * rate_hz))
    for number, begin_s in enumerate(stomps_s):
        sample, _ = soundfile.read(files[number % len(files)])
        loud = np.argmax(np.abs(sample) > 0.1 * np.abs(sample).max())
        first = round((begin_s + late_s) * rate_hz) - loud
        audio[first : first + len(sample)] += sample[: len(audio) - first]
    rows = LevelMeter(rate_hz).feed(np.arange(len(audio)) / rate_hz, audio)
    felt = activity("sound", weighted(rows.level, "A")[:, None])
    heard_s = impulses(rows.t_s + 0.5e-3, felt)
    found = match(seen("force", rng, 200.0, stomps_s, 0.0), heard_s, 0.005)
    assert found.n == 15
    assert 1e3 * found.offset_s == pytest.approx(1e3 * late_s, abs=2.0)
