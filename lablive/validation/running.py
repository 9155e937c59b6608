"""Treadmill running, one man: force of the belt, acceleration at his sacrum."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.importing.imported import Options
from lablive.names import STANDARD_GRAVITY
from lablive.validation.matching import joined, match
from lablive.validation.outcome import Errors, Outcome, at_most, exactly, told
from lablive.validation.thresholds import crossings_s

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.messages import Floats
    from lablive.validation.bench import Bench

FOLDER: Final = "running_imu_grf_alcantara"
FILES: Final = ("GRF_one_sub.csv", "Accelerometer_one_sub.csv", "Sub_Info_one_sub.csv")
RATE_HZ: Final = 500.0
ROWS: Final = 2480
MASS_KG: Final = 76.8
THRESHOLD_N: Final = 40.0  # metric reference 1.1, up and down
THRESHOLD_BW: Final = THRESHOLD_N / (MASS_KG * STANDARD_GRAVITY)
EDGE_S: Final = 0.25  # less than a step: a reference may have begun before the file
_SHORTEST_S: Final = 0.05
_WITHIN_S: Final = 0.1
_SECONDS: Final = ROWS / RATE_HZ
# [S06] of the metric reference, the published figure of the same method
_PUBLISHED_RMSE_MS: Final = 20.0


class Runs(NamedTuple):
    """All trials.

    Attributes
    ----------
    acc
        Vertical and forward, m/s^2, shape (trials, rows, 2).
    force_bw
        Under the belt, body weights, shape (trials, rows).
    speed_mps
        Of the belt, shape (trials,).
    """

    acc: Floats
    force_bw: Floats
    speed_mps: Floats


def read_runs(data: Path) -> Runs:
    """Read the arrays of the set."""
    folder = data / FOLDER
    acc = np.loadtxt(folder / "Accelerometer_one_sub.csv", delimiter=",")
    force = np.loadtxt(folder / "GRF_one_sub.csv", delimiter=",")
    both = np.stack((acc[:, :ROWS], acc[:, ROWS:]), axis=2)
    with (folder / "Sub_Info_one_sub.csv").open(encoding="utf-8") as file:
        speed_mps = np.array([float(row["Speed"]) for row in csv.DictReader(file)])
    return Runs(both * STANDARD_GRAVITY, force, speed_mps)


def force_contacts(force_bw: Floats) -> Floats:
    """Return contacts of at least 50 ms over 40 N, shape (n, 2); NaN = not ended."""
    t_s = np.arange(len(force_bw)) / RATE_HZ
    return crossings_s(t_s, force_bw, THRESHOLD_BW, THRESHOLD_BW, _SHORTEST_S)


def naive_contacts_s(up_ms2: Floats) -> Floats:
    """Return upward crossings of 1 g: what a first script would do."""
    high = up_ms2 >= STANDARD_GRAVITY
    rows = np.flatnonzero(~high[:-1] & high[1:])
    share = (STANDARD_GRAVITY - up_ms2[rows]) / (up_ms2[rows + 1] - up_ms2[rows])
    return (rows + share) / RATE_HZ


def sacrum(bench: Bench) -> Outcome:
    """Compare contacts of the sacral accelerometer with the belt's force."""
    span_s = (EDGE_S, _SECONDS - EDGE_S)
    runs = read_runs(bench.data)
    path = bench.data / FOLDER / "Accelerometer_one_sub.csv"
    ours, naive = [], []
    stance: list[tuple[float, float]] = []  # truth and ours
    speeds: list[float] = []  # of the belt, one per stance
    for number, force_bw in enumerate(runs.force_bw):
        options = Options(row=number + 1, parts=2, rate_hz=RATE_HZ)
        with bench.run([path], "running_sacrum_csv", options) as run:
            ics, tos = run.times_s("ic"), run.times_s("to")
        contacts = force_contacts(force_bw)
        ours.append(match(ics, contacts[:, 0], _WITHIN_S, span_s))
        crude_s = naive_contacts_s(runs.acc[number, :, 0])
        naive.append(match(crude_s, contacts[:, 0], _WITHIN_S, span_s))
        stance += _stances(contacts, ics, tos)
        speeds += [runs.speed_mps[number]] * (len(stance) - len(speeds))
    found, crude = joined(ours), joined(naive)
    truth, seen = 1e3 * np.array(stance).T
    ic = Errors(
        "initial contact", "ms", 1e3 * found.error_s, found.wanted_s,
        "time in the trial, s", found.missed, found.extra,
    )  # fmt: skip
    time = Errors(
        "contact time", "ms", seen - truth, (seen + truth) / 2, "mean of both, ms"
    )
    return Outcome(
        truth=f"Vertical force of the belt over {THRESHOLD_N:g} N, up and down,"
        f" contacts of 50 ms or more; {len(runs.force_bw)} trials of {_SECONDS:g} s,"
        " 2.5 to 4.17 m/s, -10 to +10 deg.",
        ours="Contacts of the pelvis IMU, vertical and forward axis only (the set has"
        f" no sideways one, no gyroscope). Pairs within {1e3 * _WITHIN_S:.0f} ms;"
        f" missed and extra count {1e3 * EDGE_S:.0f} ms away from the ends of a trial.",
        errors=(ic, time),
        goals=(
            exactly("contacts missed", found.missed, 0),
            exactly("contacts extra", found.extra, 0),
            at_most("median error of contact", ic.median, 10, "ms"),
            at_most("95 % of contacts within", ic.p95, 40, "ms"),
            at_most("RMSE of contact time, published for the method", time.rms,
                    _PUBLISHED_RMSE_MS, "ms"),
            told("contact time by belt speed",
                 _by_speed(np.array(speeds), seen - truth)),
            told(
                "beside it: upward crossing of 1 g",
                f"median {1e3 * np.median(crude.error_s):+.0f} ms, {crude.missed}"
                f" missed, {crude.extra} extra",
            ),
        ),
        notes=(
            "One runner, and the signals were low-passed below 30 Hz by their authors.",
            "No side can be told without a gyroscope.",
            "The contact time is that of the sine model (1.3), whose error goes with"
            " the speed: a slow run is no sine. Tried: -3 dB at 10 Hz in place of -6"
            " gives 19.9 ms, 15 Hz 19.3, toe-off about the middle of the load 28.9. The"
            " reference's filter stays; one runner is no reason to change it.",
        ),
    )  # fmt: skip


