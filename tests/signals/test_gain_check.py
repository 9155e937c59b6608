"""The running check: body weight over whole strides."""

import numpy as np
import pytest

from lablive.errors import CalibrationError
from lablive.names import STANDARD_GRAVITY
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.gain_check import Trace, check_gain, with_check

BW_N = 70 * STANDARD_GRAVITY
STRIDE_S, CONTACT_S, STEP_S = 0.74, 0.25, 0.37
STRIDES = [(k * STRIDE_S, (k + 1) * STRIDE_S) for k in range(1, 31)]


def trace(first_s: float, scale: float, rate_hz: float = 200.0) -> Trace:
    """Return a foot of the sine runner: 2 Fmax tc / pi = BW (tc + tf)."""
    t_s = np.arange(0, 31.5 * STRIDE_S, 1 / rate_hz)
    since_s = (t_s - first_s) % STRIDE_S
    peak_n = BW_N * STEP_S * np.pi / (2 * CONTACT_S)
    wave = np.sin(np.pi * np.clip(since_s / CONTACT_S, 0, 1))
    return Trace(t_s, scale * peak_n * wave)


@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 1000.0])
@pytest.mark.parametrize(("scale", "ratio"), [(1.0, 1.0), (0.8, 1.25), (1.25, 0.8)])
def test_a_scaled_recording_gives_its_factor(
    scale: float, ratio: float, rate_hz: float
) -> None:
    feet = trace(0.0, scale, rate_hz), trace(STEP_S, scale, rate_hz)
    check = check_gain(BW_N, STRIDES, *feet)
    assert check.ratio == pytest.approx(ratio, rel=2e-3)
    assert check.strides == 30
    assert check.ok == (scale == 1.0)


def test_short_holes_are_bridged_long_ones_drop_the_stride() -> None:
    left, right = trace(0.0, 1.0), trace(STEP_S, 1.0)
    short, long = left.force_n.copy(), left.force_n.copy()
    short[1000:1002] = np.nan  # 15 ms between neighbours
    long[1000:1004] = np.nan  # 25 ms
    kept = check_gain(BW_N, STRIDES, Trace(left.t_s, short), right)
    assert kept.strides == 30
    assert kept.ratio == pytest.approx(1.0, rel=2e-3)
    dropped = check_gain(BW_N, STRIDES, Trace(left.t_s, long), right)
    assert dropped.strides == 29
    assert dropped.ratio == pytest.approx(1.0, rel=2e-3)


def test_twenty_strides_are_needed() -> None:
    left, right = trace(0.0, 1.0), trace(STEP_S, 1.0)
    with pytest.raises(CalibrationError, match="needs 20 whole strides, it has 19"):
        check_gain(BW_N, STRIDES[:19], left, right)
    beyond = [(100.0 + k, 101.0 + k) for k in range(30)]
    with pytest.raises(CalibrationError, match="it has 0"):
        check_gain(BW_N, beyond, left, right)


def test_a_bad_gain_is_mended_for_both_feet_alike() -> None:
    left = FootCalibration("insole_left.force", "N", (0.0,), 1.0, "none", "two_leg")
    right = FootCalibration(
        "insole_right.force", "N", (0.0,), 1.2, "none", "single_leg"
    )
    standing = Calibration("t", "P", "", 70.0, left, right, 50.0)
    feet = trace(0.0, 0.8), trace(STEP_S, 0.8)
    mended = with_check(standing, check_gain(BW_N, STRIDES, *feet))
    assert mended.left is not None
    assert mended.right is not None
    assert mended.left.gain == pytest.approx(1.25, rel=2e-3)
    assert mended.right.gain / mended.left.gain == pytest.approx(1.2)
    assert mended.left.gain_from == mended.right.gain_from == "running"
    assert mended.gain_ratio == pytest.approx(1.25, rel=2e-3)
    feet = trace(0.0, 1.0), trace(STEP_S, 1.0)
    kept = with_check(standing, check_gain(BW_N, STRIDES, *feet))
    assert (kept.left, kept.right) == (left, right)
    assert kept.gain_ratio == pytest.approx(1.0, rel=2e-3)
