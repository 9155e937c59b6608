"""What a repetition measures, each value by the formula of the metric reference 8.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.drills.quantities import QUANTITIES, RELATIVE
from lablive.drills.tracks import held_rows, noise_n, total_force
from lablive.gait.strides import Stride
from lablive.metrics.balance import hold_time_s, sway_cop_mm_s
from lablive.metrics.flight import flight
from lablive.metrics.impact import LOADING_RATE_HZ, valr_bw_s
from lablive.metrics.jumps import (
    box_jump,
    hop_rsi_mps,
    jump_height_m,
    landing_share_pct,
    landing_sync_ms,
    stabilisation_s,
)
from lablive.metrics.metric import NAN, StrideData, StrideForce
from lablive.metrics.shared import NotMeasuredError
from lablive.names import SIDES, STANDARD_GRAVITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.drills.foot_track import FootTrack
    from lablive.drills.plan import Drill
    from lablive.drills.rep import Rep
    from lablive.drills.tracks import Tracks
    from lablive.messages import Floats
    from lablive.names import Side

LANDING_S: Final = 0.3  # a landing's highest force comes within it
_BEFORE_BEND_S: Final = 0.6  # a bend is found half-way: it began in standing
_PUSH_S: Final = 1.0  # before a take-off, for a filtered flight
_NO_WEIGHT: Final = "the body weight is not known in the unit of the sole"


def wanted(drill: Drill) -> frozenset[str]:
    """Return the quantities that a drill's scores need of every repetition."""
    found = {"flight_ms", "hop_contact_ms"} if drill.has_flight else set[str]()
    for score in drill.scores:
        found.add(score.metric)
        if score.metric in RELATIVE:
            found.add(RELATIVE[score.metric].of)
        if score.compares:
            found.add(score.compares)
    return frozenset(it for it in found if it in QUANTITIES)


