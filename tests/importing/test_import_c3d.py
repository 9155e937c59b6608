"""C3D: markers, outputs, analog channels, events, cut and damaged files."""

from __future__ import annotations

import re
from contextlib import contextmanager

import numpy as np
import pytest
from import_cases import bring, write

from lablive.errors import LabLiveError, RecordingError
from lablive.importing import c3d_file
from lablive.importing.mocap import Path3d, elevation_deg, labels_of, path_of
from lablive.recording.replay import Trial

FRAMES, RATE_HZ, PER_FRAME = 30, 100, 10


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A file with two markers, one angle, two analog channels and two events."""
    ezc3d = pytest.importorskip("ezc3d", reason="ezc3d writes the C3D file")
    file = ezc3d.c3d()
    points = np.arange(4 * 3 * FRAMES, dtype=float).reshape(4, 3, FRAMES)
    points[:3, 0, 5] = np.nan
    labels = ["Anna:LASI", "Anna:RASI", "LPelvisAngles"]
    file["parameters"]["POINT"]["RATE"]["value"] = [RATE_HZ]
    file["parameters"]["POINT"]["LABELS"]["value"] = labels
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file.add_parameter("POINT", "ANGLES", ["LPelvisAngles"])
    file.add_parameter("POINT", "ANGLE_UNITS", ["deg"])
    file["parameters"]["ANALOG"]["RATE"]["value"] = [RATE_HZ * PER_FRAME]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = ["EMG left", "gyro.x"]
    file["parameters"]["ANALOG"]["UNITS"]["value"] = ["V", "rad/s"]
    file.add_parameter("EVENT", "LABELS", ["Foot Off", "RHS"])
    file.add_parameter("EVENT", "CONTEXTS", ["Left", "General"])
    file.add_parameter("EVENT", "TIMES", np.array([[0.0, 0.0], [0.25, 0.125]]))
    file["header"]["points"]["first_frame"] = 20
    file["data"]["points"] = points
    file["data"]["analogs"] = np.arange(2.0 * FRAMES * PER_FRAME).reshape(1, 2, -1)
    path = tmp_path_factory.mktemp("c3d") / "made.c3d"
    file.write(str(path))
    return path.read_bytes()


@contextmanager
def opened(got):
    trial = Trial(got.path)
    try:
        yield trial
    finally:
        trial.close()


def test_every_part_of_the_file_becomes_a_stream(tmp_path, content):
    got = bring(write(tmp_path, "a.c3d", content))
    shapes = {
        name: (i.type, x.shape, i.rate_hz)
        for (name, i), x in zip(got.infos.items(), got.x.values(), strict=True)
    }
    assert shapes == {
        "c3d markers": ("MoCap", (FRAMES, 6), RATE_HZ),
        "c3d model outputs": ("MoCap", (FRAMES, 3), RATE_HZ),
        "c3d analog": ("Analog", (FRAMES * PER_FRAME, 2), RATE_HZ * PER_FRAME),
    }
    units = [(c.label, c.unit) for c in got.infos["c3d analog"].channels]
    assert units == [("EMG left", "V"), ("gyro.x", "rad/s")]
    analog = got.x["c3d analog"]
    np.testing.assert_array_equal(analog[:, 1] - analog[:, 0], FRAMES * PER_FRAME)


def test_streams_begin_with_the_frame_that_the_header_names(tmp_path, content):
    got = bring(write(tmp_path, "a.c3d", content))
    for name, t_s in got.t_s.items():
        assert t_s[0] == pytest.approx(0.20), name
    assert got.t_s["c3d analog"][-1] == pytest.approx(0.20 + 0.299)


def test_events_are_markers_with_kind_and_side(tmp_path, content):
    got = bring(write(tmp_path, "a.c3d", content))
    assert [(m.t_s, m.kind, m.text) for m in got.markers] == [
        (pytest.approx(0.125), "ic", "right RHS"),
        (pytest.approx(0.25), "to", "left Foot Off"),
    ]


def test_marker_paths_by_name_in_metres(tmp_path, content):
    got = bring(write(tmp_path, "a.c3d", content))
    with opened(got) as trial:
        assert labels_of(trial) == ["Anna:LASI", "Anna:RASI", "LPelvisAngles"]
        left = path_of(trial, "LASI")
        angle = path_of(trial, "LPelvisAngles")
        with pytest.raises(RecordingError, match=r'no marker "LPSI".*Anna:RASI'):
            path_of(trial, "LPSI")
    assert (left.unit, angle.unit) == ("m", "deg")
    np.testing.assert_allclose(left.xyz[7], [0.007, 0.097, 0.187])
    assert np.isnan(left.xyz[5]).all()
    np.testing.assert_allclose(angle.xyz[0], [60, 150, 240])


def test_a_name_two_people_share_is_asked_for(tmp_path, content):
    twice = content.replace(b"Anna:RASI", b"Bert:LASI")
    with (
        opened(bring(write(tmp_path, "a.c3d", twice))) as trial,
        pytest.raises(RecordingError, match='2 markers are called "LASI"'),
    ):
        path_of(trial, "LASI")


def test_elevation_of_a_line_has_the_sign_of_obliquity():
    def at(*xyz):
        return Path3d(np.zeros(1), np.array([xyz], dtype=float), "m")

    left, right = at(0, 0.2, 1.02), at(0, 0, 1)
    assert elevation_deg(left, right)[0] == pytest.approx(5.71, abs=0.01)
    assert elevation_deg(right, left)[0] == pytest.approx(-5.71, abs=0.01)
    assert elevation_deg(left, right, "-z")[0] == pytest.approx(-5.71, abs=0.01)
    assert elevation_deg(at(0, 0.02, 0.2), at(0, 0, 0), "y")[0] == pytest.approx(
        5.71, abs=0.01
    )


def test_a_file_cut_off_has_the_frames_it_holds_and_a_loss(tmp_path, content):
    frame_bytes = (3 * 4 + 2 * PER_FRAME) * 4
    got = bring(write(tmp_path, "a.c3d", content[: -10 * frame_bytes]))
    whole = bring(write(tmp_path, "b.c3d", content), out="b.xdf")
    for name, x in got.x.items():
        assert 0 < len(x) < len(whole.x[name])
        np.testing.assert_array_equal(x, whole.x[name][: len(x)])
        (gap,) = (g for g in got.gaps if g.stream == got.infos[name].id)
        assert len(x) + gap.rows_lost == len(whole.x[name])
        assert gap.why == "the file is cut off"


@pytest.mark.parametrize("length", [512, 700, 1024, 1500])
def test_a_file_cut_in_its_header_is_one_message(tmp_path, content, length):
    with pytest.raises(RecordingError, match=r"a\.c3d: .*no trial written"):
        bring(write(tmp_path, "a.c3d", content[:length]))


def test_without_the_library_the_message_says_what_to_install(
    tmp_path, content, monkeypatch
):
    monkeypatch.setattr(c3d_file, "find_spec", lambda name: None)
    said = re.escape('pip install "lablive[c3d]"')
    with pytest.raises(LabLiveError, match=said) as told:
        bring(write(tmp_path, "a.c3d", content))
    assert "other kinds of files can be imported" in str(told.value)


def test_a_reader_that_never_ends_is_stopped(tmp_path, content, monkeypatch):
    monkeypatch.setattr(c3d_file, "_LONGEST_S", 0.01)
    with pytest.raises(RecordingError, match="did not end within"):
        bring(write(tmp_path, "a.c3d", content))


@pytest.mark.parametrize(
    ("words", "number"), [([7, 0], 7), ([-1, 0], 65535), ([2, 3], 196610), ([7], 0)]
)
def test_frame_numbers_beyond_16_bits(words, number):
    assert c3d_file.Group({"F": words}).frame_number("F") == number
    assert c3d_file.Group({}).frame_number("F") == 0
