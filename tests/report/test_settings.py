"""Settings of reports: kept in the library, checked, changed section by section."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.report.settings import (
    DEFAULT,
    ReportSettings,
    load_settings,
    save_settings,
    settings_path,
    with_section,
)


def test_without_a_file_there_are_defaults(tmp_path):
    assert load_settings(settings_path(tmp_path)) == ReportSettings()
    assert "details" not in DEFAULT


def test_what_is_saved_comes_back_and_moves_with_its_folder(tmp_path):
    path = settings_path(tmp_path / "a")
    wanted = ReportSettings(
        sections=("findings", "details"), language="de", units="imperial",
        paper="letter", clinic="Zentrum", logo=str(path.parent / "logo.svg"),
        closing="Bis bald", focus="cadence_spm", focus_runs=2, table=False,
    )  # fmt: skip
    save_settings(path, wanted)
    assert load_settings(path) == wanted
    moved = tmp_path / "b"
    path.parent.rename(moved)
    assert load_settings(moved / path.name).logo == str(moved / "logo.svg")


def test_every_mistake_is_told_at_once_with_its_line(tmp_path):
    path = tmp_path / "report.toml"
    path.write_text('schema = 2\nsections = ["pain", "pain"]\nfocus = "speed"\n')
    with pytest.raises(ConfigError) as told:
        load_settings(path)
    for words in ("line 1: schema 2", "line 2: named more than once: pain",
                  "line 3: there is no metric speed"):  # fmt: skip
        assert words in str(told.value)
    path.write_text("colour = 1\n")
    with pytest.raises(ConfigError, match="line 1: unknown key colour"):
        load_settings(path)


def test_wrong_settings_are_not_saved(tmp_path):
    path = settings_path(tmp_path)
    save_settings(path, ReportSettings(clinic="first"))
    with pytest.raises(ConfigError, match="at least one section"):
        save_settings(path, ReportSettings(sections=()))
    assert load_settings(path).clinic == "first"


def test_a_section_comes_back_where_it_belongs():
    without = with_section(ReportSettings(), "focus", False)
    assert "focus" not in without.sections
    assert with_section(without, "focus", True).sections == DEFAULT
    added = with_section(ReportSettings(), "details", True)
    assert added.sections == (*DEFAULT, "details")
    assert with_section(added, "details", True) == added
