"""Montage files: what is right is read, what is wrong is told at once."""

from pathlib import Path

import pytest

from lablive.errors import ConfigError
from lablive.signals.montage import (
    ChannelRule,
    Montage,
    load_montage,
    parse_montage,
    to_toml,
)

SHIPPED = sorted((Path(__file__).parents[2] / "configs" / "montages").glob("*.toml"))

DESIGN = """
schema = 1
name = "Room 1"
[subject]
mass_kg = 70
height_m = 1.75
[constants]
treadmill_speed_mps = 3.0
[calibration]
standing_s = [0.0, 10.0]
[[stream]]
match = { name = "Insoles", type = "Force" }
[[stream.channel]]
label = "left_total"
role = "insole_left.force"
unit = "N"
[[stream.channel]]
index = [0, 1, 2]
role = "imu_pelvis.acc"
unit = "g"
axes = ["x", "-y", "z"]
[[stream.channel]]
index = "3:102"
role = "insole_left.pressure"
unit = "kPa"
layout = "pedar_99"
[[stream.channel]]
index = [102, 103, 104]
role = "insole_right.zones"
unit = "N"
zones = ["heel", "medial", "lateral"]
invalid = [-1.0]
"""


def wrong(channel: str, head: str = "") -> str:
    """Return what is told about one channel (or about the head)."""
    body = channel or 'index = 0\nrole = "treadmill.speed"\nunit = "m/s"\n'
    text = (
        f'schema = 1\n{head}[[stream]]\nmatch = {{ name = "a" }}\n'
        f"[[stream.channel]]\n{body}"
    )
    with pytest.raises(ConfigError) as caught:
        parse_montage(text, "m.toml")
    return str(caught.value)


def test_the_design_example_is_read() -> None:
    montage = parse_montage(DESIGN, "room.toml")
    assert montage.name == "Room 1"
    assert montage.subject.mass_kg == 70.0
    assert montage.constants.treadmill_speed_mps == 3.0
    assert montage.calibration.standing_s == (0.0, 10.0)
    (stream,) = montage.streams
    assert (stream.match.name, stream.match.type) == ("Insoles", "Force")
    force, acc, pressure, zones = stream.channels
    assert (force.labels, force.indices) == (("left_total",), None)
    assert acc.indices == (0, 1, 2)
    assert pressure.indices == tuple(range(3, 102))
    assert zones.invalid == (-1.0,)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_montages_are_right_and_round_trip(path: Path) -> None:
    montage = load_montage(path)
    assert parse_montage(to_toml(montage), "header") == montage


