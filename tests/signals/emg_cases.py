"""EMG of known bursts, hum and movement, and the simulated runner's muscles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from drivers.sim.chunks import runner_chunks
from drivers.sim.runner import Runner, RunnerSettings
from lablive.signals.emg import EmgRows, EmgSettings, EmgStage
from lablive.signals.emg_reference import Electrode

WHEN = "2026-05-04T10:00:00+02:00"
STRIDE_S, BEGIN_S, END_S = 0.74, 0.10, 0.36  # bursts of the check, from 2 s on


def electrode(settings: EmgSettings) -> Electrode:
    return Electrode("emg_gluteus_maximus_left", "P01", "2026-05-04", settings.chain)


def noise(rng, rows, low_hz, high_hz, rate_hz):
    """Unit noise of a band, shape (rows,)."""
    spectrum = np.fft.rfft(rng.standard_normal(rows))
    hz = np.fft.rfftfreq(rows, 1 / rate_hz)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0.0
    x = np.fft.irfft(spectrum, rows)
    return x / np.std(x)


def check_signal(rate_hz=2000.0, seconds=12.0, snr_db=12.0, hum=3.0, cable=20.0):
    """Signal of the metric reference's EMG check: times (rows,) and volts (rows,)."""
    rng = np.random.default_rng(0)
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    top_hz = min(500.0, 0.45 * rate_hz)
    carrier = noise(rng, len(t_s), 30.0, 300.0, rate_hz)
    base = noise(rng, len(t_s), 10.0, top_hz, rate_hz)
    phase_s = (t_s - 2.0) % STRIDE_S
    fires = (t_s > 2.0) & (phase_s >= BEGIN_S) & (phase_s < END_S)
    x = carrier * fires * 10 ** (snr_db / 20) + base
    x += hum * np.sin(2 * np.pi * 50 * t_s) + cable * np.sin(2 * np.pi * 1.35 * t_s)
    return t_s, 5e-6 * x


def through(settings: EmgSettings, t_s, x) -> EmgRows:
    """Return the chain's rows of one or more channels."""
    x = x[:, None] if x.ndim == 1 else x
    return EmgStage(settings, x.shape[1]).feed(t_s, x)


def part(rows: EmgRows, t0_s: float, t1_s: float) -> EmgRows:
    inside = (rows.t_s >= t0_s) & (rows.t_s < t1_s)
    return EmgRows(*(values[inside] for values in rows))


class SimulatedRun:
    """REF-1 as chunks through the chain; raw rows beside it."""

    def __init__(self, seconds=24.0, notch_hz=50, **settings):
        chosen = RunnerSettings(standing_s=5.0, **settings)
        self.settings = EmgSettings(rate_hz=chosen.emg_rate_hz, notch_hz=notch_hz)
        stage = EmgStage(self.settings, 4)
        chunks = list(runner_chunks(chosen, seconds, streams=["Sim EMG"]))
        pieces = [stage.feed(chunk.t_s, chunk.x) for chunk in chunks]
        self.rows = EmgRows(*map(np.concatenate, zip(*pieces, strict=True)))
        self.raw = np.concatenate([chunk.x for chunk in chunks]).astype(float)
        self.raw_s = np.concatenate([chunk.t_s for chunk in chunks])
        self.events = Runner(chosen).events(5.0, seconds)

    def contacts(self, side, kind="ic"):
        found = [e.t_s for e in self.events if (e.side, e.kind) == (side, kind)]
        return np.array(found)

    def strides(self, side):
        """Whole strides: contact, toe-off, next contact."""
        ic_s = self.contacts(side)
        return [(a, a + 0.25, b) for a, b in pairwise(ic_s[:-1])]
