"""A montage laid on streams: values, signs, units, and what does not fit."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablive.errors import ConfigError
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import STANDARD_GRAVITY
from lablive.signals.binding import Binding, bind
from lablive.signals.montage import (
    ChannelRule,
    Match,
    Montage,
    StreamRule,
    Subject,
)


def stream(name: str, *labels: str, number: int = 1, **keys: str) -> StreamInfo:
    channels = tuple(ChannelInfo(label) for label in labels)
    return StreamInfo(number, name, keys.pop("type", ""), 100.0, channels, **keys)


def montage(*channels: ChannelRule, name: str = "box", **match: str) -> Montage:
    rule = StreamRule(match=Match(name=name, **match), channels=channels)
    return Montage(schema=1, streams=(rule,), name="Room")


def bound(*channels: ChannelRule, labels: int = 6) -> Binding:
    names = [f"c{number}" for number in range(labels)]
    return bind(montage(*channels), [stream("box", *names)])


def told(of: Montage, *streams: StreamInfo, strict: bool = True) -> str:
    with pytest.raises(ConfigError) as caught:
        bind(of, streams, strict=strict)
    return str(caught.value)


SPEED = ChannelRule(role="treadmill.speed", unit="km/h", index=0)


def test_scale_and_offset_come_before_the_unit() -> None:
    rule = ChannelRule(
        role="treadmill.speed", unit="km/h", index=1, scale=0.1, offset=-3.6
    )
    values = bound(rule).extract("treadmill.speed", np.array([[0.0, 144.0]]))
    assert values == pytest.approx(np.array([[3.0]]))
    assert values.dtype == np.float64


def test_axes_turn_the_sensor_into_the_segment() -> None:
    rule = ChannelRule(
        role="imu_pelvis.acc", unit="g", index=(3, 4, 5), axes=("-z", "y", "x")
    )
    x = np.array([[9.0, 9.0, 9.0, 1.0, 2.0, 3.0]])
    values = bound(rule).extract("imu_pelvis.acc", x)
    assert values / STANDARD_GRAVITY == pytest.approx(np.array([[-3.0, 2.0, 1.0]]))


def test_an_offset_turns_with_its_axis() -> None:
    rule = ChannelRule(
        role="imu_pelvis.acc", unit="m/s^2", index=(0, 1, 2), offset=10.0,
        axes=("x", "-y", "z"),
    )  # fmt: skip
    values = bound(rule).extract("imu_pelvis.acc", np.array([[1.0, 2.0, 3.0]]))
    assert values.tolist() == [[11.0, -12.0, 13.0]]


def test_invalid_is_missing_in_the_precision_of_the_stream() -> None:
    rule = ChannelRule(
        role="insole_left.zones", unit="N", index=(0, 1, 2), scale=2.0,
        invalid=(-1.0, -0.1), zones=("heel", "medial", "lateral"),
    )  # fmt: skip
    x = np.array([[5.0, -1.0, -0.1], [0.0, -2.0, np.nan]], dtype=np.float32)
    values = bound(rule).extract("insole_left.zones", x)
    assert np.isnan(values).tolist() == [[False, True, True], [False, False, True]]
    assert values[:, :2].tolist()[1] == [0.0, -4.0]


def test_counts_stay_counts() -> None:
    rule = ChannelRule(
        role="insole_left.pressure", unit="adc", index=tuple(range(6)), layout="orphe_6"
    )
    found = bound(rule)
    assert found.sources["insole_left.pressure"].unit == "adc"
    assert found.extract("insole_left.pressure", np.full((1, 6), 7.0)).tolist() == [
        [7.0] * 6
    ]


def test_body_weights_need_a_mass() -> None:
    rule = ChannelRule(role="treadmill.force_z", unit="BW", index=0)
    plain = montage(rule)
    assert "unit BW needs subject.mass_kg" in told(plain, stream("box", "f"))
    heavy = Montage(schema=1, streams=plain.streams, subject=Subject(mass_kg=70.0))
    found = bind(heavy, [stream("box", "f")])
    force_n = found.extract("treadmill.force_z", np.array([[2.0]]))
    assert force_n == pytest.approx(np.array([[2 * 70 * STANDARD_GRAVITY]]))
    assert found.sources["treadmill.force_z"].unit == "N"


def test_labels_find_their_columns() -> None:
    rule = ChannelRule(role="imu_head.acc", unit="g", label=("x", "y", "z"))
    found = bind(montage(rule), [stream("box", "t", "z", "x", "y")])
    assert found.sources["imu_head.acc"].columns.tolist() == [2, 3, 1]


def test_every_key_of_a_match_must_fit() -> None:
    a = stream("box", "v", number=1, hostname="one")
    b = stream("box", "v", number=2, hostname="two")
    assert (
        bind(montage(SPEED, hostname="two"), [a, b]).sources["treadmill.speed"].stream
        == 2
    )
    ambiguous = told(montage(SPEED), a, b)
    assert 'name "box": 2 streams fit' in ambiguous
    assert 'hostname "one"; name "box", hostname "two"' in ambiguous


def test_all_that_does_not_fit_is_told_at_once() -> None:
    first = StreamRule(match=Match(name="gone"), channels=(SPEED,))
    force = ChannelRule(role="insole_left.force", unit="N", label="total")
    acc = ChannelRule(role="imu_head.acc", unit="g", index=(1, 2, 3))
    second = StreamRule(match=Match(name="box"), channels=(force, acc))
    text = told(
        Montage(schema=1, streams=(first, second), name="Room"),
        stream("box", "heel", "toe", type="Force"),
    )
    assert "The montage Room does not fit the streams:" in text
    assert 'name "gone": no such stream (treadmill.speed); there: name "box"' in text
    assert 'label "total" is not there in stream "box" with heel, toe' in text
    assert "imu_head.acc: index 3 is beyond the last channel 1" in text


def test_a_device_that_came_back_as_another_stream_is_one_device() -> None:
    before = stream("box", "a", "b", source_id="x")
    after = stream("box", "a", "b", "c", number=7, source_id="x")
    less = stream("box", "a", number=9, source_id="x")
    rule = ChannelRule(role="treadmill.speed", unit="m/s", index=1)
    found = bind(montage(rule), [before, after])
    assert found.sources["treadmill.speed"].stream == 7
    assert "results are made from that one" in found.replaced[0]
    found = bind(montage(rule), [before, after, less])
    assert found.sources["treadmill.speed"].stream == 7
    assert "lacks channels of the montage" in found.replaced[0]
    assert bind(montage(rule), [before]).replaced == ()
    # without a source id nobody knows whether they are one
    unknown = [stream("box", "a", "b", number=n) for n in (1, 2)]
    assert "2 streams fit" in told(montage(rule), *unknown)
    others = [stream("box", "a", "b", source_id=name) for name in "xy"]
    assert "2 streams fit" in told(montage(rule), *others)


def test_infinite_is_missing() -> None:
    rule = ChannelRule(role="treadmill.speed", unit="m/s", index=0)
    values = bound(rule).extract("treadmill.speed", np.array([[np.inf], [1.0]] * 2))
    np.testing.assert_array_equal(values[:, 0], [np.nan, 1.0, np.nan, 1.0])


def test_a_label_twice_needs_an_index() -> None:
    rule = ChannelRule(role="treadmill.speed", unit="m/s", label="v")
    assert 'label "v" is there twice or more (use index)' in told(
        montage(rule), stream("box", "v", "v")
    )


def test_live_goes_on_without_an_absent_stream() -> None:
    first = StreamRule(match=Match(name="gone"), channels=(SPEED,))
    force = ChannelRule(role="insole_left.force", unit="N", index=0)
    second = StreamRule(match=Match(name="box"), channels=(force,))
    rules = Montage(schema=1, streams=(first, second))
    found = bind(rules, [stream("box", "f", number=7)], strict=False)
    assert found.missing == ("treadmill.speed",)
    assert {r: s.stream for r, s in found.sources.items()} == {"insole_left.force": 7}
    assert found.source("treadmill.speed") is None
    two = [stream("box", "f"), stream("box", "f", number=2)]
    assert "2 streams fit" in told(rules, *two, strict=False)


@given(
    cuts=st.lists(st.integers(0, 40), max_size=6),
    channels=st.integers(1, 99),
    single=st.booleans(),
)
def test_pieces_equal_the_whole(cuts: list[int], channels: int, single: bool) -> None:
    rule = ChannelRule(
        role="insole_left.pressure", unit="N/cm^2", index=tuple(range(channels)),
        scale=0.3, offset=1.7, invalid=(0.0,), layout="pedar_99",
    )  # fmt: skip
    found = bound(rule, labels=99)
    x = np.random.default_rng(1).normal(size=(40, 99)).round(1)
    x = x.astype(np.float32) if single else x
    whole = found.extract("insole_left.pressure", x)
    edges = [0, *sorted(cuts), 40]
    pieces = [
        found.extract("insole_left.pressure", x[a:b])
        for a, b in itertools.pairwise(edges)
    ]
    assert np.array_equal(np.concatenate(pieces), whole, equal_nan=True)


def test_the_rows_given_are_left_alone() -> None:
    x = np.array([[36.0]])
    bound(replace_invalid(SPEED)).extract("treadmill.speed", x)
    assert x.tolist() == [[36.0]]


def replace_invalid(rule: ChannelRule) -> ChannelRule:
    return ChannelRule(
        role=rule.role, unit=rule.unit, index=rule.index, invalid=(36.0,)
    )


def test_an_axis_that_was_not_measured_is_missing() -> None:
    rule = ChannelRule(role="imu_pelvis.acc", unit="m/s^2", index=(1, -1, 0))
    values = bound(rule, labels=2).extract("imu_pelvis.acc", np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(values, [[2.0, np.nan, 1.0]])
    turned = ChannelRule(
        role="imu_pelvis.acc", unit="m/s^2", index=(0, 1, -1), axes=("-z", "x", "y")
    )
    values = bound(turned, labels=2).extract("imu_pelvis.acc", np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(values, [[np.nan, 1.0, 2.0]])