def test_round_trip_keeps_every_key() -> None:
    montage = parse_montage(DESIGN, "room.toml")
    again = parse_montage(to_toml(montage), "header")
    assert again == montage
    assert again.streams[0].channels[1].axes == ("x", "-y", "z")


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    text = DESIGN.replace("mass_kg = 70", "mass_kg = 700\ncolour = 1")
    text = text.replace('role = "imu_pelvis.acc"', 'role = "imu_pelvs.acc"')
    text = text.replace('unit = "kPa"', 'unit = "m/s"')
    with pytest.raises(ConfigError) as caught:
        parse_montage(text, "room.toml")
    told = str(caught.value)
    assert told.startswith("room.toml: 4 problems:")
    assert "line 6: unknown key subject.colour" in told
    assert "line 5: subject.mass_kg = 700 is not plausible: 20 to 250" in told
    assert (
        'line 20: unknown role "imu_pelvs.acc"; did you mean "imu_pelvis.acc"' in told
    )
    assert 'line 26: unit "m/s" cannot feed insole_left.pressure; fits: Pa, kPa' in told


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ('index = [0, 1]\nrole = "imu_head.acc"\nunit = "g"', "needs 3 channels, got"),
        ('role = "treadmill.speed"\nunit = "m/s"', "give either label or index"),
        (
            'index = 0\nlabel = "v"\nrole = "treadmill.speed"\nunit = "m/s"',
            "give either label or index",
        ),
        ('index = "4-6"\nrole = "imu_head.acc"\nunit = "g"', "no range"),
        ('index = "6:6"\nrole = "imu_head.acc"\nunit = "g"', "names no channel"),
        ('index = -1\nrole = "treadmill.speed"\nunit = "m/s"', "the first is 0"),
        ('index = [0, 0, 1]\nrole = "imu_head.acc"\nunit = "g"', "named twice"),
        ('index = 0\nrole = "treadmill.speed"\nunit = "m/s"\nscale = 0', "erase"),
        ('index = 0\nrole = "treadmill.speed"\nunit = "m/s"\nscale = nan', "erase"),
        ('index = 0\nrole = "treadmill.speed"\nunit = "m/s"\noffset = inf', "erase"),
        (
            'index = [0, 1, 2]\nrole = "imu_head.acc"\nunit = "g"\n'
            'axes = ["x", "x", "z"]',
            "name x, y and z once each",
        ),
        (
            'index = 0\nrole = "treadmill.speed"\nunit = "m/s"\naxes = ["x"]',
            "axes belong to three-axis roles",
        ),
        (
            'index = "0:9"\nrole = "insole_left.pressure"\nunit = "kPa"',
            "needs a layout: loadsol_3, orphe_6",
        ),
        (
            'index = "0:9"\nrole = "insole_left.pressure"\nunit = "kPa"\n'
            'layout = "pedar_99"',
            "has 99 cells, got 9 channels",
        ),
        (
            'index = "0:9"\nrole = "insole_left.pressure"\nunit = "kPa"\n'
            'layout = "pedar"',
            'unknown layout "pedar"',
        ),
        (
            'index = [0, 1]\nrole = "insole_left.zones"\nunit = "N"\nzones = ["heel"]',
            "names 1 zones for 2 channels",
        ),
        (
            'index = 0\nrole = "insole_left.zones"\nunit = "N"\nzones = ["hell"]',
            "no layout places the zones hell",
        ),
        (
            'index = 0\nrole = "insole_left.zones"\nunit = "N"\nzones = ["hell"]\n'
            'layout = "loadsol_3"',
            'does not place hell; it knows heel, medial, lateral',
        ),
        (
            'index = "0:99999999999"\nrole = "insole_left.pressure"\nunit = "kPa"',
            'index "0:99999999999" is no range',
        ),
        (
            'index = 0\nrole = "insole_left.force"\nunit = "N"\nzones = ["heel"]',
            "zones belong to",
        ),
    ],
)  # fmt: skip
def test_one_wrong_channel(channel: str, told: str) -> None:
    assert told in wrong(channel)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("[subject]\nheight_m = 17.5\n", "height_m = 17.5 is not plausible"),
        ("[constants]\ntreadmill_speed_mps = 30\n", "treadmill_speed_mps = 30"),
        ("[calibration]\nstanding_s = [5, 1]\n", "start, then end"),
        ("[calibration]\nstanding_s = 5\n", "calibration.standing_s: expected array"),
    ],
)
def test_one_wrong_head(head: str, told: str) -> None:
    assert told in wrong("", head)


def test_a_role_may_be_given_once() -> None:
    text = DESIGN + '[[stream.channel]]\nindex = 9\nrole = "insole_left.force"\n'
    with pytest.raises(ConfigError, match="is given 2 times"):
        parse_montage(text + 'unit = "N"\n', "m")


def test_empty_matches_and_streams_are_told() -> None:
    with pytest.raises(ConfigError, match=r"match is empty; give one or more of name"):
        parse_montage(DESIGN.replace('name = "Insoles", type = "Force"', ""), "m")
    with pytest.raises(ConfigError, match=r"nothing would be measured"):
        parse_montage("schema = 1\nstream = []\n", "m")
    with pytest.raises(ConfigError, match=r"has no \[\[stream.channel\]\]"):
        parse_montage(
            'schema = 1\n[[stream]]\nmatch = { name = "a" }\nchannel = []\n', "m"
        )


def test_only_schema_1_is_read() -> None:
    with pytest.raises(ConfigError, match="schema 2 is not known"):
        parse_montage(DESIGN.replace("schema = 1", "schema = 2"), "m")


def test_roles_keep_their_order() -> None:
    montage = parse_montage(DESIGN, "m")
    assert montage.roles[:2] == ("insole_left.force", "imu_pelvis.acc")
    assert ChannelRule(role="x", unit="N", index=4).indices == (4,)
    assert Montage(schema=1, streams=()).roles == ()
