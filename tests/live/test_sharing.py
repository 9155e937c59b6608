"""What is to be published, as typed and as the library's lsl.toml says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline_cases import Lab, simulated

from lablive.errors import ConfigError
from lablive.gait.contacts import Contact
from lablive.live.shared_results import (
    CONTACTS,
    LATE_S,
    LATEST_METRICS,
    STRIDES,
    ResultRows,
    result_streams,
)
from lablive.live.sharing import (
    LslSettings,
    SharingWish,
    lsl_settings,
    parse_wish,
    side_in,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.sharing import SharedRow


def test_nothing_is_published_unless_asked(tmp_path: Path) -> None:
    assert lsl_settings(tmp_path) == LslSettings()
    assert not lsl_settings(tmp_path).wish
    (tmp_path / "lsl.toml").write_text('share_devices = ["left sole"]\n')
    assert lsl_settings(tmp_path).wish == SharingWish(devices=("left sole",))


def test_every_mistake_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    text = 'share_result = true\nmachines = ["10.0.0.7", "no name!"]\n'
    (tmp_path / "lsl.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        lsl_settings(tmp_path)
    assert "line 1: unknown key share_result" in str(caught.value)
    assert '"no name!" is neither an address' in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("results", SharingWish(results=True)),
        ("devices", SharingWish(devices=("*",))),
        ("all", SharingWish(results=True, devices=("*",))),
        ("left sole, results", SharingWish(results=True, devices=("left sole",))),
    ],
)
def test_what_a_person_types(typed: str, wanted: SharingWish) -> None:
    assert parse_wish(typed) == wanted


def test_an_empty_part_is_told() -> None:
    with pytest.raises(ConfigError, match="cannot be understood"):
        parse_wish("results,")


@pytest.mark.parametrize(
    ("label", "side"),
    [
        ("imu_foot_left.acc.x", "left"),
        ("Right Heel", "right"),
        ("cleft", None),
        ("acc x", None),
    ],
)
def test_the_side_of_a_channel(label: str, side: str | None) -> None:
    assert side_in(label) == side


def running() -> Lab:
    return simulated(8.0, standing_s=1.0, ramp_s=0.5)


def rows_of(pieces: int, rows: ResultRows, at_s: float = 8.0) -> list[SharedRow]:
    """Return what eight seconds of running publish, by a pipeline of their own."""
    lab = running()
    pipeline = lab.pipeline()
    found = []
    for item in lab.chunks(rows_per_chunk=pieces):
        found += rows.rows(pipeline.feed(item), pipeline, at_s)
    return found


def test_rows_are_the_contacts_strides_and_tiles() -> None:
    lab = running()
    pipeline = lab.pipeline()
    contacts = []
    for item in lab.chunks(rows_per_chunk=40):
        contacts += [it for it in pipeline.feed(item) if isinstance(it, Contact)]
    rows = rows_of(40, ResultRows())
    told = [(it.t_s, it.text) for it in rows if it.stream == CONTACTS]
    assert told == [
        (it.t_s, f"{it.side} {it.kind} insole")
        for it in contacts
        if it.kind in ("ic", "to")
    ]
    lengths = {it.name: len(it.channels) for it in result_streams()}
    strides = [it for it in rows if it.stream == STRIDES]
    metrics = [it for it in rows if it.stream == LATEST_METRICS]
    assert len(strides) == len(metrics) == len(pipeline.strides) > 4
    assert {len(it.values) for it in strides} == {lengths[STRIDES]}
    assert {len(it.values) for it in metrics} == {lengths[LATEST_METRICS]}
    labels = [it.label for it in result_streams()[2].channels]
    cadence = metrics[-1].values[labels.index("cadence_spm.both")]
    assert cadence == pytest.approx(165.0, abs=25.0)


def test_rows_do_not_depend_on_how_the_data_came() -> None:
    assert rows_of(40, ResultRows()) == rows_of(7, ResultRows())


def test_a_recording_that_begins_publishes_nothing_twice() -> None:
    rows = ResultRows()
    first = rows_of(40, rows)
    again = rows_of(40, rows)  # another pipeline over the same rows
    assert first
    assert again == []


def test_the_past_of_a_joined_recording_is_not_published() -> None:
    assert rows_of(40, ResultRows(), at_s=8.0 + LATE_S) == []
