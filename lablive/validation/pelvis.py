"""Pelvic obliquity and drop of two walkers with optical markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.importing.mocap import elevation_deg, path_of
from lablive.names import SIDES, STANDARD_GRAVITY
from lablive.signals.angles import obliquity_deg
from lablive.validation.marker_pelvis import (
    RAMP_S,
    STAND_S,
    RepeatedStride,
    pelvis_of,
)
from lablive.validation.matching import match
from lablive.validation.outcome import (
    Errors,
    Goal,
    Outcome,
    at_least,
    at_most,
    exactly,
    near,
    told,
)
from lablive.validation.thresholds import crossings_s

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lablive.messages import Floats
    from lablive.names import Side
    from lablive.recording.replay import Trial
    from lablive.validation.bench import Bench, Run

WALK: Final = "ktk_kineticstoolkit"
WALK_FILES: Final = ("walk.c3d",)
WALKING2: Final = "c3d_opensim_walking"
WALKING2_FILES: Final = ("walking2.c3d",)
RATE_HZ: Final = 200.0
MASS_KG: Final = 73.4
_RMS_DEG: Final = 1.0
_STRIDES: Final = 25
_LOADED_N: Final = 20.0
_HALF_STEP_S: Final = 0.25
_SWING_S: Final = 0.3  # a foot is forward once in so long before and after
_DROP: Final = (0.10, 0.80)  # part of stance, metric reference 6.1
_PELVIS: Final = """
schema = 1
name = "A pelvis IMU from markers"
[calibration]
standing_s = [0.0, 11.5]
[[stream]]
match = { name = "virtual pelvis" }
[[stream.channel]]
label = ["acc_x", "acc_y", "acc_z"]
role = "imu_pelvis.acc"
unit = "m/s^2"
axes = ["x", "y", "z"]
[[stream.channel]]
label = ["gyr_x", "gyr_y", "gyr_z"]
role = "imu_pelvis.gyro"
unit = "rad/s"
axes = ["x", "y", "z"]
"""
_FEET: Final = f"""
[subject]
mass_kg = {MASS_KG}
[[stream.channel]]
label = "left_force"
role = "insole_left.force"
unit = "N"
[[stream.channel]]
label = "right_force"
role = "insole_right.force"
unit = "N"
"""
_LABELS: Final = tuple(f"{what}_{axis}" for what in ("acc", "gyr") for axis in "xyz")


def walk(bench: Bench) -> Outcome:
    """Compare with the pelvis angles of the laboratory's own model."""
    path = bench.data / WALK / WALK_FILES[0]
    with bench.run([path]) as run:
        trial = run.trial
        line = elevation_deg(path_of(trial, "LASI"), path_of(trial, "RASI"))
        model = path_of(trial, "LPelvisAngles")
        model_deg = model.xyz[:, 1]
        begin_s, end_s = _contacts(trial, "left")[:2]
        stride = RepeatedStride.of(pelvis_of(trial), begin_s, end_s - begin_s)
        forces = _plate_forces(trial, stride)
        known_deg = {side: _model_drop_deg(trial, side, begin_s) for side in SIDES}
        strikes_s: dict[Side, Floats] = {side: _contacts(trial, side) for side in SIDES}
    markers = Errors(
        "obliquity of the marker line", "deg", line - model_deg, model.t_s, "time, s"
    )
    with bench.run([_virtual(bench, stride, forces)], _PELVIS + _FEET) as run:
        curve = _curve(run, stride, model.t_s, model_deg)
        drops = _drops(run, stride)
        drop = run.analysed.analysis.metrics["pelvic_drop_deg"]
    with bench.run([_virtual(bench, stride, {})], _PELVIS) as run:
        steps = _steps(run, stride, strikes_s)
    return Outcome(
        truth="Obliquity of the laboratory's Plug-in-Gait model (LPelvisAngles), 100"
        f" Hz, a stride of {stride.stride_s:.3f} s between its left foot strikes.",
        ours="The same stride as a pelvis IMU would have measured it (200 Hz, gyroscope"
        f" bias up to 0.3 deg/s), repeated {_STRIDES} times after a stand, with the"
        " plates' forces in the place of insoles; calibrated from the stand.",
        errors=(markers, curve, drops, steps.errors),
        goals=(
            at_most("RMS of the marker line against the model", markers.rms, _RMS_DEG,
                    "deg", 2),
            at_most("RMS of our obliquity against the model", curve.rms, _RMS_DEG,
                    "deg", 2),
            *(
                near(f"pelvic drop in {side} stance against the model",
                     drop.stat(side).median, known_deg[side], _RMS_DEG, "deg", 2)
                for side in SIDES
            ),
            at_most("RMS of the pelvic drop against the repeated motion", drops.rms,
                    _RMS_DEG, "deg", 2),
            at_least("strides with a pelvic drop, both sides", drops.n,
                     2 * (_STRIDES - 4)),
            *steps.goals("the foot strikes"),
        ),
        notes=_NOTES,
    )  # fmt: skip


