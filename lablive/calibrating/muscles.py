"""Rest and 100 % of every muscle from recorded phases, and the mains in its signal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.calibrating.phases import MVC_TRIES, of_kind
from lablive.calibrating.verdict import Ledger
from lablive.errors import CalibrationError, ConfigError
from lablive.names import side_of
from lablive.signals.emg import EmgSettings, kind_of
from lablive.signals.emg_activation import LEAD_S, TAIL_S, activation
from lablive.signals.emg_quality import judge
from lablive.signals.emg_reference import (
    Electrode,
    EmgRecords,
    EmgReference,
    EmgRest,
    best_contraction,
    rest_from_stand,
    task_peak,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.calibrating.phases import Phase
    from lablive.calibrating.rows import About, Lab
    from lablive.gait.strides import Stride
    from lablive.signals.calibration import Calibration
    from lablive.signals.emg import EmgRows

Mains = Literal[50, 60]
_OTHER_SIDE: Final = 1.5  # [design] times more contracted than the named side
_SPOILT: Final = ("clip", "flat", "lead-off")


class MuscleRecords(NamedTuple):
    """Rests and references, and the mains frequency that is filtered out of them."""

    records: EmgRecords
    notch_hz: Mains | None


class _Channel(NamedTuple):
    role: str
    electrode: Electrode
    settings: EmgSettings

    @property
    def words(self) -> str:
        """The muscle as a person says it: ``left gluteus maximus``."""
        side = side_of(self.role) or ""
        name = self.role.removeprefix("emg_").removesuffix(f"_{side}")
        return f"{side} {name.replace('_', ' ')}"


def contract(
    lab: Lab, phases: Sequence[Phase], about: About, insole: Calibration | None
) -> tuple[MuscleRecords, Ledger]:
    """Return rests and references of the muscles, and what phases were good for.

    Parameters
    ----------
    lab
        Streams, channels and rows.
    phases
        Phases that count (:func:`lablive.calibrating.phases.last_tries`).
    about
        Person, placement of the electrodes (its ``mounting``), date.
    insole
        For the strides of a task peak.
    """
    ledger = Ledger()
    rest_phase = next(
        iter(of_kind(phases, "emg_rest") or of_kind(phases, "stand")), None
    )
    records = EmgRecords()
    if not lab.muscles:
        return MuscleRecords(records, None), ledger
    notch_hz = _mains(lab, rest_phase, ledger) if rest_phase else None
    strides = {phase: _strides(lab, phase, insole) for phase in of_kind(phases, "run")}
    if not lab.has_forces:
        for phase in strides:
            ledger.note(
                phase, "No insole tells strides: 100 % is what the recording shows."
            )
        strides.clear()
    tries = of_kind(phases, "mvc")
    for channel in _channels(lab, about, notch_hz, ledger, phases):
        rest = _rest(lab, channel, rest_phase, about, ledger)
        if rest is not None:
            records = records.with_rest(rest)
        own = [phase for phase in tries if phase.target in ("", channel.role[4:])]
        if own:
            made = _best(lab, channel, own, rest, about, ledger)
            records = records if made is None else records.with_reference(made)
        for phase, steps in strides.items():
            made = _peak(lab, channel, phase, steps, rest, about, ledger)
            records = records if made is None else records.with_reference(made)
    return MuscleRecords(records, notch_hz), ledger


def _channels(
    lab: Lab,
    about: About,
    notch_hz: Mains | None,
    ledger: Ledger,
    phases: Sequence[Phase],
) -> list[_Channel]:
    found: list[_Channel] = []
    for role in lab.muscles:
        source = lab.binding.sources[role]
        try:
            settings = _settings(lab, role, notch_hz)
        except ConfigError as error:
            for phase in of_kind(phases, "emg_rest", "mvc"):
                ledger.problem(phase, str(error))
            continue
        electrode = Electrode(
            role, about.person, about.mounting, settings.chain, source.unit
        )
        found.append(_Channel(role, electrode, settings))
    return found


def _settings(lab: Lab, role: str, notch_hz: Mains | None) -> EmgSettings:
    info = lab.streams[lab.binding.sources[role].stream]
    kind = kind_of(info.type)
    notch = notch_hz if kind == "raw" else None
    return EmgSettings(rate_hz=info.rate_hz, kind=kind, notch_hz=notch)


def _mains(lab: Lab, phase: Phase, ledger: Ledger) -> Mains | None:
    """Return the mains frequency that most channels carry, None when none does."""
    votes: Counter[Mains] = Counter()
    for role in lab.muscles:
        try:
            settings = _settings(lab, role, None)
        except ConfigError:
            continue  # told with the channels
        rows = lab.emg(role, phase, settings)
        raw = lab.raw_emg(role, phase)
        unit = lab.binding.sources[role].unit
        found = judge(raw, rows, 0, settings, ic_s=np.empty(0), rest=None, unit=unit)
        if found.mains_hz:
            votes[found.mains_hz] += 1
    if not votes:
        return None
    mains_hz = votes.most_common(1)[0][0]
    channels = f"{votes.total()} EMG channel{'s' * (votes.total() != 1)}"
    ledger.note(
        phase,
        f"{channels} carr{'ies' if votes.total() == 1 else 'y'} {mains_hz} Hz mains: "
        "filtered out. Check the reference electrode, move cables from the motor.",
    )
    return mains_hz


def _rest(
    lab: Lab, channel: _Channel, phase: Phase | None, about: About, ledger: Ledger
) -> EmgRest | None:
    if phase is None:
        return None
    rows = lab.emg(channel.role, phase, channel.settings)
    try:
        rest = rest_from_stand(
            rows, 0, electrode=channel.electrode, made_at=about.made_at
        )
    except CalibrationError as error:
        ledger.problem(phase, f"{error.what} {error.todo}")
        return None
    spoilt = _spoilt(lab, channel, phase, rows)
    if spoilt:
        ledger.problem(phase, spoilt)
        return None
    ledger.made(phase, f"{channel.words}: rest {_amount(rest.rms, channel)}")
    return rest


def _best(
    lab: Lab,
    channel: _Channel,
    tries: Sequence[Phase],
    rest: EmgRest | None,
    about: About,
    ledger: Ledger,
) -> EmgReference | None:
    if rest is None:
        for phase in tries:
            ledger.problem(
                phase,
                f"{channel.words}: no rest to compare with. Record muscles at rest.",
            )
        return None
    rows = {phase: lab.emg(channel.role, phase, channel.settings) for phase in tries}
    spoilt: dict[Phase, str] = {}
    for phase in tries:
        own = rows[phase]
        why = _spoilt(lab, channel, phase, own) or _other(lab, channel, phase, own)
        if why:
            spoilt[phase] = why
    good = [phase for phase in tries if phase not in spoilt]
    if len(good) < MVC_TRIES:
        for phase, why in spoilt.items():
            ledger.problem(phase, why)
        for phase in good:
            told = f"{len(good)} of {MVC_TRIES} contractions."
            ledger.note(phase, f"{channel.words}: {told}")
        return None
    for phase in spoilt:  # further tries stand in for it
        ledger.made(phase, f"{channel.words}: this contraction is not used")
    tries = good
    try:
        found = best_contraction(
            [rows[phase] for phase in tries],
            0,
            electrode=channel.electrode,
            made_at=about.made_at,
            rest=rest,
        )
    except CalibrationError as error:
        for phase in tries:
            ledger.problem(phase, f"{error.what} {error.todo}")
        return None
    for phase in tries:
        ledger.made(phase, f"{channel.words}: 100 % is {_amount(found.value, channel)}")
    return found


def _peak(
    lab: Lab,
    channel: _Channel,
    phase: Phase,
    strides: Sequence[Stride],
    rest: EmgRest | None,
    about: About,
    ledger: Ledger,
) -> EmgReference | None:
    """Return the task peak of a run, when its strides are known."""
    side = side_of(channel.role)
    rows = lab.emg(channel.role, phase, channel.settings)
    peaks: list[float] = []
    for stride in strides:
        if stride.side != side or not stride.valid or stride.to_s is None:
            continue
        first, end = rows.t_s.searchsorted(
            (stride.ic_s - LEAD_S, stride.next_ic_s + TAIL_S)
        )
        near = slice(first, end)
        found = activation(
            rows.t_s[near],
            rows.smooth[near, 0],
            rows.envelope[near, 0],
            (stride.ic_s, stride.to_s, stride.next_ic_s),
            channel.settings,
            rest,
        )
        peaks.append(found.stride_peak)
    speeds = lab.belt_mps(phase)
    speed_mps = round(float(np.median(speeds)), 2) if len(speeds) else None
    try:
        made = task_peak(
            peaks,
            electrode=channel.electrode,
            made_at=about.made_at,
            speed_mps=speed_mps,
        )
    except CalibrationError as error:
        ledger.problem(phase, f"{error.what} {error.todo}")
        return None
    ledger.made(phase, f"{channel.words}: task peak {_amount(made.value, channel)}")
    return made


def _strides(lab: Lab, phase: Phase, insole: Calibration | None) -> list[Stride]:
    return [record.stride for record in lab.force_pipeline(phase, insole).strides]


def _spoilt(lab: Lab, channel: _Channel, phase: Phase, rows: EmgRows) -> str:
    """Return why a channel's signal cannot be used in a phase, empty when it can."""
    found = judge(
        lab.raw_emg(channel.role, phase),
        rows,
        0,
        channel.settings,
        ic_s=np.empty(0),
        rest=None,
        unit=channel.electrode.unit,
    )
    for flag in found.flags:
        if flag.kind in _SPOILT:
            return f"{channel.words[:1].upper()}{channel.words[1:]}: {flag.reason}."
    return ""


def _other(lab: Lab, channel: _Channel, phase: Phase, rows: EmgRows) -> str:
    """Return that the other side was contracted instead, when one side was asked."""
    side = side_of(channel.role)
    if not phase.target or side is None:
        return ""
    other_side = "left" if side == "right" else "right"
    other = channel.role.removesuffix(side) + other_side
    if other not in lab.muscles:
        return ""
    theirs = lab.emg(other, phase, channel.settings).envelope
    own, across = (float(np.nanmean(envelope)) for envelope in (rows.envelope, theirs))
    if across <= _OTHER_SIDE * own:
        return ""
    return (
        f"The {other_side} side was contracted {across / own:.1f} times as much as the "
        f"{channel.words}: the electrodes are swapped, or the wrong side was tensed. "
        "Check the cables, repeat."
    )


def _amount(value: float, channel: _Channel) -> str:
    if channel.electrode.unit == "V":
        return f"{1e6 * value:.1f} uV"
    return f"{value:.3g} {channel.electrode.unit}"
