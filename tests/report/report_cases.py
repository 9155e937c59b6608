"""Hand-made reports that the layout must carry: rich, bare, with gaps, long names."""

from __future__ import annotations

import msgspec
import numpy as np

from lablive.metrics.bands import load_bands
from lablive.metrics.registry import METRICS as REGISTRY
from lablive.metrics.zones import Zone
from lablive.report.board import SHOWN
from lablive.report.curves import trace
from lablive.report.data import (
    DrillSet,
    Entry,
    Fact,
    FileHash,
    GapLine,
    MeanCurve,
    MetricLine,
    ReportData,
    Shift,
    Sole,
    SoleMap,
    Stat,
    StreamLine,
)
from lablive.report.figures import mean_curve
from lablive.report.lines import good_span
from lablive.signals.layouts import load_layout

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PEDAR = load_layout("pedar_99")
BANDS = load_bands()
PHASE = np.linspace(0.0, 1.0, 101)


def force_curve(peak_bw: float, n: int, n_total: int) -> MeanCurve:
    rng = np.random.default_rng(round(peak_bw * 1000))
    curves = [
        (peak_bw + rng.normal(0, 0.08)) * np.sin(np.pi * PHASE) ** 1.15
        + 0.45 * np.exp(-(((PHASE - 0.11 - rng.normal(0, 0.006)) / 0.05) ** 2))
        for _ in range(n)
    ]
    made = mean_curve([c - c[0] * (1 - PHASE) for c in curves], n_total)
    assert made is not None
    return made


def gait_curve(sway: float, n: int, n_total: int) -> MeanCurve:
    rng = np.random.default_rng(7)
    curves = []
    for _ in range(n):
        x = -0.06 + sway * np.sin(np.pi * PHASE * 1.4) + rng.normal(0, 0.025)
        y = 0.14 + 0.74 * PHASE**1.25
        line = np.column_stack([x - 0.1 * PHASE * (1 - PHASE), y])
        line[:3] = line[-2:] = np.nan  # too little force for a centre of pressure
        curves.append(line)
    made = mean_curve(curves, n_total)
    assert made is not None
    return made


def line(key: str, unit: str, **more: object) -> MetricLine:
    metric, band = REGISTRY[key], BANDS.band[key]
    label = metric.label[0].upper() + metric.label[1:]
    verdicts = {
        side: verdict
        for side in ("left", "right", "both")
        if (stat := more.get(side)) is not None
        and (verdict := BANDS.judge(key, stat.median, 3.0)) is not None
    }
    return MetricLine(
        key, label, unit, skill=metric.skill, direction=metric.direction,
        info=band.info, band_grade=band.grade, good=good_span(band, (3.0,)),
        verdicts=verdicts, **more,
    )  # fmt: skip


def sides(
    key: str, unit: str, left: float, right: float, sd: float | None, **more: object
) -> MetricLine:
    return line(
        key,
        unit,
        left=Stat(left, sd, 206, 225),
        right=Stat(right, sd, 206, 225),
        both=Stat((left + right) / 2, sd, 412, 450),
        **more,
    )


METRICS = (
    sides("cadence_spm", "steps/min", 166.3, 166.1, 2.1, grade="B", contested=True),
    sides("contact_time_ms", "ms", 245, 249, 6, grade="B", contested=True,
          asymmetry_pct=1.62),
    sides("flight_time_ms", "ms", 114, 116, 7),
    sides("step_time_ms", "ms", 360, 362, 5, asymmetry_pct=0.55),
    sides("stride_time_ms", "ms", 722, 722, 7),
    sides("duty_factor_pct", "%", 33.9, 34.5, 0.8, grade="B"),
    line("step_length_m", "m", missing="needs belt speed"),
    line("stride_time_cv_pct", "%", left=Stat(1.12, None, 206, 225),
         right=Stat(1.21, None, 206, 225), grade="B"),
    line("contact_time_cv_pct", "%", left=Stat(2.4, None, 206, 225),
         right=Stat(2.9, None, 206, 225), grade="D"),
    sides("peak_force_bw", "BW", 2.31, 2.24, 0.09, grade="B", contested=True,
          note="body weight from the running itself", asymmetry_pct=-3.08),
    sides("stance_impulse_bw_s", "BW·s", 0.363, 0.358, 0.011,
          note="body weight from the running itself", asymmetry_pct=-1.39),
    sides("strike_index_pct", "% length", 14, 17, 5, grade="B", contested=True),
    sides("cop_ml_excursion_pct", "% width", 21, 24, 4),
)  # fmt: skip