def walking2(bench: Bench) -> Outcome:
    """Compare with the markers; contacts are those of the pelvis IMU itself."""
    path = bench.data / WALKING2 / WALKING2_FILES[0]
    with bench.run([path], "c3d_two_plates") as run:
        pelvis = pelvis_of(run.trial)
        heels_s: dict[Side, Floats] = {
            side: _heel_forward_s(run.trial, side) for side in SIDES
        }
        plates_s = _plate_contacts_s(run)
    whole = [np.diff(times_s) for times_s in heels_s.values()]
    stride_s = float(np.concatenate(whole).mean())
    stride = RepeatedStride.of(pelvis, float(pelvis.t_s[0]), stride_s)
    with bench.run([_virtual(bench, stride, {})], _PELVIS) as run:
        curve = _curve(run, stride, pelvis.t_s, pelvis.obliquity_deg)
        ranges = _ranges(run, stride)
        steps = _steps(run, stride, heels_s)
    plates = ", ".join(f"{at:.3f} s" for at in plates_s)
    return Outcome(
        truth="Obliquity of the line between the front markers, 250 Hz, while all four"
        f" pelvis markers are seen ({pelvis.t_s[0]:.2f} to {pelvis.t_s[-1]:.2f} s);"
        " contacts where the heel is furthest before the pelvis (Zeni 2008), for the"
        " file has no events.",
        ours=f"One stride of {stride.stride_s:.3f} s as a pelvis IMU would have"
        f" measured it, repeated {_STRIDES} times after a stand; contacts from it.",
        errors=(curve, ranges, steps.errors),
        goals=(
            at_most("RMS of our obliquity against the markers", curve.rms, _RMS_DEG,
                    "deg", 2),
            at_least("strides with a range of obliquity", ranges.n, _STRIDES - 4),
            at_most("RMS of the range of obliquity", ranges.rms, _RMS_DEG, "deg", 2),
            *steps.goals("the heel"),
            told("plates loaded by 20 N over their zero, first", plates),
        ),
        notes=(
            *_NOTES,
            "Each plate sees one foot once, the second only a part of it; they serve to"
            " check the heel times, not to cut strides.",
        ),
    )  # fmt: skip


_NOTES: Final = (
    "Worse than hoped: the pelvis IMU alone tells these contacts early. Markers move"
    " without the blow of the heel strike, which it times; a real lower back tells them"
    " in time, and early as well once that blow is filtered out (see there).",
    "The repetitions of one stride are no sample: n counts them, and their limits of"
    " agreement show only that nothing drifts.",
    "The sensor is perfect but for its bias, and sits on the bones that the markers"
    " show: skin and strap are not in here. What is shown is that calibration, filter"
    " and metric keep the angle.",
    "The repeated stride is closed by a straight line and holds 8 harmonics; what that"
    " changes is part of the error against the model.",
)


def _contacts(trial: Trial, side: str, kind: str = "ic") -> Floats:
    """Return when the file says that a foot touched down, or left (``to``)."""
    return np.array(
        [
            marker.t_s
            for marker in trial.markers
            if marker.kind == kind and marker.text.startswith(side)
        ]
    )


