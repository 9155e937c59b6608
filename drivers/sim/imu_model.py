"""What inertial sensors on the synthetic runner read: specific force and body rates.

Frames and signs: metric reference, section 0.9. World x is the running direction
on the belt, y left, z up; sensors sit exactly on the segment axes unless the settings
turn them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from drivers.sim import gait_model as gait
from drivers.sim import script
from lablive.names import SIDES, STANDARD_GRAVITY, Side, side_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats

SITES: Final = (
    "pelvis", "trunk", "head", "thigh_left", "thigh_right",
    "shank_left", "shank_right", "foot_left", "foot_right",
)  # fmt: skip

_STEP_S: Final = 5e-4  # of the numerical derivatives
_THIGH_SENSOR_M: Final = 0.30  # below the hip
_FOOT_LIFT_M: Final = 0.12
_SHOCK_DELAY_S, _SHOCK_S = 0.012, 0.020
_BRAKING_MPS2, _LATERAL_MPS2, _HEAD_SWAY_MPS2 = 3.0, 1.0, 0.5
# gyroscope bias about z in deg/min (REF-1 drift); elsewhere a still-standing bias
_DRIFT_DEG_MIN: Final = {"pelvis": 8.0, "foot_left": 5.0, "foot_right": 5.0}
_BIAS_DPS: Final = (0.10, -0.08, 0.0)

# knee flexion over one stride of REF-1: seconds after initial contact (stance
# 0.25 s of a 0.74 s stride) and degrees
_KNEE: Final = (
    (0.0, 0.10, 0.25, 0.45, 0.65, 0.74),
    (15.0, 42.0, 18.0, 95.0, 20.0, 15.0),
)
# foot pitch as turns of (centre s, half width s, degrees): down fastest at contact
# and at toe-off, up fastest in mid-swing (metric reference 1.2)
_PITCH_TURNS: Final = (
    (0.0, 0.012, -20.0), (0.25, 0.05, -60.0), (0.48, 0.06, 90.0), (0.66, 0.04, -10.0),
)  # fmt: skip
# pitch of the turns' sum with the foot flat: every turn of the stride is behind or
# ahead except the landing one, three laps counted
_FLAT_DEG: Final = sum(
    turn / 2 * math.copysign(1.0, 0.10 - centre - lap)
    for centre, _, turn in _PITCH_TURNS
    for lap in (-0.74, 0.0, 0.74)
)


class Attitude(NamedTuple):
    """Yaw, pitch and roll in radians: R = Rz(yaw) Ry(pitch) Rx(roll)."""

    yaw: Floats
    pitch: Floats
    roll: Floats


def periodic_cubic(x: Floats, nodes: Floats, values: Floats) -> Floats:
    """Interpolate a closed curve by a monotone cubic (Fritsch and Carlson 1980)."""
    h = np.diff(nodes)
    slope = np.diff(values) / h
    before, after = np.roll(slope, 1), slope
    h_before = np.roll(h, 1)
    w1, w2 = 2 * h + h_before, h + 2 * h_before
    with np.errstate(divide="ignore"):
        mean = (w1 + w2) / (w1 / before + w2 / after)
    tangent = np.where(before * after > 0, mean, 0.0)
    tangent = np.append(tangent, tangent[0])
    k = np.clip(np.searchsorted(nodes, x, side="right") - 1, 0, len(h) - 1)
    s = (x - nodes[k]) / h[k]
    rise = values[k] * (1 + 2 * s) * (1 - s) ** 2 + values[k + 1] * s * s * (3 - 2 * s)
    bend = tangent[k] * s * (1 - s) ** 2 - tangent[k + 1] * s * s * (1 - s)
    return rise + h[k] * bend


def _ref1_phase_s(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return time in the REF-1 stride: stance and swing stretched each to its own."""
    contact = gait.contact_s(settings, side)
    since = np.mod(t_s - gait.first_contact_s(settings, side), settings.stride_s)
    swing = 0.25 + (since - contact) * (0.74 - 0.25) / (settings.stride_s - contact)
    return np.where(since < contact, since * 0.25 / contact, swing)


