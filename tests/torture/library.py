"""Two apps work in one library while the wall clock jumps, until one is killed."""

from __future__ import annotations

import os
import random
import re
import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec

from lablive import journal
from lablive.errors import LabLiveError
from lablive.library import backup, people, store
from lablive.library.opening import open_library
from lablive.library.records import Person
from lablive.library.session_plan import SCHEMA, SessionPlan, load_plan
from lablive.recording import folders
from tests.library.library_cases import trial
from tests.promises.lab import wait_for
from tests.torture.nursery import Nursery
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from lablive.library.store import Library

APPS = 2
CLOCKED = (folders, store, people, backup, journal)


class Ledger:
    """What was answered to an app; outlives its ``kill -9``."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, **what: Any) -> None:
        os.write(self._fd, msgspec.json.encode(what) + b"\n")


def jumping(chance: random.Random) -> type[datetime]:
    """Return a wall clock that is set back and forward by up to three days."""

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            # now() of the real one, moved
            return datetime.now(tz) + timedelta(hours=chance.uniform(-72, 72))

    return Jumping


def work(home: Path, ledger: Ledger, chance: random.Random) -> None:
    """Add people, begin and file trials, note, back up, without end."""
    library = open_library(home)
    ledger.note(ready=True)
    doings = (_person, _trial, _trial, _journal, _backup)
    while True:
        try:
            chance.choice(doings)(library, ledger, chance)
        except (LabLiveError, FileExistsError) as error:
            # FileExistsError: what the recorder turns into "exists already"
            ledger.note(refused=type(error).__name__, text=str(error))


def _person(library: Library, ledger: Ledger, chance: random.Random) -> None:
    code = library.free_code()
    name = f"{chance.getrandbits(64):x}"
    library.save(Person(code, name, "X", 1980, mass_kg=70.0))
    ledger.note(person=code, name=name)


def _trial(library: Library, ledger: Ledger, chance: random.Random) -> None:
    everyone = library.everyone()
    if not everyone:
        return
    code = chance.choice(everyone[-5:]).code
    path = folders.next_trial(library.home, code)
    with path.open("xb"):  # the recorder never writes a file over
        pass
    date = path.parent.name[:10]
    plan = SessionPlan(SCHEMA, code, date, f"{date}T10:00:00+01:00")
    library.begin_trial(path, plan, {"metrics": f"a = {chance.randrange(3)}\n"})
    ledger.note(begun=str(path))
    trial(path)
    library.file_trial(path, path.parent, code)
    ledger.note(filed=str(path), code=code)


def _journal(library: Library, ledger: Ledger, chance: random.Random) -> None:
    line = journal.note(library.home, "export", code=f"{chance.randrange(9)}")
    ledger.note(line=line.hash)


def _backup(library: Library, ledger: Ledger, _: random.Random) -> None:
    library.backup()
    ledger.note(backup=True)


def live(folder: Path) -> int:
    """Work until killed; ``folder/seed`` says how the clock jumps."""
    seed = f"{(folder / 'seed').read_text()}:{os.getpid()}"
    chance = random.Random(seed)
    clock = jumping(chance)
    ledger = Ledger(folder / f"ledger-{os.getpid()}")
    for module in CLOCKED:
        mock.patch.object(module, "datetime", clock).start()
    try:
        work(folder / "home", ledger, chance)
    except Exception as error:  # noqa: BLE001  the subject of this torture
        ledger.note(raised=repr(error))
    return 1


def run(job: Job) -> Seen:
    """Let two apps work, kill them, look whether what was answered is so."""
    seen = Seen()
    pause = threading.Event()
    folder = job.folder / "two"
    (folder / "home").mkdir(parents=True)
    open_library(folder / "home").close()
    nursery = Nursery()
    try:
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            (folder / "seed").write_text(f"{job.seed}:{case}")
            apps = [nursery.start("library", folder) for _ in range(APPS)]
            done = chance.choice((0, 2, 4, 8, 16))  # 0: while the library is opened
            wait_for(partial(has_done, folder, apps, done), "both apps", 60)
            pause.wait(chance.uniform(0, 0.05))
            for app in apps:
                nursery.kill(app)
                pause.wait(chance.uniform(0, 0.02))
            seen.done += 1
            if case % 10 == 9:
                check(folder, case, seen)
        check(folder, job.first + seen.done, seen)
    finally:
        nursery.close()
    return seen


def has_done(folder: Path, apps: list[int], lines: int) -> bool:
    """Tell whether the apps have been answered so often."""
    ledgers = [folder / f"ledger-{pid}" for pid in apps]
    found = [path.read_bytes().count(b"\n") for path in ledgers if path.exists()]
    return sum(found) >= lines


def check(folder: Path, case: int, seen: Seen) -> None:
    """Compare what was answered with what is there."""
    home = folder / "home"
    told = [
        msgspec.json.decode(line)
        for path in folder.glob("ledger-*")
        for line in path.read_bytes().splitlines()
    ]
    for path in folder.glob("ledger-*"):
        path.unlink()
    try:
        library = open_library(home)
        synced = library.sync()
    except LabLiveError as error:
        seen.break_(case, f"does not open: {error}")
        return
    seen.expect(not synced.problems, case, f"{synced.problems[:2]}")
    people_ = {it.code: it.given_name for it in library.everyone()}
    lines = {line.hash for line in journal.lines(home)}
    for note in told:
        if "raised" in note:
            seen.break_(case, note["raised"])
        elif "refused" in note:
            seen.counts["refused with one message, nothing stored"] += 1
            text = re.sub(r"\d+", "#", note["text"])
            seen.notes[:] = sorted({*seen.notes, f"refused: {text}"})
        elif "person" in note:
            seen.counts["people added, each there"] += 1
            same = people_.get(note["person"]) == note["name"]
            seen.expect(same, case, f"person {note['person']} is lost")
        elif "line" in note:
            seen.counts["journal lines, each there"] += 1
            seen.expect(note["line"] in lines, case, "a journal line is lost")
        elif "begun" in note:
            seen.counts["trials begun, each in its session's plan"] += 1
            path = Path(note["begun"])
            kept = load_plan(path.parent).configs
            seen.expect(path.name in kept, case, f"{path.name} not in its plan")
        elif "filed" in note:
            path = Path(note["filed"])
            entries = library.sessions(note["code"])
            files = {t.file for e in entries if e.date == path.parent.name[:10]
                     for t in e.trials}  # fmt: skip
            seen.counts["trials filed, each in the library"] += 1
            seen.expect(path.name in files, case, f"{path} not in the library")
    library.close()
    verdict = journal.verify(home)
    seen.expect(not verdict.problems, case, str(verdict.problems[:2]))
