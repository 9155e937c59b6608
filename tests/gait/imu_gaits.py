"""Synthetic feet and pelvises with known contacts, as gyroscopes and accelerometers."""

from __future__ import annotations

import numpy as np

GRAVITY = 9.80665
RUN = {"stride_s": 0.74, "contact_s": 0.25}
WALK = {"stride_s": 1.1, "contact_s": 0.66}
# bursts of a foot's pitch rate: s after contact or toe-off, deg/s, width in s
SLAP = {"run": (0.015, -450.0, 0.012), "walk": (0.020, -250.0, 0.015)}
PUSH = {"run": (-0.020, -650.0, 0.045), "walk": (-0.030, -450.0, 0.060)}
SWING = {"run": (0.30, 550.0, 0.070), "walk": (0.13, 330.0, 0.045)}
LATE_SWING = {"run": (0.30, 0.0, 0.070), "walk": (0.26, 300.0, 0.080)}


def foot(fs, strides=30, *, gait="run", first_s=3.0, side_shift=0.0, seed=0, noise=5.0):
    """Return t, gyro (left axis = y) and the true dips of contact and push-off."""
    rng = np.random.default_rng(seed)
    shape = RUN if gait == "run" else WALK
    ic = first_s + shape["stride_s"] * (side_shift + np.arange(strides))
    to = ic + shape["contact_s"]
    t = np.arange(0.0, ic[-1] + 3.0, 1.0 / fs)
    rate = np.zeros_like(t)
    for about, (shift, height, width) in (
        (ic, SLAP[gait]),
        (to, PUSH[gait]),
        (to, SWING[gait]),
        (to, LATE_SWING[gait]),
    ):
        for at in about:
            rate += height * np.exp(-0.5 * ((t - at - shift) / width) ** 2)
    gyro = np.radians(noise * rng.standard_normal((len(t), 3)))
    gyro[:, 1] -= np.radians(rate)
    return t, gyro, ic + SLAP[gait][0], to + PUSH[gait][0]


def pelvis(fs, steps=60, *, step_s=0.37, contact_s=0.25, first_s=3.0, seed=0):
    """Return t, acc (forward, left, up), sway and true contacts of a sine runner.

    Even steps are left: the body is pushed to the right, then the right side sinks.
    """
    rng = np.random.default_rng(seed)
    ic = first_s + step_s * np.arange(steps)
    t = np.arange(0.0, ic[-1] + 3.0, 1.0 / fs)
    up = np.full(len(t), GRAVITY)
    up[(t >= ic[0]) & (t < ic[-1] + contact_s)] = 0.0
    sway = np.zeros((len(t), 3))
    for k, at in enumerate(ic):
        x = (t - at) / contact_s
        on = (x >= 0) & (x <= 1)
        up[on] = GRAVITY * np.pi / 2 * step_s / contact_s * np.sin(np.pi * x[on])
        sign = 1.0 if k % 2 == 0 else -1.0
        sway[on, 0] -= sign * 0.6 * np.sin(np.pi * x[on])
        sway[on, 1] += sign * 1.0 * np.cos(np.pi * x[on])
    acc = np.column_stack((np.zeros_like(t), sway[:, 0], up))
    acc += 0.3 * rng.standard_normal(acc.shape)
    sway += rng.standard_normal(sway.shape) * (0.2, 0.1, 0.1)
    return t, acc, sway, ic


def turned(x, seed=3):
    """Return rows as a sensor mounted any way round sees them."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    return x @ (q * np.sign(np.linalg.det(q))).T


def feed(detector, t, *columns, cuts=()):
    """Return all events of a detector, checking that none comes too late."""
    events = []
    for low, high in zip([0, *cuts], [*cuts, len(t)], strict=True):
        final_s = detector.final_s
        found = detector.feed(t[low:high], *(x[low:high] for x in columns))
        assert all(event.t_s >= final_s for event in found)
        assert detector.final_s >= final_s
        events += found
    return events + detector.finish()


def times(events, kind):
    return np.array([event.t_s for event in events if event.kind == kind])


def nearest(found, wanted):
    """Return found minus wanted for every wanted time, s."""
    found = np.asarray(found)
    return np.array([found[np.abs(found - at).argmin()] - at for at in wanted])


def score(found, wanted, within_s, span_s):
    """Return errors of matched events, missed and extra ones inside a span."""
    errors, missed, used = [], 0, set()
    for at in wanted:
        i = int(np.abs(found - at).argmin()) if len(found) else -1
        if i >= 0 and abs(found[i] - at) <= within_s and i not in used:
            used.add(i)
            errors.append(found[i] - at)
        else:
            missed += span_s[0] <= at <= span_s[1]
    extra = sum(
        span_s[0] <= at <= span_s[1] for i, at in enumerate(found) if i not in used
    )
    return np.array(errors), missed, extra
