"""Somebody who does a drill: soles, IMUs, EMG and sound level as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from drivers.sim import insole_model
from drivers.sim.imu_model import Attitude, sensed
from drivers.sim.level_model import NOISE_SHAPE, RATE_HZ, REFERENCE_PA2
from drivers.sim.noise import band_noise, band_pass, generator, white
from drivers.sim.streams import StreamModel, Streams, block_rows, model_of
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import SIDES, STANDARD_GRAVITY

if TYPE_CHECKING:
    from drivers.sim.exercise import Exercise
    from drivers.sim.gait_model import TrueEvent
    from lablive.calibrating.phases import Phase
    from lablive.messages import Floats
    from lablive.names import Side

SITES: Final = ("pelvis", "trunk", "thigh_left", "thigh_right")
MUSCLES: Final = tuple(
    (muscle, side) for muscle in ("gluteus_maximus", "gluteus_medius") for side in SIDES
)
_SHARES: Final = {"heel": 0.2, "fore": 0.65, "toes": 0.15}
_STEP_S: Final = 5e-4
_DECAY_S: Final = 0.015
_STEP_DB, _NOISE_DB = (0.0, 8.0, 10.0), (0.0, 6.0, 9.0)
_TAPS: Final = 511


class JumperSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who does a drill, and what is worn."""

    seed: int = 1
    mass_kg: float = 70.0
    insole_rate_hz: float = 200.0
    imu_rate_hz: float = 200.0
    emg_rate_hz: float = 1000.0
    preload_n: float = 20.0
    insole_noise_n: float = 4.0
    noise_dba: float = 45.0
    sound_latency_s: float = 0.137
    emg_baseline_v: float = 5e-6


