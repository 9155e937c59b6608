from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lablive.errors import CalibrationError, RecordingError
from lablive.signals.microphone import (
    FILE_NAME,
    MicrophoneGain,
    check_claps,
    check_clicks,
    find_clicks,
    keep_gain,
    newest_gain,
    stored_gains,
)

if TYPE_CHECKING:
    from pathlib import Path

NOISE = 1e-8


def sounds(*at: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return 6 s of level rows with a decaying sound of ``db`` at each time."""
    t_s = np.arange(6000) / 1000
    energy = NOISE * np.random.default_rng(5).gamma(4, 0.25, len(t_s))
    for begin_s, db in at:
        since_s = t_s - begin_s
        rise = np.where(since_s >= 0, np.exp(-np.maximum(since_s, 0) / 0.003), 0)
        energy = energy + 10 ** (db / 10) * rise
    return t_s, energy


@pytest.mark.parametrize(
    ("second_db", "ok"), [(-29.5, True), (-25, True), (-22, False), (-20, False)]
)
def test_two_claps_must_differ(second_db: float, ok: bool) -> None:
    told = check_claps(*sounds((1.0, -20), (3.0, second_db)))
    assert told.difference_db == pytest.approx(-20 - second_db, abs=0.2)
    assert told.ok is ok
    assert ("automatic gain" in told.why) is not ok


def test_one_clap_or_none_tells_nothing() -> None:
    for heard in (sounds(), sounds((1.0, -20)), (np.arange(9) / 1e3, np.zeros(9))):
        with pytest.raises(CalibrationError, match="quiet room"):
            check_claps(*heard)


@pytest.mark.parametrize(("step_db", "ok"), [(6, True), (4, False), (7, False)])
def test_clicks_six_decibels_apart_must_stay_so(step_db: float, ok: bool) -> None:
    at_s = np.arange(0.5, 5.5, 0.5)
    loud = [(float(at), -20.0 - step_db * (n % 2)) for n, at in enumerate(at_s)]
    told = check_clicks(*sounds(*loud), at_s)
    assert told.difference_db == pytest.approx(step_db, abs=0.1)
    assert told.ok is ok


def test_clicks_are_found_however_late_they_come() -> None:
    at_s = 0.731 + 0.5 * np.arange(8)
    loud = [(float(at), -20.0 - 6 * (n % 2)) for n, at in enumerate(at_s)]
    t_s, energy = sounds(*loud)
    found = find_clicks(t_s, energy, 0.5, 8)
    assert np.abs(found - at_s).max() < 0.006
    assert check_clicks(t_s, energy, found).ok
    with pytest.raises(CalibrationError, match="too short"):
        find_clicks(t_s[:3000], energy[:3000], 0.5, 8)


def test_clicks_that_are_not_heard_tell_nothing() -> None:
    t_s, energy = sounds((1.0, -20))
    with pytest.raises(CalibrationError, match="noise"):
        check_clicks(t_s, energy, np.array([1.0, 2.0]))
    with pytest.raises(CalibrationError, match="not all"):
        check_clicks(t_s, energy, np.array([1.0, 7.0]))


def test_the_newest_gain_of_a_microphone_counts_and_none_is_lost(
    tmp_path: Path,
) -> None:
    library = tmp_path / "not yet there"
    assert newest_gain(library, "Yeti") is None
    for number, device in enumerate(("Yeti", "Other", "Yeti"), 1):
        keep_gain(library, MicrophoneGain(device, float(number), f"2026-01-0{number}"))
    found = newest_gain(library, "Yeti")
    assert found == MicrophoneGain("Yeti", 3.0, "2026-01-03")
    assert len(stored_gains(library)) == 3


def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    with pytest.raises(RecordingError, match="calibrate the microphone again"):
        keep_gain(tmp_path, MicrophoneGain("Yeti", 1.0, ""))
    assert (tmp_path / FILE_NAME).read_text() == "{"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        keep_gain(tmp_path / "file", MicrophoneGain("Yeti", 1.0, ""))