def _model_drop_deg(trial: Trial, side: Side, after_s: float) -> float:
    """Return the pelvic drop of the model in the first stance from a time on."""
    on_s = _contacts(trial, side)
    off_s = _contacts(trial, side, "to")
    begin_s = float(on_s[on_s >= after_s][0])
    stance_s = float(off_s[off_s > begin_s][0]) - begin_s
    model = path_of(trial, "LPelvisAngles")
    first_s, last_s = (begin_s + part * stance_s for part in _DROP)
    inside = (model.t_s >= first_s) & (model.t_s <= last_s)
    obliquity = model.xyz[inside, 1]
    return float((obliquity if side == "left" else -obliquity).max())


def _plate_forces(trial: Trial, stride: RepeatedStride) -> dict[str, Floats]:
    """Return the force under each foot over the stride, at its rows, N.

    A plate belongs to the foot whose strike is nearest to its first load.
    """
    (plates,) = (info for info in trial.streams if info.name == "c3d force plates")
    first_s, last_s = trial.span(plates.id)
    t_s, force = trial.window(plates.id, first_s, last_s)
    phase_s = np.arange(0.0, stride.stride_s, 1.0 / RATE_HZ)
    total = {side: np.zeros_like(phase_s) for side in SIDES}
    for column, label in enumerate(plates.labels):
        if not label.startswith("plate_") or force[:, column].max() < _LOADED_N:
            continue
        contact_s = float(t_s[np.argmax(force[:, column] > _LOADED_N)])
        side = min(
            total,
            key=lambda one: np.abs(_contacts(trial, one) - contact_s).min(),
        )
        total[side] += np.interp(
            stride.begin_s + phase_s, t_s, force[:, column], left=0.0, right=0.0
        )
    return total


def _virtual(bench: Bench, stride: RepeatedStride, forces: dict[str, Floats]) -> Path:
    """Write the rows of a sensor that stands, then repeats the stride."""
    seconds = STAND_S + RAMP_S + _STRIDES * stride.stride_s
    t_s = np.arange(0.0, seconds, 1.0 / RATE_HZ)
    walk_s = t_s - STAND_S - RAMP_S
    acc, gyro = stride.imu(walk_s)
    columns = {"time [s]": t_s}
    columns |= dict(zip(_LABELS, np.column_stack([acc, gyro]).T, strict=True))
    standing_n = MASS_KG * STANDARD_GRAVITY / 2
    for side, force in forces.items():
        rows = np.round((walk_s % stride.stride_s) * RATE_HZ).astype(int) % len(force)
        columns[f"{side}_force"] = np.where(walk_s < 0, standing_n, force[rows])
    return bench.table("virtual-pelvis", columns)


def _curve(run: Run, stride: RepeatedStride, t_s: Floats, truth_deg: Floats) -> Errors:
    """Return the obliquity of one late stride less the recorded one."""
    seen = run.orientation("pelvis")
    ours_deg = obliquity_deg(seen.rotation)
    inside = (t_s >= stride.begin_s) & (t_s <= stride.begin_s + stride.stride_s)
    late_s = STAND_S + RAMP_S + (_STRIDES - 3) * stride.stride_s - stride.begin_s
    ours = np.interp(t_s[inside] + late_s, seen.t_s, ours_deg)
    truth = truth_deg[inside]
    return Errors(
        "obliquity over the stride", "deg", ours - truth, (ours + truth) / 2,
        "mean of both, deg",
    )  # fmt: skip


def _truth(stride: RepeatedStride, first_s: float, last_s: float) -> Floats:
    at_s = np.arange(first_s, last_s, 1.0 / RATE_HZ) - STAND_S - RAMP_S
    return stride.obliquity_deg(at_s)


def _drops(run: Run, stride: RepeatedStride) -> Errors:
    """Return the pelvic drop of every stride less that of the true motion."""
    pairs: list[tuple[float, float]] = []
    for record in run.analysed.pipeline.strides:
        ours = record.values.get("pelvic_drop_deg", np.nan)
        one = record.stride
        if not np.isfinite(ours) or one.to_s is None or one.ic_s < STAND_S + RAMP_S:
            continue
        first_s, last_s = (one.ic_s + part * (one.to_s - one.ic_s) for part in _DROP)
        sign = 1.0 if one.side == "left" else -1.0
        pairs.append((ours, float((sign * _truth(stride, first_s, last_s)).max())))
    return _agreement("pelvic drop", pairs)


