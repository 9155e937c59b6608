"""A trial with everything an export may hold, and a person who has a name."""

from __future__ import annotations

import json

import pytest
from pipeline_cases import EMG, SOLES, segments_as_worn, simulated
from trial_files import recorded

from lablive.messages import Gap, Marker
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.signals.calibrations import Calibrations, calibrations_json
from lablive.signals.montage import to_toml


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    lab = simulated(18.0, (*SOLES, EMG, "Sim pelvis IMU"), standing_s=4.0)
    left = lab.streams[0]
    lab.gaps = [Gap(left.id, 1800, 8.995, 0.0, 2, "lost", "radio")]
    header = {
        HeaderKey.MONTAGE: to_toml(lab.montage),
        HeaderKey.CODE: "LB-0007",
        HeaderKey.STARTED: "2026-11-21T10:00:00+01:00",
        HeaderKey.NOTE: "Anna Example felt well",
        HeaderKey.SOURCE: json.dumps([{"name": "Example_Anna.txt", "sha256": "ab"}]),
        HeaderKey.CALIBRATION: calibrations_json(
            Calibrations(segments=segments_as_worn(("pelvis",)))
        ),
    }
    markers = (
        Marker(9.0, "Anna tripped", "note"),
        Marker(2.0, "too early", "marker"),
    )
    folder = tmp_path_factory.mktemp("export")
    return recorded(folder / "trial-01.xdf", lab, header, markers)


@pytest.fixture(scope="module")
def trial(file):
    opened = Trial(file)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """Let the library know the person behind the code."""
    known = ("Example, Anna", "Anna", "Example")
    monkeypatch.setattr(
        "lablive.exporting.export_trial.names_of",
        lambda home, code: known if code == "LB-0007" else (),
    )
