"""What moves at a gate: force under each foot, how still a stand is, EMG, sound level.

A picture for the eyes of whoever waits, from the newest rows; what counts is judged
by :mod:`lablive.calibrating` when the step has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.messages import Chunk
from lablive.names import SIDES, STANDARD_GRAVITY, Side, side_of, site_words
from lablive.signals.body_weight import MAX_STAND_SD_BW
from lablive.signals.insole import feet
from lablive.signals.segment_axes import MAX_GYRO_SD_DPS, MIN_SPEED_DPS
from lablive.signals.sound import SAME_SPEED_MPS, decibel, level_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.calibrating.phases import PhaseKind
    from lablive.messages import Floats, Gap, Values
    from lablive.protocol.gates import Step
    from lablive.protocol.template import GateKind
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibration import Calibration

Wanted = Literal["", "low", "high", "near"]
WINDOW_S: Final = 1.0
IN_THE_AIR_N: Final = 150.0  # lacing presses less
HELD_DPS: Final = 3.0
ON_ONE_LEG_PCT: Final = 90.0
_EMG_S: Final = 0.25
_BELT_S: Final = 5.0  # a treadmill reports when it gets round to it
_SITES: Final[dict[PhaseKind, tuple[str, ...]]] = {
    "bows": ("pelvis", "trunk", "head"),
    "steps": ("thigh", "shank", "foot"),
    "pelvis_forward": ("pelvis",),
    "pelvis_back": ("pelvis",),
}


class Meter(msgspec.Struct, frozen=True):
    """One quantity now.

    Attributes
    ----------
    name, unit
        What it is.
    value
        NaN: no rows in the last second.
    top
        End of its scale, which begins at 0.
    wanted, limit
        Where the value should lie; "" = nothing is asked of it.
    side
        Whose colour it has.
    """

    name: str
    unit: str
    value: float
    top: float
    wanted: Wanted = ""
    limit: float = 0.0
    side: Side | None = None

    @property
    def is_good(self) -> bool | None:
        """Whether the value lies where it should; None: nothing is asked, or known."""
        if not self.wanted or self.value != self.value:
            return None
        if self.wanted == "near":
            return abs(self.value - self.limit) <= SAME_SPEED_MPS
        low = self.value <= self.limit
        return low if self.wanted == "low" else not low


class GateMeter:
    """The newest second of what a gate is about.

    Parameters
    ----------
    binding
        Which channel measures what.
    calibration
        Of the insoles, if they have one.
    mass_kg
        Body mass, if it is known.
    """

    def __init__(
        self,
        binding: Binding,
        calibration: Calibration | None = None,
        mass_kg: float | None = None,
    ) -> None:
        self._sources = binding.sources
        self._feet = feet(binding, calibration)
        self._weight_n = mass_kg * STANDARD_GRAVITY if mass_kg else None
        self._rows: dict[int, list[Chunk]] = {}
        self._wanted: frozenset[int] = frozenset()
        self._gate: GateKind | None = None
        self._newest_s = -np.inf  # of any stream

    def watch(self, gate: GateKind | None) -> None:
        """Keep rows of what a gate shows; None: keep nothing."""
        if gate == self._gate:
            return
        self._gate = gate
        prefixes = {
            "zero": ("insole_",),
            "weigh": ("insole_",),
            "neutral": ("imu_",),
            "emg": ("emg_", "treadmill.speed"),
            "belt_noise": ("mic_belt.", "treadmill.speed"),
        }.get(gate or "", ())
        self._wanted = frozenset(
            source.stream
            for role, source in self._sources.items()
            if prefixes and role.startswith(prefixes)
        )
        self._rows = {s: own for s, own in self._rows.items() if s in self._wanted}

    def feed(self, items: Iterable[Chunk | Gap]) -> None:
        """Take live rows."""
        if not self._wanted:
            return
        for item in items:
            if not isinstance(item, Chunk) or not len(item):
                continue
            self._newest_s = max(self._newest_s, float(item.t_s[-1]))
            if item.stream in self._wanted:
                kept = self._rows.setdefault(item.stream, [])
                kept.append(item)
                oldest_s = float(item.t_s[-1]) - max(WINDOW_S, _BELT_S)
                while kept[0].t_s[-1] < oldest_s:
                    kept.pop(0)

    def read(self, gate: GateKind, step: Step | None) -> tuple[Meter, ...]:
        """Return the meters of a gate while a step is at hand."""
        kind = step.kind if step is not None else None
        if gate in ("zero", "weigh"):
            return tuple(self._forces(gate, step))
        if gate == "neutral":
            return tuple(self._turning(kind))
        if gate == "emg":
            return tuple(self._muscles())
        if gate == "belt_noise":
            wanted_mps = step.speed_mps if step is not None else None
            return tuple(self._sound(wanted_mps))
        return ()

    # -- inside -------------------------------------------------------------------

    def _forces(self, gate: GateKind, step: Step | None) -> Iterator[Meter]:
        loads: dict[Side, Floats] = {}
        for side in SIDES:
            foot = self._feet.get(side)
            if foot is None:
                continue
            loads[side] = foot.force_n(self._window(foot.force.stream, WINDOW_S))
            unit = "N" if foot.unit == "N" else "counts"
            now = _mean(loads[side][-len(loads[side]) // 4 :])
            top = (self._weight_n or 1000.0) if unit == "N" else max(2000.0, 1.2 * now)
            air = gate == "zero" and unit == "N"
            yield Meter(
                f"{side.capitalize()} foot", unit, now, top,
                "low" if air else "", IN_THE_AIR_N if air else 0.0, side,
            )  # fmt: skip
        whole = sum(_mean(load) for load in loads.values())
        if gate == "zero" or not whole > 0:
            return
        if step is not None and step.target in SIDES:
            share = 100.0 * _mean(loads.get(_side(step.target), np.empty(0))) / whole
            yield Meter(
                f"On the {step.target} leg", "%", share, 100.0, "high", ON_ONE_LEG_PCT
            )
        sway = max(100.0 * float(np.nanstd(load)) / whole for load in loads.values())
        limit = 100.0 * MAX_STAND_SD_BW
        yield Meter("Moves", "% of body weight", sway, 2 * limit, "low", limit)

    def _turning(self, kind: PhaseKind | None) -> Iterator[Meter]:
        moves = kind in ("bows", "steps")
        parts = _SITES.get(kind, ()) if kind else ()
        for role, source in self._sources.items():
            if not role.startswith("imu_") or not role.endswith(".gyro"):
                continue
            site = role.removeprefix("imu_").removesuffix(".gyro")
            if parts and not site.startswith(parts):
                continue
            turning = self._turning_dps(source, moves=moves)
            limit = MAX_GYRO_SD_DPS if not parts else HELD_DPS
            wanted: Wanted = "low"
            if moves:
                wanted, limit = "high", MIN_SPEED_DPS
            name = site_words(site)
            top = 100.0 if moves else 4 * limit
            yield Meter(
                name.capitalize(), "°/s", turning, top, wanted, limit, side_of(site)
            )

    def _turning_dps(self, source: Source, *, moves: bool) -> float:
        rates = np.degrees(source.extract(self._window(source.stream, WINDOW_S)))
        if not len(rates):
            return float("nan")
        if moves:
            return float(np.sqrt(np.nanmean(np.square(rates).sum(axis=1))))
        return float(np.nanstd(rates, axis=0).max())

    def _muscles(self) -> Iterator[Meter]:
        for role in sorted(self._sources):
            if not role.startswith("emg_"):
                continue
            source = self._sources[role]
            x = source.extract(self._window(source.stream, _EMG_S))[:, 0]
            rms = float(np.nanstd(x)) if len(x) else float("nan")
            side = side_of(role)
            name = role.removeprefix("emg_").removesuffix(f"_{side}").replace("_", " ")
            words = f"{side} {name}" if side else name
            volts = source.unit == "V"
            value, unit = (1e6 * rms, "µV") if volts else (rms, source.unit)
            top = 200.0 if volts else max(1.0, 1.5 * rms)
            yield Meter(words.capitalize(), unit, value, top, side=side)

    def _sound(self, wanted_mps: float | None) -> Iterator[Meter]:
        source = self._sources.get("mic_belt.level")
        if source is not None:
            rows = source.extract(self._window(source.stream, WINDOW_S))[:, 0]
            level = decibel(_mean(rows))
            yield Meter("Level", level_unit("A", source.unit), level, 100.0)
        audio = self._sources.get("mic_belt.audio")
        if source is None and audio is not None:
            rows = audio.extract(self._window(audio.stream, WINDOW_S))[:, 0]
            yield Meter("Level", "dB", decibel(_mean(np.square(rows))), 100.0)
        belt = self._sources.get("treadmill.speed")
        if belt is not None:
            speeds = belt.extract(self._window(belt.stream, _BELT_S))[:, 0]
            speed = float(speeds[-1]) if len(speeds) else float("nan")
            wanted: Wanted = "near" if wanted_mps is not None else "high"
            limit = wanted_mps if wanted_mps is not None else 0.05
            yield Meter("Belt", "m/s", speed, 6.0, wanted, limit)

    def _window(self, stream: int, seconds: float) -> Values:
        """Return the newest rows of a stream, shape (rows, channels)."""
        kept = self._rows.get(stream, [])
        if not kept:
            return np.empty((0, 4096), dtype=np.float32)
        last_s = float(kept[-1].t_s[-1])
        if last_s < self._newest_s - max(seconds, WINDOW_S):  # silent: nothing is known
            return kept[-1].x[:0]
        from_s = last_s - seconds  # whole chunks: cutting each would cost the most
        return np.concatenate([item.x for item in kept if item.t_s[-1] > from_s])


def _mean(x: Floats) -> float:
    known = x[np.isfinite(x)]
    return float(known.mean()) if len(known) else float("nan")


def _side(target: str) -> Side:
    return "left" if target == "left" else "right"
