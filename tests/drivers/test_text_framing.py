"""Lines of numbers: rule 8 of the drivers reference, section 3.3."""

from __future__ import annotations

import math

import pytest
from wire_profiles import CUTS, SERIAL, cut, decoder, feed_all, parse, rows

CSV = (
    SERIAL.format(kind="imu")
    + """
[framing]
mode = "line"
delimiter = ","
[[message]]
name = "line"
columns = 4
field = [{ name = "acc", col = 1, count = 3, unit = "g" }]
[[stream]]
name = "imu"
message = "line"
fields = ["acc"]
"""
)


def test_rule_8_the_first_line_after_opening_may_be_cut() -> None:
    data = b"34,5,6,7\n8,9,10,11\n"  # the first line began with 12...
    assert rows(decoder(parse(CSV), live=True).feed([data], 0.0)).tolist() == [
        [9, 10, 11]
    ]
    assert len(rows(decoder(parse(CSV), live=False).feed([data], 0.0))) == 2


@pytest.mark.parametrize("size", CUTS)
def test_rule_8_a_wrong_number_of_columns_is_refused_never_shifted(size: int) -> None:
    found = decoder(parse(CSV))
    data = b"1,2,3,4\r\n1,2,3\r\n1,2,3,4,5\r\n5,6,7,8\r\n"
    out = feed_all(found, cut(data, size))
    assert rows(out).tolist() == [[2, 3, 4], [6, 7, 8]]
    assert found.stats.bad_lines == 2
    assert "5 columns instead of 4" in found.hint


def test_rule_8_a_decimal_comma_is_refused_with_a_hint() -> None:
    found = decoder(parse(CSV.replace('","', '";"')))
    found.feed([b"1;0,5;2;3\n"], 0.0)
    assert found.stats.bad_lines == 1
    assert "decimal comma" in found.hint


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "-", "NA", " ", "inf", "-inf"])
def test_rule_8_a_missing_value_is_nan(missing: str) -> None:
    found = decoder(parse(CSV))
    (row,) = rows(found.feed([f"1,2,{missing},4\n".encode()], 0.0)).tolist()
    assert (row[0], row[2]) == (2, 4)
    assert math.isnan(row[1])


@pytest.mark.parametrize("noise", ["x", "1_0", "0x1", "1 2", "½", "--1"])
def test_what_is_no_number_is_refused(noise: str) -> None:
    found = decoder(parse(CSV))
    assert not found.feed([f"1,2,{noise},4\n".encode()], 0.0)
    assert found.stats.bad_lines == 1
    assert found.hint


def test_text_in_a_column_nobody_reads_does_no_harm() -> None:
    assert rows(decoder(parse(CSV)).feed([b"12:30:01,2,3,4\n"], 0.0)).tolist() == [
        [2, 3, 4]
    ]


def test_rule_8_bytes_that_are_no_text_are_refused() -> None:
    found = decoder(parse(CSV))
    found.feed([b"1,2,\xff3,4\n", b"\x00\x80\xfe\n", b"1,2,3,4\n"], 0.0)
    assert found.startup.bad_lines == 2
    assert found.stats.bad_lines == 0  # half a line at the beginning is no error


def test_rule_8_odd_bytes_in_a_column_nobody_reads_are_counted() -> None:
    found = decoder(parse(CSV))
    out = found.feed([b"1,2,3,4\n\xb0C,2,3,4\n1,2,3,4\n"], 0.0)
    assert len(rows(out)) == 3
    assert (found.stats.odd_lines, found.stats.bad_lines) == (1, 0)


def test_a_line_without_end_is_dropped_and_counted() -> None:
    found = decoder(parse(CSV))
    for _ in range(8):
        found.feed([b"9" * 10_000], 0.0)
    assert found.stats.overflows == 1
    out = found.feed([b"9\n1,2,3,4\n"], 0.0)
    assert rows(out).tolist() == [[2, 3, 4]]


def test_the_smallest_width_holds_when_no_width_is_given() -> None:
    found = decoder(parse(CSV.replace("columns = 4\n", "")))
    out = found.feed([b"1,2,3,4\n1,2,3\n1,2,3,4,5\n"], 0.0)
    assert rows(out).tolist() == [[2, 3, 4], [2, 3, 4]]


def test_columns_apart_by_any_space() -> None:
    found = decoder(parse(CSV.replace('","', '"whitespace"')))
    assert rows(found.feed([b" 1  2\t3 4 \n"], 0.0)).tolist() == [[2, 3, 4]]


def test_empty_columns_at_the_end_count() -> None:
    found = decoder(parse(CSV.replace('","', '"\\t"')))
    ((first, second, third),) = rows(found.feed([b"1\t2\t\t\n"], 0.0)).tolist()
    assert first == 2
    assert math.isnan(second)
    assert math.isnan(third)


def test_a_sentence_with_a_wrong_checksum_is_refused() -> None:
    text = CSV.replace('mode = "line"', 'mode = "line"\nnmea = true').replace(
        "columns = 4", 'prefix = "$P"\ncolumns = 4'
    )
    found = decoder(parse(text))
    body = b"P,1,2,3"
    good = 0
    for byte in body:
        good ^= byte
    out = found.feed([b"$%b*%02X\r\n$%b*%02X\r\n$%b\r\n" % (
        body, good, body, good ^ 1, body)], 0.0)  # fmt: skip
    assert rows(out).tolist() == [[1, 2, 3]]
    assert found.stats.checksum_errors == 2


def test_messages_are_told_apart_by_their_first_word() -> None:
    text = CSV.replace("columns = 4", 'prefix = "A"\ncolumns = 4') + (
        '[[message]]\nname = "b"\nprefix = "B"\ncolumns = 2\n'
        'field = [{ name = "v", col = 1 }]\n'
        '[[stream]]\nname = "second"\nmessage = "b"\nfields = ["v"]\n'
    )
    found = decoder(parse(text))
    out = found.feed([b"A,1,2,3\nB,7\nC,1\nA,4,5,6\n"], 0.0)
    assert rows(out, 0).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert rows(out, 1).tolist() == [[7]]
    assert found.stats.unknown_types == 1


def test_a_datagram_may_hold_several_lines() -> None:
    text = CSV.replace('"line"\ndelimiter', '"datagram"\ndelimiter').replace(
        'type = "serial"\nbaud = 921600', 'type = "udp"\nport = 9'
    )
    out = decoder(parse(text), live=True).feed([b"1,2,3,4\n5,6,7,8\n", b"1,1,1,1"], 0.0)
    assert rows(out).tolist() == [[2, 3, 4], [6, 7, 8], [1, 1, 1]]
