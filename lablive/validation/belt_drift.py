"""A force treadmill whose zero drifts: all contacts, and what the drift costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.imported import Options
from lablive.validation.matching import match
from lablive.validation.outcome import Errors, Outcome, at_most, exactly, told
from lablive.validation.thresholds import crossings_s

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.validation.bench import Bench

FOLDER: Final = "dryft_treadmill_grf"
FILES: Final = ("custom_drift_S001runT25.csv",)
RATE_HZ: Final = 300.0
UPSTREAM_N: Final = 140.0  # over the drift at its end; only this trace allows it
_REFERENCE_N: Final = 40.0  # metric reference 1.1
_FIXED_N: Final = 100.0
_WITHIN_S: Final = 0.05


def without_drift(t_s: Floats, force_n: Floats, contacts_s: Floats) -> Floats:
    """Return the force over its zero: median of the middle of each flight, joined.

    Parameters
    ----------
    t_s, force_n
        Shape (rows,).
    contacts_s
        Begin and end of every contact, shape (n, 2).
    """
    flights = np.column_stack([contacts_s[:-1, 1], contacts_s[1:, 0]])
    middle_s = flights.mean(axis=1)
    quarter_s = 0.25 * np.diff(flights, axis=1)[:, 0]
    zeros = [
        np.median(force_n[(t_s >= at_s - q_s) & (t_s <= at_s + q_s)])
        for at_s, q_s in zip(middle_s, quarter_s, strict=True)
    ]
    return force_n - np.interp(t_s, middle_s, zeros)


def drift(bench: Bench) -> Outcome:
    """Compare contacts with those of the same force after its drift is taken out."""
    path = bench.data / FOLDER / FILES[0]
    with bench.run([path], "dryft", Options(rate_hz=RATE_HZ)) as run:
        t_s, force = run.rows("treadmill.force_z")
        ics, tos = run.times_s("ic"), run.times_s("to")
    counted = crossings_s(t_s, force[:, 0], UPSTREAM_N, UPSTREAM_N, 0.05)
    whole = counted[np.isfinite(counted[:, 1])]
    level = without_drift(t_s, force[:, 0], whole)
    wanted = crossings_s(t_s, level, _REFERENCE_N, _REFERENCE_N, 0.05)
    wanted = wanted[np.isfinite(wanted[:, 1])]
    errors: list[Errors] = []
    for column, (what, found_s) in enumerate(
        (("initial contact", ics), ("toe-off", tos))
    ):
        true_s = wanted[:, column]
        span_s = (float(true_s[0]) - _WITHIN_S, float(true_s[-1]) + _WITHIN_S)
        found = match(found_s, true_s, _WITHIN_S, span_s)
        errors.append(
            Errors(what, "ms", 1e3 * found.error_s, found.wanted_s, "time, s",
                   found.missed, found.extra)
        )  # fmt: skip
    ic, to = errors
    complete = sum(bool(np.any(tos > at)) for at in ics)
    fixed = crossings_s(t_s, force[:, 0], _FIXED_N, _FIXED_N, 0.05)
    longest_s = float(np.nanmax(np.diff(fixed)))
    return Outcome(
        truth=f"The same force, its zero taken from the middle of every flight, over"
        f" {_REFERENCE_N:g} N up and down; counted besides over {UPSTREAM_N:g} N as its"
        " authors do, more than the drift of 110 N in 30 s.",
        ours="Contacts of the force lane, body mass not known: on 0.08, off 0.05 of the"
        " weight the run itself shows, over a zero learned in every flight.",
        errors=tuple(errors),
        goals=(
            exactly("complete contacts", complete, len(whole)),
            exactly("contacts missed", ic.missed or 0, 0),
            exactly("contacts extra", ic.extra or 0, 0),
            at_most("95 % of contacts within", ic.p95, 10, "ms"),
            at_most("95 % of toe-offs within", to.p95, 10, "ms"),
            told(f"beside it: fixed {_FIXED_N:g} N",
                 f"{int(np.isfinite(fixed[:, 1]).sum())} contacts, the longest"
                 f" {longest_s:.1f} s"),
        ),
    )  # fmt: skip