class Measured:
    """Values of one repetition, and why others are missing.

    Parameters
    ----------
    drill, rep
        What was done.
    tracks
        The signals.
    noise
        Mean square of the room before this landing, NaN = not known.
    """

    def __init__(self, drill: Drill, rep: Rep, tracks: Tracks, noise: float) -> None:
        self.values: dict[str, float] = {}
        self.lacks: dict[str, str] = {}
        self._drill, self._rep, self._tracks, self._noise = drill, rep, tracks, noise
        self._wanted = wanted(drill)
        self._times()
        if np.isfinite(rep.on_s) and not rep.gap:
            self._landing()
        elif not rep.gap and self._drill.movement not in ("bends", "holds"):
            self._no("landing_peak_bw", "landing_valr_bw_s", "landing_sel_db",
                     "landing_share_pct", "landing_sync_ms", "tts_s",
                     why="no landing was seen")  # fmt: skip
        if drill.movement == "holds":
            self._hold()
        self._body()
        for name in self._wanted - RELATIVE.keys():
            level = QUANTITIES[name].level
            if name not in self.values and level == "rep":
                self.lacks.setdefault(name, rep.gap or "not measured")

    def _put(self, name: str, value: float | str) -> None:
        if name not in self._wanted:
            return
        if isinstance(value, str):
            self.lacks[name] = value
        elif np.isfinite(value):
            self.values[name] = float(value)
        else:
            self.lacks.setdefault(name, "rows are missing in this repetition")

    def _no(self, *names: str, why: str) -> None:
        for name in names:
            self._put(name, why)

    # ------------------------------------------------------------------------ times
    def _times(self) -> None:
        rep, drill = self._rep, self._drill
        flight_s = self._flight_s()
        if drill.has_flight and np.isfinite(flight_s):
            self._put("flight_ms", 1e3 * flight_s)
            height_m = jump_height_m(flight_s)
            self._put("jump_height_cm", 100 * height_m)
            if drill.box_m:
                self._box(flight_s)
        if not drill.has_flight:
            return
        if not np.isfinite(rep.contact_s):
            self._no("hop_contact_ms", "hop_rsi", "hop_stiffness_kn_m",
                     "flight_contact_ratio", why="it began in standing")  # fmt: skip
            return
        self._put("hop_contact_ms", 1e3 * rep.contact_s)
        if np.isfinite(flight_s):
            self._put("hop_rsi", hop_rsi_mps(flight_s, rep.contact_s))
            self._put("flight_contact_ratio", flight_s / rep.contact_s)
            self._put("hop_stiffness_kn_m", self._stiffness(flight_s))

    def _flight_s(self) -> float:
        """Return the flight by the drill's method."""
        rep, feet = self._rep, self._tracks.feet
        by_contacts = rep.source == "insole" and not rep.gap
        if self._drill.flight_method == "unfiltered" or not by_contacts:
            return rep.flight_s
        begin_s, end_s = rep.off_s - _PUSH_S, rep.on_s + LANDING_S
        t, f = total_force(list(feet.values()), begin_s, end_s, rep)
        rate_hz = min(foot.rate_hz for foot in feet.values())
        return flight(t, f, rate_hz, self._drill.flight_method).lasted_s

    def _stiffness(self, flight_s: float) -> float | str:
        weights = [foot.weight_n for foot in self._tracks.feet.values()]
        if not weights or not np.isfinite(weights[0]):
            return _NO_WEIGHT
        mass_kg, contact_s = weights[0] / STANDARD_GRAVITY, self._rep.contact_s
        span_s = flight_s + contact_s
        below = contact_s**2 * (span_s / np.pi - contact_s / 4)
        return 1e-3 * mass_kg * np.pi * span_s / below if below > 0 else NAN

    def _box(self, flight_s: float) -> None:
        height_m = self._drill.box_m
        found = box_jump(height_m, flight_s)
        self._put("box_apex_cm", 100 * found.apex_m)
        self._put("box_landing_mps", found.landing_mps)
        self._put("box_drop_cm", 100 * found.drop_m)
        real_m = 0.5 * STANDARD_GRAVITY * flight_s**2
        self._put("drop_height_cm", 100 * real_m)
        self._put("drop_height_off_pct", 100 * (real_m / height_m - 1))

    # ---------------------------------------------------------------------- landing
    def _landing(self) -> None:
        rep, feet = self._rep, self._tracks.feet
        peaks: dict[Side, float] = {}
        rates: list[float | str] = []
        on: dict[Side, float] = {"left": rep.left_on_s, "right": rep.right_on_s}
        for side, on_s in on.items():
            foot = feet.get(side)
            if foot is not None and np.isfinite(on_s):
                peaks[side], rate = self._foot_landing(foot, on_s)
                rates.append(rate)
        self._put("landing_peak_bw", self._highest(list(peaks.values())))
        self._put("landing_valr_bw_s", self._steepest(rates))
        if len(peaks) == len(SIDES):
            share = landing_share_pct(peaks["left"], peaks["right"])
            self._put("landing_share_pct", share)
            self._put("landing_sync_ms", landing_sync_ms(rep.left_on_s, rep.right_on_s))
        else:
            self._no("landing_share_pct", "landing_sync_ms", why="one foot landed")
        self._put("tts_s", self._stable())
        sound = self._tracks.sound
        if sound is None:
            self._put("landing_sel_db", "no microphone")
        else:
            self._put("landing_sel_db", sound.landing_db(rep.on_s, self._noise))

    def _highest(self, peaks: Sequence[float]) -> float | str:
        if not peaks:
            return "no sole under the foot that landed"
        return max(peaks) if np.isfinite(peaks).all() else _NO_WEIGHT

    def _steepest(self, rates: Sequence[float | str]) -> float | str:
        told = next((rate for rate in rates if isinstance(rate, str)), None)
        known = [rate for rate in rates if not isinstance(rate, str)]
        return told or (max(known) if known else "no sole under the foot that landed")

    def _foot_landing(self, foot: FootTrack, on_s: float) -> tuple[float, float | str]:
        """Return the peak in body weights and the loading rate of one foot."""
        rep = self._rep
        zero = foot.zero(rep.off_s, rep.on_s)
        t, f = foot.force(on_s - 0.06, on_s + LANDING_S, zero)
        weight = foot.weight_n
        peak = float(f[t >= on_s].max()) / weight if (t >= on_s).any() else NAN
        if foot.rate_hz < 0.98 * LOADING_RATE_HZ:
            return (
                peak,
                f"the sole sends {foot.rate_hz:.0f} rows per second, 200 needed",
            )
        if not np.isfinite(weight):
            return peak, _NO_WEIGHT
        stride = Stride(
            foot.foot.side, on_s, on_s + LANDING_S, on_s + LANDING_S, None, None,
            valid=True, reasons=(), source="insole", gait="unknown", expected=1,
        )  # fmt: skip
        data = StrideData(stride, StrideForce(t, f, weight), None)
        assert valr_bw_s.of_stride is not None
        try:
            return peak, valr_bw_s.of_stride(data) / weight
        except NotMeasuredError as error:
            return peak, str(error)

    def _stable(self) -> float | str:
        """Return the time to stabilisation of the total force."""
        rep, feet = self._rep, list(self._tracks.feet.values())
        if any(not np.isfinite(foot.weight_n) for foot in feet) or not feet:
            return _NO_WEIGHT
        t, f = total_force(feet, rep.on_s, rep.done_s + 0.01, rep)
        noise = noise_n(feet, rep) / feet[0].weight_n
        found = stabilisation_s(t - rep.on_s, f / feet[0].weight_n, noise)
        return found if np.isfinite(found) else "did not settle within 5 s"

    # ------------------------------------------------------------------------- holds
    def _hold(self) -> None:
        rep = self._rep
        if rep.faults:
            self._put("hold_time_s", 0.0)
            return
        t, held = held_rows(self._tracks.feet, rep.foot, rep.begin_s, rep.done_s)
        if not len(t):
            self._put("hold_time_s", "no sole tells whether the foot was down")
            return
        begin_s = max(rep.begin_s, float(t[0]))
        lasted_s = hold_time_s(t, held, begin_s, rep.done_s)
        row_s = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
        whole = lasted_s >= rep.done_s - begin_s - 2 * row_s
        self._put("hold_time_s", rep.done_s - rep.begin_s if whole else lasted_s)
        if "sway_cop_mm_s" in self._wanted:
            self._put("sway_cop_mm_s", self._sway(rep.begin_s, rep.done_s))

    def _sway(self, t0_s: float, t1_s: float) -> float | str:
        foot = next(
            (self._tracks.feet.get(s) for s in SIDES if s == self._rep.foot), None
        )
        found = foot.cop(t0_s, t1_s) if foot is not None else None
        if foot is None or found is None or foot.foot.layout is None:
            return "the sole has no cells that tell where the load is"
        size = foot.foot.layout
        return sway_cop_mm_s(*found, size.length_mm, size.width_mm)

    # -------------------------------------------------------------------------- body
    def _window(self) -> tuple[float, float]:
        """Return the time in which angles and muscles are looked at."""
        rep = self._rep
        if np.isfinite(rep.on_s):
            return rep.on_s, min(rep.on_s + LANDING_S, rep.done_s)
        return rep.begin_s, rep.done_s

    def _body(self) -> None:
        rep, names = self._rep, self._wanted
        if rep.gap and not np.isfinite(rep.on_s):
            return
        begin_s, end_s = self._window()
        if {"pelvic_drop_deg", "pelvic_level_deg"} & names:
            self._pelvis(begin_s, end_s)
        if "trunk_lean_deg" in names:
            self._put("trunk_lean_deg", self._lean(begin_s, end_s))
        if "thigh_range_deg" in names:
            self._put(
                "thigh_range_deg",
                self._thigh(rep.begin_s - _BEFORE_BEND_S, rep.done_s, ends=True),
            )
        if "knee_lift_deg" in names:
            last_s = rep.on_s if np.isfinite(rep.on_s) else rep.done_s
            self._put("knee_lift_deg", self._thigh(rep.begin_s, last_s, ends=False))
        if "sway_cop_mm_s" in names and self._drill.movement == "bends":
            self._put("sway_cop_mm_s", self._sway(rep.begin_s, rep.done_s))
        for name, muscle in (("gmax", "gluteus_maximus"), ("gmed", "gluteus_medius")):
            self._put(f"{name}_active_pct", self._active(muscle, begin_s, end_s))
        self._put("gmax_uv", self._mean_uv(begin_s, end_s))

    def _pelvis(self, begin_s: float, end_s: float) -> None:
        level = self._angles("pelvis", begin_s, end_s, zeroed=False)
        zeroed = self._angles("pelvis", begin_s, end_s, zeroed=True)
        if isinstance(level, str):
            self._put("pelvic_level_deg", level)
        else:
            off = level - level[0]
            self._put("pelvic_level_deg", float(off[np.abs(off).argmax()]))
        if isinstance(zeroed, str):
            self._put("pelvic_drop_deg", zeroed)
            return
        stance = self._stance()
        drops = [zeroed if side == "left" else -zeroed for side in stance]
        self._put("pelvic_drop_deg", max(float(drop.max()) for drop in drops))

    def _stance(self) -> tuple[Side, ...]:
        """Return the foot that bears the body: in a march the one that stays down."""
        foot = self._rep.foot
        if foot not in SIDES:
            return SIDES
        swings = self._drill.movement == "swings" and self._drill.legs == "alternate"
        if swings:
            return ("left",) if foot == "right" else ("right",)
        return (foot,)

    def _angles(
        self, site: str, begin_s: float, end_s: float, *, zeroed: bool
    ) -> Floats | str:
        rep = self._rep
        if self._drill.legs == "alternate" and self._drill.movement == "swings":
            begin_s, end_s = rep.off_s, rep.on_s  # a march: while the knee is up
        track = self._tracks.segments.get(site)
        if track is None:
            return self._tracks.lacks.get(site, f"no {site} IMU")
        found = track.angles(begin_s, end_s, zeroed=zeroed)
        if isinstance(found, str):
            return found
        return found.obliquity if len(found.t_s) else f"no {site} IMU rows"

    def _lean(self, begin_s: float, end_s: float) -> float | str:
        track = self._tracks.segments.get("trunk")
        if track is None:
            return self._tracks.lacks.get("trunk", "no trunk IMU")
        found = track.angles(begin_s, end_s, zeroed=True)
        return (
            found if isinstance(found, str) else float(found.lean.max(initial=-180.0))
        )

    def _thigh(self, begin_s: float, end_s: float, *, ends: bool) -> float | str:
        foot = self._rep.foot
        site = f"thigh_{foot if foot in SIDES else 'left'}"
        track = self._tracks.segments.get(site)
        if track is None:
            return self._tracks.lacks.get(site, f"no {site.replace('_', ' ')} IMU")
        found = track.angles(begin_s, end_s, zeroed=not ends)
        if isinstance(found, str):
            return found
        forward = -found.lean
        if not len(forward):
            return "no thigh IMU rows"
        return float(np.ptp(forward)) if ends else float(forward.max())

    def _active(self, muscle: str, begin_s: float, end_s: float) -> float | str:
        return self._of_muscles(muscle, begin_s, end_s, "active_pct")

    def _mean_uv(self, begin_s: float, end_s: float) -> float | str:
        return self._of_muscles("gluteus_maximus", begin_s, end_s, "mean_uv")

    def _of_muscles(
        self, muscle: str, begin_s: float, end_s: float, what: str
    ) -> float | str:
        track, foot = self._tracks.muscles, self._rep.foot
        if track is None:
            return "no EMG"
        sides: tuple[Side, ...] = (foot,) if foot in SIDES else SIDES
        found: list[float] = []
        for side in sides:
            role = f"emg_{muscle}_{side}"
            if not track.has(role):
                return f"no EMG of the {side} {muscle.replace('_', ' ')}"
            value = getattr(track, what)(role, begin_s, end_s)
            if isinstance(value, str):
                return value
            found.append(value)
        return float(np.mean(found))
