"""Rows of a phase by what they measure, from a trial or from live rows alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np

from lablive.messages import Chunk
from lablive.names import IMU_SITES
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.binding import Binding
from lablive.signals.body_weight import Stretch
from lablive.signals.calibrations import Calibrations
from lablive.signals.emg import EmgRows, EmgSettings, EmgStage
from lablive.signals.level_meter import LevelMeter
from lablive.signals.segment_axes import ImuRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.calibrating.phases import Phase
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.calibration import Calibration
    from lablive.signals.insole import Foot

LEAD_S: Final = 0.7  # before a phase: filters and the notch settle
_MIN_SHARE: Final = 0.9  # of a phase that a stream must cover
_FORCES: Final = ("force", "pressure", "zones", "force_z")


class RowSource(Protocol):
    """Where rows of any window come from: a trial, or the live buffer."""

    def window(
        self, stream_id: int, t0_s: float, t1_s: float, /
    ) -> tuple[Floats, Values]:
        """Return the rows with ``t0_s <= t < t1_s``: (rows,), (rows, channels)."""
        ...


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Whose calibration it is.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    person, mounting
        Pseudonymous code; this putting-on of sensors and electrodes.
    microphone
        Where it stands, as the operator calls it.
    mass_kg
        Body mass with clothes and shoes; None = not known.
    """

    made_at: str
    person: str = ""
    mounting: str = ""
    microphone: str = "belt"
    mass_kg: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lab:
    """Streams that are there, what their channels measure, and their rows."""

    streams: Mapping[int, StreamInfo]
    binding: Binding
    rows: RowSource
    _strides: dict[object, Pipeline] = field(default_factory=dict[object, Pipeline])

    @property
    def sites(self) -> tuple[str, ...]:
        """Body parts with an accelerometer."""
        sources = self.binding.sources
        return tuple(site for site in IMU_SITES if f"imu_{site}.acc" in sources)

    @property
    def muscles(self) -> tuple[str, ...]:
        """Roles of the EMG channels."""
        return tuple(r for r in sorted(self.binding.sources) if r.startswith("emg_"))

    def absent(self, stream: int, phase: Phase) -> str:
        """Return why a stream does not cover a phase, empty when it does."""
        t_s, _ = self.rows.window(stream, phase.t0_s, phase.t1_s)
        lasted_s = phase.t1_s - phase.t0_s
        if not len(t_s):
            return "sent nothing"
        covered_s = float(t_s[-1] - t_s[0])
        if covered_s < _MIN_SHARE * lasted_s:
            return f"sent rows in {covered_s:.1f} of {lasted_s:.1f} s only"
        return ""

    def imu(self, site: str, phase: Phase) -> ImuRows:
        """Return the rows of an IMU in a phase, in the axes of the montage."""
        acc = self.binding.sources[f"imu_{site}.acc"]
        t_s, x = self.rows.window(acc.stream, phase.t0_s, phase.t1_s)
        rates = self.binding.source(f"imu_{site}.gyro")
        if rates is None:
            return ImuRows(t_s, acc.extract(x), None)
        if rates.stream == acc.stream:
            return ImuRows(t_s, acc.extract(x), rates.extract(x))
        gyro_t_s, gyro_x = self.rows.window(rates.stream, phase.t0_s, phase.t1_s)
        gyro = rates.extract(gyro_x)
        if not len(gyro):
            return ImuRows(t_s, acc.extract(x), np.full((len(t_s), 3), np.nan))
        onto = np.column_stack([np.interp(t_s, gyro_t_s, column) for column in gyro.T])
        return ImuRows(t_s, acc.extract(x), onto)

    def has_axes(self, site: str) -> bool:
        """Tell whether the montage gives the axes of a site's sensor."""
        return any(
            channel.axes
            for rule in self.binding.montage.streams
            for channel in rule.channels
            if channel.role == f"imu_{site}.acc"
        )

    def sole(self, foot: Foot, phase: Phase) -> Stretch:
        """Return the rows of a foot's force stream in a phase."""
        return Stretch(*self.rows.window(foot.force.stream, phase.t0_s, phase.t1_s))

    def raw_emg(self, role: str, phase: Phase) -> Floats:
        """Return an EMG channel as it came, shape (rows,)."""
        source = self.binding.sources[role]
        _, x = self.rows.window(source.stream, phase.t0_s, phase.t1_s)
        return source.extract(x)[:, 0]

    def emg(self, role: str, phase: Phase, settings: EmgSettings) -> EmgRows:
        """Return an EMG channel of a phase through its chain, one column."""
        source = self.binding.sources[role]
        t_s, x = self.rows.window(source.stream, phase.t0_s - LEAD_S, phase.t1_s)
        rows = EmgStage(settings, 1).feed(t_s, source.extract(x))
        inside, band = rows.t_s >= phase.t0_s, rows.band_s >= phase.t0_s
        return EmgRows(
            rows.t_s[inside],
            rows.smooth[inside],
            rows.envelope[inside],
            rows.band_s[band],
            rows.rectified[band],
        )

    def level(self, phase: Phase) -> tuple[Floats, Floats, str] | None:
        """Return times, level rows (rows, 3) and their unit; None = no microphone."""
        source = self.binding.source("mic_belt.level")
        if source is not None:
            t_s, x = self.rows.window(source.stream, phase.t0_s, phase.t1_s)
            return t_s, source.extract(x), source.unit
        source = self.binding.source("mic_belt.audio")
        if source is None:
            return None
        t_s, x = self.rows.window(source.stream, phase.t0_s - LEAD_S, phase.t1_s)
        meter = LevelMeter(self.streams[source.stream].rate_hz)
        rows = meter.feed(t_s, source.extract(x)[:, 0])
        inside = rows.t_s >= phase.t0_s
        return rows.t_s[inside], rows.level[inside], f"{source.unit}^2"

    def belt_mps(self, phase: Phase) -> Floats:
        """Return the belt speeds in a phase: of the stream, else the montage's one."""
        source = self.binding.source("treadmill.speed")
        if source is None:
            constant = self.binding.montage.constants.treadmill_speed_mps
            return np.array([] if constant is None else [constant])
        _, x = self.rows.window(source.stream, phase.t0_s, phase.t1_s)
        speeds = source.extract(x)[:, 0]
        return speeds[np.isfinite(speeds)]

    @property
    def has_forces(self) -> bool:
        """Whether insoles or a force plate tell contacts."""
        return any(r.rpartition(".")[2] in _FORCES for r in self.binding.sources)

    def force_pipeline(self, phase: Phase, insole: Calibration | None) -> Pipeline:
        """Return a finished pipeline of the force rows of a phase; the last is kept."""
        key = (phase, insole)
        if key not in self._strides:
            self._strides.clear()
            self._strides[key] = self._finished(phase, insole)
        return self._strides[key]

    def _finished(self, phase: Phase, insole: Calibration | None) -> Pipeline:
        wanted = {
            role: source
            for role, source in self.binding.sources.items()
            if role.rpartition(".")[2] in _FORCES
        }
        forces = Binding(self.binding.montage, wanted)
        calibrations = Calibrations(insole=insole)
        settings = PipelineSettings(drill=phase.kind == "stomps")
        pipeline = Pipeline(forces, self.streams.values(), calibrations, settings)
        for stream in sorted(pipeline.wanted):
            t_s, x = self.rows.window(stream, phase.t0_s, phase.t1_s)
            pipeline.feed(Chunk(stream, 0, t_s, x))
        pipeline.finish()
        return pipeline
