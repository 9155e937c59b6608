"""The clocks of a trial's devices against each other, by what all of them felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.alignment_file import SCHEMA, Alignment, SensorOffset, words
from lablive.calibrating.phases import of_kind, phases_of
from lablive.errors import CalibrationError
from lablive.names import ROLES
from lablive.preparation import binding_of
from lablive.signals.alignment import (
    FEWEST,
    Offset,
    SignalKind,
    activity,
    impulses,
    match,
    within,
)
from lablive.signals.insole import feet
from lablive.signals.level_meter import LEVEL_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lablive.messages import Floats, Values
    from lablive.recording.replay import Trial
    from lablive.signals.binding import Binding
    from lablive.signals.montage import Montage

_SLOW_S: Final = 1 / 90
_HALF_LEVEL_ROW_S: Final = 0.5 / LEVEL_RATE_HZ  # its times are begins of milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class _Sensor:
    role: str
    stream: int
    kind: SignalKind
    values: Callable[[Values], Floats]


def align(
    trial: Trial,
    montage: Montage | None = None,
    *,
    reference: str = "",
    spans: Sequence[tuple[float, float]] = (),
) -> Alignment:
    """Find how far the sensors of a trial are apart.

    Parameters
    ----------
    trial
        The trial.
    montage
        Which channel measures what; None = the trial's own, else its labels.
    reference
        Role all others are held against; "" = the first insole that saw impulses.
    spans
        Where to look, begin and end in seconds from the trial's start; () = the
        marked stomps, else everywhere.

    Raises
    ------
    ConfigError
        The montage does not fit.
    CalibrationError
        There are not two sensors that feel a stomp, or no impulses.
    """
    binding = binding_of(trial, montage)
    looked, where = _where(trial, spans)
    sensors = tuple(_sensors(binding))
    found = {it.role: _impulses(trial, it, looked) for it in sensors}
    chosen = _reference(found, reference)
    infos = {info.id: info for info in trial.streams}
    row_s = {
        it.role: 1 / infos[it.stream].rate_hz if infos[it.stream].rate_hz else 0.0
        for it in sensors
    }
    pairs = _Pairs(found, row_s)
    offsets = [_offset(it, infos[it.stream].name, pairs, chosen) for it in sensors]
    return Alignment(SCHEMA, trial.path.name, trial.t0_s, where, chosen, tuple(offsets))


def _where(
    trial: Trial, spans: Sequence[tuple[float, float]]
) -> tuple[tuple[tuple[float, float], ...], str]:
    if spans:
        t0_s = trial.t0_s
        return tuple((t0_s + a, t0_s + b) for a, b in spans), "impulses in the span"
    stomps = of_kind(phases_of(trial.markers)[0], "stomps")
    if stomps:
        return tuple((it.t0_s, it.t1_s) for it in stomps), "the marked stomps"
    return ((trial.t0_s, trial.t1_s + 1.0),), "single impulses of the whole trial"


def _sensors(binding: Binding) -> Iterator[_Sensor]:
    """Yield everything that feels a stomp: insoles first."""
    for side, foot in feet(binding).items():
        yield _Sensor(
            f"insole_{side}.force",
            foot.force.stream,
            "force",
            lambda x, foot=foot: foot.force_n(x)[:, None],
        )
    for role in ROLES:
        source = binding.source(role)
        if source is None:
            continue
        if role == "treadmill.force_z":
            yield _Sensor(role, source.stream, "force", source.extract)
        elif role.endswith(".acc"):
            yield _Sensor(role, source.stream, "acc", source.extract)
        elif role == "mic_belt.level":
            yield _Sensor(role, source.stream, "sound", source.extract)


def _impulses(
    trial: Trial, sensor: _Sensor, spans: Sequence[tuple[float, float]]
) -> Floats:
    found: list[Floats] = []
    for begin_s, end_s in spans:
        t_s, x = trial.window(sensor.stream, begin_s, end_s)
        if len(t_s):
            felt = activity(sensor.kind, sensor.values(x))
            if sensor.kind == "sound":
                t_s = t_s + _HALF_LEVEL_ROW_S
            found.append(within(impulses(t_s, felt), [(begin_s, end_s)]))
    return np.concatenate(found) if found else np.empty(0)


def _reference(found: Mapping[str, Floats], wanted: str) -> str:
    if wanted:
        if wanted in found:
            return wanted
        raise CalibrationError(
            f"No sensor {wanted} feels impulses in this trial.",
            todo=f"Choose one of {', '.join(found) or 'none'}.",
        )
    seen = [role for role, begins_s in found.items() if len(begins_s) >= FEWEST]
    if len(seen) < 2:
        raise CalibrationError(
            "No impulses are seen by two sensors, so that their clocks cannot be "
            "compared.",
            still="The trial and its results are as they were.",
            todo="Record again: stand still, then stomp 8 times beside the microphone, "
            "about once a second but not in step; mark it as stomps.",
        )
    soles = [role for role in seen if role.startswith("insole_")]
    return (soles or seen)[0]


class _Pairs:
    """Offsets of any two sensors."""

    def __init__(self, found: Mapping[str, Floats], row_s: Mapping[str, float]) -> None:
        self.found = found
        self.row_s = row_s

    def offset(self, first: str, then: str) -> Offset:
        slower_s = max(self.row_s[first], self.row_s[then])
        return match(self.found[first], self.found[then], slower_s)


def _offset(
    sensor: _Sensor, stream: str, pairs: _Pairs, reference: str
) -> SensorOffset:
    role = sensor.role
    told = SensorOffset(role, stream, len(pairs.found[role]))
    if role == reference:
        return msgspec.structs.replace(
            told, n=told.impulses, offset_ms=0.0, residual_ms=0.0, error_ms=0.0
        )
    direct = pairs.offset(reference, role)
    if not direct.why:
        return _told(told, direct, "", pairs.row_s[role])
    ways: list[tuple[float, Offset, Offset, str]] = []
    for via in pairs.found:
        if via in (reference, role):
            continue
        first, then = pairs.offset(reference, via), pairs.offset(via, role)
        if not first.why and not then.why:
            ways.append(
                (float(np.hypot(first.error_s, then.error_s)), first, then, via)
            )
    if not ways:
        return msgspec.structs.replace(told, n=direct.n, note=direct.why)
    _, first, then, via = min(ways)
    both = Offset(
        first.offset_s + then.offset_s,
        float(np.hypot(first.residual_s, then.residual_s)),
        min(first.n, then.n),
    )
    return _told(told, both, via, pairs.row_s[role])


def _told(told: SensorOffset, offset: Offset, via: str, row_s: float) -> SensorOffset:
    note = f"by way of the {words(via)}" if via else ""
    if row_s > _SLOW_S:
        slow = f"{1 / row_s:g} Hz tell an impulse to {250 * row_s:.0f} ms only"
        note = f"{note}; {slow}" if note else slow
    return msgspec.structs.replace(
        told,
        n=offset.n,
        offset_ms=1e3 * offset.offset_s,
        residual_ms=1e3 * offset.residual_s,
        error_ms=1e3 * offset.error_s,
        via=via,
        note=note,
    )
