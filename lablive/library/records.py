"""What the library tells: people, sessions, trials; frozen, free of the database."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

InvolvedSide = Literal["", "left", "right", "both"]
TrialKind = Literal["recorded", "continued", "imported", "repaired"]
TrialState = Literal[
    "complete", "with losses", "not complete", "damaged", "not counted", "missing"
]
SessionState = Literal[
    "complete", "with losses", "not complete", "damaged", "not counted", "missing",
    "no trial",
]  # fmt: skip
# worst first: a session is as good as the worst of its trials
STATES: Final[tuple[TrialState, ...]] = (
    "missing", "damaged", "not complete", "with losses", "not counted", "complete",
)  # fmt: skip


class Person(msgspec.Struct, frozen=True):
    """A person; the names never leave the database.

    Attributes
    ----------
    code
        Pseudonym: part of folder names, of trial headers and of every page but People.
    mass_kg, mass_on
        Body mass with clothes and shoes, and the day it was entered.
    affected_sensors
        Places whose sensors tell less on this person (:data:`.person_check.PLACES`).
    id, version
        Of the database; 0 = not stored yet.
    """

    code: str
    given_name: str = ""
    family_name: str = ""
    birth_year: int | None = None
    mass_kg: float | None = None
    mass_on: str = ""
    height_m: float | None = None
    leg_length_m: float | None = None
    involved_side: InvolvedSide = ""
    affected_sensors: tuple[str, ...] = ()
    notes: str = ""
    id: int = 0
    version: int = 0

    @property
    def name(self) -> str:
        """Family name, given name; "" for a person known by the code only."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)


class PersonLine(msgspec.Struct, frozen=True):
    """A person in the list: how many sessions, and the day of the last one."""

    person: Person
    sessions: int = 0
    last_date: str = ""


class TrialEntry(msgspec.Struct, frozen=True):
    """One recording of a session.

    Attributes
    ----------
    file
        Name in the session's folder; a whole path when the disk failed and it lies
        elsewhere.
    state
        As counted from disk; ``missing``: the file is no longer there.
    sha256
        Of the file when it was counted; "" before.
    findings
        What a reader must know, one sentence each.
    """

    file: str
    kind: TrialKind = "recorded"
    state: TrialState = "not counted"
    started: str = ""
    duration_s: float = 0.0
    bytes: int = 0
    sha256: str = ""
    findings: tuple[str, ...] = ()


class SessionEntry(msgspec.Struct, frozen=True):
    """One session: a person on a day.

    ``folder`` is its place in the library; ``speeds_mps`` what was planned or run.
    """

    code: str
    date: str
    folder: str
    protocol: str = ""
    speeds_mps: tuple[float, ...] = ()
    shoes: str = ""
    pain_nrs: int | None = None
    mass_kg: float | None = None
    notes: str = ""
    trials: tuple[TrialEntry, ...] = ()

    @property
    def state(self) -> SessionState:
        """The worst state of its trials."""
        held = {trial.state for trial in self.trials}
        worst: list[SessionState] = [state for state in STATES if state in held]
        return worst[0] if worst else "no trial"


class Result(msgspec.Struct, frozen=True):
    """One number of a trial, kept for the history.

    Attributes
    ----------
    side
        ``left``, ``right`` or ``both``.
    source
        Sensor the contacts came from; "" when the number mixes none or several.
    low_mps, high_mps
        Belt speed of its strides; None = not known, or more than one speed.
    n
        Valid strides it stands on.
    """

    metric: str
    side: str
    unit: str
    value: float
    n: int
    source: str = ""
    low_mps: float | None = None
    high_mps: float | None = None
    grade: str = ""
