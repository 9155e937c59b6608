"""Body-weight calibration: gains, shares, and why a step cannot be used."""

import numpy as np
import pytest
from signal_cases import bound, cells, force

from lablive.errors import CalibrationError, RecordingError
from lablive.messages import to_json
from lablive.names import STANDARD_GRAVITY, Side
from lablive.signals.body_weight import Stretch, calibrate
from lablive.signals.calibration import Calibration, parse_calibration
from lablive.signals.insole import Foot, feet

MASS_KG = 70.0
BW_N = MASS_KG * STANDARD_GRAVITY
PAIR = bound(2, force("left", 0), force("right", 1))
COUNTS = bound(
    32, cells("left", 16, "sim_16", "adc"), cells("right", 16, "sim_16", "adc", 16)
)


def stand(left: float, right: float, lasts_s: float = 10.0, sd: float = 3.0) -> Stretch:
    """Return rows of both force channels, standing with known means."""
    rng = np.random.default_rng(3)
    t_s = np.arange(0, lasts_s, 0.01)
    sway = rng.normal(0, sd, len(t_s))
    x = np.column_stack([left + sway - sway.mean(), right - sway + sway.mean()])
    return Stretch(t_s, x)


def both(stretch: Stretch) -> dict[Side, Stretch]:
    return {"left": stretch, "right": stretch}


def made(two_leg: dict[Side, Stretch], **steps: object) -> Calibration:
    found = {"mass_kg": MASS_KG, "made_at": "2026-07-01T10:00:00+02:00"} | steps
    return calibrate(feet(PAIR), two_leg, **found)  # type: ignore[arg-type]


def refused(two_leg: dict[Side, Stretch], **steps: object) -> str:
    with pytest.raises(CalibrationError) as caught:
        made(two_leg, **steps)
    assert caught.value.still
    return str(caught.value)


def test_two_leg_stand_gives_one_gain_and_keeps_the_share() -> None:
    found = made(both(stand(240.0, 360.0)), person="P07", mounting="under the liner")
    assert found.left is not None
    assert found.right is not None
    assert found.left.gain == found.right.gain == pytest.approx(BW_N / 600)
    assert found.standing_balance_pct == pytest.approx(60.0)
    assert (found.left.gain_from, found.left.zero_from) == ("two_leg", "none")
    assert (found.person, found.mounting) == ("P07", "under the liner")
    assert found.bodyweight_n == pytest.approx(686.4655)


def test_the_zero_of_the_lifted_foot_is_taken_off() -> None:
    found = made(
        both(stand(320.0, 410.0)), unloaded=both(stand(20.0, 60.0, lasts_s=2.0, sd=2.0))
    )
    assert found.left is not None
    assert found.right is not None
    assert found.left.zero == pytest.approx((20.0,), abs=0.5)
    assert found.right.zero_n == pytest.approx(60.0 * found.right.gain, abs=0.5)
    assert found.left.gain == pytest.approx(BW_N / 650, rel=2e-3)
    assert found.left.zero_from == "unloaded"
    calibrated = feet(PAIR, found)
    total_n = [
        calibrated[side].force_n(np.array([[320.0, 410.0]]))[0] for side in feet(PAIR)
    ]
    assert sum(total_n) == pytest.approx(BW_N, rel=2e-3)


def test_single_leg_stands_give_each_foot_its_gain() -> None:
    found = made(
        both(stand(0.8 * BW_N / 2, 1.25 * BW_N / 2)),
        single_leg={
            "left": stand(0.8 * BW_N, 0.0, 5.0),
            "right": stand(0.0, 1.25 * BW_N, 5.0),
        },
    )
    assert found.left is not None
    assert found.right is not None
    assert found.left.gain == pytest.approx(1.25)
    assert found.right.gain == pytest.approx(0.8)
    assert found.standing_balance_pct == pytest.approx(50.0)
    assert found.left.gain_from == "single_leg"


def test_a_hand_on_the_rail_is_noticed() -> None:
    alone = {"left": stand(0.6 * BW_N, 0.0, 5.0), "right": stand(0.0, BW_N, 5.0)}
    told = refused(both(stand(BW_N / 2, BW_N / 2)), single_leg=alone)
    assert "the two-leg stand weighs 133 % of the body" in told


