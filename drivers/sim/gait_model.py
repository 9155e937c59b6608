"""When the synthetic runner's feet touch the belt, and with what vertical force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from drivers.sim import script
from lablive.names import SIDES, STANDARD_GRAVITY, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats, Ints

IMPACT_S: Final = 0.050


class TrueEvent(NamedTuple):
    """A foot contact as it really was: ``ic`` first touch, ``to`` last touch."""

    t_s: float
    side: Side
    kind: Literal["ic", "to"]


class Timing(NamedTuple):
    """Stride number and time since its first contact, for one foot."""

    stride: Ints
    since_ic_s: Floats
    running: NDArray[np.bool_]


def contact_s(settings: RunnerSettings, side: Side) -> float:
    """Return the true contact time of one foot."""
    return settings.contact_left_s if side == "left" else settings.contact_right_s


def first_contact_s(settings: RunnerSettings, side: Side) -> float:
    """Return the time of the foot's first running contact."""
    if side == "left":
        return settings.standing_s + settings.stride_s
    return settings.standing_s + settings.stride_s / 2 + settings.step_shift_s


def flight_s(settings: RunnerSettings, side: Side) -> float:
    """Return the true flight time after the toe-off of one foot."""
    shift = settings.step_shift_s if side == "left" else -settings.step_shift_s
    return settings.stride_s / 2 + shift - contact_s(settings, side)


def lift_off_s(settings: RunnerSettings) -> float:
    """Return when both feet leave the ground to start running; right lands first."""
    return first_contact_s(settings, "right") - max(flight_s(settings, "left"), 0.0)


def timing(settings: RunnerSettings, side: Side, t_s: Floats) -> Timing:
    """Return stride number and time since initial contact at every ``t_s``.

    Stride 0 begins with the first running contact; before it ``running`` is False
    and the stride number is negative.
    """
    since_first = t_s - first_contact_s(settings, side)
    stride = np.floor(since_first / settings.stride_s)
    since_ic = since_first - stride * settings.stride_s
    return Timing(stride.astype(np.int64), since_ic, stride >= 0)


def ramp(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return the share of full motion, 0 in standing to 1 in running (smooth)."""
    if settings.ramp_s == 0:
        return (t_s >= settings.standing_s).astype(float)
    share = np.clip((t_s - settings.standing_s) / settings.ramp_s, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def stride_angle(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return the stride angle in radians: 0 at left initial contact, 0 in standing."""
    since = np.maximum(t_s - settings.standing_s, 0.0)
    return 2 * np.pi * since / settings.stride_s


def peak_force_n(settings: RunnerSettings, side: Side) -> float:
    """Return the amplitude of the half-sine stance force.

    Both stances of a stride together carry body weight times stride time; REF-1
    gives 2.3248 body weights per foot (Morin 2005, metric reference 3.3).
    """
    weight_n = settings.mass_kg * STANDARD_GRAVITY
    impulse = weight_n * settings.stride_s * script.standing_share(settings, side)
    return impulse * np.pi / 2 / contact_s(settings, side)


def vertical_force_n(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the true vertical force under one foot, without preload and noise."""
    weight_n = settings.mass_kg * STANDARD_GRAVITY
    force = script.load_share(settings, side, t_s) * _standing_force_n(settings, t_s)
    since = timing(settings, side, t_s)
    length_s = contact_s(settings, side)
    stance = since.running & (since.since_ic_s < length_s)
    sine = peak_force_n(settings, side) * np.sin(np.pi * since.since_ic_s / length_s)
    force = force + np.where(stance, sine, 0.0)
    if settings.impact_bw:
        bump = np.sin(np.pi * since.since_ic_s / IMPACT_S) ** 2
        early = since.running & (since.since_ic_s < IMPACT_S)
        force = force + np.where(early, settings.impact_bw * weight_n * bump, 0.0)
    return force


def _standing_force_n(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return body weight, then one push with both feet that starts the first flight.

    The push gives just the upward speed at which the steady flight begins, so the
    body neither rises nor sinks while running.
    """
    weight_n = settings.mass_kg * STANDARD_GRAVITY
    push_s = lift_off_s(settings) - settings.standing_s
    x = np.clip((t_s - settings.standing_s) / push_s, 0.0, 1.0)
    flight = max(flight_s(settings, "left"), 0.0)
    push_n = weight_n * (flight + push_s) * np.pi / 4 / push_s
    force = weight_n * (1.0 - x) + push_n * np.sin(np.pi * x)
    return np.where(t_s < settings.seated_s, 0.0, force)


def true_events(
    settings: RunnerSettings, t0_s: float, t1_s: float
) -> tuple[TrueEvent, ...]:
    """Return every running contact and toe-off in ``[t0_s, t1_s)``, in time order.

    The lift-off at the end of standing belongs to no stride and is not listed.
    """
    found: list[TrueEvent] = []
    for side in SIDES:
        first = first_contact_s(settings, side)
        last = int(np.floor((t1_s - first) / settings.stride_s))
        for stride in range(last + 1):
            ic_s = first + stride * settings.stride_s
            to_s = ic_s + contact_s(settings, side)
            found += [TrueEvent(ic_s, side, "ic"), TrueEvent(to_s, side, "to")]
    return tuple(sorted(event for event in found if t0_s <= event.t_s < t1_s))


def true_values(settings: RunnerSettings) -> dict[str, float]:
    """Return what a perfect instrument measures, ids of the metric reference."""
    left_s, right_s = settings.contact_left_s, settings.contact_right_s
    return {
        "cadence_spm": 120.0 / settings.stride_s,
        "stride_time_ms": 1e3 * settings.stride_s,
        "contact_time_left_ms": 1e3 * left_s,
        "contact_time_right_ms": 1e3 * right_s,
        "contact_time_si_pct": 200.0 * (right_s - left_s) / (right_s + left_s),
        "flight_time_left_ms": 1e3 * flight_s(settings, "left"),
        "flight_time_right_ms": 1e3 * flight_s(settings, "right"),
        "duty_factor_pct": 50.0 * (left_s + right_s) / settings.stride_s,
        "step_length_m": settings.belt_mps * settings.stride_s / 2,
        "lift_off_s": lift_off_s(settings),
    }
