"""Protocol templates: which gates and blocks a session has (TOML, schema 1).

``configs/protocols/*.toml`` are shipped; a lab's own lie in the ``protocols`` folder of
its library and win over a shipped one of the same file name.
"""

from __future__ import annotations

import math
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.config import Problem, load_toml, parse_toml
from lablive.errors import ConfigError
from lablive.metrics.registry import METRICS
from lablive.protocol.auto_run import AutoRule, rule_problems
from lablive.protocol.phases import CADENCE_SPM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GateKind = Literal[
    "connect", "zero", "weigh", "neutral", "emg", "belt_noise", "run", "review"
]
DeviceKind = Literal["insoles", "imu", "emg", "microphone", "belt_speed"]
Reference = Literal["rest", "mvc", "task peak"]
Wanted = Literal["auto", "always", "never"]
BlockKind = Literal[
    "warm-up", "run", "baseline", "corrective", "rest", "cadence", "focus", "cool-down"
]
Interruption = Literal["corrective", "rest", "in turn"]

SCHEMA: Final = 1
DEFAULT: Final = "demo"
LEAD_S: Final = (1.0, 30.0)  # below 1 s filters are not settled when the rows count
_FIRST, _LAST = "connect", "run"
# kind of gate -> keys that mean something there, and the seconds that make sense
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "connect": ("needs",),
    "zero": ("seconds",),
    "weigh": ("seconds", "single_leg"),
    "neutral": ("stand_s", "bows", "bows_s", "steps", "steps_s", "pelvic_range"),
    "emg": ("reference", "pause_s"),
    "belt_noise": ("seconds", "speeds_mps"),
    "run": ("practice",),
    "review": (),
}
_SECONDS: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("zero", "seconds"): (1.0, 30.0),
    ("weigh", "seconds"): (6.0, 60.0),  # 5 s of valid rows are needed
    ("neutral", "stand_s"): (6.0, 60.0),
    ("neutral", "bows_s"): (6.0, 60.0),
    ("neutral", "steps_s"): (6.0, 60.0),
    ("emg", "pause_s"): (1.0, 300.0),
    ("belt_noise", "seconds"): (21.0, 120.0),  # 20 whole seconds are needed
}
_SPEED_MPS: Final = (0.1, 15.0)
_MINUTES: Final = (0.1, 600.0)


class GateRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One gate as a template asks for it; None = as the phase itself says.

    Attributes
    ----------
    needs
        ``connect``: devices that this session cannot do without unasked.
    seconds
        ``zero``, ``weigh``, ``belt_noise``: how long.
    single_leg
        ``weigh``: a stand on each leg, too.
    stand_s, bows_s, steps_s
        ``neutral``: how long each lasts.
    bows, steps
        ``neutral``: ``auto`` asks for them when the montage gives no axes.
    pelvic_range
        ``neutral``: the pelvis tilted to both ends.
    reference, pause_s
        ``emg``: what counts as 100 %, and the rest before each contraction.
    speeds_mps
        ``belt_noise``: one recording each; empty = one, at the speed of the belt.
    practice
        ``run``: running without storing is offered.
    """

    kind: GateKind
    needs: tuple[DeviceKind, ...] = ()
    seconds: float | None = None
    single_leg: bool = False
    stand_s: float | None = None
    bows: Wanted = "auto"
    bows_s: float | None = None
    steps: Wanted = "auto"
    steps_s: float | None = None
    pelvic_range: bool = False
    reference: Reference = "task peak"
    pause_s: float = 5.0
    speeds_mps: tuple[float, ...] = ()
    practice: bool = True


class BlockRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of the run.

    Attributes
    ----------
    kind, minutes
        What, and how long.
    cadence_spm
        ``cadence``: the steps per minute that are asked for.
    metric
        ``focus``: what the runner has in mind; one of the metrics of feedback.
    drill
        ``corrective``: what is done, a drill's id; "" = as the operator says.
    speed_mps
        Belt speed; None = as it runs.
    every_min
        ``run``: interrupted after so many minutes of running, again and again.
    interruption, pause_min
        By what (``in turn``: corrective and rest-only blocks alternate), how long.
    """

    kind: BlockKind
    minutes: float
    cadence_spm: float | None = None
    metric: str = ""
    drill: str = ""
    speed_mps: float | None = None
    every_min: float | None = None
    interruption: Interruption = "corrective"
    pause_min: float = 2.0

    @property
    def words(self) -> str:
        """The block as a person says it: ``baseline, 5 min``."""
        asked = f" at {self.cadence_spm:g} steps/min" if self.cadence_spm else ""
        of = f" on {METRICS[self.metric].label}" if self.metric in METRICS else ""
        fast = f", {self.speed_mps:g} m/s" if self.speed_mps else ""
        return f"{self.kind}{asked}{of}, {self.minutes:g} min{fast}"


