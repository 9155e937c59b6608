"""Reports over sessions: a person's course, everybody of a day."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import msgspec
import pypdf
import pytest
import report_cases

from lablive.drills.record import SetRecord
from lablive.errors import ConfigError, LabLiveError, RecordingError
from lablive.library.records import Person
from lablive.library.summary import read_summary, save_summary
from lablive.protocol.focus import FocusRecord
from lablive.report import progress
from lablive.report.history import History, history_of
from lablive.report.progress import progress_page, write_group, write_progress
from lablive.report.settings import ReportSettings

_SPEC = importlib.util.spec_from_file_location(
    "library_cases", Path(__file__).parents[1] / "library" / "library_cases.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
cases = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("library_cases", cases)
_SPEC.loader.exec_module(cases)

EVA = Person("LB-0001", "Eva", "Muster", 1990, 61.0)


@pytest.fixture
def home(tmp_path):
    library = cases.made(tmp_path, EVA)
    for day, value in enumerate((250.0, 270.0, 283.0), 1):
        folder = cases.session(
            tmp_path, f"2026-10-{day:02d}", "LB-0001", trials=(), shoes="Own, 8 mm"
        )
        cases.trial(
            folder / "trial-01.xdf",
            results=[
                cases.contact_time(value),
                cases.contact_time(value - 4, side="right", n=118),
            ],
        )
    library.sync()
    library.close()
    return tmp_path


def text_of(pdf):
    pages = pypdf.PdfReader(pdf).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_persons_course_is_held_against_the_first_comparable_session(home, tmp_path):
    pdf = tmp_path / "course.pdf"
    assert write_progress(home, "LB-0001", pdf, ReportSettings()) == 1
    text = text_of(pdf)
    for told in (
        "Progress report", "2026-10-01", "2026-10-03", "Own, 8 mm",
        "Ground contact time ms n 120 → 120 Left 2.8 250 283 +33 32.0",
        "n 118 → 118 Right 2.8 246 279 +33", "change beyond error",
    ):  # fmt: skip
        assert told in text, told
    assert "Muster" not in text
    root = pypdf.PdfReader(pdf).trailer["/Root"]
    assert "<pdfuaid:part>1" in root["/Metadata"].get_data().decode()


def test_the_name_is_printed_only_when_asked_for(home, tmp_path):
    pdf = tmp_path / "course.pdf"
    write_progress(home, "LB-0001", pdf, ReportSettings(who="name", language="de"))
    text = text_of(pdf)
    assert "Muster, Eva" in text
    assert "Verlaufsbericht" in text
    assert "Bodenkontaktzeit" in text


def test_a_belt_without_feet_has_a_course_too(tmp_path):
    library = cases.made(tmp_path, EVA)
    for day, value in enumerate((250.0, 290.0), 1):
        folder = cases.session(tmp_path, f"2026-10-{day:02d}", "LB-0001", trials=())
        cases.trial(
            folder / "trial-01.xdf",
            results=[cases.contact_time(value, side="both", source="treadmill")],
        )
    library.sync()
    library.close()
    pdf = tmp_path / "course.pdf"
    write_progress(tmp_path, "LB-0001", pdf, ReportSettings())
    assert "n 120 → 120 Both 2.8 250 290 +40" in text_of(pdf)


@pytest.mark.parametrize(("second", "fills"), [(250.01, False), (350.0, True)])
def test_a_course_within_error_is_drawn_nearly_level(tmp_path, second, fills):
    library = cases.made(tmp_path, EVA)
    for day, value in enumerate((250.0, second), 1):
        folder = cases.session(tmp_path, f"2026-10-{day:02d}", "LB-0001", trials=())
        cases.trial(folder / "trial-01.xdf", results=[cases.contact_time(value)])
    library.sync()
    try:
        told = progress_page(library, "LB-0001", ReportSettings())
    finally:
        library.close()
    (row,) = told["groups"][0]["rows"]
    rise = abs(row["values"][1] - row["values"][0])
    assert (rise > row["least"]) is fills
    assert fills or rise < 0.01 * row["least"]


def test_sessions_that_are_not_counted_are_told_as_that(tmp_path):
    library = cases.made(tmp_path, EVA)
    for day in ("2026-10-01", "2026-10-02"):
        cases.session(tmp_path, day, "LB-0001", counted=False)
    library.sync()
    library.close()
    pdf = tmp_path / "course.pdf"
    write_progress(tmp_path, "LB-0001", pdf, ReportSettings())
    text = text_of(pdf)
    assert "2 of the sessions are not counted yet" in text
    assert "same belt speed" not in text


def test_nobody_and_one_session_are_told(home, tmp_path):
    with pytest.raises(ConfigError, match="no session of LB-0009"):
        write_progress(home, "LB-0009", tmp_path / "x.pdf", ReportSettings())
    library = progress.open_library(home)
    try:
        library.save(Person("LB-0002"))
        cases.session(home, "2026-10-05", "LB-0002")
        library.sync()
        told = progress_page(library, "LB-0002", ReportSettings())
    finally:
        library.close()
    assert told["groups"] == []
    assert len(told["sessions"]) == 1


def test_a_day_in_one_table_and_one_bad_trial_costs_only_itself(tmp_path, monkeypatch):
    for code in ("LB-0001", "LB-0002", "LB-0003"):
        folder = tmp_path / "sessions" / f"2026-11-20_{code}"
        folder.mkdir(parents=True)
        (folder / "trial-01.xdf").write_bytes(b"")
    (tmp_path / "sessions" / "2026-11-21_LB-0001").mkdir()

    def report_of(trial):
        if "0003" in trial.parent.name:
            raise RecordingError(f"{trial.name} cannot be read.", todo="Repair it.")
        return report_cases.full_lab()

    monkeypatch.setattr(progress, "report_of", report_of)
    pdf = tmp_path / "day.pdf"
    assert write_group(tmp_path, "2026-11-20", pdf, ReportSettings()) == 1
    reader = pypdf.PdfReader(pdf)
    assert reader.pages[0].mediabox[2] > reader.pages[0].mediabox[3]
    text = text_of(pdf)
    assert "Sessions of 2026-11-20" in text
    assert text.count("L 245 R 249") == 2
    assert "206 + 206 / 450" in text
    assert "cannot be read" in text
    with pdf.with_suffix(".csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == "cadence_spm"]
    assert len(rows) == 6
    with pytest.raises(LabLiveError, match="no session of 2025-01-01"):
        write_group(tmp_path, "2025-01-01", pdf, ReportSettings())


def test_what_the_library_knows_of_a_person_on_that_day(tmp_path):
    library = cases.made(tmp_path, EVA)
    runs = {"2026-11-19": True, "2026-11-20": False, "2026-11-21": True}
    for day, counts in runs.items():
        folder = cases.session(tmp_path, day, "LB-0001")
        trial = folder / "trial-01.xdf"
        held = read_summary(trial)
        assert held is not None
        save_summary(
            trial,
            msgspec.structs.replace(
                held,
                focus=(FocusRecord("cadence_spm", 2.0, 70.0, counts=counts),),
                drills=(SetRecord("hop_two", "both", 9, 10, 12, 8, "pass"),),
            ),
        )
    library.close()
    trial = tmp_path / "sessions" / "2026-11-20_LB-0001" / "trial-01.xdf"
    report = msgspec.structs.replace(report_cases.bare(), person="LB-0001")
    found = history_of(trial, report)
    assert found is not None
    assert found.focus_runs == {"cadence_spm": 1}
    done = [rung for rung in found.rungs if rung.sets]
    assert [(it.drill, it.state, it.sets) for it in done] == [("hop_two", "passed", 2)]
    assert history_of(tmp_path / "elsewhere.xdf", report) is None
    stranger = msgspec.structs.replace(report, person="LB-0009")
    assert history_of(trial, stranger) == History()
