"""Synthetic vertical forces with known contacts (metric reference, checks file)."""

from __future__ import annotations

import numpy as np

GRAVITY = 9.80665
WEIGHT_N = 70 * GRAVITY


def steps(
    fs,
    length_s,
    contact_s=0.25,
    flight_s=0.12,
    preload_n=0.0,
    drift_n_per_s=0.0,
    noise_n=4.0,
    first_s=2.5,
    seed=0,
    walk=False,
):
    """Return t, force and the true initial contacts of one foot."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(length_s * fs)) / fs
    force = np.zeros_like(t)
    contacts = np.arange(first_s, length_s - 1, 2 * (contact_s + flight_s))
    for ic in contacts:
        x = (t - ic) / contact_s
        on = (x >= 0) & (x <= 1)
        if walk:
            shape = np.sin(np.pi * x[on]) + 0.35 * np.sin(3 * np.pi * x[on])
            force[on] += WEIGHT_N * 1.1 * shape
        else:
            peak = WEIGHT_N * np.pi / 2 * (flight_s / contact_s + 1)
            force[on] += peak * np.sin(np.pi * x[on])
    noise = noise_n * rng.standard_normal(len(t))
    return t, force + preload_n + drift_n_per_s * t + noise, contacts


def true_contacts(force, on, off, min_rows=25):
    """Return complete contacts (first row, end row) of a trace by hysteresis."""
    found, since, down = [], None, force[0] >= on
    for i in range(1, len(force)):
        if not down and force[i] >= on:
            down, since = True, i
        elif down and force[i] < off:
            down = False
            if since is not None and i - since >= min_rows:
                found.append((since, i))
            since = None
    return found