class Template(msgspec.Struct, frozen=True, omit_defaults=True):
    """Gates and blocks of a kind of session.

    Attributes
    ----------
    schema
        Of this file: 1.
    name, about
        As the operator chooses it, and what it is for.
    lead_s
        Count-down between a press and the rows that count.
    gates, blocks
        In the order of the session.
    auto
        What starts and stops a recording besides the operator.
    """

    schema: int
    name: str
    gates: tuple[GateRule, ...] = msgspec.field(name="gate")
    about: str = ""
    lead_s: float = 3.0
    blocks: tuple[BlockRule, ...] = msgspec.field(name="block", default=())
    auto: AutoRule = AutoRule()

    def gate(self, kind: GateKind) -> GateRule | None:
        """Return the rule of a gate, None when the session has none."""
        return next((rule for rule in self.gates if rule.kind == kind), None)


def parse_template(text: str, name: str) -> Template:
    """Read a template; ``name`` stands in messages.

    Raises
    ------
    ConfigError
        Every mistake at once, with its line.
    """
    return parse_toml(text, Template, name, template_problems)


def load_template(name: str, own: Path | None = None) -> Template:
    """Read a template by its name: the lab's own, else the shipped one.

    Parameters
    ----------
    name
        File name without ``.toml``.
    own
        Folder of the lab's own templates.

    Raises
    ------
    ConfigError
        There is none of this name, or the file is wrong (every mistake at once).
    """
    if name not in template_names(own):
        known = ", ".join(template_names(own))
        raise ConfigError(
            f"There is no protocol {name!r}.", todo=f"Choose one of: {known}."
        )
    if own is not None and (own / f"{name}.toml").is_file():
        return load_toml(own / f"{name}.toml", Template, template_problems)
    path = files("configs").joinpath("protocols", f"{name}.toml")
    return parse_template(path.read_text(encoding="utf-8"), str(path))


def template_names(own: Path | None = None) -> tuple[str, ...]:
    """Return the names of the templates there are, the usual one first."""
    shipped = (it.name for it in files("configs").joinpath("protocols").iterdir())
    mine = (it.name for it in own.glob("*.toml")) if own and own.is_dir() else ()
    found = {name[:-5] for name in (*shipped, *mine) if name.endswith(".toml")}
    return tuple(sorted(found, key=lambda name: (name != DEFAULT, name)))


def template_problems(template: Template) -> list[Problem | str]:
    """Return everything that is wrong with a template beyond its types."""
    auto = ((("auto", key), told) for key, told in rule_problems(template.auto))
    return [*_order(template), *_gates(template), *_blocks(template), *auto]


def _order(template: Template) -> Iterator[Problem | str]:
    if template.schema != SCHEMA:
        yield ("schema",), f"schema {template.schema}: this LabLive knows {SCHEMA}"
    if not template.name.strip():
        yield ("name",), "name: say what the operator chooses"
    if not _within(template.lead_s, LEAD_S):
        yield ("lead_s",), f"lead_s = {template.lead_s:g}: {_range(LEAD_S)} s"
    kinds = [rule.kind for rule in template.gates]
    for number, kind in enumerate(kinds):
        if kind in kinds[:number]:
            yield ("gate", number), f'gate "{kind}" is there twice: keep one'
    if kinds[:1] != [_FIRST]:
        yield ("gate", 0), f'the first gate must be "{_FIRST}"'
    if _LAST not in kinds:
        yield f'there is no gate "{_LAST}": nothing would be recorded'
    for number, kind in enumerate(kinds):
        early = _LAST in kinds[:number]
        if early and kind not in (_LAST, "review"):
            yield ("gate", number), f'gate "{kind}" stands behind "{_LAST}": too late'
        if kind == "zero" and "weigh" in kinds[:number]:
            yield ("gate", number), 'gate "zero" must stand before "weigh"'
        if kind == "review" and not early:
            yield ("gate", number), f'gate "review" must stand behind "{_LAST}"'


