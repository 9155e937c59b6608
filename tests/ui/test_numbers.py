"""Numbers as written on the screen."""

from __future__ import annotations

import pytest

from ui.numbers import (
    age_text,
    counted,
    elapsed_text,
    rate_text,
    size_text,
    used_text,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (-2.94, 1, False, "−2.9"), (2.94, 1, True, "+2.9"), (None, 0, False, "—"),
        (float("nan"), 1, False, "—"), (-0.04, 1, True, "0.0"),
        (float("inf"), 0, False, "—"), (166.2, 0, False, "166"),
    ],
)  # fmt: skip
def test_value(value, digits, signed, text):
    assert value_text(value, digits, signed=signed) == text


def test_counts_carry_their_noun_and_thin_spaces():
    assert [counted(n, "gap") for n in (0, 1, 2)] == ["0 gaps", "1 gap", "2 gaps"]
    assert counted(1_250_000, "row") == "1\u202f250\u202f000 rows"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.99, "0:59"), (754, "12:34"), (3754, "1:02:34"), (-3, "0:00")],
)
def test_elapsed(seconds, text):
    assert elapsed_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1500, "2 kB"), (999_600, "1.0 MB"),
        (214_000_000, "214 MB"), (3.4e9, "3.4 GB"), (5e15, "5000.0 TB"),
    ],
)  # fmt: skip
def test_size(size, text):
    assert size_text(size) == text


def test_age_and_rate():
    assert age_text(-1) == "no data yet"
    assert age_text(0.012) == "12 ms"
    assert age_text(3.14) == "3.1 s"
    assert age_text(75) == "1:15"
    assert rate_text(0) == "irregular"
    assert rate_text(2000) == "2000 Hz"
    assert rate_text(1.5) == "1.5 Hz"
    assert used_text(412, 450) == "412 of 450 steps used"
