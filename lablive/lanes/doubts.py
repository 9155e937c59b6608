"""Sensors that contradict each other, or the body: what is not shown because of them.

Looks at strides in the order of their ends and nothing else, so that any cut of the
rows gives the same. What was decided: docs/decisions/0023.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.findings import Finding
from lablive.gait.full_scale import FullScale
from lablive.gait.swaps import RateSwap, ThighSwap, Votes
from lablive.gait.worn import (
    PelvisSides,
    SlipWatch,
    WornWatch,
    stance_turn,
    way_of,
)
from lablive.metrics.motion import along
from lablive.metrics.withheld import NOTHING, Withheld
from lablive.names import SIDES, site_words
from lablive.signals.angles import (
    forward_lean_deg,
    leg_angle_deg,
    level_acceleration_mps2,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.gait.contacts import ContactSide
    from lablive.gait.full_scale import Top
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import Seen
    from lablive.metrics.metric import SegmentRows

_LEGS: Final = ("thigh", "shank", "foot")
_EACH: Final = 40  # strides of a foot are looked at, later one of four
_NOW_AND_THEN: Final = 4
_TURN_IT: Final = (
    "Turn the sensor, or correct its axes in the montage, and calibrate again."
)


class Doubts:
    """What speaks against the sensors of a recording so far.

    Attributes
    ----------
    withheld
        What is not shown because of it; the same object until something changes.
    """

    def __init__(self) -> None:
        self.withheld: Withheld = NOTHING
        self._thighs, self._pelvis = ThighSwap(), PelvisSides()
        self._rates = {"foot": RateSwap(), "shank": RateSwap()}
        self._soles: dict[ContactSide, FullScale] = {}
        self._units: dict[ContactSide, str] = {}
        self._turns: dict[str, WornWatch] = {}
        self._lies: dict[str, WornWatch] = {}
        self._slips: dict[str, SlipWatch] = {}
        self._looks: Counter[ContactSide] = Counter()

    def load(self, side: ContactSide, top: Top, unit: str) -> None:
        """Take the top of the next stride of a sole, in the unit of its channels."""
        sole = self._soles.setdefault(side, FullScale())
        before = sole.level
        sole.feed(top)
        self._units[side] = unit
        if sole.level != before and not (np.isnan(sole.level) and np.isnan(before)):
            self._conclude()

    def look(self, stride: Stride, seen: Seen) -> None:
        """Take the next valid stride and what the lanes saw of it."""
        for site, how in seen.worn.items():
            self._lies.setdefault(site, WornWatch()).vote(how)
        self._looks[stride.side] += 1
        looks = self._looks[stride.side]
        if looks > _EACH and looks % _NOW_AND_THEN:
            return  # nobody changes sensors while running
        self._look_at_legs(stride, seen)
        if stride.source == "insole":
            self._look_at_pelvis(stride, seen)
        self._conclude()

    def _conclude(self) -> None:
        told = Withheld(
            dict(self._sites()),
            self._sides(),
            dict(self._full_scale()),
            {k: it.since_s for k, it in self._slips.items() if it.since_s < np.inf},
        )
        if told != self.withheld:
            self.withheld = told

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the strides must know of the sensors."""
        return (
            *self._apart(),
            *(() if self.withheld.sides else self._thighs.findings()),
            *self._worn(),
            *self._slipped(),
            *self._full(),
        )

    # ------------------------------------------------------------------- the strides
    def _look_at_legs(self, stride: Stride, seen: Seen) -> None:
        for part in _LEGS:
            site = f"{part}_{stride.side}"
            rows = seen.segments.get(site)
            if rows is None:
                continue
            turn = stance_turn(stride, rows.t_s, rows.rate_rps)
            if turn is not None and rows.has_angles:
                self._turns.setdefault(site, WornWatch()).vote(way_of(turn))
                self._slips.setdefault(site, SlipWatch()).feed(stride.ic_s, turn)
            if stride.source != "insole":
                continue
            if part in self._rates:
                self._rates[part].feed(stride, rows.t_s, rows.rate_rps)
            elif rows.has_angles:
                own = _within(rows, stride)
                flexion_deg = leg_angle_deg(forward_lean_deg(rows.rotation[own]))
                self._thighs.feed(stride, rows.t_s[own], flexion_deg)

    def _look_at_pelvis(self, stride: Stride, seen: Seen) -> None:
        rows = seen.segments.get("pelvis")
        if rows is None or not rows.has_angles or not rows.settled:
            return
        own = _within(rows, stride)
        rotation, rates = rows.rotation[own], rows.rate_rps[own]
        up = np.add.reduce(rotation[:, 2], axis=0)
        self._slips.setdefault("pelvis", SlipWatch()).feed(stride.ic_s, up)
        level = level_acceleration_mps2(rotation, rows.acc_mps2[own])
        turning = np.column_stack((rates[:, 0], along(rotation[:, 2], rates)))
        self._pelvis.feed(stride, rows.t_s[own], level[:, 1], turning)

    # -------------------------------------------------------------- what is withheld
    @property
    def _witnesses(self) -> dict[str, Votes]:
        legs = {"thigh": self._thighs, **self._rates}
        return {**{f"{part} IMUs": it for part, it in legs.items()},
                "pelvis IMU": self._pelvis}  # fmt: skip

    def _sites(self) -> Iterator[tuple[str, str]]:
        for site in self._turns:
            how = self._turned(site)
            if how:
                yield site, f"the {site_words(site)} IMU is {how}, by its axes"
        for part, pair in {"thigh": self._thighs, **self._rates}.items():
            if pair.swapped:
                for side in SIDES:
                    yield (
                        f"{part}_{side}",
                        f"left and right {part} IMUs are swapped, or the insoles are",
                    )
        if self._pelvis.swapped:
            yield (
                "pelvis",
                "the pelvis IMU tells left for right: it is worn back to front, or "
                "the insoles are swapped",
            )

    def _sides(self) -> str:
        """Return why left and right cannot be trusted: nobody stands by the insoles."""
        against = [name for name, it in self._witnesses.items() if it.swapped]
        if not against or any(it.agrees for it in self._witnesses.values()):
            return ""
        told = " and ".join(filter(None, (", ".join(against[:-1]), against[-1])))
        return f"left and right may be exchanged: the insoles contradict the {told}"

    def _full_scale(self) -> Iterator[tuple[ContactSide, float]]:
        for side, sole in self._soles.items():
            if not np.isnan(sole.level):
                yield side, sole.level

    # ------------------------------------------------------------------ the findings
    def _turned(self, site: str) -> str:
        """Return how a leg's sensor is worn by the way it turns, "" = as described."""
        how = self._turns[site].how
        part, _, side = site.partition("_")
        other = self._turns.get(f"{part}_{'right' if side == 'left' else 'left'}")
        both = how and other is not None and other.how == how
        if how == "back to front" and both and not self._sides_are_right(part):
            return "back to front or on the other leg"
        return how

    def _sides_are_right(self, part: str) -> bool:
        return part in self._rates and self._rates[part].agrees

    def _worn(self) -> Iterator[Finding]:
        swapped = {part for part, it in self._rates.items() if it.swapped}
        swapped |= {"thigh"} if self._thighs.swapped else set()
        lying = {site: it.how for site, it in self._lies.items() if it.how}
        turned = {
            site: self._turned(site)
            for site in self._turns
            if site.partition("_")[0] not in swapped
        }
        for site, how in (turned | lying).items():
            if how:
                text = (
                    f"The {site_words(site)} IMU is {how}, by the axes it was given: "
                    f"nothing that needs them is shown. {_TURN_IT}"
                )
                yield Finding("mounted wrong", text)

    def _slipped(self) -> Iterator[Finding]:
        for site, watch in self._slips.items():
            # of the others the watch over their contacts speaks
            if watch.turned_deg and site.startswith("thigh"):
                text = (
                    f"The {site_words(site)} IMU has turned on the body by "
                    f"{watch.turned_deg:.0f} deg since the first steps: its angles are "
                    "wrong. Fasten it and calibrate again."
                )
                yield Finding("slipped", text)

    def _full(self) -> Iterator[Finding]:
        for side, sole in self._soles.items():
            if np.isnan(sole.level):
                continue
            who = "force plate" if side == "unknown" else f"{side} insole"
            end = f"reaches the end of its range, {sole.level:g} {self._units[side]},"
            if np.isinf(sole.level):
                end = "loses cells under load, as at the end of their range,"
            text = (
                f"The {who} {end} in {sole.on_it} of the last {sole.strides} strides: "
                "their peak force, impulse, loading rates and centre of pressure are "
                "not measured. Contact times are. Use a sole with a larger range."
            )
            yield Finding("full scale", text)

    def _apart(self) -> Iterator[Finding]:
        why = self._sides()
        if why:
            text = (
                f"{why[:1].upper()}{why[1:]}. No number of one side is shown. Look "
                "which of them is on the wrong side or worn back to front, or correct "
                "the montage."
            )
            yield Finding("swapped", text)


def _within(rows: SegmentRows, stride: Stride) -> slice:
    """Return the rows of a stride, without those around it."""
    return slice(*rows.t_s.searchsorted((stride.ic_s, stride.next_ic_s)).tolist())
