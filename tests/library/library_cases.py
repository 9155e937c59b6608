"""Small libraries whose every person and session is known."""

from __future__ import annotations

import msgspec

from lablive.library.opening import open_library
from lablive.library.records import Person, Result
from lablive.library.session_plan import SCHEMA, SessionPlan, save_plan
from lablive.library.summary import SCHEMA as SUMMARY
from lablive.library.summary import TrialSummary, save_summary
from lablive.signals.montage import Subject

ANNA = Person(
    "LB-0001", "Anna", "Müller-Øst", 1988, mass_kg=62.5, mass_on="2026-11-01",
    height_m=1.68, leg_length_m=0.88, involved_side="left",
    affected_sensors=("imu_shank_left",), notes="Sehnt sich nach\nWettkämpfen.",
)  # fmt: skip
BEN = Person("LB-0002", "Ben", "O'Neil", 1975, mass_kg=81.0)


def made(home, *people):
    """Return a new library with these people."""
    library = open_library(home)
    for person in people:
        library.save(person)
    return library


def session(home, date, code, *, trials=("trial-01.xdf",), counted=True, **plan):
    """Write a session folder as the program leaves it; return it."""
    folder = home / "sessions" / f"{date}_{code}"
    folder.mkdir(parents=True)
    kept = SessionPlan(SCHEMA, code, date, f"{date}T10:00:00+01:00", **plan)
    save_plan(folder, kept)
    for name in trials:
        trial(folder / name, counted=counted)
    return folder


def trial(path, *, counted=True, state="complete", results=(), findings=()):
    """Write a file in the place of a trial, counted or not."""
    path.write_bytes(b"XDF:" + path.name.encode() * 10)
    if counted:
        count(path, state=state, results=results, findings=findings)
    return path


def count(path, *, state="complete", results=(), findings=()):
    """Write a summary of a trial."""
    held = path.stat()
    save_summary(
        path,
        TrialSummary(
            SUMMARY, path.name, "recorded", state, "2026-11-20T10:00:00+01:00", 61.5,
            held.st_size, held.st_mtime_ns, "ab" * 32, "2026-11-20T10:02:00+01:00",
            "LabLive 0.1.0", tuple(findings), tuple(results),
        ),
    )  # fmt: skip


def contact_time(value, n=120, low=2.78, high=2.8, source="pelvis_imu", side="left"):
    return Result("contact_time_ms", side, "ms", value, n, source, low, high, "B")


def subject(mass_kg):
    return Subject(mass_kg=mass_kg)


def same(person, other):
    """Compare people but for what the database gave them."""
    return msgspec.structs.replace(person, id=0, version=0) == msgspec.structs.replace(
        other, id=0, version=0
    )
