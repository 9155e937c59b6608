"""Whose session it is; each trial filed under them when it begins, ends, is counted.

Recording never waits for the library: what cannot be stored is told, and found again in
the session folders at the next start.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from lablive import __version__
from lablive.errors import ConfigError
from ui.numbers import day_text
from ui.session_model import State
from ui.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.library.records import Person
    from lablive.signals.montage import Subject
    from ui.register import Register
    from ui.session_model import SessionModel


class Filing(QObject):
    """The person of the session and the trials that belong to them.

    Attributes
    ----------
    person
        Of the session; None: the library does not know the code.

    Signals
    -------
    filed
        Code of a person whose sessions have changed.
    """

    filed = Signal(str)

    def __init__(self, model: SessionModel, register: Register) -> None:
        super().__init__(model)
        self._model, self._register = model, register
        self.person: Person | None = None
        self._code = model.code
        self._begun: Path | None = None
        self._waiting: deque[Path] = deque()  # trials to be counted
        self._worker: Worker | None = None
        model.person_changed.connect(self._follow_person)
        model.state_changed.connect(self._follow_state)
        model.verified.connect(lambda _: self._file_trials())
        register.told.connect(model.trouble)
        register.closed.connect(lambda: model.trouble.emit(str(register.fault)))

    @property
    def possible(self) -> bool:
        """Whether another person can be taken now."""
        return self._model.state in (State.IDLE, State.CONNECTED)

    def take(self, person: Person) -> None:
        """Go on with a person of the library: code, body measures, mass.

        Raises
        ------
        ConfigError
            A recording is running.
        """
        model = self._model
        if not self.possible:
            raise ConfigError(
                "A recording or replay is on the screen: the person stays.",
                todo="Stop it or go back to live first.",
            )
        self._code = person.code
        self._adopt(person)
        model.change_person(person.code)
        model.live.begin_afresh()  # with these measures
        model.set_mass(person.mass_kg)
        self._greet(person)

    def change(self, person: Person) -> None:
        """Take what was changed of the person of this session."""
        mass_before = self.person.mass_kg if self.person else None
        self._adopt(person)
        if self.possible:
            self._model.live.begin_afresh()
            if person.mass_kg != mass_before:
                self._model.set_mass(person.mass_kg)

    def count_rest(self) -> None:
        """Count the trials that nobody has counted, when the window has been closed."""

        def found(trials: list[Path]) -> None:
            self._waiting.extend(trials)
            self._count_next()

        self._register.ask(lambda library: library.uncounted(), found)

    def close(self) -> None:
        """End the counting; it is done at another start."""
        self._waiting.clear()
        if self._worker is not None:
            self._worker.stop()

    # -- the person ---------------------------------------------------------------

    def _adopt(self, person: Person | None) -> None:
        self.person = person
        self._model.live.subject = _subject(person) if person else None

    def _greet(self, person: Person) -> None:
        """Say who it is now, and how old the body mass is that counts."""
        told = f"{person.code} is the person of this session."
        if person.mass_kg is not None:
            day = f", entered {day_text(person.mass_on)}" if person.mass_on else ""
            told += f" Body mass {person.mass_kg:g} kg{day}: change it if it is not so."
        self._model.news.emit("person", told)

    def _follow_person(self) -> None:
        model = self._model
        if model.code != self._code:  # typed in the top line
            self._code = code = model.code
            self._adopt(None)

            def known(person: Person | None) -> None:
                if person is not None and model.code == code and self.person is None:
                    self._adopt(person)
                    self._spell(person.code)
                    if self.possible:
                        model.live.begin_afresh()
                    if model.mass_kg is None:
                        model.set_mass(person.mass_kg)
                        self._greet(person)

            self._register.ask(lambda library: library.person(code), known)
            return
        self._keep_mass()

    def _spell(self, code: str) -> None:
        """Write a code as the library does: one person has one folder a day."""
        if self._model.code != code:
            self._model.code = self._code = code
            self._model.person_changed.emit()

    def _keep_mass(self) -> None:
        """Store a body mass that was typed for a person of the library."""
        person, mass_kg = self.person, self._model.mass_kg
        if person is None or mass_kg in (None, person.mass_kg):
            return
        if self._model.simulated.sources:  # that of a runner who is nobody
            return
        code, day = person.code, f"{datetime.now().astimezone():%Y-%m-%d}"

        def stored(changed: Person | None) -> None:
            if changed is not None and self.person and self.person.code == code:
                self._adopt(changed)
                self.filed.emit(code)

        self._register.ask(lambda it: it.set_mass(code, mass_kg, day), stored)

    # -- trials -------------------------------------------------------------------

    def _follow_state(self) -> None:
        running = self._model.live.recording
        if self._model.state is State.RECORDING and running is not None:
            if running.path != self._begun:
                self._begun = running.path
                self._begin(running.path)
        else:
            self._count_next()

    def _begin(self, trial: Path) -> None:
        """Write down whose trial is being recorded, and with which configs."""
        from lablive.library.found import read_name
        from lablive.library.session_plan import SCHEMA, SessionPlan, used_configs

        name = read_name(trial.parent.name) if self._is_ours(trial) else None
        if name is None:
            return
        date, code = name
        model = self._model
        if code != model.code:  # this window was opened while it was running
            model.code = code
            model.person_changed.emit()
        person = self.person
        subject = msgspec.structs.replace(_subject(person), mass_kg=model.mass_kg)
        speed_mps = model.belt[0]
        plan = SessionPlan(
            SCHEMA,
            code,
            date,
            datetime.now().astimezone().isoformat(timespec="seconds"),
            f"LabLive {__version__}",
            protocol=model.gates.template_name,
            speeds_mps=(speed_mps,) if speed_mps > 0 else (),
            involved_side=person.involved_side if person else "",
            affected_sensors=person.affected_sensors if person else (),
            subject=subject,
        )
        own = model.gates.own_templates / f"{model.gates.template_name}.toml"
        montage, profiles = model.live.montage, self._profiles()

        def told(clock: str) -> None:
            if clock:
                model.trouble.emit(clock)
            self.filed.emit(code)

        self._register.ask(
            lambda it: it.begin_trial(
                trial, plan, used_configs(montage, profiles, own)
            ),
            told,
        )

    def _file_trials(self) -> None:
        """File the files of the recording that has just been counted."""
        begun, files = self._begun, self._model.live.last_files
        if begun is None or not self._is_ours(begun):
            return
        for trial in files:
            self._file(trial, begun.parent)
            self._waiting.append(trial)
        self._count_next()

    def _file(self, trial: Path, folder: Path) -> None:
        from lablive.library.found import read_name

        name = read_name(folder.name)
        if name is None:
            return
        code = name[1]

        def filed(_: None) -> None:
            self.filed.emit(code)

        self._register.ask(lambda it: it.file_trial(trial, folder, code), filed)

    def _count_next(self) -> None:
        """Count and measure the next trial in a process of its own, one at a time."""
        idle = self._model.state is not State.RECORDING and self._worker is None
        if not idle or not self._waiting:
            return
        trial = self._waiting.popleft()
        spilled = self._begun is not None and not self._is_ours(trial)
        folder = self._begun.parent if self._begun and spilled else trial.parent
        worker = Worker(["lablive.library.summary", str(trial)], self)
        worker.done.connect(lambda _: self._counted(trial, folder))
        worker.failed.connect(self._not_counted)
        self._worker = worker
        worker.start()

    def _counted(self, trial: Path, folder: Path) -> None:
        self._worker = None
        self._file(trial, folder)
        self._count_next()

    def _not_counted(self, why: str) -> None:
        self._worker = None
        self._model.trouble.emit(why)
        self._count_next()

    def _is_ours(self, trial: Path) -> bool:
        return trial.parent.parent == (self._model.library / "sessions").absolute()

    def _profiles(self) -> list[str]:
        report = self._model.live.report
        specs = [source.spec for source in report.sources] if report else []
        named = (spec.options.get("profile") for spec in specs)
        return [str(profile) for profile in named if profile]


def _subject(person: Person | None) -> Subject:
    from lablive.signals.montage import Subject

    if person is None:
        return Subject()
    return Subject(person.mass_kg, person.height_m, person.leg_length_m)
