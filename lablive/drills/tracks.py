"""The signals of a set together: total force, who bears weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.drills.body_track import (
        FallTrack,
        MuscleTrack,
        SegmentTrack,
        SoundTrack,
    )
    from lablive.drills.foot_track import FootTrack
    from lablive.drills.rep import Rep
    from lablive.messages import Floats
    from lablive.names import Side


@dataclass
class Tracks:
    """The signals of a set; None or absent = not worn."""

    feet: dict[Side, FootTrack] = field(default_factory=dict["Side", "FootTrack"])
    segments: dict[str, SegmentTrack] = field(default_factory=dict[str, "SegmentTrack"])
    muscles: MuscleTrack | None = None
    sound: SoundTrack | None = None
    fall: FallTrack | None = None
    lacks: dict[str, str] = field(default_factory=dict[str, str])


def total_force(
    feet: Sequence[FootTrack], t0_s: float, t1_s: float, rep: Rep
) -> tuple[Floats, Floats]:
    """Return the force of all soles at the rows of the first, zeros taken off."""
    first, *others = feet
    t, f = first.force(t0_s, t1_s, first.zero(rep.off_s, rep.on_s))
    for foot in others:
        own_t, own_f = foot.force(
            t0_s - 0.1, t1_s + 0.1, foot.zero(rep.off_s, rep.on_s)
        )
        if len(own_t):
            f = f + np.interp(t, own_t, own_f)
    return t, f


def held_rows(
    feet: Mapping[Side, FootTrack], leg: str, t0_s: float, t1_s: float
) -> tuple[Floats, Floats]:
    """Return whether the feet are where the drill wants them: 1, 0 or NaN, (rows,)."""
    bears = [feet[side] for side in SIDES if side in feet and leg in (side, "both")]
    free = [feet[side] for side in SIDES if side in feet and leg not in (side, "both")]
    if not bears:
        return np.empty(0), np.empty(0)
    t, held = bears[0].loaded(t0_s, t1_s)
    for foot, down in [*((it, 1.0) for it in bears[1:]), *((it, 0.0) for it in free)]:
        own_t, own = foot.loaded(t0_s - 0.1, t1_s)
        if not len(own_t):
            return t, np.full(len(t), np.nan)
        at = np.maximum(own_t.searchsorted(t, side="right") - 1, 0)
        other = own[at]
        right = np.where(np.isnan(other), np.nan, other == down)
        held = np.where(
            np.isnan(held) | np.isnan(right), np.nan, (held > 0) & (right > 0)
        )
    return t, held


def noise_n(feet: Sequence[FootTrack], rep: Rep) -> float:
    """Return the SD of the soles' noise in the middle of the flight."""
    if not np.isfinite(rep.flight_s):
        return 0.0
    found = 0.0
    for foot in feet:
        span_s = 0.45 * rep.flight_s
        _, f = foot.force(
            rep.off_s + 0.3 * rep.flight_s, rep.off_s + 0.3 * rep.flight_s + span_s
        )
        found += float(np.var(f)) if len(f) > 2 else 0.0
    return found**0.5
