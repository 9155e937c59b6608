"""All phases of a calibration at once: what they give, and a verdict on each.

The same for a recorded trial and for live rows: a calibration made live comes out of
its trial again, bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from lablive.calibrating.insoles import check_running, weigh
from lablive.calibrating.microphone import listen
from lablive.calibrating.muscles import contract
from lablive.calibrating.phases import PhaseKind, last_tries
from lablive.calibrating.segments import align
from lablive.calibrating.verdict import Ledger, PhaseVerdict
from lablive.signals.calibrations import Calibrations

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lablive.calibrating.phases import Phase
    from lablive.calibrating.rows import About, Lab

Part = Literal["insole", "segments", "emg", "sound"]

# phases that each part of a calibration is made from
PART_PHASES: Final[dict[Part, frozenset[PhaseKind]]] = {
    "insole": frozenset({"zero", "stand", "single_leg", "run"}),
    "segments": frozenset(
        {"stand", "bows", "steps", "pelvis_forward", "pelvis_back", "stand_again"}
    ),
    "emg": frozenset({"emg_rest", "stand", "mvc", "run"}),
    "sound": frozenset({"belt_noise", "run", "stomps"}),
}


class Outcome(NamedTuple):
    """What phases gave: calibrations, and which phase was good for what."""

    calibrations: Calibrations
    ledgers: dict[Part, Ledger]

    def verdicts(self, phases: Sequence[Phase]) -> tuple[PhaseVerdict, ...]:
        """Return the verdict on each of the phases."""
        whole = Ledger()
        for ledger in self.ledgers.values():
            whole.take(ledger)
        return whole.verdicts(phases)


NOTHING: Final = Outcome(Calibrations(), {})


def work_out(
    lab: Lab,
    phases: Sequence[Phase],
    about: About,
    *,
    before: Outcome = NOTHING,
    parts: Collection[Part] = tuple(PART_PHASES),
) -> Outcome:
    """Work out the calibrations that phases give.

    Parameters
    ----------
    lab
        Streams, channels and rows.
    phases
        All phases so far; the last try of each counts.
    about
        Person, mounting, body mass, microphone, date.
    before, parts
        Only these parts are worked out again, the others are taken from before.

    Returns
    -------
    outcome : what cannot be made is missing, its cause is in the verdicts
    """
    tries = last_tries(phases)
    found, ledgers = before.calibrations, dict(before.ledgers)
    if "insole" in parts:
        insole, ledgers["insole"] = weigh(lab, tries, about)
        ledgers["insole"].take(check_running(lab, tries, insole))
        found = msgspec.structs.replace(found, insole=insole)
    if "segments" in parts:
        segments, ledgers["segments"] = align(lab, tries, about)
        found = msgspec.structs.replace(found, segments=segments)
    if "emg" in parts:
        muscles, ledgers["emg"] = contract(lab, tries, about, found.insole)
        found = msgspec.structs.replace(
            found, emg=muscles.records, emg_notch_hz=muscles.notch_hz
        )
    if "sound" in parts:
        heard, ledgers["sound"] = listen(lab, tries, about, found.insole)
        found = msgspec.structs.replace(
            found, belt_noise=heard.belt_noise, sound_latency=heard.latency
        )
    return Outcome(found, ledgers)


def parts_of(kind: PhaseKind) -> tuple[Part, ...]:
    """Return the parts that a phase can change."""
    return tuple(part for part, kinds in PART_PHASES.items() if kind in kinds)