def test_counts_are_calibrated_cell_by_cell() -> None:
    t_s = np.arange(0, 10, 0.01)
    rng = np.random.default_rng(0)
    offsets = rng.uniform(100, 500, 32)
    air = offsets + rng.normal(0, 2, (len(t_s), 32))
    loaded = air + np.repeat([150.0, 250.0], 16)  # 40 : 60
    soles = feet(COUNTS)
    found = calibrate(
        soles,
        both(Stretch(t_s, loaded)),
        unloaded=both(Stretch(t_s[:200], air[:200])),
        mass_kg=MASS_KG,
        made_at="2026-07-01T10:00:00+02:00",
    )
    assert found.left is not None
    assert found.left.unit == "adc"
    assert found.left.zero == pytest.approx(tuple(offsets[:16]), abs=1.0)
    assert found.standing_balance_pct == pytest.approx(62.5, abs=0.1)
    x = offsets[None, :] + np.repeat([150.0, 250.0], 16)
    calibrated = feet(COUNTS, found)
    forces_n = [float(foot.force_n(x)[0]) for foot in calibrated.values()]
    assert forces_n == pytest.approx([0.375 * BW_N, 0.625 * BW_N], rel=5e-3)


def test_counts_without_a_zero_are_refused() -> None:
    x = np.full((1000, 32), 300.0)
    step = both(Stretch(np.arange(1000) * 0.01, x))
    with pytest.raises(CalibrationError) as caught:
        calibrate(feet(COUNTS), step, mass_kg=MASS_KG, made_at="")
    assert "lift the left foot for 2 s" in str(caught.value)
    assert "lift the right foot for 2 s" in str(caught.value)


def test_a_single_sole_needs_a_single_leg_stand() -> None:
    one: dict[Side, Foot] = {"left": feet(PAIR)["left"]}
    step: dict[Side, Stretch] = {"left": stand(300.0, 0.0)}
    with pytest.raises(CalibrationError, match="Only the left insole is connected"):
        calibrate(one, step, mass_kg=MASS_KG, made_at="")
    found = calibrate(
        one,
        {},
        single_leg={"left": stand(600.0, 0.0, 5.0)},
        mass_kg=MASS_KG,
        made_at="",
    )
    assert found.left is not None
    assert found.left.gain == pytest.approx(BW_N / 600)
    assert (found.right, found.standing_balance_pct) == (None, None)


def test_a_foot_that_moved_is_named_with_its_spread() -> None:
    told = refused(both(stand(BW_N / 2, BW_N / 2, sd=41.0)))
    assert "Two-leg stand: the left foot moved: SD 41 N, at most 34 N." in told
    assert "the right foot moved" in told


def test_an_empty_sole_is_named() -> None:
    told = refused(both(stand(650.0, 5.0)))
    assert "Two-leg stand: no load on the right insole." in told
    assert "left" not in told


def test_a_missing_mass_is_told_with_everything_else() -> None:
    told = refused({"left": stand(300.0, 300.0, lasts_s=2.0)}, mass_kg=None)
    assert "The body mass is missing" in told
    assert "2.0 s of the left foot are too short, 5 s are needed" in told
    assert "the right insole sent nothing" in told
    assert "7 kg is not plausible" in refused(both(stand(300.0, 300.0)), mass_kg=7.0)


def test_no_stand_at_all() -> None:
    assert "stand still on both feet for 10 s" in refused({})


def test_a_gain_no_sole_can_have_is_doubted() -> None:
    told = refused(both(stand(100.0, 110.0)))
    assert "The left insole would need a gain of 3.27" in told


def test_a_stand_full_of_holes_is_refused() -> None:
    stretch = stand(340.0, 340.0)
    holes = stretch.x.copy()
    holes[::4, 0] = np.nan
    told = refused(both(Stretch(stretch.t_s, holes)))
    assert "the left insole sent no valid force 25 % of the time" in told
    holes[::20, 1] = np.nan
    holes[:, 0] = stretch.x[:, 0]
    assert made(both(Stretch(stretch.t_s, holes))).standing_balance_pct is not None


def test_a_lifted_foot_that_sent_nothing_is_told() -> None:
    nothing = Stretch(np.arange(100) * 0.01, np.full((100, 2), np.nan))
    told = refused(both(stand(340.0, 340.0)), unloaded=both(nothing))
    assert "Foot in the air: some channels of the left insole sent nothing" in told


def test_json_keeps_a_calibration_and_refuses_others() -> None:
    found = made(both(stand(340.0, 350.0)), person="P01")
    assert parse_calibration(to_json(found)) == found
    with pytest.raises(RecordingError, match="calibration in the trial header"):
        parse_calibration('{"person": 3}')


def test_a_foot_that_touched_the_floor_while_zeroing_is_named() -> None:
    t_s = np.arange(0, 2, 0.01)
    down = np.where(t_s > 1.75, 300.0, 20.0)  # the left foot came down early
    air = Stretch(t_s, np.column_stack([down, np.full(len(t_s), 20.0)]))
    told = refused(both(stand(340.0, 340.0)), unloaded=both(air))
    assert "the left foot was loaded" in told
    assert "right" not in told
