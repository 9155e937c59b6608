"""The synthetic runner: every sensor stream as a pure function of row numbers.

Rows are computed in fixed blocks and cut afterwards, so a row has the same bits
whatever window asks for it.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import SIDES, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.calibrating.phases import Phase
    from lablive.messages import Floats

__all__ = ["RUNNERS", "Runner", "RunnerSettings", "StreamModel"]

_BLOCK_S = 0.64
_SPEED_HZ = 1.0
_SPEED_JITTER_S = 0.05
_CACHED_BLOCKS = 64


class StreamModel(NamedTuple):
    """One simulated stream: its description and how to make a block of rows."""

    info: StreamInfo
    rate_hz: float
    block_rows: int
    block: Callable[[int, Floats], Floats]


class Runner:
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
        self.settings = settings
        models = _models(settings)
        self._models = {model.info.name: model for model in models}
        self.streams: tuple[StreamInfo, ...] = tuple(model.info for model in models)
        self._block = lru_cache(maxsize=_CACHED_BLOCKS)(self._make_block)

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

    def rate_hz(self, name: str) -> float:
        """Return how many rows per second a stream has (also an irregular one)."""
        return self._models[name].rate_hz

    def rows_before(self, name: str, t_s: float) -> int:
        """Return how many rows of a stream certainly lie before ``t_s``."""
        model = self._models[name]
        late_s = 0.0 if model.info.rate_hz else _SPEED_JITTER_S
        return max(0, int(np.ceil((t_s - late_s) * model.rate_hz - 1e-9)))

    def rows(self, name: str, first: int, count: int) -> tuple[Floats, Floats]:
        """Return times (rows,) in s and values (rows, channels) of some rows."""
        size = self._models[name].block_rows
        blocks = range(first // size, (first + count - 1) // size + 1)
        if count <= 0:
            return np.empty(0), np.empty((0, len(self._models[name].info.channels)))
        pieces = [self._block(name, block) for block in blocks]
        start = first - blocks[0] * size
        cut = slice(start, start + count)
        if len(pieces) == 1:
            return pieces[0][0][cut], pieces[0][1][cut]
        t_s = np.concatenate([piece[0] for piece in pieces])[cut]
        return t_s, np.concatenate([piece[1] for piece in pieces])[cut]

    def window(self, name: str, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        """Return times and values of a stream's rows in ``[t0_s, t1_s)``."""
        first = self.rows_before(name, t0_s)
        return self.rows(name, first, self.rows_before(name, t1_s) - first)

    def _make_block(self, name: str, block: int) -> tuple[Floats, Floats]:
        model = self._models[name]
        row = np.arange(model.block_rows) + block * model.block_rows
        t_s = row / model.rate_hz
        if not model.info.rate_hz:  # a treadmill reports when it gets round to it
            late = generator(self.settings.seed, f"{name}.late", block)
            t_s = t_s + _SPEED_JITTER_S * late.random(model.block_rows)
        return t_s, model.block(block, t_s)


def _models(settings: RunnerSettings) -> tuple[StreamModel, ...]:
    models = [
        *(_insole(settings, side) for side in SIDES),
        *(_imu(settings, site) for site in imu_model.SITES),
        _emg(settings),
        _level(settings),
        _speed(settings),
    ]
    return tuple(
        model._replace(info=_numbered(model.info, index))
        for index, model in enumerate(models)
    )


def _numbered(info: StreamInfo, index: int) -> StreamInfo:
    number = zlib.crc32(info.name.encode())
    return StreamInfo(
        id=index,
        name=info.name,
        type=info.type,
        rate_hz=info.rate_hz,
        channels=info.channels,
        source_id=f"lablive-sim-{number:08x}",
        hostname="simulated",
        device="synthetic runner",
        counter_bits=info.counter_bits,
    )


def _model(
    info: StreamInfo, rate_hz: float, block: Callable[[int, Floats], Floats]
) -> StreamModel:
    """Build a stream; ``rate_hz`` is its true rate, ``info`` has the nominal one."""
    return StreamModel(info, rate_hz, _block_rows(info.rate_hz or rate_hz), block)


def _block_rows(rate_hz: float) -> int:
    return max(16, round(_BLOCK_S * rate_hz))


def _insole(settings: RunnerSettings, side: Side) -> StreamModel:
    name = f"{side}_sole"
    rate = settings.insole_rate_hz
    rows = _block_rows(rate)
    channels = tuple(
        ChannelInfo(f"insole_{side}.pressure.{cell + 1:02d}", "kPa", "Pressure")
        for cell in range(insole_model.CELLS)
    )

    def block(index: int, t_s: Floats) -> Floats:
        noise = white(settings.seed, name, index, rows, insole_model.CELLS + 1)
        counts = insole_model.insole_counts(settings, side, t_s, noise)
        return insole_model.to_kpa(counts)

    info = StreamInfo(0, name, "Pressure", rate, channels)
    return _model(info, rate * (1.0 + settings.insole_clock_ppm * 1e-6), block)


def _imu(settings: RunnerSettings, site: str) -> StreamModel:
    rate = settings.imu_rate_hz
    rows = _block_rows(rate)
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
    return _model(StreamInfo(0, name, "IMU", rate, channels), rate, block)


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

    return _model(StreamInfo(0, "Sim EMG", "EMG", rate, channels), rate, block)


def _level(settings: RunnerSettings) -> StreamModel:
    rate = level_model.RATE_HZ
    rows = _block_rows(rate)
    channels = tuple(
        ChannelInfo(f"mic_belt.level.{weight}", "Pa^2", "Level") for weight in "ACZ"
    )

    def block(index: int, t_s: Floats) -> Floats:
        random = generator(settings.seed, "mic_belt.level", index)
        shape = level_model.NOISE_SHAPE
        noise = random.standard_gamma(shape, (rows, 3)) / shape
        return level_model.level_rows(settings, t_s, noise)

    info = StreamInfo(0, "Sim belt microphone", "Level", rate, channels)
    return _model(info, rate, block)


def _speed(settings: RunnerSettings) -> StreamModel:
    channels = (ChannelInfo("treadmill.speed", "m/s", "Speed"),)

    def block(_index: int, t_s: Floats) -> Floats:
        share = gait_model.ramp(settings, t_s) + script.belt_share(settings, t_s)
        return (settings.belt_mps * share)[:, None]

    info = StreamInfo(0, "Sim treadmill", "Treadmill", 0.0, channels)
    return _model(info, _SPEED_HZ, block)
