"""Repetitions of a drill as a table."""

from __future__ import annotations

import csv

import pytest
from drill_lab import calibrated, lab_of
from trial_files import recorded

from drivers.sim.drill_script import perform
from lablive.analysis import analyze
from lablive.drills.catalogue import load_drill
from lablive.exporting.export_trial import export
from lablive.names import HeaderKey
from lablive.signals.calibrations import calibrations_json
from lablive.signals.montage import to_toml


def test_repetitions_come_back_from_the_table(tmp_path):
    done = perform(load_drill("hop_one"), "left", {4: "other foot touched"}, reps=5)
    lab = lab_of(done, streams=("left_sole", "right_sole"))
    header = {
        HeaderKey.MONTAGE: to_toml(lab.montage),
        HeaderKey.CALIBRATION: calibrations_json(calibrated()),
    }
    file = recorded(tmp_path / "t.xdf", lab, header, done.markers)
    export(file, "csv", tmp_path / "out")
    with (tmp_path / "out" / "reps.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    (told,) = analyze(file).drills
    assert len(rows) == len(told.reps) == 5
    for row, rep in zip(rows, told.reps, strict=True):
        assert (row["drill"], row["leg"], row["set"]) == ("hop_one", "left", "1")
        assert float(row["t [s]"]) == rep.t_s
        assert row["state"] == rep.state
        assert row["pass"] == {True: "true", False: "false", None: ""}[rep.passed]
        assert float(row["flight_ms [ms]"]) == pytest.approx(rep.values["flight_ms"])
    assert [row["pass"] for row in rows].count("false") >= 1
