"""The People page in every state: for designers and tests.

Run: python tests/ui/people_scenes.py --size 1366x768 --theme dark --out shots
The picture of the user guide, with invented people: --guide people.png
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from page_states import Scene
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from lablive.library.opening import open_library
from lablive.library.records import Person, TrialState
from lablive.library.session_plan import SCHEMA, SessionPlan, save_plan
from lablive.library.summary import SCHEMA as SUMMARY
from lablive.library.summary import TrialSummary, save_summary
from lablive.signals.montage import Subject
from ui import theme
from ui.person_form import PersonForm

LONG = "Wolfeschlegelsteinhausenbergerdorff-Przybyszewska"
PEOPLE = (
    Person(
        "LB-0042", "Anna", "Müller-Øst", 1988, 62.5, "2026-11-20", 1.68, 0.88, "left",
        ("imu_shank_left", "emg_gluteus_medius_left"),
        "Runner's knee left since August. Half marathon in April.\nNew shoes since "
        "October: 8 mm drop.",
    ),
    Person("LB-0041", "Ben", "O'Neil", 1975, 81.0, "2026-10-02", 1.83),
    Person("LB-0040", "Maximiliane Theodora", LONG, 2001, notes="word " * 120),
    Person("LB-0039"),
    *(Person(f"LB-{n:04d}", f"Runner {n}", "Example", 1970 + n) for n in range(1, 26)),
)  # fmt: skip
SESSIONS: tuple[tuple[str, str, tuple[TrialState, ...]], ...] = (
    ("2026-11-20", "LB-0042", ("complete", "with losses")),
    ("2026-11-06", "LB-0042", ("complete", "complete", "complete")),
    ("2026-10-23", "LB-0042", ("damaged",)),
    ("2026-10-09", "LB-0042", ("not counted",)),
    ("2026-09-01", "LB-0042", ()),
    ("2026-10-02", "LB-0041", ("complete",)),
)
TABLE = (
    "Patientennummer;Nachname;Vorname;Geburtsdatum;Gewicht (kg);Größe [cm];Schuhgröße\n"
    "K-01;Weiß;Jürgen;03.05.1969;81,5;183;44\nK-02;Groß;Eva;1990;620;171;39\n"
    "LB-0042;Berg;Ida;1991;58;165;38\nK-04;Hill;Jo;1984;;;\n"
)


trial_bytes = 8_000  # files of nothing; those of the picture are as large as real ones


class PeopleScene(Scene):
    """A window on a library, its People page in front."""

    def __init__(self, folder, people=PEOPLE, sessions=SESSIONS, break_it=None):
        fill(folder, people, sessions)
        if break_it is not None:
            break_it(folder)
        super().__init__(folder)
        self._go()

    @classmethod
    def beside(cls, other):
        """Return a second window on the library of another."""
        made = cls.__new__(cls)
        folder = other.model.library / "rings"  # of its own fake host
        folder.mkdir()
        Scene.__init__(made, folder)
        made.window.register.home = made.model.library = other.model.library
        made._go()
        return made

    def _go(self):
        self.register = self.window.register
        self.window.places.go("People")
        self.people = self.window.places.page("People")
        self.settle()

    def settle(self):
        """Wait until every question asked so far has its answer."""
        for _ in range(4):  # an answer may ask again
            loop = QEventLoop()
            late = QTimer(singleShot=True, interval=20_000)
            late.timeout.connect(lambda: sys.exit("the library never answered"))
            late.start()
            self.register.backups(lambda _, loop=loop: loop.quit())
            loop.exec()
            late.stop()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def fill(folder, people, sessions):
    """Make a library as the program leaves it; the same one is made once."""
    shutil.copytree(_filled(people, sessions).name, folder, dirs_exist_ok=True)


@cache
def _filled(people, sessions):
    made = tempfile.TemporaryDirectory()
    folder = Path(made.name)
    library = open_library(folder)
    library.add_people(people)
    for date, code, states in sessions:
        _session(folder, date, code, states)
    library.sync()
    library.close()
    return made


def _session(home, date, code, states):
    folder = home / "sessions" / f"{date}_{code}"
    folder.mkdir(parents=True)
    plan = SessionPlan(
        SCHEMA, code, date, f"{date}T10:00:00+01:00", protocol="Easy run",
        speeds_mps=(2.78,), shoes="Cloudrun 3", pain_nrs=2, subject=Subject(62.5),
    )  # fmt: skip
    save_plan(folder, plan)
    for number, state in enumerate(states, 1):
        path = folder / f"trial-{number:02d}.xdf"
        path.write_bytes(bytes(trial_bytes))
        held = path.stat()
        told = {"with losses": ("left_sole: 24 of 12200 rows lost in 2 gaps",)}
        summary = TrialSummary(
            SUMMARY, path.name, "recorded", state, f"{date}T10:05:00+01:00", 754.0,
            held.st_size, held.st_mtime_ns, "ab" * 32, f"{date}T10:20:00+01:00",
            "LabLive 0.1.0", told.get(state, ()),
        )  # fmt: skip
        if state != "not counted":
            save_summary(path, summary)


def chosen(scene):
    pass


def long_names(scene):
    scene.people.search.setText("wolfe")
    scene.settle()


def unnamed(scene):
    scene.people.search.setText("0039")
    scene.settle()


def nothing_found(scene):
    scene.people.search.setText("nobody like this")
    scene.settle()


def new(scene):
    scene.people.add()
    scene.settle()


def wrong(scene):
    new(scene)
    (form,) = scene.window.findChildren(QDialog)
    form.family_name.setText("Berg")
    form.code.setText("berg-1")
    form.mass.setText("620")
    form.leg.setText("1,4")
    form.height_.setText("tall")
    form.birth_year.setText("1788")
    form.save_button.click()


def twin(scene):
    new(scene)
    (form,) = scene.window.findChildren(QDialog)
    form.family_name.setText("Müller-Øst")
    form.given_name.setText("Anna")
    form.save_button.click()
    scene.settle()


def details(scene):
    scene.people.panel.details_button.click()
    scene.settle()


def imported(scene):
    path = scene.model.library / "people.csv"
    path.write_text(TABLE, encoding="utf-8")
    scene.people.import_people(path)
    scene.settle()


def in_session(scene):
    scene.people.list.step(1)
    scene.people._start()
    scene.window.places.go("People")
    scene.settle()


def recording(scene):
    scene.lab.connect()
    scene.tick()
    scene.model.record(scene.model.library / "trial-01.xdf")
    scene.tick()


def damaged(folder):
    library = open_library(folder)
    library.backup()
    library.close()
    path = folder / "library.sqlite3"
    path.write_bytes(path.read_bytes()[:9000])


def newer(folder):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "library.sqlite3")) as held:
        held.execute("UPDATE alembic_version SET version_num = '9999'")
        held.commit()


STATES = {
    "chosen": (chosen, {}),
    "empty": (chosen, {"people": (), "sessions": ()}),
    "long": (long_names, {}),
    "unnamed": (unnamed, {}),
    "not_found": (nothing_found, {}),
    "in_session": (in_session, {}),
    "recording": (recording, {}),
    "damaged": (chosen, {"break_it": damaged}),
    "newer": (chosen, {"break_it": newer}),
    "form_new": (new, {}),
    "form_wrong": (wrong, {}),
    "form_twin": (twin, {}),
    "import": (imported, {}),
    "details": (details, {}),
}


def show(name, folder):
    """Return a scene in a named state, its window not yet shown."""
    build, how = STATES[name]
    scene = PeopleScene(folder, **how)
    build(scene)
    return scene


def grab(app, name, size, path):
    """Save the picture of a state."""
    with tempfile.TemporaryDirectory() as folder:
        scene = show(name, Path(folder))
        scene.window.resize(*size)
        scene.window.show()
        for _ in range(5):
            app.processEvents()
            scene.tick(1)
        scene.settle()
        app.processEvents()
        dialogs = scene.window.findChildren(QDialog)
        shown = dialogs[0] if dialogs else scene.window
        shown.grab().save(str(path), quality=0)
        for dialog in dialogs:
            dialog.reject()
        scene.close()
        app.processEvents()


def names(scene):
    lines = scene.people.list.lines
    return [lines.line(row).person.code for row in range(lines.rowCount())]


def form(scene):
    (found,) = scene.window.findChildren(PersonForm)
    return found


def type_in(scene, text):
    scene.people.search.setText(text)
    scene.settle()


def main():
    """Save a picture of every state."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--out", type=Path, default=Path("artifacts"))
    parser.add_argument("--only", default=",".join(STATES))
    parser.add_argument("--guide", type=Path)
    options = parser.parse_args()
    size = tuple(map(int, options.size.split("x")))
    app = QApplication(sys.argv[:1])
    theme.apply_theme(app, options.theme)
    if options.guide is not None:
        global trial_bytes
        trial_bytes = 61_000_000
        grab(app, "chosen", (1600, 900), options.guide)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(","):
        file = f"people-{name}-{options.theme}-{options.size}.png"
        grab(app, name, size, options.out / file)


if __name__ == "__main__":
    main()