def thigh_deg(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the thigh angle in degrees, knee forward positive."""
    since = t_s - gait.first_contact_s(settings, side)
    angle = 2 * np.pi * since / settings.stride_s + np.arccos(19 / 29)
    running = gait.ramp(settings, t_s) * (6.0 + 29.0 * np.cos(angle))
    return running + script.leg_deg(settings, side, t_s)[0]


def shank_deg(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the shank angle in degrees, ankle forward positive."""
    nodes, values = np.array(_KNEE[0]), np.array(_KNEE[1])
    knee = periodic_cubic(_ref1_phase_s(settings, side, t_s), nodes, values)
    knee = knee - settings.overstride_deg
    knee = gait.ramp(settings, t_s) * knee + script.leg_deg(settings, side, t_s)[1]
    return thigh_deg(settings, side, t_s) - knee


def foot_pitch_deg(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the foot pitch in degrees, toes up positive."""
    phase = _ref1_phase_s(settings, side, t_s)
    pitch = np.zeros_like(t_s)
    for centre, half_width, turn in _PITCH_TURNS:
        for lap in (-0.74, 0.0, 0.74):
            pitch = pitch + turn / 2 * np.tanh((phase - centre - lap) / half_width)
    running = gait.ramp(settings, t_s) * (pitch - _FLAT_DEG)
    return running + script.leg_deg(settings, side, t_s)[2]


def lean_obliquity_heading_deg(
    settings: RunnerSettings, site: str, t_s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return forward lean, obliquity and heading of a segment in degrees."""
    share = gait.ramp(settings, t_s)
    angle = gait.stride_angle(settings, t_s)
    none = np.zeros_like(t_s)
    side = side_of(site)
    posture = script.lean_deg(settings, site, t_s)
    if site == "pelvis":
        wave = np.sin(angle)
        drop = np.where(
            wave > 0, settings.pelvic_drop_left_deg, settings.pelvic_drop_right_deg
        )
        tilt = 10.0 + share * (2.0 + 3.0 * np.sin(2 * angle + 0.7))
        return posture + tilt, share * drop * wave, share * 6.0 * np.sin(angle + 0.9)
    if site == "trunk":
        lean = share * (8.0 + 2.0 * np.sin(2 * angle))
        return posture + lean, none, share * 12.0 * np.sin(angle + 0.9 + np.pi)
    if side is None:
        return posture, none, none
    if site.startswith("thigh"):
        return -thigh_deg(settings, side, t_s), none, none
    if site.startswith("shank"):
        return -shank_deg(settings, side, t_s), none, none
    out = settings.toe_out_deg if side == "left" else -settings.toe_out_deg
    return -foot_pitch_deg(settings, side, t_s), none, none + out


def attitude(settings: RunnerSettings, site: str, t_s: Floats) -> Attitude:
    """Return the segment's attitude with exactly the model's three angles.

    Rotation, then obliquity, then lean: heading is where the left-pointing axis
    turns, whatever the lean (docs/decisions/0010).
    """
    degrees = lean_obliquity_heading_deg(settings, site, t_s)
    lean, obliquity, heading = (np.radians(angle) for angle in degrees)
    if site not in ("pelvis", "trunk"):  # swings past 90 degrees, but only in one plane
        return Attitude(heading, lean, obliquity)
    pitch = np.arcsin(np.sin(lean) * np.cos(obliquity))
    roll = np.arctan2(np.sin(obliquity), np.cos(lean) * np.cos(obliquity))
    yaw = heading + np.arctan2(np.sin(pitch) * np.sin(roll), np.cos(roll))
    return Attitude(yaw, pitch, roll)


def world_acceleration_mps2(
    settings: RunnerSettings, site: str, t_s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the sensor's acceleration on the belt: forward, left, up."""
    side = side_of(site)
    if side is not None and not site.startswith("thigh"):
        forward, up = _foot_acceleration(settings, side, t_s)
        return forward, np.zeros_like(t_s), up
    forward, left, up = _trunk_acceleration(settings, t_s)
    if site == "head":
        sway = gait.ramp(settings, t_s) * np.sin(gait.stride_angle(settings, t_s))
        return forward, _HEAD_SWAY_MPS2 * sway, up
    if side is not None:
        swing_x, swing_z = _thigh_acceleration(settings, side, t_s)
        return forward + swing_x, left, up + swing_z
    return forward, left, up


def _trunk_acceleration(
    settings: RunnerSettings, t_s: Floats
) -> tuple[Floats, Floats, Floats]:
    force = np.zeros_like(t_s)
    braking = np.zeros_like(t_s)
    for side in SIDES:
        force = force + gait.vertical_force_n(settings, side, t_s)
        since = gait.timing(settings, side, t_s)
        u = since.since_ic_s / gait.contact_s(settings, side)
        wave = np.where(since.running & (u < 1), np.sin(2 * np.pi * u), 0.0)
        braking = braking - _BRAKING_MPS2 * wave
    share = gait.ramp(settings, t_s)
    sway = -_LATERAL_MPS2 * np.sin(gait.stride_angle(settings, t_s))
    up = force / settings.mass_kg - STANDARD_GRAVITY
    still = t_s < settings.standing_s  # a chair or the floor carries what feet do not
    return share * braking, share * sway, np.where(still, 0.0, up)


def _thigh_acceleration(
    settings: RunnerSettings, side: Side, t_s: Floats
) -> tuple[Floats, Floats]:
    """Return what the swing about the hip adds at the sensor: forward, up."""

    def place(at: Floats) -> Floats:
        angle = np.radians(thigh_deg(settings, side, at))
        return _THIGH_SENSOR_M * np.array([np.sin(angle), -np.cos(angle)])

    forward, up = _second_derivative(place, t_s)
    return forward, up


def _foot_acceleration(
    settings: RunnerSettings, side: Side, t_s: Floats
) -> tuple[Floats, Floats]:
    """Return the ankle's acceleration: forward, up. At rest on the belt in stance.

    In swing it travels one stride length, rises and falls; the landing shock of
    REF-1 stops just the fall that swing ended with.
    """
    since = gait.timing(settings, side, t_s)
    contact = gait.contact_s(settings, side)
    swing_s = settings.stride_s - contact
    x = (since.since_ic_s - contact) / swing_s
    stride_m = settings.belt_mps * settings.stride_s
    forward = stride_m * 2 * np.pi * np.sin(2 * np.pi * x)
    sin2, cos2 = np.sin(np.pi * x) ** 2, np.cos(np.pi * x) ** 2
    lift = _FOOT_LIFT_M * np.pi**2 * (12 * sin2 * cos2 - 4 * sin2 * sin2)
    shock_mps2 = settings.tibial_shock_g * STANDARD_GRAVITY
    fall_mps = shock_mps2 * _SHOCK_S * 2 / np.pi
    drop_m = fall_mps * (_SHOCK_DELAY_S + _SHOCK_S / 2)  # from contact to rest
    # height a x^3 + b x^4 reaches drop_m at contact, falling at fall_mps
    b = -fall_mps * swing_s - 3 * drop_m
    a = drop_m - b
    fall = 6 * a * x + 12 * b * x * x
    pulse_at = (since.since_ic_s - _SHOCK_DELAY_S) / _SHOCK_S
    landing = since.running & (pulse_at > 0) & (pulse_at < 1)
    pulse = np.where(landing, shock_mps2 * np.sin(np.pi * pulse_at), 0.0)
    swing = since.running & (x >= 0)
    share = gait.ramp(settings, t_s)
    return (
        share * np.where(swing, forward / swing_s**2, 0.0),
        share * np.where(swing, (lift + fall) / swing_s**2, pulse),
    )


def sensed(
    attitude_at: Callable[[Floats], Attitude],
    acceleration_mps2: tuple[Floats, Floats, Floats],
    t_s: Floats,
) -> Floats:
    """Return specific force (m/s^2) and rates (rad/s) in segment axes, (rows, 6).

    Parameters
    ----------
    attitude_at
        The attitude at any times.
    acceleration_mps2
        Of the sensor in the world: forward, left, up, each shape (rows,).
    t_s
        Times, shape (rows,).
    """
    now = attitude_at(t_s)
    before = attitude_at(t_s - _STEP_S)
    after = attitude_at(t_s + _STEP_S)
    yaw, pitch, roll = (
        (b - a) / (2 * _STEP_S) for a, b in zip(before, after, strict=True)
    )
    sp, cp = np.sin(now.pitch), np.cos(now.pitch)
    sr, cr = np.sin(now.roll), np.cos(now.roll)
    sy, cy = np.sin(now.yaw), np.cos(now.yaw)
    x, y, z = acceleration_mps2
    z = z + STANDARD_GRAVITY
    ahead, left = cy * x + sy * y, cy * y - sy * x
    down = sp * ahead + cp * z  # along the pitched z axis, before the roll
    return np.column_stack(
        [
            cp * ahead - sp * z,
            cr * left + sr * down,
            cr * down - sr * left,
            roll - yaw * sp,
            pitch * cr + yaw * cp * sr,
            yaw * cp * cr - pitch * sr,
        ]
    )


def imu_rows(settings: RunnerSettings, site: str, t_s: Floats, noise: Floats) -> Floats:
    """Return acc (m/s^2) and gyro (rad/s), shape (rows, 6).

    In segment axes, or in those of a sensor put on anyhow (``mounting_seed``).
    ``noise`` is unit white noise of the same shape.
    """
    rows = sensed(
        lambda at_s: attitude(settings, site, at_s),
        world_acceleration_mps2(settings, site, t_s),
        t_s,
    )
    rows[:, 3:] += np.radians(gyro_bias_dps(site))
    if settings.mounting_seed:
        turned = script.mounting(settings.mounting_seed, site)
        rows = np.hstack([rows[:, :3] @ turned, rows[:, 3:] @ turned])
    sigma = [settings.acc_noise_mps2] * 3 + [np.radians(settings.gyro_noise_dps)] * 3
    return rows + noise * sigma


def gyro_bias_dps(site: str) -> tuple[float, float, float]:
    """Return the gyroscope's bias in segment axes."""
    return (*_BIAS_DPS[:2], _DRIFT_DEG_MIN.get(site, 0.0) / 60)


def _second_derivative(place: Callable[[Floats], Floats], t_s: Floats) -> Floats:
    before, after = place(t_s - _STEP_S), place(t_s + _STEP_S)
    return (before - 2 * place(t_s) + after) / _STEP_S**2
