"""Hand-made runs: a value per stride at a belt speed."""

from __future__ import annotations

import numpy as np

from lablive.protocol.series import make_series

STRIDE_S = 0.75  # 80 strides a minute


def run(minutes, value=250.0, *, start_s=0.0, speed_mps=3.0, seed=0, sd=2.0, **about):
    """Return strides of a run; value: a number or a function of minutes."""
    t_s = start_s + np.arange(0.0, 60.0 * minutes, STRIDE_S)
    made = value((t_s - start_s) / 60.0) if callable(value) else value
    noise = sd * np.random.default_rng(seed).standard_normal(len(t_s))
    return series(t_s, made + noise, speed_mps=speed_mps, **about)


def series(
    t_s,
    values,
    *,
    speed_mps=3.0,
    sources="insole",
    metric_id="contact_time_ms",
    unit="ms",
    **about,
):
    return make_series(
        metric_id, unit, t_s, values, speed_mps, sources=sources, **about
    )


def join(*parts):
    """Return one series of several stretches of running."""
    first = parts[0]
    return make_series(
        first.metric_id,
        first.unit,
        np.concatenate([part.t_s for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.speed_mps for part in parts]),
        sources=np.concatenate([part.sources for part in parts]),
        key=first.key,
        direction=first.direction,
    )
