"""TOML files: every problem at once, with its line."""

import msgspec
import pytest

from lablive.config import parse_toml
from lablive.errors import ConfigError


class Inner(msgspec.Struct, frozen=True):
    size_mm: float


class Outer(msgspec.Struct, frozen=True):
    name: str
    inner: tuple[Inner, ...] = ()


def small_ones(outer: Outer) -> list[tuple[tuple[str | int, ...], str]]:
    return [
        (("inner", at, "size_mm"), f"inner {at + 1} is too small")
        for at, inner in enumerate(outer.inner)
        if inner.size_mm < 1
    ]


def test_unknown_keys_and_broken_rules_are_told_together_with_their_lines() -> None:
    text = 'name = "a"\ncolour = 1\n[[inner]]\nsize_mm = 2\n[[inner]]\nsize_mm = 0.5\n'
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, Outer, "file.toml", small_ones)
    told = str(caught.value)
    assert told.startswith("file.toml: 2 problems:")
    assert "line 2: unknown key colour; known: inner, name" in told
    assert "line 6: inner 2 is too small" in told


def test_wrong_types_are_told_before_the_rules() -> None:
    text = 'inner = [{ size_mm = "big" }, { size_mm = true }]\n'
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, Outer, "file.toml", small_ones)
    told = str(caught.value)
    assert "3 problems" in told
    assert "name is missing" in told
    assert "inner[1].size_mm: expected float, got 'big'" in told


def test_a_right_file_is_read() -> None:
    outer = parse_toml(
        'name = "a"\ninner = [{ size_mm = 3 }]\n', Outer, "x", small_ones
    )
    assert outer == Outer("a", (Inner(3.0),))


def test_a_file_of_something_else_is_told_in_short() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml("\n".join(f"k{n} = 1" for n in range(500)), Outer, "x")
    told = str(caught.value)
    assert "501 problems" in told
    assert len(told.splitlines()) < 40
    assert "more" in told
