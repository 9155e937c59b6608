"""All metrics as a document: ``python -m lablive.metrics.table --write``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.metrics.bands import Band, load_bands, span_text
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.metrics.metric import Metric, Skill

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "metrics.md"

_SKILLS: Final[dict[Skill, str]] = {
    "temporal": "Timing and rhythm",
    "sagittal": "Skill 1: little moves outside the forward plane",
    "spine": "Skill 2: pelvis, trunk and head above each other",
    "landing": "Skill 3: soft landing",
    "reach": "Skill 4: landing close to the body",
    "drive": "Skill 5: pushing back",
}


class Elsewhere(NamedTuple):
    """Where an id of the metric reference is computed that no stride has.

    ``place`` is ``module:name``; ``why`` says what it is of.
    """

    label: str
    unit: str
    place: str
    why: str


_DRILL: Final = "of a drill's repetitions"
_RUN: Final = "of a whole run, any metric"
_OPERATOR: Final = "entered by the operator"
_FOCUS: Final = "of a run with focus minutes"
ELSEWHERE: Final = {
    "hop_contact_ms": Elsewhere(
        "hop contact time", "ms", "lablive.gait.contacts:ContactDetector", _DRILL
    ),
    "jump_height_cm": Elsewhere(
        "height from flight time", "cm", "lablive.metrics.jumps:jump_height_m", _DRILL
    ),
    "hop_rsi": Elsewhere(
        "reactive strength index", "m/s", "lablive.metrics.jumps:hop_rsi_mps", _DRILL
    ),
    "hop_stiffness_kn_m": Elsewhere(
        "hop stiffness", "kN/m", "lablive.metrics.spring_mass:spring", _DRILL
    ),
    "hop_valid_count": Elsewhere(
        "repetitions without fault",
        "1",
        "lablive.metrics.jumps:hop_valid_count",
        _DRILL,
    ),
    "landing_peak_bw": Elsewhere(
        "landing peak", "BW", "lablive.metrics.landing:peak_force_bw", _DRILL
    ),
    "landing_valr_bw_s": Elsewhere(
        "landing loading rate", "BW/s", "lablive.metrics.impact:valr_bw_s", _DRILL
    ),
    "landing_rel_db": Elsewhere(
        "landing sound", "dB", "lablive.signals.sound:footfall", _DRILL
    ),
    "landing_sync_ms": Elsewhere(
        "two-leg landing, R-L", "ms", "lablive.metrics.jumps:landing_sync_ms", _DRILL
    ),
    "landing_share_pct": Elsewhere(
        "right share of the landing peaks",
        "%",
        "lablive.metrics.jumps:landing_share_pct",
        _DRILL,
    ),
    "tts_s": Elsewhere(
        "time to stabilisation", "s", "lablive.metrics.jumps:stabilisation_s", _DRILL
    ),
    "lsi_pct": Elsewhere(
        "limb symmetry", "%", "lablive.protocol.asymmetry:limb_symmetry", _DRILL
    ),
    "sway_cop_mm_s": Elsewhere(
        "balance sway speed", "mm/s", "lablive.metrics.balance:sway_cop_mm_s", _DRILL
    ),
    "hold_time_s": Elsewhere(
        "hold time", "s", "lablive.metrics.balance:hold_time_s", _DRILL
    ),
    "drill_pain_nrs": Elsewhere(
        "pain, 0 to 10", "1", "lablive.protocol.pain:drill_pain_nrs", _OPERATOR
    ),
    "pain_onset_min": Elsewhere(
        "minute pain began", "min", "lablive.protocol.pain:pain_onset_min", _OPERATOR
    ),
    "drift_per_min": Elsewhere(
        "slope of minute medians", "unit/min", "lablive.protocol.drift:drift", _RUN
    ),
    "block_effect": Elsewhere(
        "change after a corrective block",
        "unit",
        "lablive.protocol.effect:block_effect",
        _RUN,
    ),
    "block_effect_dz": Elsewhere(
        "standardised effect", "1", "lablive.protocol.effect:block_effect", _RUN
    ),
    "block_decay_min": Elsewhere(
        "half-life of the effect",
        "min",
        "lablive.protocol.blocks:block_changes",
        _RUN,
    ),
    "mdc95": Elsewhere(
        "minimal detectable change", "unit", "lablive.protocol.baseline:baseline", _RUN
    ),
    "focus_minutes_target": Elsewhere(
        "focus minutes", "min", "lablive.protocol.focus:focus_minutes_target", _FOCUS
    ),
    "focus_in_target_pct": Elsewhere(
        "focus time in target",
        "%",
        "lablive.protocol.focus:focus_in_target_pct",
        _FOCUS,
    ),
}

_HEAD: Final = """\
# Metrics

Made from the program by `python -m lablive.metrics.table --write`; change the metrics
or `configs/metrics.toml`, then write it again. Angles are in degrees from quiet
standing; signs and frames are those of `lablive/names.py`. A value whose sensor, rate
or calibration is missing is "not measured" and says why.

Grade: A prospective or randomised evidence that the quantity matters, B cross-sectional
or repeated laboratory evidence, C convention, D lab default, no published cut-off; !
contested. Sources are sections and numbers of the metric reference. A band is
good / caution, poor is beyond; "info" is never coloured. Bands hold from {slowest:g} to
{fastest:g} m/s on the level; * at any speed; |x| looks at the size alone.
"""
_COLUMNS: Final = (
    "id",
    "what it is",
    "unit",
    "sensors",
    "formula",
    "grade",
    "source",
    "band",
)


def document() -> str:
    """Return the whole document, Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    bands = load_bands()
    slowest, fastest = bands.speeds_mps
    yield _HEAD.format(slowest=slowest, fastest=fastest)
    for skill, title in _SKILLS.items():
        own = [metric for metric in METRICS.values() if metric.skill == skill]
        yield f"## {title}\n"
        yield from _table(
            _COLUMNS, (_row(metric, bands.band[metric.id]) for metric in own)
        )
    yield "## Not of a stride\n"
    yield from _table(
        ("id", "what it is", "unit", "where", "why"),
        (
            (f"`{key}`", it.label, it.unit, f"`{it.place}`", it.why)
            for key, it in ELSEWHERE.items()
        ),
    )


def _row(metric: Metric, band: Band) -> tuple[str, ...]:
    grade = metric.grade + ("!" if metric.contested else "")
    return (
        f"`{metric.id}`",
        metric.label,
        metric.unit,
        ", ".join(metric.sensors),
        metric.formula,
        grade,
        metric.citation,
        _band(band),
    )


def _band(band: Band) -> str:
    if band.info or band.good is None:
        return "info" + (f" {_span(band.typical)}" if band.typical else "")
    caution = f" / {_span(band.caution)}" if band.caution else ""
    size = "|x| " if band.absolute else ""
    moved = ""
    if band.faster is not None:
        moved = (
            f", + {band.faster.per_mps:g} per m/s above {band.faster.above_mps:g} m/s"
        )
    if band.poor_with is not None:
        other = band.poor_with
        moved += f", poor only with {other.metric} ≥ {other.least:g}"
    return f"{size}{_span(band.good)}{caution}{moved}" + ("*" if band.any_speed else "")


def _span(span: tuple[float, float] | None) -> str:
    return "" if span is None else span_text(span).replace("−", "-")


def _table(names: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(document(), encoding="utf-8")
    else:
        sys.stdout.write(document())
