"""The report's dialog: its pages beside the choices, saved as seen, kept for all."""

from __future__ import annotations

import pypdf
import pytest
from pipeline_cases import simulated

from lablive.errors import ConfigError
from lablive.recording.recorder import Recorder
from lablive.report.preview import pictures
from lablive.report.settings import ReportSettings, load_settings, settings_path
from lablive.signals.auto_montage import auto_montage
from ui.report_dialog import ReportDialog

DRAWN_MS = 60_000


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    lab = simulated(20.0, streams=("left_sole", "right_sole"))
    lab.montage = auto_montage(lab.streams)
    path = tmp_path_factory.mktemp("session") / "trial-01.xdf"
    recorder = Recorder(path, lab.streams, {}, None)
    for chunk in lab.chunks(rows_per_chunk=200):
        recorder.append(chunk)
    return recorder.close()


def test_what_is_seen_is_what_is_saved_and_kept(trial, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    dialog = ReportDialog(trial)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.pages), timeout=DRAWN_MS)
    before = len(dialog.pages)
    assert dialog.pages[0].pixmap().height() > dialog.pages[0].pixmap().width()

    dialog.form.set_section("runner", on=True)
    dialog.form.choices["language"].setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(dialog.pages) == before + 1, timeout=DRAWN_MS)

    pdf = tmp_path / "own.pdf"
    assert not dialog.print_button.isEnabled()
    dialog.save(pdf)
    qtbot.waitUntil(lambda: dialog.made == pdf, timeout=DRAWN_MS)
    assert dialog.print_button.isEnabled()
    pages = pypdf.PdfReader(pdf).pages
    assert len(pages) == before + 1
    assert "Dein Laufen" in pages[-1].extract_text()

    dialog.keep()
    kept = load_settings(settings_path(tmp_path))
    assert kept == dialog.form.settings
    assert kept.language == "de"
    assert "runner" in kept.sections
    dialog.reject()


def test_a_wrong_template_is_told_and_the_pages_before_stay(
    trial, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    dialog = ReportDialog(trial)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.pages), timeout=DRAWN_MS)
    wrong = tmp_path / "own.typ"
    wrong.write_text("#nonsense(")
    dialog.form.texts["template"].setText(str(wrong))
    qtbot.waitUntil(lambda: "own.typ, line 1" in dialog.told.text(), timeout=DRAWN_MS)
    assert dialog.pages
    dialog.reject()


def test_sections_move_and_the_form_says_so(trial, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    monkeypatch.setattr(ReportDialog, "_draw", lambda _: None)
    dialog = ReportDialog(trial)
    qtbot.addWidget(dialog)
    first, second, *rest = dialog.form.settings.sections
    dialog.form.sections.setCurrentRow(0)
    with qtbot.waitSignal(dialog.form.changed):
        dialog.form.down_button.click()
    assert dialog.form.settings.sections == (second, first, *rest)
    dialog.form.focus_runs.setValue(4)
    assert dialog.form.settings.focus_runs == 4
    for section in dialog.form.settings.sections:
        dialog.form.set_section(section, on=False)
    assert dialog.form.settings.sections == ("quality",)
    dialog.reject()


def test_pictures_of_an_earlier_look_are_gone(trial, tmp_path):
    (tmp_path / "page-9.png").write_bytes(b"old")
    made = pictures(trial, ReportSettings(sections=("quality",)), tmp_path)
    names = sorted(path.name for path in tmp_path.glob("page-*.png"))
    assert names == [f"page-{number + 1}.png" for number in range(made)]
    with pytest.raises(ConfigError, match="at least one section"):
        pictures(trial, ReportSettings(sections=()), tmp_path)