def _gates(template: Template) -> Iterator[Problem]:
    usual = GateRule("connect")
    for number, rule in enumerate(template.gates):
        at = ("gate", number)
        for key in rule.__struct_fields__[1:]:
            value = getattr(rule, key)
            if value == getattr(usual, key):
                continue
            if key not in _KEYS[rule.kind]:
                own = ", ".join(_KEYS[rule.kind]) or "no keys"
                yield (*at, key), f'{key} means nothing in gate "{rule.kind}": {own}'
                continue
            limits = _SECONDS.get((rule.kind, key))
            if limits and not _within(value, limits):
                yield (*at, key), f"{key} = {value:g}: {_range(limits)} s"
        if len(set(rule.needs)) < len(rule.needs):
            yield (*at, "needs"), "needs: each device once"
        for speed_mps in rule.speeds_mps:
            if not _within(speed_mps, _SPEED_MPS):
                told = f"{speed_mps:g} m/s is no belt speed: {_range(_SPEED_MPS)}"
                yield (*at, "speeds_mps"), told


def _blocks(template: Template) -> Iterator[Problem]:
    for number, block in enumerate(template.blocks):
        at = ("block", number)
        if not _within(block.minutes, _MINUTES):
            yield (*at, "minutes"), f"minutes = {block.minutes:g}: {_range(_MINUTES)}"
        asked = block.cadence_spm
        if block.kind == "cadence" and asked is None:
            yield at, 'a block "cadence" needs cadence_spm, in steps per minute'
        elif block.kind != "cadence" and asked is not None:
            yield (*at, "cadence_spm"), f'cadence_spm: a block "{block.kind}" has none'
        elif asked is not None and not _within(asked, CADENCE_SPM):
            told = f"cadence_spm = {asked:g}: {_range(CADENCE_SPM)} steps per minute"
            yield (*at, "cadence_spm"), told
        yield from (((*at, key), told) for key, told in _block_keys(block))


def _block_keys(block: BlockRule) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the keys that only some blocks have."""
    usual = BlockRule(block.kind, block.minutes)
    owners = {"metric": "focus", "drill": "corrective"}
    owners |= dict.fromkeys(("every_min", "interruption", "pause_min"), "run")
    for key, kind in owners.items():
        if getattr(block, key) != getattr(usual, key) and block.kind != kind:
            yield key, f'{key} means nothing in a block "{block.kind}"'
    if block.kind == "focus" and block.metric not in METRICS:
        yield "metric", 'a block "focus" needs the metric the runner has in mind'
    if block.speed_mps is not None and not _within(block.speed_mps, _SPEED_MPS):
        told = f"{block.speed_mps:g} m/s is no belt speed: {_range(_SPEED_MPS)}"
        yield "speed_mps", told
    every = block.every_min
    if every is None:
        if block.interruption != usual.interruption:
            yield "interruption", "interruption: say every_min, after how many minutes"
        return
    if not 0.5 <= every < block.minutes:
        told = f"every_min = {every:g}: from 0.5 to less than minutes"
        yield "every_min", told
    if not _within(block.pause_min, _MINUTES):
        yield "pause_min", f"pause_min = {block.pause_min:g}: {_range(_MINUTES)}"


def _within(value: float, limits: tuple[float, float]) -> bool:
    return math.isfinite(value) and limits[0] <= value <= limits[1]


def _range(limits: tuple[float, float]) -> str:
    return f"it must lie between {limits[0]:g} and {limits[1]:g}"
