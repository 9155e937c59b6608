"""Which phases the sensors of a lab need, and which streams each phase is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.calibrating.calibrate import PART_PHASES, Part
from lablive.calibrating.phases import MVC_TRIES
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.calibrating.phases import PhaseKind
    from lablive.calibrating.rows import Lab

_ROLES: Final[dict[Part, tuple[str, ...]]] = {
    "insole": ("insole_",),
    "segments": ("imu_",),
    "emg": ("emg_",),
    "sound": ("mic_belt.",),
}
_MIDLINE: Final = ("imu_pelvis", "imu_trunk", "imu_head")
_LEGS: Final = ("imu_thigh", "imu_shank", "imu_foot")
_ONLY: Final[dict[PhaseKind, tuple[str, ...]]] = {
    "bows": _MIDLINE,
    "steps": (*_LEGS, "insole_"),
    "pelvis_forward": ("imu_pelvis",),
    "pelvis_back": ("imu_pelvis",),
    "belt_noise": ("mic_belt.", "treadmill.speed"),
    "run": ("insole_", "emg_", "mic_belt.", "treadmill."),
    "stomps": ("insole_", "mic_belt."),
}
_QUANTITIES: Final = ("acc", "gyro", "force", "pressure", "zones", "audio", "level")


class Step(NamedTuple):
    """A phase that the plan asks for; optional ones make numbers better."""

    kind: PhaseKind
    target: str = ""
    optional: bool = False


def plan(lab: Lab) -> tuple[Step, ...]:
    """Return the phases that the sensors of a lab need, in order."""
    roles = lab.binding.sources
    soles = [side for side in SIDES if _any(roles, (f"insole_{side}.",))]
    steps: list[Step] = []
    if soles:
        steps.append(Step("zero"))
    if soles or lab.sites:
        steps.append(Step("stand"))
    # one sole alone cannot be weighed on two legs
    steps += [Step("single_leg", side, optional=len(soles) > 1) for side in soles]
    if _any(roles, _MIDLINE):
        steps.append(Step("bows"))
    if _any(roles, _LEGS):
        steps.append(Step("steps"))
    if "imu_pelvis.gyro" in roles:
        steps += [Step("pelvis_forward"), Step("pelvis_back")]
    if lab.muscles:
        steps.append(Step("emg_rest"))
        steps += [Step("mvc", optional=True)] * MVC_TRIES
    if _any(roles, ("mic_belt.",)):
        steps.append(Step("belt_noise"))
        if len(soles) == len(SIDES):
            steps.append(Step("run"))
    return tuple(steps)


def streams_for(
    lab: Lab, parts: Iterable[Part] = tuple(PART_PHASES), kind: PhaseKind | None = None
) -> frozenset[int]:
    """Return the streams that a phase is about; without a phase, all that matter."""
    prefixes = tuple(
        prefix
        for part in parts
        if kind is None or kind in PART_PHASES[part]
        for prefix in _ROLES[part]
    )
    if prefixes and kind in _ONLY:
        prefixes = _ONLY[kind]
    return frozenset(
        source.stream
        for role, source in lab.binding.sources.items()
        if role.startswith(prefixes) and _matters(role)
    )


def _matters(role: str) -> bool:
    """Tell whether rows of a role are looked at: not a sole's own IMU, no compass."""
    quantity = role.rpartition(".")[2]
    if role.startswith("insole_"):
        return quantity in ("force", "pressure", "zones")
    return role.startswith(("emg_", "treadmill.")) or quantity in _QUANTITIES


def _any(roles: Iterable[str], prefixes: Sequence[str]) -> bool:
    return any(role.startswith(tuple(prefixes)) for role in roles)