class Jumper(Streams):
    """All streams of somebody who does an exercise.

    Parameters
    ----------
    exercise
        What is done.
    settings
        By whom.
    """

    def __init__(
        self,
        exercise: Exercise,
        settings: JumperSettings = JumperSettings(),  # noqa: B008 - frozen
    ) -> None:
        self.exercise, self.settings = exercise, settings
        models = [
            *(self._sole(side) for side in SIDES),
            *(self._imu(site) for site in SITES),
            self._emg(),
            self._level(),
        ]
        super().__init__(models, settings.seed, "synthetic jumper")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """No phase of a calibration: the soles are zeroed, axes are the segments'."""
        return ()

    def events(self, t0_s: float, t1_s: float) -> tuple[TrueEvent, ...]:
        """No contact of running."""
        del t0_s, t1_s
        return ()

    def truth(self) -> dict[str, float]:
        """No value of running."""
        return {}

    def _sole(self, side: Side) -> StreamModel:
        s, name = self.settings, f"{side}_sole"
        rows = block_rows(s.insole_rate_hz)
        channels = tuple(
            ChannelInfo(f"insole_{side}.pressure.{cell + 1:02d}", "kPa", "Pressure")
            for cell in range(insole_model.CELLS)
        )

        def block(index: int, t_s: Floats) -> Floats:
            noise = white(s.seed, name, index, rows, insole_model.CELLS)
            force = self.exercise.force_bw(side, t_s) * s.mass_kg * STANDARD_GRAVITY
            cells = np.full(
                (rows, insole_model.CELLS), s.preload_n / insole_model.CELLS
            )
            for region, share in _SHARES.items():
                where = insole_model.REGIONS[region]
                cells[:, where] += (force * share / (where.stop - where.start))[:, None]
            cells += noise * s.insole_noise_n / insole_model.CELLS**0.5
            counts = np.rint(cells * insole_model.COUNTS_PER_NEWTON)
            counts = np.clip(counts, 0, insole_model.ADC_MAX)
            return counts * insole_model.KPA_PER_COUNT

        info = StreamInfo(0, name, "Pressure", s.insole_rate_hz, channels)
        return model_of(info, s.insole_rate_hz, block)

    def _imu(self, site: str) -> StreamModel:
        s, name = self.settings, f"Sim {site.replace('_', ' ')} IMU"
        rows = block_rows(s.imu_rate_hz)
        channels = tuple(
            ChannelInfo(f"imu_{site}.{quantity}.{axis}", unit, f"{kind}{axis.upper()}")
            for quantity, unit, kind in (
                ("acc", "m/s^2", "Acceleration"),
                ("gyro", "rad/s", "AngularVelocity"),
            )
            for axis in "xyz"
        )

        def block(index: int, t_s: Floats) -> Floats:
            none = np.zeros(len(t_s))
            up = (self.exercise.total_bw(t_s) - 1.0) * STANDARD_GRAVITY
            felt = sensed(
                lambda at_s: self._attitude(site, at_s), (none, none, up), t_s
            )
            noise = white(s.seed, name, index, rows, 6)
            return felt + noise * ([0.03] * 3 + [np.radians(0.05)] * 3)

        info = StreamInfo(0, name, "IMU", s.imu_rate_hz, channels)
        return model_of(info, s.imu_rate_hz, block)

    def _attitude(self, site: str, t_s: Floats) -> Attitude:
        none = np.zeros(len(t_s))
        if site == "pelvis":
            oblique = self.exercise.curve("obliquity", t_s)
            back = np.full(len(t_s), -0.5 * np.pi if self.exercise.lies else 0.0)
            return Attitude(none, back, np.radians(oblique))
        if site == "trunk":
            return Attitude(none, np.radians(self.exercise.curve("lean", t_s)), none)
        curve = "thigh_left" if site == "thigh_left" else "thigh_right"
        return Attitude(none, -np.radians(self.exercise.curve(curve, t_s)), none)

    def _emg(self) -> StreamModel:
        s = self.settings
        channels = tuple(
            ChannelInfo(f"emg_{muscle}_{side}", "V", "EMG") for muscle, side in MUSCLES
        )
        base = band_pass(10.0, min(450.0, 0.45 * s.emg_rate_hz), s.emg_rate_hz, _TAPS)

        def block(index: int, t_s: Floats) -> Floats:
            effort = 1.0 + self.exercise.curve("muscle", t_s)
            columns = [
                effort
                * band_noise(s.seed, f"emg_{muscle}_{side}", index, len(t_s), base)
                for muscle, side in MUSCLES
            ]
            return np.column_stack(columns) * s.emg_baseline_v

        info = StreamInfo(0, "Sim EMG", "EMG", s.emg_rate_hz, channels)
        return model_of(info, s.emg_rate_hz, block)

    def _level(self) -> StreamModel:
        s, rows = self.settings, block_rows(RATE_HZ)
        channels = tuple(
            ChannelInfo(f"mic_belt.level.{weight}", "Pa^2", "Level") for weight in "ACZ"
        )

        def block(index: int, t_s: Floats) -> Floats:
            random = generator(s.seed, "mic_belt.level", index)
            noise = random.standard_gamma(NOISE_SHAPE, (rows, 3)) / NOISE_SHAPE
            end_s = t_s + 1 / RATE_HZ
            heard = (self._received(end_s) - self._received(t_s)) * RATE_HZ
            floor = REFERENCE_PA2 * 10 ** (s.noise_dba / 10)
            loud = 10 ** (np.array(_STEP_DB) / 10)
            return heard[:, None] * loud + floor * noise * 10 ** (
                np.array(_NOISE_DB) / 10
            )

        info = StreamInfo(0, "Sim belt microphone", "Level", RATE_HZ, channels)
        return model_of(info, RATE_HZ, block)

    def _received(self, t_s: Floats) -> Floats:
        """Return the energy of all landings that has reached the microphone."""
        energy = np.zeros(len(t_s))
        for sound in self.exercise.sounds:
            since = np.maximum(t_s - sound.t_s - self.settings.sound_latency_s, 0.0)
            whole = REFERENCE_PA2 * 10 ** (sound.sel_dba / 10)
            energy = energy + whole * (1.0 - np.exp(-since / _DECAY_S))
        return energy
