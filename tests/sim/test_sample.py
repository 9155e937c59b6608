"""The sample recording is a whole session, complete, and of the reference runner."""

from __future__ import annotations

import subprocess
import sys

import pytest

from drivers.sim.sample import CODE, write_sample
from lablive.analysis import analyze
from lablive.errors import RecordingError
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.recording.verify import verify


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "new" / "sample.xdf"
    shares = []
    write_sample(path, shares.append)
    return path, shares


def test_it_is_whole_and_tells_how_far_it_is(made):
    path, shares = made
    assert verify(path).ok
    assert sorted(it.name for it in path.parent.iterdir()) == [
        "sample.xdf",
        "sample.xdf.idx",
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_it_is_calibrated_and_measures_every_skill(made):
    trial = Trial(made[0])
    try:
        assert trial.header[HeaderKey.CODE] == CODE
        found = analyze(trial)
    finally:
        trial.close()
    assert abs(found.metrics["cadence_spm"].both.median - 162.16) < 0.5
    for metric in ("pelvic_drop_deg", "gmax_drive_pct", "shank_angle_ic_deg"):
        assert found.metrics[metric].left.n > 40, metric


def test_nothing_is_written_over(made):
    with pytest.raises(RecordingError, match="never overwritten"):
        write_sample(made[0])


def test_the_command_tells_what_is_wrong(made, tmp_path):
    command = [sys.executable, "-m", "ui.start", "sample", "--out", str(made[0])]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert "is never overwritten. Choose another name with --out." in told.stderr
    (tmp_path / "file").write_text("")
    command[-1] = str(tmp_path / "file" / "sample.xdf")
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "The sample cannot be written to" in told.stderr
    assert "Traceback" not in told.stderr
