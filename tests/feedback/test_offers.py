"""Wrong feedback files name every mistake at once."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.feedback import offers


def read(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> str:
    class Folder:
        def joinpath(self, _: str):
            return self

        def read_text(self, encoding: str) -> str:
            return text

        def __str__(self) -> str:
            return name

    monkeypatch.setattr(offers, "files", lambda _: Folder())
    load = offers.load_offers if name == "feedback.toml" else offers.load_cues
    with pytest.raises(ConfigError) as told:
        load()
    return str(told.value)


def test_every_mistake_of_the_targets_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = read(
        monkeypatch,
        "feedback.toml",
        """schema = 1
strides = 0
[metric.no_such_metric]
high = 1.0
reach = 1.0
[metric.cadence_spm]
reach = -1.0
[metric.peak_force_bw]
of = "baseline"
low = 110.0
high = 95.0
reach = 1.0
""",
    )
    for text in (
        "must be 1 to 20",
        "there is no such metric",
        "needs low or high",
        "must be above zero",
        "low 110 is not below high 95",
        "line 3",
        "line 7",
    ):
        assert text in told, told


def test_a_key_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = read(monkeypatch, "feedback.toml", "schema = 1\nstrides = 3\nspeed = 2\n")
    assert "speed" in told