def _by_speed(speed_mps: Floats, error_ms: Floats) -> str:
    """Return the mean error at each belt speed, in words."""
    means = {
        speed: error_ms[speed_mps == speed].mean()
        for speed in np.unique(speed_mps).tolist()
    }
    return ", ".join(
        f"{mean:+.0f} ms at {speed:g} m/s" for speed, mean in means.items()
    )


def _stances(contacts: Floats, ics: Floats, tos: Floats) -> list[tuple[float, float]]:
    """Return contact times of the truth and of ours, where both have both ends."""
    found: list[tuple[float, float]] = []
    for on_s, off_s in contacts[np.isfinite(contacts[:, 1])].tolist():
        at_s = float(ics[np.abs(ics - on_s).argmin()])
        after = tos[(tos > at_s) & (tos < at_s + 0.4)]
        if abs(at_s - on_s) < _WITHIN_S and len(after):
            found.append((off_s - on_s, float(after[0]) - at_s))
    return found


def force(bench: Bench) -> Outcome:
    """Compare contacts of the force lane with the bare threshold on the same force."""
    path = bench.data / FOLDER / "GRF_one_sub.csv"
    runs = read_runs(bench.data)
    span_s = (EDGE_S, _SECONDS - EDGE_S)
    on, off = [], []
    for number, force_bw in enumerate(runs.force_bw):
        options = Options(row=number + 1, rate_hz=RATE_HZ)
        with bench.run([path], "running_grf", options) as run:
            ics, tos = run.times_s("ic"), run.times_s("to")
        contacts = force_contacts(force_bw)
        ends = contacts[np.isfinite(contacts[:, 1]), 1]
        on.append(match(ics, contacts[:, 0], _WITHIN_S, span_s))
        off.append(match(tos, ends, _WITHIN_S, span_s))
    ic, to = joined(on), joined(off)
    errors = tuple(
        Errors(what, "ms", 1e3 * found.error_s, found.wanted_s, "time in the trial, s",
               found.missed, found.extra)
        for what, found in (("initial contact", ic), ("toe-off", to))
    )  # fmt: skip
    return Outcome(
        truth=f"The same force over {THRESHOLD_N:g} N, up and down.",
        ours="Contacts of the force lane: on 0.08 body weights (60 N), followed back to"
        " 0.05 (38 N); off 0.05 body weights; zero learned in flight.",
        errors=errors,
        goals=(
            exactly("contacts missed", ic.missed, 0),
            exactly("contacts extra", ic.extra, 0),
            at_most("95 % of contacts within", errors[0].p95, 10, "ms"),
            at_most("95 % of toe-offs within", errors[1].p95, 10, "ms"),
        ),
        notes=(
            "The force was low-passed and set to zero in flight by its authors: this"
            " shows counting, not resistance to noise.",
        ),
    )
