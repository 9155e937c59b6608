"""What IMUs can tell with axes nobody gave, of a montage, and of a stand alone."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest
from pipeline_cases import IMUS, SITES, SOLES, run, simulated

from drivers.sim.script import mounting
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.signals.calibrations import Calibrations
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration

SEED = 1
# acceleration along the world's vertical: no mounting changes it
WITHOUT_AXES = {"peak_force_sacral_bw", "head_shock_g", "vert_osc_cm"}
# the shank's own up, and rates whose zero is known
WITH_UP = {
    "tibial_shock_g", "tibial_shock_res_g", "tibial_shock_si_pct",
    "shock_attenuation_pct", "trunk_pelvis_rom_deg", "foot_thigh_yaw_deg",
}  # fmt: skip
# ranges and changes
WITH_LEFT = {
    "pelvic_drop_exc_deg", "pelvis_obliquity_rom_deg", "pelvis_rotation_rom_deg",
    "pelvis_tilt_rom_deg", "trunk_rotation_rom_deg", "head_roll_rom_deg",
    "head_sway_ml_cm", "head_sway_phase_deg", "thigh_sagittal_pct",
    "foot_eversion_excursion_deg", "braking_dv_ms", "propulsion_dv_ms",
}  # fmt: skip


@cache
def sample(seed=SEED, *, axes=False, stand=False):
    """Return what a run gives with nothing but the IMUs' own labels, or more."""
    lab = simulated(34.0, (*SOLES, *IMUS), standing_s=2.0, mounting_seed=seed)
    if axes:
        lab.montage = with_axes(lab.montage)
    known = Calibrations(segments=stand_of(seed)) if stand else None
    return run(lab, calibrations=known)[0].results.sample()


def with_axes(montage):
    rules = [
        msgspec.structs.replace(
            rule,
            channels=tuple(
                msgspec.structs.replace(channel, axes=("x", "y", "z"))
                if channel.role.startswith("imu_")
                else channel
                for channel in rule.channels
            ),
        )
        for rule in montage.streams
    ]
    return msgspec.structs.replace(montage, streams=tuple(rules))


def stand_of(seed):
    """Return what a stand alone tells: up, but not which way is forward."""
    found = []
    for site in SITES:
        a = np.radians(10.0 if site == "pelvis" else 0.0)
        lean = np.array(
            [[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]
        )
        matrix = tuple(map(tuple, (lean @ mounting(seed, site)).tolist()))
        found.append(SiteCalibration(site, "vertical", matrix, (0.0, 0.0, 0.0), 200.0))
    return SegmentCalibration("", "P01", "", tuple(found))


def told(sample):
    """Return the metrics of IMUs that have a value on any side."""
    found = set()
    for metric_id, metric in METRICS.items():
        result = sample.summarise(metric)
        imu = any("IMU" in sensor for sensor in metric.sensors)
        imu = imu and metric_id != "sync_error_ms"  # takes longer
        if imu and any(result.stat(key).n for key in (*SIDES, "both")):
            found.add(metric_id)
    return found


def test_imus_put_on_anyhow_tell_only_what_no_mounting_changes():
    assert told(sample()) == WITHOUT_AXES


@pytest.mark.parametrize("metric_id", sorted(WITHOUT_AXES))
def test_what_they_tell_is_what_aligned_ones_tell(metric_id):
    anyhow, aligned = (
        sample(seed).summarise(METRICS[metric_id]).both.median for seed in (SEED, 0)
    )
    assert anyhow == pytest.approx(aligned, rel=0.01, abs=0.2)


@pytest.mark.parametrize("metric_id", sorted(WITH_UP | WITH_LEFT))
def test_what_they_cannot_tell_has_its_reason(metric_id):
    result = sample().summarise(METRICS[metric_id])
    assert result.both.n == 0
    assert "needs" in result.note


@pytest.mark.parametrize(
    ("metric_id", "why"),
    [
        ("tibial_shock_g", "shank IMU sits is not known: it needs quiet standing"),
        ("foot_thigh_yaw_deg", "foot IMU sits is not known: it needs quiet standing"),
        ("trunk_pelvis_rom_deg", "how the trunk IMU sits is not known"),
        ("pelvic_drop_deg", "the pelvis IMU needs its calibration movements"),
    ],
)
def test_the_reason_names_sensor_and_remedy(metric_id, why):
    assert why in sample().summarise(METRICS[metric_id]).note


def test_a_stand_adds_what_stands_on_up():
    found = sample(stand=True)
    assert told(found) == WITHOUT_AXES | WITH_UP
    for side in SIDES:
        shock = found.summarise(METRICS["tibial_shock_g"]).stat(side).median
        assert shock == pytest.approx(5.65, abs=0.35)


def test_axes_of_a_montage_add_ranges_and_changes_alone():
    assert told(sample(0, axes=True)) == WITHOUT_AXES | WITH_UP | WITH_LEFT