def rich() -> ReportData:
    return ReportData(
        person="LB-0042",
        title="LabLive session report LB-0042, 2026-11-20",
        clinic="Sports Medicine Bern",
        facts=(
            Fact("Date", "2026-11-20 10:42"),
            Fact("Protocol", "Soft landing"),
            Fact("Belt", "3.0 m/s · 0 %"),
            Fact("Duration", "12:34"),
            Fact("Shoes", "Own, neutral, 8 mm drop"),
            Fact("Body mass", "70.0 kg"),
        ),
        streams=(
            StreamLine("Insoles", "Force", 200, 150800, 0, 0),
            StreamLine("Pelvis", "IMU", 200, 150794, 0, 0),
            StreamLine("Gluteal EMG", "EMG", 2000, 1508000, 0, 0),
            StreamLine("Belt microphone", "Level", 1000, 754000, None, 0),
            StreamLine("Treadmill", "Speed", 0, 1204, None, 0),
        ),
        gaps=(),
        strides_used=412,
        strides_total=450,
        left_out={"irregular interval": 30, "first seconds": 8},
        metrics=METRICS,
        files=(FileHash("trial-01.xdf", SHA256),),
        software="LabLive 0.1.0",
        force={"left": force_curve(2.3, 206, 225), "right": force_curve(2.2, 206, 225)},
        gait_line={
            "left": gait_curve(-0.05, 206, 225), "right": gait_curve(-0.08, 206, 225)
        },
        sole=Sole(
            PEDAR.title, PEDAR.width_mm / PEDAR.length_mm,
            tuple((cell.x, cell.y) for cell in PEDAR.cells),
            areas_cm2=tuple(cell.area_cm2 for cell in PEDAR.cells),
        ),
    )  # fmt: skip


def bare() -> ReportData:
    """Insoles only: total force, no belt speed, no body weight, no cells."""
    return ReportData(
        person="LB-0007",
        title="LabLive session report LB-0007",
        facts=(
            Fact("Date", "2026-11-20 09:05"),
            Fact("Protocol", ""),
            Fact("Belt", ""),
            Fact("Duration", "0:48"),
        ),
        streams=(StreamLine("loadsol", "Force", 100, 4800, None, 0),),
        gaps=(),
        strides_used=58,
        strides_total=58,
        metrics=(
            line("cadence_spm", "steps/min", both=Stat(171.4, 1.9, 115, 116)),
            sides("contact_time_ms", "ms", 231, 238, 5, grade="B"),
            line("flight_time_ms", "ms", left=Stat(118, 6, 57, 58)),
            line("step_length_m", "m", missing="needs belt speed"),
            line("peak_force_bw", "BW", missing="needs the body mass", grade="B"),
        ),
        files=(FileHash("trial-01.xdf", SHA256),),
        software="LabLive 0.1.0",
        force_missing="no body weight was given.",
        gait_line_missing="the insoles send neither pressure cells nor zones.",
    )


def with_gaps() -> ReportData:
    data = rich()
    gaps = tuple(
        GapLine(
            "Insoles" if index % 3 else "Gluteal EMG",
            12.5 + 17.3 * index,
            0.05 + 0.31 * (index % 5),
            None if index % 7 == 3 else 10 + 62 * (index % 5),
            "radio packets lost" if index % 3 else "stream stopped, came back",
        )
        for index in range(41)
    )
    streams = (
        StreamLine("Insoles", "Force", 200, 147801, 2999, 27),
        *data.streams[1:2],
        StreamLine("Gluteal EMG", "EMG", 2000, 1490221, 17779, 14),
        *data.streams[3:],
    )
    return msgspec.structs.replace(
        data,
        gaps=gaps,
        streams=streams,
        strides_used=301,
        left_out={"gap": 111, "irregular interval": 30, "first seconds": 8},
    )


