"""Recalculating: other thresholds, another calibration, never another file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from pipeline_cases import simulated
from trial_files import recorded

from lablive.analysis import analyze
from lablive.errors import ConfigError, RecordingError
from lablive.names import HeaderKey
from lablive.recalculation import main, read_result, recalculate, results_beside
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.calibrations import Calibrations
from lablive.signals.montage import parse_montage, to_toml

SHIPPED = Path(__file__).parents[1] / "configs" / "metrics.toml"


@pytest.fixture
def file(tmp_path):
    lab = simulated(16.0, standing_s=4.0)
    header = {HeaderKey.MONTAGE: to_toml(lab.montage)}
    return recorded(tmp_path / "trial [1].xdf", lab, header)


def own_bands(folder, metric, line):
    text = SHIPPED.read_text(encoding="utf-8")
    begin = text.index(f"[band.{metric}]")
    end = text.index("[band.", begin + 1)
    path = folder / "own.toml"
    path.write_text(f"{text[:begin]}[band.{metric}]\n{line}\n\n{text[end:]}")
    return path


def told(result, metric, side="left"):
    return next(it for it in result.verdicts if (it.metric, it.side) == (metric, side))


def test_other_thresholds_give_other_colours_and_the_same_numbers(file, tmp_path):
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    usual = read_result(recalculate(file, reason="as it is"))
    assert told(usual, "contact_time_ms").verdict is None
    band = own_bands(tmp_path, "contact_time_ms", "good = [0, 100]\ngrade = 'D'")
    other = read_result(recalculate(file, bands=band, reason="own limit"))
    assert told(other, "contact_time_ms").verdict == "poor"
    assert told(other, "contact_time_ms").usual is None
    assert told(other, "contact_time_ms").value == told(usual, "contact_time_ms").value
    assert other.bands == band.read_text()
    assert other.analysis["metrics"] == usual.analysis["metrics"]
    assert [read_result(it).reason for it in results_beside(file)] == [
        "as it is", "own limit",
    ]  # fmt: skip
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_corrected_calibration_changes_forces_and_says_so(file):
    cells = 16
    soles = {
        side: FootCalibration(
            f"insole_{side}.pressure", "N", (0.0,) * cells, gain, "none", "two_leg"
        )
        for side, gain in (("left", 2.0), ("right", 1.0))
    }
    uneven = Calibrations(insole=Calibration("", "P01", "", 70.0, **soles))
    result = read_result(recalculate(file, calibrations=uneven))
    plain = analyze(file).metrics["peak_force_bw"]
    assert plain.stat("left").median == pytest.approx(
        plain.stat("right").median, rel=0.05
    )
    peak = result.analysis["metrics"]["peak_force_bw"]
    assert peak["left"]["median"] / peak["right"]["median"] == pytest.approx(
        2, rel=0.05
    )
    assert any("another calibration" in note for note in result.analysis["notes"])
    assert "insole_left.pressure" in result.calibrations
    assert parse_montage(result.montage, "the result's own").streams


def test_two_results_of_one_second_are_two_files(file):
    first, second, third = (recalculate(file) for _ in range(3))
    assert len({first, second, third}) == 3
    assert len(results_beside(file)) == 3


def test_wrong_bands_and_damaged_results_are_one_message(file, tmp_path, monkeypatch):
    wrong = own_bands(tmp_path, "contact_time_ms", "good = [5, 1]")
    with pytest.raises(ConfigError, match="lower edge first"):
        recalculate(file, bands=wrong)
    assert results_beside(file) == []
    with pytest.raises(ConfigError):
        recalculate(file, bands=tmp_path / "absent.toml")
    out = recalculate(file)
    text = out.read_text()
    out.write_text(text[:-50])
    with pytest.raises(RecordingError, match="cannot be read"):
        read_result(out)
    newer = msgspec.json.decode(text)
    newer["schema"] = 9
    out.write_bytes(msgspec.json.encode(newer))
    with pytest.raises(RecordingError, match="schema 9"):
        read_result(out)

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    before = results_beside(file)
    with pytest.raises(RecordingError, match="No space left"):
        recalculate(file)
    assert results_beside(file) == before


def test_the_worker_says_where_the_result_is(file, capsys):
    assert main([str(file), "--reason", "again"]) == 0
    *lines, last = (json.loads(it) for it in capsys.readouterr().out.splitlines())
    assert [it["step"] for it in lines] == ["reading"] * len(lines)
    assert read_result(Path(last["result"])).reason == "again"
    assert main([str(file), "--bands", str(file.with_name("absent.toml"))]) == 1
    assert "absent.toml" in capsys.readouterr().err
