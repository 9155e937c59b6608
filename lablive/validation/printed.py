"""A validation as texts and drawn points: what the Markdown and the PDF both say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive import __version__

if TYPE_CHECKING:
    from datetime import date

    from lablive.validation.outcome import Errors, Outcome, Section
    from lablive.validation.run import Validation

WORDS: Final = {"pass": "reached", "short": "SHORT", "info": "-"}
HEAD: Final = (
    "what", "n", "missed", "extra", "median", "95 % within", "RMS", "mean",
    "limits of agreement",
)  # fmt: skip
HOW: Final = (
    "Errors are ours less the reference. “95 % within” is the size that 95 % of the"
    " errors stay below; limits of agreement are mean ± 1.96 SD (Bland and Altman)."
    " Every recording was imported and analysed as lablive import and lablive analyze"
    " do; no threshold was changed for any of them."
)
_MOST_POINTS: Final = 400


def document(validation: Validation, made: date) -> dict[str, Any]:
    """Return everything that is printed, as plain JSON values.

    Parameters
    ----------
    validation
        What was compared.
    made
        Day of the run.
    """
    counts = validation.counts
    asked = counts["pass"] + counts["short"]
    return {
        "title": "LabLive against public recordings",
        "facts": f"LabLive {__version__}, {made.isoformat()}",
        "summary": f"{counts['pass']} of {asked} goals reached.",
        "how": HOW,
        "short": [
            {"set": section.title, **_goal(goal)}
            for section in validation.sections
            for goal in section.short
        ],
        "absent": [
            {"set": section.title, "why": section.failed or section.absent}
            for section in validation.sections
            if section.outcome is None
        ],
        "head": list(HEAD),
        "sections": [
            _section(section, section.outcome)
            for section in validation.sections
            if section.outcome is not None
        ],
    }


def _section(section: Section, outcome: Outcome) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "folder": section.folder,
        "truth": outcome.truth,
        "ours": outcome.ours,
        "goals": [_goal(goal) for goal in outcome.goals],
        "errors": [_row(errors) for errors in outcome.errors],
        "figures": [_figure(errors) for errors in outcome.errors if errors.n > 2],
        "notes": list(outcome.notes),
    }


def _goal(goal: Any) -> dict[str, str]:
    return {**goal._asdict(), "word": WORDS[goal.verdict]}


def _row(errors: Errors) -> list[str]:
    unit = errors.unit
    digits = 1 if unit == "ms" else 2
    low, high = errors.limits

    def size(value: float, sign: str = "") -> str:
        return f"{value:{sign}.{digits}f}" if np.isfinite(value) else "-"

    return [
        f"{errors.what}, {unit}",
        str(errors.n),
        "-" if errors.missed is None else str(errors.missed),
        "-" if errors.extra is None else str(errors.extra),
        size(errors.median, "+"),
        size(errors.p95),
        size(errors.rms),
        size(errors.mean, "+"),
        f"{size(low, '+')} to {size(high, '+')}",
    ]


def _figure(errors: Errors) -> dict[str, Any]:
    """Return points in the unit square, and the lines and ticks beside them."""
    rows = np.unique(np.linspace(0, errors.n - 1, _MOST_POINTS).astype(int))
    at, error = errors.at[rows], errors.error[rows]
    levels = [errors.mean, *errors.limits]
    low, high = _range(np.concatenate([error, levels, [0.0]]))
    first, last = _range(at)
    names = ("mean", "- 1.96 SD", "+ 1.96 SD")
    return {
        "title": f"{errors.what}: ours less the reference, {errors.unit}",
        "over": errors.over,
        "points": [
            [round(x, 4), round(y, 4)]
            for x, y in zip(
                ((at - first) / (last - first)).tolist(),
                ((error - low) / (high - low)).tolist(),
                strict=True,
            )
        ],
        "lines": [
            {"y": round((level - low) / (high - low), 4),
             "name": f"{name} {level:+.{1 if errors.unit == 'ms' else 2}f}"}
            for name, level in zip(names, levels, strict=True)
        ],
        "zero": round((0.0 - low) / (high - low), 4),
        "y": [f"{low:.3g}", f"{high:.3g}"],
        "x": [f"{first:.4g}", f"{last:.4g}"],
        "shown": f"{len(rows)} of {errors.n}" if len(rows) < errors.n else "",
    }  # fmt: skip


def _range(values: Any) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room
