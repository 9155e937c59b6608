"""``session.toml``: what a session is, without a name; and the configs it used."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import tomli_w

from lablive.config import load_toml
from lablive.errors import RecordingError
from lablive.library.person_check import PLACES
from lablive.library.records import InvolvedSide
from lablive.protocol.pain import HIGHEST
from lablive.signals.montage import PLAUSIBLE, Subject, to_toml
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.config import Problem
    from lablive.signals.montage import Montage

SCHEMA: Final = 1
NAME: Final = "session.toml"
CONFIGS: Final = "configs"


class SessionPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session as its folder tells it; enough to find it again without a database.

    Attributes
    ----------
    code, date, started
        Pseudonym; day; wall clock with zone, ISO 8601.
    involved_side, affected_sensors
        Of the person on that day.
    configs
        Trial file -> names in ``configs/`` that it was recorded with.
    """

    schema: int
    code: str
    date: str
    started: str = ""
    software: str = ""
    protocol: str = ""
    speeds_mps: tuple[float, ...] = ()
    shoes: str = ""
    pain_nrs: int | None = None
    notes: str = ""
    involved_side: InvolvedSide = ""
    affected_sensors: tuple[str, ...] = ()
    subject: Subject = Subject()
    configs: dict[str, tuple[str, ...]] = {}


def plan_problems(plan: SessionPlan) -> list[str | Problem]:
    """Return what is wrong with a plan beyond its types."""
    return list(_problems(plan))


def load_plan(folder: Path) -> SessionPlan:
    """Read the plan of a session folder.

    Raises
    ------
    ConfigError
        It is not there, or wrong: every problem with its line.
    """
    return load_toml(folder / NAME, SessionPlan, plan_problems)


def save_plan(folder: Path, plan: SessionPlan) -> None:
    """Write the plan of a session folder, whole or not at all.

    Raises
    ------
    RecordingError
        It is not written; the one before is as it was.
    """
    text = tomli_w.dumps(msgspec.to_builtins(plan))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(folder / NAME, text.encode())
    except OSError as error:
        raise RecordingError(
            f"{folder / NAME} cannot be written ({error.strerror}).",
            still="Recording goes on; the trials carry their own terms.",
            todo="Free some space, or mend the folder.",
        ) from error


def used_configs(
    montage: Montage | None,
    profiles: Iterable[str] = (),
    protocol: Path | None = None,
) -> dict[str, str]:
    """Return the configs that numbers depend on: name -> text.

    Parameters
    ----------
    montage
        In use; its layouts follow.
    profiles
        Names or paths of the device profiles in use; one that cannot be read is left
        out (its device has told so).
    protocol
        File of the session's protocol among the lab's own, whether it is there or not:
        else the one of that name that comes with the program.
    """
    configs = files("configs")
    found = {"metrics": configs.joinpath("metrics.toml").read_text(encoding="utf-8")}
    if montage is not None:
        found["montage"] = to_toml(montage)
        layouts = {it.layout for rule in montage.streams for it in rule.channels}
        for name in sorted(layouts - {""}):
            found |= _text(
                f"layout-{name}", configs.joinpath("layouts", f"{name}.toml")
            )
    for profile in sorted(set(profiles)):
        own = Path(profile)
        place = configs.joinpath("devices", f"{profile}.toml")
        found |= _text(f"device-{own.stem}", own if own.suffix else place)
    if protocol is not None:
        place = configs.joinpath("protocols", protocol.name)
        found |= _text(f"protocol-{protocol.stem}", place)
        found |= _text(f"protocol-{protocol.stem}", protocol)
    return found


def keep_configs(folder: Path, configs: dict[str, str]) -> tuple[str, ...]:
    """Write configs into a session folder, the same text once; return their names.

    Raises
    ------
    RecordingError
        They cannot be written.
    """
    names: list[str] = []
    try:
        (folder / CONFIGS).mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in configs.items():
            data = text.encode()
            mark = hashlib.sha256(data).hexdigest()[:8]
            path = folder / CONFIGS / f"{name}-{mark}.toml"
            names.append(path.name)
            if not path.exists():
                replace_file(path, data)
    except OSError as error:
        raise RecordingError(
            f"The configs of the session cannot be kept in {folder} "
            f"({error.strerror}).",
            still="Recording goes on; the trial carries its montage and calibration.",
            todo="Free some space, or mend the folder.",
        ) from error
    return tuple(names)


def _text(name: str, place: object) -> dict[str, str]:
    try:
        return {name: place.read_text(encoding="utf-8")}  # type: ignore[attr-defined]
    except (OSError, UnicodeDecodeError):
        return {}


def _problems(plan: SessionPlan) -> Iterator[Problem]:
    if plan.schema != SCHEMA:
        what = f"schema {plan.schema} is not known; this program reads {SCHEMA}"
        yield ("schema",), what
    for key in ("mass_kg", "height_m", "leg_length_m"):
        value, (low, high) = getattr(plan.subject, key), PLAUSIBLE["subject", key]
        if value is not None and not low <= value <= high:
            yield ("subject", key), f"{value:g} is not plausible: {low:g} to {high:g}"
    low, high = PLAUSIBLE["constants", "treadmill_speed_mps"]
    if not all(low <= speed <= high for speed in plan.speeds_mps):
        yield ("speeds_mps",), f"belt speeds are {low:g} to {high:g} m/s"
    unknown = [place for place in plan.affected_sensors if place not in PLACES]
    if unknown:
        yield ("affected_sensors",), f"not a place of a sensor: {', '.join(unknown)}"
    if plan.pain_nrs is not None and not 0 <= plan.pain_nrs <= HIGHEST:
        yield ("pain_nrs",), f"pain goes from 0 to {HIGHEST}"
