"""Under which terms strides were measured, and what may not be compared for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from lablive.calibrating.record import device_words
from lablive.errors import ConfigError
from lablive.library.session_plan import load_plan
from lablive.names import MUSCLES, HeaderKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lablive.metrics.metric import Metric
    from lablive.preparation import Prepared

Kind = Literal[
    "person",
    "shoes",
    "mounting",
    "microphone",
    "electrodes",
    "soles",
    "sensors",
    "time",
    "speed",
]


class Terms(msgspec.Struct, frozen=True):
    """What must be the same; "" or empty = not known.

    Attributes
    ----------
    code, day, session, shoes
        Whose, when (ISO date), folder of the session, what was worn.
    files
        Of the trials.
    mounting
        Name of the putting-on of IMUs and soles.
    microphones
        Where the microphone stood.
    mvc
        Whether the EMG has a maximal contraction as its 100 %.
    weighed
        When the soles were calibrated.
    devices
        Kind of sensor -> what tells the devices.
    """

    code: str = ""
    day: str = ""
    session: str = ""
    shoes: str = ""
    files: tuple[str, ...] = ()
    mounting: tuple[str, ...] = ()
    microphones: tuple[str, ...] = ()
    mvc: bool = False
    weighed: tuple[str, ...] = ()
    devices: dict[str, tuple[str, ...]] = {}


class Doubt(msgspec.Struct, frozen=True):
    """Something that differs: told always; of its metrics no change is stated."""

    kind: Kind
    text: str


class Alike(NamedTuple):
    """How alike two stretches are.

    Attributes
    ----------
    doubts
        What differs.
    same_mounting
        One session, nothing was put on anew: the person's own detectable change
        holds; otherwise only a published one.
    """

    doubts: tuple[Doubt, ...]
    same_mounting: bool

    def why_not(self, metric: Metric) -> str:
        """Return why no change of a metric is stated; "" when one may be."""
        return next((it.text for it in self.doubts if _concerns(it.kind, metric)), "")


def terms_of(trials: Sequence[tuple[Path, Prepared]]) -> Terms:
    """Return the terms of trials that stand together; what they differ in is listed."""
    headers = [_header(path) for path, _ in trials]
    calibrations = [it.calibrations for _, it in trials]
    mountings = [
        found.mounting
        for it in calibrations
        for found in (it.segments, it.insole)
        if found is not None
    ]
    places = [
        found.microphone
        for it in calibrations
        for found in (*it.belt_noise, *([it.sound_latency] if it.sound_latency else []))
    ]
    references = [one for it in calibrations for one in it.emg.references]
    devices: dict[str, set[str]] = {}
    for _, prepared in trials:
        infos = {it.id: it for it in prepared.streams}
        for role, source in prepared.binding.sources.items():
            site = role.partition(".")[0].partition("_")[0]
            devices.setdefault(site, set()).add(device_words(infos[source.stream]))
    return Terms(
        code=_one(header.get(HeaderKey.CODE, "") for header in headers),
        day=_one(header.get(HeaderKey.STARTED, "")[:10] for header in headers),
        session=_one(path.resolve().parent.name for path, _ in trials),
        shoes=_one(_shoes(path) for path, _ in trials),
        files=_all(path.name for path, _ in trials),
        mounting=_all(mountings),
        microphones=_all(places),
        mvc=bool(references) and all(it.method == "mvc" for it in references),
        weighed=_all(it.insole.made_at for it in calibrations if it.insole),
        devices={site: _all(found) for site, found in sorted(devices.items())},
    )


def alike(a: Terms, b: Terms) -> Alike:
    """Return what differs between two stretches, most grave first."""
    found: list[Doubt] = []
    if a.code and b.code and a.code != b.code:
        told = f"two people ({a.code}, {b.code}) are not compared"
        found.append(Doubt("person", told))
    if a.shoes and b.shoes and a.shoes != b.shoes:
        found.append(Doubt("shoes", f"other shoes: {a.shoes} then, {b.shoes} now"))
    if a.microphones and b.microphones and a.microphones != b.microphones:
        then, now = ", ".join(a.microphones), ", ".join(b.microphones)
        told = f"the microphone stood elsewhere: {then} then, {now} now"
        found.append(Doubt("microphone", told))
    same_day = bool(a.day) and a.day == b.day
    together = a.session == b.session and (same_day or a.files == b.files)
    if not together and not (a.mvc and b.mvc):
        told = "EMG amplitudes of two days need a maximal contraction on both"
        found.append(Doubt("electrodes", told))
    worn_anew = a.mounting != b.mounting
    if worn_anew:
        then, now = (", ".join(it) or "not named" for it in (a.mounting, b.mounting))
        told = f"sensors were put on anew: {then} then, {now} now"
        found.append(Doubt("mounting", told))
    if a.weighed != b.weighed:
        told = "the soles were calibrated anew in between"
        found.append(Doubt("soles", told))
    for site in sorted(a.devices.keys() & b.devices.keys()):
        if a.devices[site] != b.devices[site]:
            then, now = (", ".join(it.devices[site]) for it in (a, b))
            found.append(Doubt("sensors", f"other {site}: {then} then, {now} now"))
    if not together and a.day and b.day:
        told = f"{a.day} against {b.day}: changes between days need a published limit"
        found.append(Doubt("time", told))
    return Alike(tuple(found), together and not worn_anew)


def _concerns(kind: Kind, metric: Metric) -> bool:
    if kind in ("person", "shoes"):
        return True
    if kind == "microphone":
        return "sound" in metric.signals
    amplitude = metric.unit == "% ref" or metric.id == "calf_glute_ratio"
    muscles = any(it in MUSCLES for it in metric.signals)
    return kind == "electrodes" and muscles and amplitude


def _header(path: Path) -> dict[str, str]:
    from lablive.recording.continued import header_texts

    return header_texts(path) or {}


def _shoes(path: Path) -> str:
    try:
        return load_plan(path.parent).shoes.strip()
    except ConfigError:
        return ""  # a trial outside a session: nobody said what was worn


def _one(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else " and ".join(sorted(found - {""}))


def _all(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values) - {""}))
