"""The gates of a session: what each asks of the runner, and what skipping it costs.

A template says what a session wants, the devices at hand what it can have: gates that
nothing at hand needs are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.calibrating.phases import MVC_TRIES, PHASES, PhaseKind
from lablive.names import SIDES
from lablive.protocol.template import DeviceKind, GateKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.protocol.template import GateRule, Template
    from lablive.signals.binding import Binding

GatePart = Literal["insole", "segments", "emg", "sound"]
_MIDLINE: Final = ("pelvis", "trunk", "head")
_LEGS: Final = ("thigh", "shank", "foot")
WORDS: Final[dict[GateKind, str]] = {
    "connect": "Connect",
    "zero": "Zero",
    "weigh": "Weigh",
    "neutral": "Neutral",
    "emg": "EMG",
    "belt_noise": "Belt noise",
    "run": "Run",
    "review": "Review",
}
PARTS: Final[dict[GateKind, GatePart]] = {
    "zero": "insole",
    "weigh": "insole",
    "neutral": "segments",
    "emg": "emg",
    "belt_noise": "sound",
}
DEVICES: Final[dict[DeviceKind, str]] = {
    "insoles": "insoles",
    "imu": "IMUs",
    "emg": "EMG",
    "microphone": "microphone",
    "belt_speed": "belt speed",
}


class Equipment(msgspec.Struct, frozen=True):
    """What is connected, as far as gates ask.

    Attributes
    ----------
    soles
        Sides with an insole.
    sites
        Body parts with an IMU that has a gyroscope.
    aligned
        Of these, those whose axes the montage gives.
    muscles
        Roles of the EMG channels.
    microphone, belt_speed
        Whether there is one; a speed that a stream or the montage tells.
    counts
        Whether an insole sends raw counts: they have no zero of their own.
    """

    soles: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    aligned: tuple[str, ...] = ()
    muscles: tuple[str, ...] = ()
    microphone: bool = False
    belt_speed: bool = False
    counts: bool = False

    def has(self, device: DeviceKind) -> bool:
        """Tell whether a kind of device is there."""
        return bool(
            {
                "insoles": self.soles,
                "imu": self.sites,
                "emg": self.muscles,
                "microphone": self.microphone,
                "belt_speed": self.belt_speed,
            }[device]
        )


class Step(msgspec.Struct, frozen=True):
    """One thing that the runner does in a gate.

    Attributes
    ----------
    kind, target
        As of a calibration phase.
    seconds
        How long.
    pause_s
        Rest before it, besides the count-down.
    speed_mps
        Belt speed that the operator sets before; None = as it is.
    """

    kind: PhaseKind
    seconds: float
    target: str = ""
    pause_s: float = 0.0
    speed_mps: float | None = None

    @property
    def title(self) -> str:
        """The step in two words."""
        side = f", {self.target} leg" if self.target in SIDES else ""
        return f"{PHASES[self.kind].title}{side}"

    @property
    def todo(self) -> str:
        """What the runner, or the operator, does now."""
        if self.kind == "single_leg":
            return f"Stand still on the {self.target} leg alone, holding nothing."
        if self.kind == "belt_noise" and self.speed_mps is not None:
            return (
                f"Let the empty belt run at {self.speed_mps:g} m/s "
                f"({3.6 * self.speed_mps:.1f} km/h), nobody talking."
            )
        return PHASES[self.kind].todo


class Gate(msgspec.Struct, frozen=True):
    """One gate of this session.

    Attributes
    ----------
    kind
        Which.
    steps
        What is done in it, in order; () for connect, run and review.
    skipping
        What is not measured without it; "" = it cannot be skipped.
    """

    kind: GateKind
    steps: tuple[Step, ...] = ()
    skipping: str = ""

    @property
    def word(self) -> str:
        """Its name in the path."""
        return WORDS[self.kind]

    @property
    def part(self) -> GatePart | None:
        """The part of a calibration that it makes."""
        return PARTS.get(self.kind)

    @property
    def todo(self) -> str:
        """The one instruction before anything was begun."""
        return self.steps[0].todo if self.steps else ""


def equipment_of(binding: Binding | None) -> Equipment | None:
    """Return what a binding brings; None when nothing is connected."""
    if binding is None:
        return None
    roles = binding.sources
    axes = {
        channel.role.partition(".")[0]
        for rule in binding.montage.streams
        for channel in rule.channels
        if channel.axes and channel.role.endswith(".acc")
    }
    sites = tuple(
        role.removeprefix("imu_").removesuffix(".gyro")
        for role in sorted(roles)
        if role.startswith("imu_") and role.endswith(".gyro")
    )
    forces = ("force", "pressure", "zones")
    constant = binding.montage.constants.treadmill_speed_mps is not None
    return Equipment(
        soles=tuple(
            side
            for side in SIDES
            if any(f"insole_{side}.{force}" in roles for force in forces)
        ),
        sites=tuple(site for site in sites if f"imu_{site}.acc" in roles),
        aligned=tuple(site for site in sites if f"imu_{site}" in axes),
        muscles=tuple(role for role in sorted(roles) if role.startswith("emg_")),
        microphone=any(role.startswith("mic_belt.") for role in roles),
        belt_speed="treadmill.speed" in roles or constant,
        counts=any(
            source.unit == "adc"
            for role, source in roles.items()
            if role.startswith("insole_") and role.endswith(forces)
        ),
    )


def gates_of(template: Template, equipment: Equipment | None) -> tuple[Gate, ...]:
    """Return the gates of a session, in the template's order.

    ``equipment`` None: nothing is connected, so every gate of the template is shown.
    """
    found: list[Gate] = []
    for rule in template.gates:
        steps: tuple[Step, ...] = ()
        if equipment is not None and rule.kind in _STEPS:
            steps = tuple(_STEPS[rule.kind](rule, equipment))
            if not steps:
                continue
        skipping = _skipping(rule.kind, equipment or Equipment())
        found.append(Gate(rule.kind, steps, skipping))
    return tuple(found)


def missing_devices(template: Template, equipment: Equipment) -> tuple[str, ...]:
    """Return the devices that a template needs and nobody has connected."""
    rule = template.gate("connect")
    return tuple(
        DEVICES[device]
        for device in (rule.needs if rule else ())
        if not equipment.has(device)
    )


def _seconds(kind: PhaseKind, wanted_s: float | None) -> float:
    return PHASES[kind].seconds if wanted_s is None else wanted_s


def _zero(rule: GateRule, equipment: Equipment) -> Iterator[Step]:
    if equipment.soles:
        yield Step("zero", _seconds("zero", rule.seconds))


def _weigh(rule: GateRule, equipment: Equipment) -> Iterator[Step]:
    both = len(equipment.soles) == len(SIDES)
    if both:
        yield Step("stand", _seconds("stand", rule.seconds))
    if rule.single_leg or not both:  # one sole cannot be weighed on two legs
        for side in equipment.soles:
            yield Step("single_leg", PHASES["single_leg"].seconds, side)


def _neutral(rule: GateRule, equipment: Equipment) -> Iterator[Step]:
    if not equipment.sites:
        return
    yield Step("stand", _seconds("stand", rule.stand_s))
    free = [site for site in equipment.sites if site not in equipment.aligned]

    def asked(wanted: str, parts: tuple[str, ...]) -> bool:
        sites = free if wanted == "auto" else equipment.sites
        return wanted != "never" and any(site.startswith(parts) for site in sites)

    if asked(rule.bows, _MIDLINE):
        yield Step("bows", _seconds("bows", rule.bows_s))
    if asked(rule.steps, _LEGS):
        yield Step("steps", _seconds("steps", rule.steps_s))
    if rule.pelvic_range and "pelvis" in equipment.sites:
        yield Step("pelvis_forward", PHASES["pelvis_forward"].seconds)
        yield Step("pelvis_back", PHASES["pelvis_back"].seconds)


def _emg(rule: GateRule, equipment: Equipment) -> Iterator[Step]:
    if not equipment.muscles:
        return
    yield Step("emg_rest", PHASES["emg_rest"].seconds)
    if rule.reference == "mvc":
        for _ in range(MVC_TRIES):
            yield Step("mvc", PHASES["mvc"].seconds, pause_s=rule.pause_s)
    elif rule.reference == "task peak":
        yield Step("run", PHASES["run"].seconds, pause_s=rule.pause_s)


def _belt_noise(rule: GateRule, equipment: Equipment) -> Iterator[Step]:
    if not equipment.microphone:
        return
    seconds = _seconds("belt_noise", rule.seconds)
    if not rule.speeds_mps:
        yield Step("belt_noise", seconds)
    for speed_mps in rule.speeds_mps:  # a speed that is measured comes before one said
        target = "" if equipment.belt_speed else f"{speed_mps:g}"
        yield Step("belt_noise", seconds, target, speed_mps=speed_mps)


_STEPS: Final = {
    "zero": _zero,
    "weigh": _weigh,
    "neutral": _neutral,
    "emg": _emg,
    "belt_noise": _belt_noise,
}


def _skipping(kind: GateKind, equipment: Equipment) -> str:
    """Return what is not measured when a gate is skipped."""
    if kind == "zero" and equipment.counts:
        return "Without a zero, insoles that send raw counts cannot be weighed."
    if kind == "neutral":
        lost = "pelvic drop, tilt and" if "pelvis" in equipment.sites else "all"
        loose = set(equipment.sites) - set(equipment.aligned)
        what = "a neutral stand and its movements" if loose else "a neutral stand"
        return f"Without {what}, {lost} angles from standing are not measured."
    return _COSTS.get(kind, "")


_COSTS: Final[dict[GateKind, str]] = {
    "connect": "Without them, nothing of theirs is measured.",
    "zero": "Without a zero, what lacing and socks press counts as body weight.",
    "weigh": "Without weighing, body weight is taken from 20 strides of the run; the "
    "balance in standing is not measured.",
    "emg": "Without a reference, muscles are not measured in %; bursts need the rest.",
    "belt_noise": "Without it, the noise between footfalls is taken off, not that of "
    "the empty belt.",
}