def long_names() -> ReportData:
    data = rich()
    word = "Supercalifragilistischexpialigetischkontrollgruppe" * 2
    return msgspec.structs.replace(
        data,
        person="Maximiliane-Alexandra Constanze von Hohenlohe-Waldenburg-Schillings"
        "fürst (Überweisung Prof. Dr. Ødegård-Łukaszewska)",
        clinic="Zentrum für Sportmedizin, Leistungsdiagnostik und Rehabilitation am "
        "Universitätsklinikum Nordrhein, Abteilung Ganganalyse",
        facts=(
            Fact("Date", "2026-11-20 10:42"),
            Fact("Protocol", "Soft landing with intermittent corrective blocks and a "
                 "rest-only control, 4 x 3 min, third week, " + word),
            Fact("Belt", "2.5 · 3.0 · 3.5 m/s · 0 % then 2 % then 4 % then 0 %"),
            Fact("Duration", "1:02:34"),
            Fact("Shoes", "Own shoes with custom orthotics, resoled twice"),
        ),
        streams=(
            *data.streams,
            StreamLine(
                "Moticon OpenGo left and right insole over Bluetooth " + word,
                "Pressure and inertial measurement", 100, 360000, 12, 3,
            ),
        ),
        left_out={
            "contact longer than three times the median": 12, "gap in left insole": 9,
            "gap in right insole": 7, "interval outside 0.75 to 1.25 of usual": 8,
            "no opposite contact inside the stride": 2,
        },
        notes=("Runner reports pain 3/10 at the outer left knee from minute 25, gone "
               "after the second block. Asked to land quieter; managed it for about "
               "two minutes at a time. " * 6 + word),
        files=(
            FileHash("trial-01-after-second-block-with-own-orthotics.xdf", SHA256),
            FileHash("trial-01-after-second-block-with-own-orthotics-2.xdf", SHA256),
        ),
    )  # fmt: skip


def full_lab() -> ReportData:
    """Every sensor of the lab: all five skills, blocks of sound, drills, pain."""
    data = rich()
    left_out = {"arm_cross_pct": "needs a forearm IMU"}
    known = {it.id for it in data.metrics}
    skills = tuple(
        line(key, REGISTRY[key].unit, missing=left_out[key])
        if key in left_out
        else sides(
            key, REGISTRY[key].unit, 12.34, 23.45, 1.2, grade=REGISTRY[key].grade,
            contested=REGISTRY[key].contested,
            shifts={"left": Shift(-2.34, 1.2, beyond=True, n=80), "right": Shift(0.1)},
            zones={"left": Zone(40.0, 35.0, 25.0, 206, 225)},
        )
        for ids in SHOWN.values()
        for key in ids
        if key not in known
    )  # fmt: skip
    places = ("pelvis", "trunk", "head", *("thigh", "shank", "foot") * 2)
    imus = tuple(
        StreamLine(f"IMU {number} {place}", "IMU", 200, 150794, 0, 0)
        for number, place in enumerate(places, start=1)
    )
    t_s = np.arange(20.0, 754.0, 0.72)
    rng = np.random.default_rng(5)
    loud = 72.0 - t_s / 400 + rng.normal(0, 0.6, len(t_s))
    drop = 6.0 + rng.normal(0, 0.5, len(t_s))
    return msgspec.structs.replace(
        data,
        metrics=data.metrics + skills,
        streams=data.streams + imus,
        duration_s=754.0,
        traces={
            "footfall_sel_dba": {
                "left": trace(t_s, loud, 1100), "right": trace(t_s, loud + 1.5, 1100)
            },
            "pelvic_drop_deg": {
                "left": trace(t_s, drop, 1100), "right": trace(t_s, drop + 2, 1100)
            },
        },
        pelvis={"left": force_curve(6.0, 40, 225), "right": force_curve(8.2, 44, 225)},
        soles={
            "left": SoleMap(tuple(np.linspace(20, 310, 99).tolist()), 60, 225),
            "right": SoleMap(tuple(np.linspace(300, 10, 99).tolist()), 60, 225),
        },
        entries=(
            Entry(60.0, "pain", "1", 1.0), Entry(540.0, "pain", "4", 4.0),
            Entry(300.0, "effort", "6", 6.0), Entry(400.0, "note", "lands quieter"),
        ),
        drills=(
            DrillSet("Two-leg hops", 9, 10, 12, "pass"),
            DrillSet("One-leg hops", 5, 10, 10, "fail", "touch-down 3 times", "left"),
        ),
    )  # fmt: skip
