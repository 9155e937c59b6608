"""What the synthetic runner does before running: the phases of a calibration.

A script is a list of phases with their true times. The runner sits, stands, bows,
marches, tilts the pelvis, contracts, steps off the belt and back on; then it runs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.sim.script_phases import SCRIPTS
from lablive.calibrating.phases import Phase

if TYPE_CHECKING:
    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats
    from lablive.names import Side

_RUN_S: Final = (10.0, 40.0)  # the steady run, after lift-off

PELVIS_FORWARD_DEG: Final = 12.0
PELVIS_BACK_DEG: Final = -10.0
MVC_TIMES: Final = 24.0  # the EMG baseline
_ROOM_DB: Final = -25.0  # a standing belt against a running one
_BOW_DEG: Final = {"pelvis": 35.0, "trunk": 60.0, "head": 75.0}
_THIGH_DEG, _KNEE_DEG, _FOOT_DEG = 60.0, 85.0, -20.0  # of a marching step
_EASE_S: Final = 0.8  # from one posture to the next, outside its phase
_BOWS: Final = 3
_STEPS: Final = 10  # left first


def phases(settings: RunnerSettings) -> tuple[Phase, ...]:
    """Return the phases, seconds from the first row; the steady run is the last."""
    scripted = SCRIPTS[settings.script]
    if not scripted:
        return ()
    begin_s, end_s = (settings.standing_s + at_s for at_s in _RUN_S)
    return (*scripted, Phase("run", begin_s, end_s))


def _acted(settings: RunnerSettings) -> tuple[Phase, ...]:
    return (*SCRIPTS[settings.script], *(settings.acts or ()))


def standing_share(settings: RunnerSettings, side: Side) -> float:
    """Return the share of body weight that one foot carries in steady gait."""
    right = settings.load_share_right
    return right if side == "right" else 1.0 - right


def load_share(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the share of body weight under one foot before running, else standing's.

    0 while sitting, on the other leg, or beside the empty belt.
    """
    share = np.full(len(t_s), standing_share(settings, side))
    for phase in _acted(settings):
        held = _held(phase, t_s)
        if phase.kind in ("zero", "belt_noise"):
            share = share * (1.0 - held)
        elif phase.kind == "single_leg":
            share = share + held * ((phase.target == side) - share)
        elif phase.kind == "steps":
            own, other = (_steps(phase, foot, t_s) for foot in (side, _other(side)))
            # weight goes over before the knee rises
            share = share + np.minimum(8 * other, 1.0) * (1.0 - share)
            share = share - np.minimum(8 * own, 1.0) * share
    return share


def lean_deg(settings: RunnerSettings, site: str, t_s: Floats) -> Floats:
    """Return the forward lean that the script adds to the midline segments."""
    lean = np.zeros(len(t_s))
    for phase in _acted(settings):
        if phase.kind == "bows" and site in _BOW_DEG:
            lean = lean + _BOW_DEG[site] * _bows(phase, t_s)
        elif site == "pelvis" and phase.kind == "pelvis_forward":
            lean = lean + PELVIS_FORWARD_DEG * _held(phase, t_s)
        elif site == "pelvis" and phase.kind == "pelvis_back":
            lean = lean + PELVIS_BACK_DEG * _held(phase, t_s)
    return lean


def leg_deg(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return what the script adds to thigh, knee and foot pitch, shape (3, rows)."""
    lifted = np.zeros(len(t_s))
    for phase in _acted(settings):
        if phase.kind == "steps":
            lifted = lifted + _steps(phase, side, t_s)
    return np.outer((_THIGH_DEG, _KNEE_DEG, _FOOT_DEG), lifted)


def contraction(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return how hard the muscles are contracted, 0 to 1."""
    effort = np.zeros(len(t_s))
    for phase in _acted(settings):
        if phase.kind == "mvc":
            effort = np.maximum(effort, _held(phase, t_s))
    return effort


def belt_share(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return the belt's speed as a share of the running speed, before running."""
    share = np.zeros(len(t_s))
    for phase in _acted(settings):
        if phase.kind == "belt_noise":
            share = np.maximum(share, _held(phase, t_s))
    return share


def noise_share(settings: RunnerSettings, t_s: Floats) -> Floats:
    """Return the energy of the room's noise as a share of the running belt's."""
    if not settings.script and settings.acts is None:
        return np.ones(len(t_s))
    moving = np.maximum(belt_share(settings, t_s), t_s >= settings.standing_s - _EASE_S)
    return 10 ** (_ROOM_DB / 10 * (1.0 - moving))


@lru_cache(maxsize=64)
def mounting(seed: int, site: str) -> Floats:
    """Return a sensor-to-segment rotation, shape (3, 3); ``seed`` 0 = none.

    Any rotation is equally likely, the same for one seed and site.
    """
    if not seed:
        return np.eye(3)
    names = sum(ord(letter) * 31**place for place, letter in enumerate(site))
    w, x, y, z = _unit(np.random.default_rng((seed, names)).standard_normal(4))
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _unit(q: Floats) -> tuple[float, float, float, float]:
    w, x, y, z = (q / np.linalg.norm(q)).tolist()
    return w, x, y, z


def _held(phase: Phase, t_s: Floats) -> Floats:
    """Return 1 in a phase, easing in before it and out after it."""
    return _smooth((t_s - phase.t0_s) / _EASE_S + 1) * _smooth(
        (phase.t1_s - t_s) / _EASE_S + 1
    )


def _smooth(x: Floats) -> Floats:
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (10 - 15 * x + 6 * x * x)


def _bows(phase: Phase, t_s: Floats) -> Floats:
    """Return how deep the bow is, 0 to 1: three bows, a second before and after."""
    x = (t_s - phase.t0_s - 1.0) / (phase.t1_s - phase.t0_s - 2.0)
    wave = np.sin(np.pi * _BOWS * x) ** 2
    return np.where((x > 0) & (x < 1), wave, 0.0)


def _steps(phase: Phase, side: Side, t_s: Floats) -> Floats:
    """Return how high the knee is lifted, 0 to 1: five steps a side, in turn."""
    x = (t_s - phase.t0_s - 0.5) / (phase.t1_s - phase.t0_s - 1.0) * _STEPS
    step = np.floor(x)
    own = (step % 2 == (side == "right")) & (x > 0) & (x < _STEPS)
    return np.where(own, np.sin(np.pi * (x - step)) ** 2, 0.0)


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
