"""Tables: separators, headers, units, time axes, holes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from import_cases import bring, write

from lablive.errors import ConfigError, RecordingError

PLAIN = "time,a,b\n0.00,1,2\n0.01,3,4\n0.02,5,6\n"
VALUES = [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", " "),
        PLAIN.replace(",", "; "),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", "\n\n"),
        "exported by a program\nversion 1.5\n" + PLAIN,
        "# a comment\n" + PLAIN,
        PLAIN.replace("time", '"time"'),
        PLAIN.replace("time", "Time [s]"),
        PLAIN.replace("time,a,b\n", "Time,a,b\ns,N,N\n"),
        PLAIN.replace("0.00", "0").replace("0.01", "10").replace("0.02", "20")
        .replace("time", "time (ms)"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace(",", ";").replace(".", ","),
    ],
)  # fmt: skip
def test_a_table_however_it_is_written(tmp_path, content):
    got = bring(write(tmp_path, "walk.csv", content))
    assert got.infos["walk"].labels == ("a", "b")
    np.testing.assert_allclose(got.t_s["walk"], [0, 0.01, 0.02], atol=1e-12)
    np.testing.assert_array_equal(got.x["walk"], VALUES)
    assert got.infos["walk"].rate_hz == 100
    assert got.gaps == []


def test_decimal_commas_are_numbers(tmp_path):
    text = "time;force\n0,00;1,5\n0,01;-2,25\n0,02;3\n"
    got = bring(write(tmp_path, "walk.csv", text))
    np.testing.assert_array_equal(got.x["walk"], [[1.5], [-2.25], [3]])


def test_a_comma_beside_points_is_not_guessed(tmp_path):
    """1,234 may be a thousand: with 0.01 in the same table nobody can know."""
    path = write(tmp_path, "walk.csv", "time;f\n0.00;1\n0.01;1,234\n0.02;2\n")
    with pytest.raises(RecordingError, match=r'line 3: column "f": "1,234" is no'):
        bring(path)


def test_lines_of_a_tall_header_are_joined(tmp_path):
    text = ",left,left,right\n,acc_x,acc_y,acc_x\n0,1,2,3\n1,4,5,6\n2,7,8,9\n"
    got = bring(write(tmp_path, "imu.csv", text), rate_hz=100, time_column="0")
    labels = ("left.acc_x", "left.acc_y", "right.acc_x")
    assert got.infos["imu"].labels == labels


def test_units_in_titles_are_kept(tmp_path):
    text = "Time (s),Accelerometer X (g),Gyro [deg/s]\n0,1,2\n0.1,1,2\n"
    got = bring(write(tmp_path, "b.csv", text))
    channels = got.infos["b"].channels
    assert [(c.label, c.unit) for c in channels] == [
        ("Accelerometer X", "g"),
        ("Gyro", "deg/s"),
    ]


def test_old_alphabets_are_read(tmp_path):
    text = "time,Beschleunigung (mm/s²)\n0,1\n0.1,2\n".encode("latin-1")
    got = bring(write(tmp_path, "a.csv", text))
    assert got.infos["a"].channels[0].unit == "mm/s²"


@pytest.mark.parametrize("word", ["", "-", "NaN", "n/a", "NULL", "inf", "-Infinity"])
def test_what_was_not_measured_is_missing(tmp_path, word):
    text = f"time,a,b\n0.0,1,2\n0.1,{word},4\n0.2,5,6\n"
    got = bring(write(tmp_path, "walk.csv", text))
    np.testing.assert_array_equal(got.x["walk"][:, 0], [1, np.nan, 5])
    np.testing.assert_array_equal(got.x["walk"][:, 1], [2, 4, 6])
    assert any("infinite" in note for note in got.report.notes) == (
        "inf" in word.lower()
    )


def test_columns_of_words_are_left_out_and_told(tmp_path):
    text = "time,foot,force\n0.0,left,1\n0.1,left,2\n"
    got = bring(write(tmp_path, "walk.csv", text))
    assert got.infos["walk"].labels == ("force",)
    assert 'Column "foot" holds words and is left out.' in got.report.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,a\n0,1\n0.1,2\n0.2,x7\n0.3,4\n", r'line 4: column "a": "x7" is no'),
        ("time,a\n0,1\n0.1,2\n0.2,1_0\n0.3,4\n", r'line 4: column "a": "1_0" is no'),
        ("time,a\n0,1\n0.1,2,9\n0.2,3\n", r"line 3: 3 columns, expected 2"),
        ("time,a\n0,1\n0.1,2\n0.05,3\n", r'line 4: column "time": the time goes back'),
        ("time,a\n0,1\n,2\n0.2,3\n", r'line 3: column "time": the time is missing'),
        ("time,a\n5,1\n5,2\n5,3\n", "every row has the same time stamp"),
        ("time\n0\n0.1\n", "no column of numbers besides the time"),
        ("hello\nworld\n", "no rows of numbers"),
        ("   \n\n", "the file is empty"),
        ("", "the file is empty"),
        ("PK\x03\x04\0\0\0\0", "no kind of file that can be imported"),
    ],
)  # fmt: skip
def test_a_broken_table_is_one_message_with_its_line(tmp_path, text, said):
    path = write(tmp_path, "walk.csv", text)
    with pytest.raises(RecordingError, match=said) as told:
        bring(path)
    assert "no trial written" in str(told.value)
    assert "walk.csv" in str(told.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["walk.csv"]


def test_half_a_utf16_file_is_one_message(tmp_path):
    path = write(tmp_path, "a.csv", PLAIN.encode("utf-16")[:-1] + b"\xd8")
    with pytest.raises(RecordingError, match="damaged"):
        bring(path)


def test_a_last_line_cut_off_is_left_out_and_told(tmp_path):
    got = bring(write(tmp_path, "walk.csv", PLAIN + "0.03,7"))
    np.testing.assert_array_equal(got.x["walk"], VALUES)
    assert any("Line 5, the last one, is cut off" in n for n in got.report.notes)


# ------------------------------------------------------------------ time axes


def test_without_times_a_rate_is_asked_for_and_used(tmp_path):
    path = write(tmp_path, "a.txt", "1\n2\n3\n")
    with pytest.raises(ConfigError, match=r"no column says when.*--rate"):
        bring(path)
    got = bring(path, rate_hz=300)
    np.testing.assert_allclose(got.t_s["a"], np.arange(3) / 300)


def test_a_rate_in_a_comment_counts(tmp_path):
    got = bring(write(tmp_path, "a.txt", "# Sampling Rate (Hz):= 1000.00\n1\n2\n3\n"))
    assert got.infos["a"].rate_hz == 1000


def test_row_numbers_and_a_rate_show_what_is_missing(tmp_path):
    text = "samples,a\n4,1\n5,2\n8,3\n9,4\n"
    got = bring(write(tmp_path, "a.csv", text), rate_hz=100, time_column="samples")
    np.testing.assert_allclose(got.t_s["a"], [0.04, 0.05, 0.08, 0.09])
    (gap,) = got.gaps
    assert (gap.after_row, gap.rows_lost) == (2, 2)
    assert gap.t_s == pytest.approx(0.05)
    assert got.infos["a"].labels == ("a",)


def test_row_numbers_that_wrap(tmp_path):
    rows = [*range(250, 256), *range(4), *range(5, 255)]  # 4 is missing
    text = "n,a\n" + "".join(f"{r},{k}\n" for k, r in enumerate(rows))
    got = bring(write(tmp_path, "a.csv", text), rate_hz=250, time_column="n")
    assert [gap.rows_lost for gap in got.gaps] == [1]
    assert got.gaps[0].after_row == 10
    assert got.t_s["a"][-1] == pytest.approx((250 + 260) / 250)


@pytest.mark.parametrize("third", ["2.5", "nan", "1"])
def test_row_numbers_that_are_none(tmp_path, third):
    path = write(tmp_path, "a.csv", f"n,a\n0,1\n1,2\n{third},3\n3,4\n")
    with pytest.raises(RecordingError, match='line 4: column "n"'):
        bring(path, rate_hz=100, time_column="n")


def test_a_hole_in_the_times_is_a_recorded_loss(tmp_path):
    stamps = [0.00, 0.01, 0.02, 0.06, 0.07, 0.08, 0.09]
    text = "time,a\n" + "".join(f"{t},{k}\n" for k, t in enumerate(stamps))
    got = bring(write(tmp_path, "a.csv", text))
    np.testing.assert_allclose(got.t_s["a"], stamps)
    (gap,) = got.gaps
    assert (gap.after_row, gap.rows_lost, gap.kind) == (3, 3, "lost")
    assert gap.duration_s == pytest.approx(0.04)
    assert any("3 rows are missing in 1 places" in note for note in got.report.notes)


def test_rows_under_one_stamp_are_spread_back_and_told(tmp_path):
    stamps = [0.00, 0.01, 0.03, 0.03, 0.04, 0.05]
    text = "time,a\n" + "".join(f"{t},{k}\n" for k, t in enumerate(stamps))
    got = bring(write(tmp_path, "a.csv", text))
    np.testing.assert_allclose(got.t_s["a"], np.arange(6) / 100)
    assert any("share the time stamp" in note for note in got.report.notes)
    assert got.gaps == []


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1e3), ("us", 1e6)])
def test_unix_times_become_times_since_the_first_row(tmp_path, unit, factor):
    first = 1_700_000_000
    text = "timestamp,a\n" + "".join(
        f"{(first + k / 4) * factor:.0f},{k}\n"
        if factor > 1
        else f"{first + k / 4},{k}\n"
        for k in range(4)
    )
    del unit
    got = bring(write(tmp_path, "a.csv", text))
    np.testing.assert_allclose(got.t_s["a"], np.arange(4) / 4, atol=1e-9)
    assert got.header["started"] == "2023-11-14T22:13:20+00:00"


def test_whole_numbers_without_unit_are_not_guessed(tmp_path):
    path = write(tmp_path, "a.csv", "time,a\n0,1\n10,2\n20,3\n")
    with pytest.raises(ConfigError, match=r"steps of 10 and says no unit.*--time-unit"):
        bring(path)
    got = bring(path, time_unit="ms")
    np.testing.assert_allclose(got.t_s["a"], [0, 0.01, 0.02])


def test_a_column_that_is_not_there_lists_those_that_are(tmp_path):
    path = write(tmp_path, "a.csv", PLAIN)
    with pytest.raises(ConfigError, match=r'no column of numbers "c".*1 "a", 2 "b"'):
        bring(path, time_column="c")


# ------------------------------------------------------------ one trial a line


def test_a_line_as_one_series(tmp_path):
    text = ",".join(map(str, range(40))) + "\n" + ",".join(map(str, range(100, 140)))
    path = write(tmp_path, "a.csv", text + "\n")
    got = bring(path, row=2, rate_hz=500)
    np.testing.assert_array_equal(got.x["a"][:, 0], np.arange(100, 140))


def test_a_line_of_several_series(tmp_path):
    text = ",".join(map(str, range(40))) + "\n" + ",".join(map(str, range(100, 140)))
    path = write(tmp_path, "a.csv", text + "\n")
    got = bring(path, row=1, parts=2, rate_hz=500)
    np.testing.assert_array_equal(got.x["a"][:, 0], np.arange(20))
    np.testing.assert_array_equal(got.x["a"][:, 1], np.arange(20, 40))
    assert got.infos["a"].labels == ("row 1 part 1", "row 1 part 2")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"row": 1}, "needs its rate"),
        ({"row": 3, "rate_hz": 500}, "there is no row 3"),
        ({"row": 1, "rate_hz": 500, "parts": 3}, "no 3 series of one length"),
        ({"parts": 2, "rate_hz": 500}, "Give --row too"),
        ({"time_column": "time", "time_unit": "weeks"}, "not known"),
    ],
)
def test_wrong_options_are_one_message(tmp_path, options, said):
    path = write(tmp_path, "a.csv", "time,b,c,d\n1,2,3,4\n2,3,4,5\n")
    with pytest.raises(ConfigError, match=said):
        bring(path, **options)


# -------------------------------------------------------------- times as text


def clocked(*stamps):
    return "timestamp,a\n" + "".join(f"{at},{k}\n" for k, at in enumerate(stamps))


def test_times_of_the_day_also_over_midnight(tmp_path):
    text = clocked("23:59:59.75", "00:00:00.000", "00:00:00.250")
    got = bring(write(tmp_path, "a.csv", text))
    np.testing.assert_allclose(got.t_s["a"], [86399.75, 86400, 86400.25])
    np.testing.assert_array_equal(got.x["a"], [[0], [1], [2]])


def test_dates_without_a_zone_say_so(tmp_path):
    stamps = ["2024-05-26 10:00:00.00", "2024-05-26 10:00:00.01", "2024-05-27 10:00:00"]
    got = bring(write(tmp_path, "a.csv", clocked(*stamps)))
    np.testing.assert_allclose(got.t_s["a"], [36000, 36000.01, 122400])
    assert "started" not in got.header
    assert any("midnight of 2024-05-26" in note for note in got.report.notes)


def test_dates_with_a_zone_are_unix_time(tmp_path):
    stamps = ["2024-05-26T10:00:00.00+02:00", "2024-05-26T08:00:00.25Z"]
    got = bring(write(tmp_path, "a.csv", clocked(*stamps)))
    np.testing.assert_allclose(got.t_s["a"], [0, 0.25], atol=1e-6)
    assert got.header["started"] == "2024-05-26T08:00:00+00:00"


@pytest.mark.parametrize("third", ["later", "", "10:00:61"])
def test_a_text_that_is_no_time_is_told_with_its_line(tmp_path, third):
    path = write(
        tmp_path, "a.csv", clocked("10:00:00.0", "10:00:00.1", third, "10:01:00")
    )
    with pytest.raises(RecordingError, match=r"line 4: .*the time is missing"):
        bring(path)
