"""Real EMG: arm bursts, gluteal envelopes with force, raw walking EMG."""

import numpy as np
import pytest
from emg_cases import WHEN, electrode, through

from lablive.signals.emg import EmgSettings
from lablive.signals.emg_activation import activation, bursts, snr_db
from lablive.signals.emg_quality import judge
from lablive.signals.emg_reference import rest_from_quiet_windows

NO_STEPS = np.empty(0)


def sto(path):
    """Return column names and values of an OpenSim storage file."""
    lines = path.read_text().splitlines()
    head = next(at for at, line in enumerate(lines) if line.strip() == "endheader")
    return lines[head + 1].split(), np.loadtxt(lines[head + 2 :])


def test_arm_bursts_are_found_without_a_stand(real_data):
    counts = np.loadtxt(real_data / "emg_biosppy" / "emg_1.txt")
    x = (counts / 4096 - 0.5) * 3.3 / 1009  # 12 bits, 3.3 V, gain 1009
    t_s = np.arange(len(x)) / 1000.0
    settings = EmgSettings(rate_hz=1000.0)
    rows = through(settings, t_s, x)
    rest = rest_from_quiet_windows(rows, 0, electrode=electrode(settings), made_at=WHEN)
    found = bursts(rows.t_s, rows.smooth[:, 0], rest, 1000.0)
    strong = []
    for burst in found:
        inside = (rows.t_s >= burst.on_s) & (rows.t_s < burst.off_s)
        if snr_db(rows.envelope[inside, 0], rest) > 20:
            strong.append(burst)
    # read off a plot of the raw counts, to a tenth of a second
    on_s = [burst.on_s for burst in strong]
    assert on_s == pytest.approx([1.5, 15.5, 25.6, 26.4], abs=0.1)
    off_s = [burst.off_s for burst in strong]
    assert off_s == pytest.approx([1.9, 17.1, 25.8, 26.7], abs=0.15)
    quiet = [(2.5, 15.0), (27.0, 35.5), (46.0, 63.0)]
    for first_s, end_s in quiet:
        assert not [b for b in found if b.off_s > first_s and b.on_s < end_s]
    for first in range(0, len(x) - 10_000, 10_000):
        window = slice(first, first + 10_000)
        rows_then = type(rows)(*(values[window] for values in rows))
        seen = judge(x[window], rows_then, 0, settings, ic_s=NO_STEPS, rest=rest)
        assert seen.flags == ()
        assert seen.hum_pct < 15.0


def test_gluteal_envelopes_follow_the_right_contact(real_data):
    names, values = sto(real_data / "opensim_walk_emg_grf" / "electromyography.sto")
    settings = EmgSettings(rate_hz=2000.0, kind="envelope")
    rows = through(settings, values[:, 0], values[:, 1:])
    right = (0.267, 1.036, 1.411)  # contacts of the force plates
    got = {}
    for muscle in ("gluteus_maximus", "gluteus_medius", "soleus"):
        column = rows.envelope[:, names.index(muscle) - 1]
        got[muscle] = activation(rows.t_s, column, column, right, settings, None)
    maximus, medius = got["gluteus_maximus"], got["gluteus_medius"]
    stance_s = right[1] - right[0]
    assert 0.01 * maximus.peak_time_pct * stance_s == pytest.approx(0.101, abs=0.004)
    assert 0 < medius.peak_time_pct < 40  # monophasic, early stance
    assert maximus.drive_mean > maximus.pushoff_mean
    assert got["soleus"].peak_time_pct > 60  # a calf pushes off
    assert np.isnan(maximus.onset_ms)


def test_raw_walking_emg_of_eight_sensors(real_data):
    ezc3d = pytest.importorskip("ezc3d", reason="ezc3d reads the C3D file")
    file = ezc3d.c3d(str(real_data / "ktk_kineticstoolkit" / "walk.c3d"))
    labels = file["parameters"]["ANALOG"]["LABELS"]["value"]
    analog = file["data"]["analogs"][0]
    places = [labels.index(f"Sensor {n}.IM EMG{n}") for n in range(1, 9)]
    x = analog[places].T
    t_s = 1.52 + np.arange(len(x)) / 2000.0  # first frame 152 of 100 Hz
    settings = EmgSettings(rate_hz=2000.0)
    rows = through(settings, t_s, x)
    left, right = (2.2235, 2.892, 3.330), (2.740, 3.500, 3.725)
    peaks = []
    for channel in range(8):
        seen = judge(x[:, channel], rows, channel, settings, ic_s=NO_STEPS, rest=None)
        assert not {"clip", "flat", "hum"} & {flag.kind for flag in seen.flags}
        sides = [
            activation(
                rows.t_s,
                rows.smooth[:, channel],
                rows.envelope[:, channel],
                stride,
                settings,
                None,
            )
            for stride in (left, right)
        ]
        assert all(np.isfinite(side.curve).all() for side in sides)
        assert all(2e-6 < side.stance_peak < 1e-3 for side in sides)
        peaks.append([side.stance_peak for side in sides])
    # the same legs, so every sensor sees a muscle of about one strength twice
    ratio = np.array(peaks)[:, 0] / np.array(peaks)[:, 1]
    assert (ratio > 0.4).all()
    assert (ratio < 2.5).all()
