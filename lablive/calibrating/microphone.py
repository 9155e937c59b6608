"""Belt noise and latency of the microphone from recorded phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.calibrating.phases import of_kind
from lablive.calibrating.verdict import Ledger
from lablive.errors import CalibrationError
from lablive.signals.sound import (
    SAME_SPEED_MPS,
    BeltNoise,
    decibel,
    level_unit,
    measure_belt_noise,
    weighted,
)
from lablive.signals.sound_latency import SoundLatency, estimate_latency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.calibrating.phases import Phase
    from lablive.calibrating.rows import About, Lab
    from lablive.signals.calibration import Calibration

_STANDS_MPS: Final = 0.05


class MicrophoneRecords(NamedTuple):
    """The empty belt, one record per phase, and how late a footfall is heard."""

    belt_noise: tuple[BeltNoise, ...]
    latency: SoundLatency | None


def listen(
    lab: Lab, phases: Sequence[Phase], about: About, insole: Calibration | None
) -> tuple[MicrophoneRecords, Ledger]:
    """Return belt noise and latency, and what phases were good for.

    Parameters
    ----------
    lab
        Streams, channels and rows.
    phases
        Phases that count (:func:`lablive.calibrating.phases.last_tries`).
    about
        Place of the microphone, date.
    insole
        For the contacts of the latency.
    """
    ledger = Ledger()
    noises: list[BeltNoise] = []
    latency: SoundLatency | None = None
    for phase in of_kind(phases, "belt_noise", "run", "stomps"):
        rows = lab.level(phase)
        if rows is None:
            continue
        t_s, level, unit = rows
        try:
            if phase.kind == "belt_noise":
                speed_mps = _belt_mps(lab, phase)
                noise = measure_belt_noise(
                    t_s,
                    level,
                    speed_mps=speed_mps,
                    made_at=about.made_at,
                    microphone=about.microphone,
                    unit=unit,
                )
                noises.append(noise)
                told = f"{decibel(noise.energy[0]):.1f} {level_unit('A', unit)}"
                ledger.made(phase, f"{told} at {speed_mps:g} m/s")
                continue
            contacts = lab.force_pipeline(phase, insole).contacts
            ic_s = np.array(
                [contact.t_s for contact in contacts if contact.kind == "ic"]
            )
            latency = estimate_latency(
                t_s,
                weighted(level, "A"),
                ic_s,
                made_at=about.made_at,
                microphone=about.microphone,
            )
            ledger.made(
                phase,
                f"microphone {1e3 * latency.latency_s:.0f} ms late, "
                f"{latency.steps} steps",
            )
        except CalibrationError as error:
            ledger.problem(phase, f"{error.what} {error.todo}".strip())
    return MicrophoneRecords(tuple(noises), latency), ledger


def _belt_mps(lab: Lab, phase: Phase) -> float:
    """Return the speed of the belt in a phase.

    Raises
    ------
    CalibrationError
        Nothing tells it, it stood, or it changed.
    """
    if phase.target:
        return float(phase.target)
    speeds = lab.belt_mps(phase)
    problem = ""
    if not len(speeds):
        problem = "nothing tells the speed of the belt"
    elif float(np.ptp(speeds)) > SAME_SPEED_MPS:
        problem = f"the belt went from {speeds.min():.2f} to {speeds.max():.2f} m/s"
    elif float(np.median(speeds)) < _STANDS_MPS:
        problem = "the belt stood still"
    if problem:
        raise CalibrationError(
            f"The belt noise cannot be used: {problem}.",
            todo="Let the empty belt run at test speed for 20 s; without a speed "
            "stream give the speed with the phase or in the montage.",
        )
    return round(float(np.median(speeds)), 3)
