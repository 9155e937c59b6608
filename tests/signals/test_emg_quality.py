"""Quality flags: each fault gets its own, a good signal gets none."""

import numpy as np
import pytest
from emg_cases import WHEN, SimulatedRun, electrode, noise, part, through

from lablive.signals.emg import EmgSettings
from lablive.signals.emg_quality import WINDOW_S, judge
from lablive.signals.emg_reference import EmgRest

SETTINGS = EmgSettings(rate_hz=2000.0)
STEPS_S = np.arange(0.4, 9.6, 0.74)
REST = EmgRest(electrode(SETTINGS), WHEN, 4e-6, 0.6e-6, 5e-6, "stand")


def muscle(seed=0, snr_db=12.0):
    """Ten seconds of bursts around contact over a quiet baseline, in volts."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(round(WINDOW_S * 2000)) / 2000.0
    x = noise(rng, len(t_s), 20.0, 450.0, 2000.0)
    since_s = t_s[:, None] - STEPS_S
    fires = ((since_s > -0.06) & (since_s < 0.11)).any(axis=1)
    carrier = noise(rng, len(t_s), 30.0, 300.0, 2000.0)
    return t_s, 5e-6 * (x + 10 ** (snr_db / 20) * fires * carrier)


def verdict(t_s, x, settings=SETTINGS, ic_s=STEPS_S, rest=REST, **more):
    rows = through(settings, t_s, x)
    return judge(x, rows, 0, settings, ic_s=ic_s, rest=rest, **more)


def kinds(quality):
    return [flag.kind for flag in quality.flags]


def test_a_good_signal_has_no_flags():
    found = verdict(*muscle())
    assert found.flags == ()
    assert found.mains_hz is None
    assert found.hum_pct < 5
    assert found.movement_pct < 10
    assert found.snr_db == pytest.approx(12.0, abs=1.5)


@pytest.mark.parametrize("full_scale", [None, 30e-6])
def test_clipping(full_scale):
    t_s, x = muscle()
    found = verdict(t_s, np.clip(x, -30e-6, 30e-6), full_scale=full_scale)
    assert kinds(found) == ["clip"]
    assert "lower gain" in found.flags[0].reason


def test_a_coarse_converter_is_not_clipping():
    t_s, x = muscle()
    step = np.ptp(x) / 40
    assert kinds(verdict(t_s, np.round(x / step) * step)) == []


def test_a_dead_channel():
    t_s = np.arange(20_000) / 2000.0
    found = verdict(t_s, np.full(len(t_s), 0.2))
    assert kinds(found) == ["flat"]
    t_s, x = muscle()
    assert kinds(verdict(t_s, 0.01 * x, rest=None)) == ["flat"]
    assert kinds(verdict(t_s, 0.01 * x, rest=None, unit="1")) == []


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_hum_names_its_mains(mains_hz):
    t_s, x = muscle()
    found = verdict(t_s, x + 8e-6 * np.sin(2 * np.pi * mains_hz * t_s))
    assert kinds(found) == ["hum"]
    assert found.mains_hz == mains_hz
    assert f"{mains_hz} Hz mains" in found.flags[0].reason


def test_cable_motion_is_movement():
    t_s, x = muscle()
    found = verdict(t_s, x + 40e-6 * np.sin(2 * np.pi * 1.35 * t_s))
    assert kinds(found) == ["movement"]
    assert "below 20 Hz" in found.flags[0].reason


def test_a_knock_at_every_contact_is_movement():
    t_s, x = muscle(snr_db=0.0)
    since_s = t_s[:, None] - STEPS_S
    knock = np.exp(-0.5 * ((since_s - 0.005) / 0.003) ** 2).sum(axis=1)
    found = verdict(t_s, x + 60e-6 * knock * np.sin(2 * np.pi * 150 * t_s), rest=None)
    assert kinds(found) == ["movement"]
    assert "every contact" in found.flags[0].reason
    # the same knocks away from contact are not locked to it
    late = verdict(
        t_s,
        x + 60e-6 * knock * np.sin(2 * np.pi * 150 * t_s),
        ic_s=STEPS_S + 0.05,
        rest=None,
    )
    assert kinds(late) == []


def test_weak_activity_is_low_snr():
    found = verdict(*muscle(snr_db=2.0))
    assert kinds(found) == ["low SNR"]
    silent = verdict(*muscle(snr_db=-60.0))
    assert kinds(silent) == ["low SNR"]
    assert silent.snr_db < 6.0


def test_nobody_running_is_not_judged_by_activity():
    found = verdict(*muscle(snr_db=-60.0), ic_s=STEPS_S[:4])
    assert found.flags == ()
    assert np.isnan(found.snr_db)


def test_an_electrode_off_is_said_even_without_rows():
    t_s, x = muscle()
    rows = through(SETTINGS, t_s[:100], x[:100])
    found = judge(x[:100], rows, 0, SETTINGS, ic_s=STEPS_S, rest=REST, lead_off=True)
    assert kinds(found) == ["lead-off"]
    assert np.isnan(found.hum_pct)


def test_a_rectified_source_is_not_judged_by_its_spectrum():
    settings = EmgSettings(rate_hz=2000.0, kind="envelope")
    t_s = np.arange(20_000) / 2000.0
    x = 1e-5 * (1.01 + np.sin(2 * np.pi * 1.35 * t_s))
    found = verdict(t_s, x, settings=settings, ic_s=STEPS_S[:0])
    assert found.flags == ()
    assert np.isnan([found.hum_pct, found.movement_pct]).all()


def test_missing_rows_are_left_out():
    t_s, x = muscle()
    x[3000:3100] = np.nan
    assert verdict(t_s, x).flags == ()


def test_ref1_has_hum_and_movement_on_raw():
    run = SimulatedRun()
    inside = (run.raw_s >= 10.0) & (run.raw_s < 20.0)
    ic_s = run.contacts("left")
    ic_s = ic_s[(ic_s > 10.0) & (ic_s < 20.0)]
    found = judge(
        run.raw[inside, 0],
        part(run.rows, 10.0, 20.0),
        0,
        run.settings,
        ic_s=ic_s,
        rest=REST,
    )
    assert kinds(found) == ["hum", "movement"]
    assert found.mains_hz == 50
