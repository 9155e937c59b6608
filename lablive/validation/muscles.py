"""A walk over force plates with gluteal EMG: contacts, and when the muscles peak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.names import SIDES
from lablive.validation.matching import Matched, joined, match
from lablive.validation.outcome import Errors, Outcome, at_most, exactly, near, told
from lablive.validation.thresholds import crossings_s

if TYPE_CHECKING:
    from lablive.validation.bench import Bench, Run

FOLDER: Final = "opensim_walk_emg_grf"
FILES: Final = ("grf_walk.mot", "electromyography.sto")
_WITHIN_S: Final = 0.1
_LISTED_N: Final = (20.0, 10.0)  # up and down, as the set's own times
_REFERENCE_N: Final = (40.0, 40.0)  # metric reference 1.1
_GLUTEI: Final = {"gluteus_maximus": "gmax", "gluteus_medius": "gmed"}


def walk(bench: Bench) -> Outcome:
    """Compare contacts with thresholds on the same force, EMG peaks with the file."""
    paths = [bench.data / FOLDER / name for name in FILES]
    with bench.run(paths, "opensim_grf_emg") as run:
        errors = {limits: _errors(run, limits) for limits in (_LISTED_N, _REFERENCE_N)}
        peaks = {muscle: _peak_s(run, muscle) for muscle in _GLUTEI}
    (listed_ic, listed_to), (ic, to) = errors.values()
    return Outcome(
        truth="The same plate force per foot, without zero or noise: over 40 N up and"
        " down as the metric reference compares (1.1), and 20 N up, 10 N down as the"
        " set lists its times. EMG: the highest row of each envelope.",
        ours="Plate force in the place of insoles: on 0.08 body weights (60 N),"
        " followed back to 0.05 (37 N); off 0.05. EMG peak of the right stride, in"
        " whole percent of stance (7 ms).",
        errors=(ic, to, listed_ic, listed_to),
        goals=(
            exactly("contacts missed", ic.missed or 0, 0),
            exactly("contacts extra", ic.extra or 0, 0),
            at_most("contact, worst against 40 N", _worst(ic), 10, "ms"),
            at_most("toe-off, worst against 40 N", _worst(to), 10, "ms"),
            told("contact against 20 N", f"median {listed_ic.median:+.1f} ms"),
            told("toe-off against 10 N", f"median {listed_to.median:+.1f} ms"),
            *(
                near(f"{muscle.replace('_', ' ')} peak", 1e3 * ours, 1e3 * truth, 10,
                     "ms", 0)
                for muscle, (ours, truth) in peaks.items()
            ),
        ),
        notes=(
            "Three contacts of one walk: a check of the chain, no statistics.",
            "Worse than hoped: a walker's toe-off is slow. From 37 N, where ours is, to"
            " 10 N the force takes about 25 ms; toe-offs of plates at 10 N are later by"
            " that, whatever the sensor.",
            "The set does not say of which side the EMG is; its timing fits the right"
            " leg, and that is what was assumed.",
        ),
    )  # fmt: skip


def _worst(errors: Errors) -> float:
    return float(np.abs(errors.error).max()) if errors.n else np.nan


def _errors(run: Run, limits_n: tuple[float, float]) -> tuple[Errors, Errors]:
    """Return errors of contacts and toe-offs of both feet against two thresholds."""
    parts: dict[Literal["ic", "to"], list[Matched]] = {"ic": [], "to": []}
    for side in SIDES:
        t_s, force = run.rows(f"insole_{side}.force")
        wanted = crossings_s(t_s, force[:, 0], *limits_n)
        span_s = (float(t_s[0]), float(t_s[-1]))
        for column, kind in enumerate(parts):
            ours = run.times_s(kind, side)
            parts[kind].append(match(ours, wanted[:, column], _WITHIN_S, span_s))
    up_n, down_n = limits_n
    names = {"ic": f"contact over {up_n:g} N", "to": f"toe-off below {down_n:g} N"}
    ic, to = (
        Errors(
            names[kind], "ms", 1e3 * found.error_s, found.wanted_s, "time, s",
            found.missed, found.extra,
        )
        for kind, found in ((kind, joined(parts[kind])) for kind in parts)
    )  # fmt: skip
    return ic, to


def _peak_s(run: Run, muscle: str) -> tuple[float, float]:
    """Return when the muscle peaks in the right stride, ours and the file's, s."""
    (record,) = (
        record
        for record in run.analysed.pipeline.strides
        if record.stride.side == "right"
    )
    stride = record.stride
    stance_s = (stride.to_s or np.nan) - stride.ic_s
    share = record.values[f"{_GLUTEI[muscle]}_peak_time_pct"] / 100.0
    t_s, envelope = run.rows(f"emg_{muscle}_right")
    inside = (t_s >= stride.ic_s) & (t_s < stride.ic_s + stance_s)
    truth_s = t_s[inside][envelope[inside, 0].argmax()]
    return stride.ic_s + share * stance_s, float(truth_s)
