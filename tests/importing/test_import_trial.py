"""From foreign files to a trial: montage, clocks, provenance, never overwriting."""

from __future__ import annotations

import hashlib
import json
import os
from functools import partial

import numpy as np
import pytest
import pyxdf
from import_cases import FORCES, LOADSOL, MARKERS, XSENS, bring, pedar, write

from lablive.analysis import analyze
from lablive.errors import ConfigError, RecordingError
from lablive.importing import import_trial as importing
from lablive.importing.import_trial import import_trial
from lablive.importing.storing import write_trial
from lablive.recording.verify import verify
from lablive.signals.montage import parse_montage

TABLE = "time,force,other\n0.00,100,1\n0.01,200,2\n0.02,300,3\n"
MONTAGE = """
schema = 1
[[stream]]
match = { name = "belt" }
[[stream.channel]]
label = "force"
role = "treadmill.force_z"
unit = "kN"
"""


def left_over(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_montage_gives_a_lone_table_its_name_and_roles(tmp_path):
    got = bring(write(tmp_path, "walk 7.csv", TABLE), montage=MONTAGE)
    assert got.report.roles == {"treadmill.force_z": "belt"}
    assert got.infos["belt"].source_id == "walk 7.csv"
    assert parse_montage(got.header["montage"], "stored").roles == (
        "treadmill.force_z",
    )


def test_without_roles_a_template_is_given_that_can_be_filled_in(tmp_path):
    got = bring(write(tmp_path, "walk.csv", TABLE))
    assert got.report.roles == {}
    assert "treadmill: speed [m/s], incline [%], force_z [N]" in got.report.free
    filled = "\n".join(
        line.removeprefix("# ")
        if line.startswith(("# [[", "# label", "# role", "# unit"))
        else line
        for line in got.report.template.splitlines()
    )
    filled = filled.replace('role = ""', 'role = "treadmill.force_z"')
    filled = filled.replace('unit = ""', 'unit = "N"')
    assert parse_montage(filled, "template").streams[0].match.name == "walk"


def test_a_montage_for_something_else_says_what_is_there(tmp_path):
    path = write(tmp_path, "grf.mot", FORCES)
    with pytest.raises(ConfigError, match='wants name "belt"; there are name "opensim'):
        bring(path, montage=MONTAGE)
    assert left_over(tmp_path) == ["grf.mot"]


def test_a_label_that_is_not_there_is_named(tmp_path):
    path = write(tmp_path, "walk.csv", TABLE.replace("force", "load"))
    with pytest.raises(ConfigError, match='"force" is not there in stream "belt"'):
        bring(path, montage=MONTAGE)
    assert left_over(tmp_path) == ["walk.csv"]


def test_what_the_montage_names_and_the_files_lack_is_told(tmp_path):
    more = MONTAGE + MONTAGE.partition("schema = 1\n")[2].replace(
        "belt", "speed"
    ).replace("force_z", "speed").replace("kN", "m/s")
    got = bring(write(tmp_path, "belt.csv", TABLE), montage=more)
    assert any("also names treadmill.speed" in note for note in got.report.notes)


def test_the_source_is_in_the_header(tmp_path):
    path = write(tmp_path, "walk ü.csv", TABLE)
    got = bring(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(got.header["source"]) == [
        {"name": "walk ü.csv", "sha256": digest}
    ]
    assert str(tmp_path) not in "".join(got.header.values())


def test_nothing_is_overwritten(tmp_path):
    path = write(tmp_path, "walk.csv", TABLE)
    out = write(tmp_path, "out.xdf", "precious")
    with pytest.raises(ConfigError, match="exists already"):
        import_trial([path], out)
    with pytest.raises(ConfigError, match="exists already"):
        import_trial([path], path)
    assert out.read_text() == "precious"
    assert path.read_text() == TABLE


def test_a_folder_that_is_not_there(tmp_path):
    path = write(tmp_path, "walk.csv", TABLE)
    with pytest.raises(ConfigError, match="folder does not exist"):
        import_trial([path], tmp_path / "no" / "out.xdf")


@pytest.mark.parametrize(("name", "said"), [("gone.csv", "no file"), (".", "folder")])
def test_a_file_that_is_none(tmp_path, name, said):
    with pytest.raises(ConfigError, match=said):
        import_trial([tmp_path / name], tmp_path / "out.xdf")


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    path = write(tmp_path, "walk.csv", TABLE)

    def refuse(path):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("lablive.importing.sources.head_of", refuse)
    with pytest.raises(RecordingError, match="Permission denied"):
        import_trial([path], tmp_path / "out.xdf")


def test_an_import_stopped_in_the_middle_leaves_nothing(tmp_path):
    path = write(tmp_path, "walk.csv", TABLE)

    def stop(share, step):
        if step == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_trial([path], tmp_path / "out.xdf", progress=stop)
    assert left_over(tmp_path) == ["walk.csv"]


def test_a_full_disk_leaves_nothing_and_is_told(tmp_path, monkeypatch):
    path = write(tmp_path, "walk.csv", TABLE)

    def full(handle, data):
        raise OSError(28, os.strerror(28))

    failing = partial(write_trial, write=full)
    monkeypatch.setattr(importing, "write_trial", failing)
    with pytest.raises(RecordingError, match="No space left"):
        import_trial([path], tmp_path / "out.xdf")
    assert left_over(tmp_path) == ["walk.csv"]


def test_too_large_for_the_memory_is_one_message(tmp_path, monkeypatch):
    path = write(tmp_path, "walk.csv", TABLE)
    kind = importing.kind_of(path)

    def read(*args):
        raise MemoryError

    monkeypatch.setattr(importing, "kind_of", lambda path: kind._replace(read=read))
    with pytest.raises(RecordingError, match=r"too large for the memory.*Split it"):
        import_trial([path], tmp_path / "out.xdf")


def test_progress_rises_from_0_to_1(tmp_path):
    rows = "".join(f"{k / 100},{k},0\n" for k in range(60_000))
    path = write(tmp_path, "walk.csv", "time,a,b\n" + rows)
    told = []
    import_trial([path], tmp_path / "out.xdf", progress=lambda s, _: told.append(s))
    assert told == sorted(told)
    assert len(told) > 10
    assert told[-1] == 1.0


# ------------------------------------------------------------- several files


def test_files_of_one_clock_stand_side_by_side(tmp_path):
    paths = [write(tmp_path, "grf.mot", FORCES), write(tmp_path, "m.trc", MARKERS)]
    got = bring(*paths)
    assert got.t_s["opensim forces"][0] == pytest.approx(0.5)
    assert got.t_s["trc markers"][0] == 0
    assert len(json.loads(got.header["source"])) == 2


def test_files_with_unix_time_keep_their_distance(tmp_path):
    paths = [
        write(tmp_path, f"{k}.csv", f"timestamp,a\n{at}.0,1\n{at}.5,2\n{at + 1}.0,3\n")
        for k, at in enumerate((1_700_000_002, 1_700_000_001))
    ]
    got = bring(*paths)
    np.testing.assert_allclose(got.t_s["0"], [1.0, 1.5, 2.0])
    np.testing.assert_allclose(got.t_s["1"], [0.0, 0.5, 1.0])


def test_unix_time_and_time_since_start_are_not_mixed(tmp_path):
    paths = [
        write(tmp_path, "a.csv", "timestamp,a\n1700000001,1\n1700000002,2\n"),
        write(tmp_path, "b.csv", TABLE),
    ]
    with pytest.raises(ConfigError, match=r"time of day; without it: b\.csv"):
        bring(*paths)


def test_files_without_a_common_moment_are_told(tmp_path):
    later = TABLE.replace("0.0", "9.0")
    paths = [write(tmp_path, "a.csv", TABLE), write(tmp_path, "b.csv", later)]
    note = "a ends at 0.02 s and b begins at 9 s: are they of one recording?"
    assert note in bring(*paths).report.notes


def test_two_equal_streams_get_no_role(tmp_path):
    (tmp_path / "b").mkdir()
    paths = [write(tmp_path, "a.txt", LOADSOL), write(tmp_path / "b", "a.txt", LOADSOL)]
    got = bring(*paths)
    assert got.report.roles == {}
    assert any("Several streams bring insole_left.zones" in n for n in got.report.notes)


def test_a_file_given_twice_counts_once(tmp_path):
    path = write(tmp_path, "grf.mot", FORCES)
    assert len(bring(path, path).report.streams) == 1


def test_no_file_is_one_message(tmp_path):
    with pytest.raises(ConfigError, match="No file"):
        import_trial([], tmp_path / "out.xdf")


# ------------------------------------------------------------ what comes out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("walk.csv", TABLE),
        ("a.txt", LOADSOL),
        ("a.asc", pedar(200)),
        ("grf.mot", FORCES),
        ("m.trc", MARKERS),
    ],
)
def test_the_trial_is_whole_and_another_reader_agrees(tmp_path, name, text):
    got = bring(write(tmp_path, name, text))
    told = verify(got.path)
    assert told.ok, told.findings
    streams, _ = pyxdf.load_xdf(str(got.path), dejitter_timestamps=False)
    read = {s["info"]["name"][0]: s for s in streams}
    for stream, x in got.x.items():
        np.testing.assert_array_equal(read[stream]["time_series"], x)
        np.testing.assert_array_equal(read[stream]["time_stamps"], got.t_s[stream])
    analyze(got.path)


def test_a_file_that_lacks_rows_is_a_finding(tmp_path):
    got = bring(write(tmp_path, "a_00B42268.txt", XSENS))
    told = verify(got.path)
    assert not told.ok
    assert any("2 rows" in finding for finding in told.findings)


def test_importing_twice_gives_the_same_rows(tmp_path):
    path = write(tmp_path, "a.txt", LOADSOL)
    first, again = bring(path), bring(path, out="again.xdf")
    assert first.report == again.report
    for name, x in first.x.items():
        np.testing.assert_array_equal(again.x[name], x)
        np.testing.assert_array_equal(again.t_s[name], first.t_s[name])