def _ranges(run: Run, stride: RepeatedStride) -> Errors:
    """Return the range of obliquity of every stride less that of the true motion."""
    pairs: list[tuple[float, float]] = []
    for record in run.analysed.pipeline.strides:
        ours = record.values.get("pelvis_obliquity_rom_deg", np.nan)
        one = record.stride
        if np.isfinite(ours) and one.ic_s >= STAND_S + RAMP_S:
            pairs.append((ours, float(np.ptp(_truth(stride, one.ic_s, one.next_ic_s)))))
    return _agreement("range of obliquity", pairs)


def _agreement(what: str, pairs: list[tuple[float, float]]) -> Errors:
    ours, truth = np.array(pairs).reshape(-1, 2).T
    return Errors(what, "deg", ours - truth, (ours + truth) / 2, "mean of both, deg")


class _Steps(NamedTuple):
    """Contacts of the pelvis IMU alone, and how many have which side."""

    errors: Errors
    right: int
    wrong: int
    silent: int

    def goals(self, reference: str) -> tuple[Goal, ...]:
        """Return the lines of the budget."""
        return (
            exactly("pelvis IMU alone: sides told wrong", self.wrong, 0),
            told("pelvis IMU alone: sides told right, and not told",
                 f"{self.right}, {self.silent}"),
            told(f"pelvis IMU alone: contacts against {reference}",
                 f"median {self.errors.median:+.0f} ms, {self.errors.missed} missed,"
                 f" {self.errors.extra} extra"),
        )  # fmt: skip


def _steps(
    run: Run, stride: RepeatedStride, strikes_s: Mapping[Side, Floats]
) -> _Steps:
    """Compare contacts with the strikes of the recording, repeated with its stride."""
    walk_s = STAND_S + RAMP_S
    ics = [one for one in run.analysed.pipeline.contacts if one.kind == "ic"]
    span_s = (walk_s + stride.stride_s, walk_s + (_STRIDES - 1.5) * stride.stride_s)
    wanted: list[tuple[float, str]] = []
    for side, at_s in strikes_s.items():
        phase_s = float(at_s[0] - stride.begin_s) % stride.stride_s
        wanted += [
            (walk_s + phase_s + k * stride.stride_s, side) for k in range(_STRIDES)
        ]
    wanted.sort()
    times_s = np.array([at_s for at_s, _ in wanted])
    found = match(np.array([one.t_s for one in ics]), times_s, _HALF_STEP_S, span_s)
    sides = {"right": 0, "wrong": 0, "silent": 0}
    for one in ics:
        nearest = int(np.abs(times_s - one.t_s).argmin())
        if span_s[0] <= one.t_s <= span_s[1]:
            true = wanted[nearest][1]
            told_so = one.side == true
            sides["right" if told_so else "silent" if one.side == "unknown" else
                  "wrong"] += 1  # fmt: skip
    errors = Errors(
        "contact of the pelvis IMU alone", "ms", 1e3 * found.error_s, found.wanted_s,
        "time, s", found.missed, found.extra,
    )  # fmt: skip
    return _Steps(errors, **sides)


def _heel_forward_s(trial: Trial, side: str) -> Floats:
    """Return when the heel is furthest before the pelvis (Zeni 2008), shape (n,)."""
    heel = path_of(trial, "LCAL" if side == "left" else "RCAL")
    rear = (path_of(trial, "LPSI").xyz + path_of(trial, "RPSI").xyz) / 2
    ahead = (heel.xyz - rear)[:, 0]
    seen = np.flatnonzero(np.isfinite(ahead))
    half = round(_SWING_S / float(np.median(np.diff(heel.t_s))))
    found = [
        float(heel.t_s[i])
        for i in seen[half:-half].tolist()
        if ahead[i] > 0 and ahead[i] == np.nanmax(ahead[i - half : i + half + 1])
    ]
    return np.array(found)


def _plate_contacts_s(run: Run) -> list[float]:
    """Return when each plate was first loaded, 20 N over what it reads unloaded."""
    found: list[float] = []
    for side in SIDES:
        t_s, force = run.rows(f"insole_{side}.force")
        level = force[:, 0] - np.median(force[:, 0])
        found.append(float(crossings_s(t_s, level, _LOADED_N, _LOADED_N, 0.2)[0, 0]))
    return found
