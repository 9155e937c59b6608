"""One text for all calibrations: there and back, older headers, clear refusals."""

from __future__ import annotations

import json

import msgspec
import pytest

from lablive.errors import RecordingError
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.calibrations import (
    Calibrations,
    calibrations_json,
    parse_calibrations,
)
from lablive.signals.emg import EmgSettings
from lablive.signals.emg_reference import (
    Electrode,
    EmgRecords,
    EmgReference,
    EmgRest,
)
from lablive.signals.segment_calibration import (
    PelvicRange,
    SegmentCalibration,
    SiteCalibration,
)
from lablive.signals.sound import BeltNoise
from lablive.signals.sound_latency import SoundLatency

AT = "2026-01-01T10:00:00+01:00"
ROLE = "emg_gluteus_maximus_left"
SETTINGS = EmgSettings(rate_hz=2000.0)
LEFT = FootCalibration("insole_left.force", "N", (1.5,), 1.02, "unloaded", "two_leg")
INSOLE = Calibration(AT, "P01", "", 70.0, left=LEFT)
PELVIS = SiteCalibration(
    "pelvis", "functional", ((1, 0, 0), (0, 1, 0), (0, 0, 1)), (0.01, 0, 0), 200.0, 93.0
)


def electrode(chain=SETTINGS.chain, unit="V"):
    return Electrode(ROLE, "P01", "today", chain, unit)


def reference(value, method="task peak", **of):
    return EmgReference(electrode(**of), AT, value, method, 20)


WHOLE = Calibrations(
    insole=INSOLE,
    segments=SegmentCalibration(
        AT, "P01", "belt", (PELVIS,), ("head",), PelvicRange(12.0, -8.0)
    ),
    emg=EmgRecords(
        rests=(EmgRest(electrode(), AT, 1e-6, 2e-7, 1.2e-6, "stand"),),
        references=(reference(3e-4),),
    ),
    emg_notch_hz=50,
    belt_noise=(BeltNoise(AT, "front", 3.0, (1e-3, 2e-3, 3e-3), "Pa^2"),),
    sound_latency=SoundLatency(AT, "front", 0.031, 40, 0.4),
)


@pytest.mark.parametrize("whole", [WHOLE, Calibrations(), Calibrations(insole=INSOLE)])
def test_there_and_back(whole):
    assert parse_calibrations(calibrations_json(whole)) == whole
    assert bool(whole) == (whole != Calibrations())


def test_an_older_header_holds_the_insoles_alone():
    text = msgspec.json.encode(INSOLE).decode()
    assert parse_calibrations(text) == Calibrations(insole=INSOLE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "truncated"),
        ("[1]", "Expected `object`"),
        ('{"person": 3}', "Expected `str`"),
        ('{"schema": 2, "insole": {"made_at": 1}}', "Expected `str`"),
        ('{"schema": 9}', "knows up to 2"),
    ],
)
def test_what_is_none_is_told(text, why):
    with pytest.raises(RecordingError, match=why) as told:
        parse_calibrations(text)
    assert "raw rows are not affected" in str(told.value)


def test_the_text_names_its_schema():
    assert json.loads(calibrations_json(Calibrations())) == {"schema": 2}


def test_emg_counts_only_in_the_same_chain_and_unit():
    assert WHOLE.emg_rest(ROLE, SETTINGS, "V") == WHOLE.emg.rests[0]
    humming = EmgSettings(rate_hz=2000.0, notch_hz=50)
    assert WHOLE.emg_rest(ROLE, humming, "V") is None
    assert WHOLE.emg_rest(ROLE, SETTINGS, "adc") is None
    assert WHOLE.emg_rest("emg_soleus_left", SETTINGS, "V") is None


def test_the_newest_task_peak_comes_before_a_contraction():
    found = Calibrations(
        emg=EmgRecords(
            references=(
                reference(1e-4),
                reference(2e-4),
                reference(9e-4, "mvc"),
                reference(3e-4, chain="other"),
            )
        )
    )
    assert found.emg_reference(ROLE, SETTINGS, "V").value == 2e-4
    mvc = Calibrations(emg=EmgRecords(references=(reference(9e-4, "mvc"),)))
    assert mvc.emg_reference(ROLE, SETTINGS, "V").method == "mvc"
    assert Calibrations().emg_reference(ROLE, SETTINGS, "V") is None
