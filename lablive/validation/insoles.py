"""Pressure insoles: steps and cadence of walkers, and standing with lost packets."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.names import SIDES
from lablive.validation.matching import joined, match
from lablive.validation.outcome import Errors, Outcome, at_most, exactly, told
from lablive.validation.thresholds import crossings_s, period_s

if TYPE_CHECKING:
    from lablive.validation.bench import Bench, Run

PEDAR: Final = "insole_pedar_99cell"
PEDAR_FILES: Final = ("pressure_example.asc",)
STAPPONE: Final = "insole_formats_pressuRe"
STAPPONE_FILES: Final = ("stappone_example.csv",)
LOADSOL: Final = "loadsol_vs_forceplate_pomarat"
LOADSOL_FILES: Final = ("test_pointe_1_05_02.txt", "test_poids.txt", "roll_test.txt")
_CADENCE_PCT: Final = 1.0
_WITHIN_S: Final = 0.25  # half a step
_PEDAR_N: Final = (100.0, 50.0)  # up and down, on pressure times a nominal cell
_STRIDE_S: Final = (0.7, 1.6)  # where the period of a walk is looked for
_LIFTED_N: Final = 40.0


def pedar(bench: Bench) -> Outcome:
    """Compare contacts and cadence with a bare threshold on the same soles."""
    with bench.run([bench.data / PEDAR / name for name in PEDAR_FILES]) as run:
        parts = []
        steps: list[float] = []
        for side in SIDES:
            t_s, kpa = run.rows(f"insole_{side}.pressure")
            force_n = kpa.sum(axis=1) * 0.15  # 1.5 cm2 each, nominal
            contacts = crossings_s(t_s, force_n, *_PEDAR_N)
            whole = contacts[np.isfinite(contacts[:, 1])]
            span_s = (float(whole[0, 0]) - 0.1, float(whole[-1, 0]) + 0.1)
            ics = run.times_s("ic", side)
            parts.append(match(ics, whole[:, 0], _WITHIN_S, span_s))
            steps += whole[:, 0].tolist()
        cadence_spm = _cadence_spm(run)
        gaits = {r.stride.gait for r in run.analysed.pipeline.strides if r.stride.valid}
    truth_spm = 60.0 / float(np.median(np.diff(np.sort(steps))))
    found = joined(parts)
    ic = Errors(
        "initial contact", "ms", 1e3 * found.error_s, found.wanted_s, "time, s",
        found.missed, found.extra,
    )  # fmt: skip
    return Outcome(
        truth="Pressure times a nominal cell of 1.5 cm2 over 100 N, until below 50 N;"
        " cadence from the median step. 50 Hz, walking.",
        ours="Contacts of both insoles, on 0.08, off 0.05 of the body weight that the"
        " walk itself shows; cadence as printed.",
        errors=(ic,),
        goals=(
            exactly("contacts missed", found.missed, 0),
            exactly("contacts extra", found.extra, 0),
            at_most(f"cadence {cadence_spm:.1f} against {truth_spm:.1f} steps/min",
                    100 * (cadence_spm / truth_spm - 1), _CADENCE_PCT, "%", 2),
            exactly("gaits told besides walking", len(gaits - {"walk"}), 0),
            told("contacts before the reference's threshold", f"{ic.median:+.0f} ms"),
        ),
        notes=(
            "Only counts and rhythm can be judged: both read the same soles, and theirs"
            " is a higher threshold, so that we are earlier.",
        ),
    )  # fmt: skip


def stappone(bench: Bench) -> Outcome:
    """Compare the cadence of one sole with the rhythm of the IMU inside it."""
    paths = [bench.data / STAPPONE / name for name in STAPPONE_FILES]
    with bench.run(paths, "stappone_csv") as run:
        ics = run.times_s("ic", "left")
        t_s, rates = run.rows("insole_left.gyro")
        walking = (t_s >= ics[0]) & (t_s <= ics[-1])
        rate_hz = 1.0 / float(np.median(np.diff(t_s)))
        stride_s = period_s(rates[walking], rate_hz, *_STRIDE_S)
        cadence_spm = _cadence_spm(run)
    own = np.diff(ics)
    steady = own[(own > 0.75 * stride_s) & (own < 1.25 * stride_s)]
    error_ms = 1e3 * (steady - stride_s)
    truth_spm = 120.0 / stride_s
    return Outcome(
        truth="Period of the gyroscope inside the same sole, by autocorrelation over"
        " the whole walk: another sensor than the pressure cells.",
        ours="Contacts of one sole in counts, 62.5 Hz; cadence as printed.",
        errors=(
            Errors("stride time", "ms", error_ms, 1e3 * steady, "our stride time, ms"),
        ),
        goals=(
            at_most(f"cadence {cadence_spm:.1f} against {truth_spm:.1f} steps/min",
                    100 * (cadence_spm / truth_spm - 1), _CADENCE_PCT, "%", 2),
            told("strides outside 0.75 to 1.25 of the period",
                 f"{len(own) - len(steady)} of {len(own)}"),
        ),
        notes=(
            "The walker varies: the spread of stride times is real, not an error.",
            "The first strides are a start from standing.",
        ),
    )  # fmt: skip


def loadsol(bench: Bench) -> Outcome:
    """Count steps of people who never lift a foot, while packets are lost."""
    steps = naive = 0
    lost: dict[str, int] = dict.fromkeys(SIDES, 0)
    lowest_n: list[float] = []
    for name in LOADSOL_FILES:
        with bench.run([bench.data / LOADSOL / name]) as run:
            contacts = run.analysed.pipeline.contacts
            steps += sum(one.kind in ("ic", "to", "stuck") for one in contacts)
            for side in SIDES:
                role = f"insole_{side}.zones"
                if role not in run.analysed.prepared.binding.sources:
                    continue
                zones = run.rows(role)[1].sum(axis=1)
                gone = np.isnan(zones)
                lost[side] += int(gone.sum())
                if np.nanmax(zones) > _LIFTED_N:
                    lowest_n.append(float(np.nanmin(zones)))
                falls = pairwise(np.where(gone, 0.0, zones) > _LIFTED_N)
                naive += sum(up and not down for up, down in falls)
    return Outcome(
        truth="Every packet that arrived, of every foot that stood on its sole, reads"
        f" {min(lowest_n):.0f} N or more: no foot left the ground. The third file is a"
        " sole rolled by hand, below 30 N.",
        ours="Contacts of both insoles through import; lost packets are missing.",
        errors=(),
        goals=(
            exactly("false steps", steps, 0),
            exactly("feet that came below 40 N",
                    sum(n < _LIFTED_N for n in lowest_n), 0),
            told("rows lost, left and right", f"{lost['left']}, {lost['right']}"),
            told("beside it: falls below 40 N when a lost packet counts as 0 N",
                 str(naive)),
        ),
        notes=(
            "Standing, tiptoe and pushing only: that steps are found between lost"
            " packets is not shown by this set.",
        ),
    )  # fmt: skip


def _cadence_spm(run: Run) -> float:
    return run.analysed.analysis.metrics["cadence_spm"].stat("both").median
