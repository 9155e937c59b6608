"""The synthetic runner: every sensor stream as a pure function of row numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.sim import (
    emg_model,
    gait_model,
    imu_model,
    insole_model,
    level_model,
    script,
)
from drivers.sim.noise import generator, white
from drivers.sim.settings import RUNNERS, RunnerSettings
from drivers.sim.streams import StreamModel, Streams, block_rows, model_of
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import SIDES, Side

if TYPE_CHECKING:
    from lablive.calibrating.phases import Phase
    from lablive.messages import Floats

__all__ = ["RUNNERS", "Runner", "RunnerSettings", "StreamModel"]

_SPEED_HZ = 1.0


class Runner(Streams):
    """All streams of one synthetic runner, with the truth beside them.

    Parameters
    ----------
    settings
        Who runs; :data:`RUNNERS` names ready ones.

    Notes
    -----
    Time 0 is the first row of every stream. ``streams`` lists them in wire order:
    both insoles, nine IMUs, EMG, sound level, belt speed.
    """

    def __init__(self, settings: RunnerSettings = RunnerSettings()) -> None:  # noqa: B008 - frozen
        super().__init__(_models(settings), settings.seed, "synthetic runner")
        self.settings = settings

    def events(self, t0_s: float, t1_s: float) -> tuple[gait_model.TrueEvent, ...]:
        """Return the true contacts in ``[t0_s, t1_s)``."""
        return gait_model.true_events(self.settings, t0_s, t1_s)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases of a calibration, seconds from the first row; () without a script."""
        return script.phases(self.settings)

    def truth(self) -> dict[str, float]:
        """Return what a perfect instrument measures in steady running."""
        return gait_model.true_values(self.settings)


def _models(settings: RunnerSettings) -> tuple[StreamModel, ...]:
    return (
        *(_insole(settings, side) for side in SIDES),
        *(_imu(settings, site) for site in imu_model.SITES),
        _emg(settings),
        _level(settings),
        _speed(settings),
    )


def _insole(settings: RunnerSettings, side: Side) -> StreamModel:
    name = f"{side}_sole"
    rate = settings.insole_rate_hz
    rows = block_rows(rate)
    channels = tuple(
        ChannelInfo(f"insole_{side}.pressure.{cell + 1:02d}", "kPa", "Pressure")
        for cell in range(insole_model.CELLS)
    )

    def block(index: int, t_s: Floats) -> Floats:
        noise = white(settings.seed, name, index, rows, insole_model.CELLS + 1)
        counts = insole_model.insole_counts(settings, side, t_s, noise)
        return insole_model.to_kpa(counts)

    info = StreamInfo(0, name, "Pressure", rate, channels)
    return model_of(info, rate * (1.0 + settings.insole_clock_ppm * 1e-6), block)


def _imu(settings: RunnerSettings, site: str) -> StreamModel:
    rate = settings.imu_rate_hz
    rows = block_rows(rate)
    worn = _worn_at(site) if settings.swapped_leg_imus else site
    channels = tuple(
        ChannelInfo(f"imu_{site}.{quantity}.{axis}", unit, f"{kind}{axis.upper()}")
        for quantity, unit, kind in (
            ("acc", "m/s^2", "Acceleration"),
            ("gyro", "rad/s", "AngularVelocity"),
        )
        for axis in "xyz"
    )

    def block(index: int, t_s: Floats) -> Floats:
        noise = white(settings.seed, f"imu_{worn}", index, rows, 6)
        return imu_model.imu_rows(settings, worn, t_s, noise)

    name = f"Sim {site.replace('_', ' ')} IMU"
    return model_of(StreamInfo(0, name, "IMU", rate, channels), rate, block)


def _worn_at(site: str) -> str:
    """Return where a sensor really sits when left and right were mixed up."""
    if site.endswith("_left"):
        return site.removesuffix("_left") + "_right"
    if site.endswith("_right"):
        return site.removesuffix("_right") + "_left"
    return site


def _emg(settings: RunnerSettings) -> StreamModel:
    rate = settings.emg_rate_hz
    channels = tuple(
        ChannelInfo(f"emg_{muscle}_{side}", "V", "EMG")
        for muscle, side in emg_model.CHANNELS
    )

    def block(index: int, t_s: Floats) -> Floats:
        return emg_model.emg_rows(settings, index, t_s)

    return model_of(StreamInfo(0, "Sim EMG", "EMG", rate, channels), rate, block)


def _level(settings: RunnerSettings) -> StreamModel:
    rate = level_model.RATE_HZ
    rows = block_rows(rate)
    channels = tuple(
        ChannelInfo(f"mic_belt.level.{weight}", "Pa^2", "Level") for weight in "ACZ"
    )

    def block(index: int, t_s: Floats) -> Floats:
        random = generator(settings.seed, "mic_belt.level", index)
        shape = level_model.NOISE_SHAPE
        noise = random.standard_gamma(shape, (rows, 3)) / shape
        return level_model.level_rows(settings, t_s, noise)

    info = StreamInfo(0, "Sim belt microphone", "Level", rate, channels)
    return model_of(info, rate, block)


def _speed(settings: RunnerSettings) -> StreamModel:
    channels = (ChannelInfo("treadmill.speed", "m/s", "Speed"),)

    def block(_index: int, t_s: Floats) -> Floats:
        share = gait_model.ramp(settings, t_s) + script.belt_share(settings, t_s)
        return (settings.belt_mps * share)[:, None]

    info = StreamInfo(0, "Sim treadmill", "Treadmill", 0.0, channels)
    return model_of(info, _SPEED_HZ, block)
