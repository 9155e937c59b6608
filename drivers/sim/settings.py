"""Who the synthetic runner is: the settings of REF-1 and its named variants."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from drivers.sim.script_phases import SCRIPTS, length_s
from lablive.calibrating.phases import Phase
from lablive.errors import ConfigError
from lablive.structs import from_plain


class RunnerSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The reference runner REF-1 (metric reference, section 9b) and its variations.

    Every default is REF-1. The runner stands for ``standing_s``, lifts off and runs
    from then on; angles and belt speed grow over ``ramp_s``.

    Raises
    ------
    ConfigError
        Lists every value that no runner can have.
    """

    seed: int = 1
    mass_kg: float = 70.0
    height_m: float = 1.75
    belt_mps: float = 3.0
    standing_s: float = 10.0
    seated_s: float = 0.0  # of it at first: sitting, both feet in the air
    ramp_s: float = 2.0
    script: str = ""  # what is done before standing_s: a key of SCRIPTS
    acts: tuple[Phase, ...] | None = None  # the same as asked for one by one
    mounting_seed: int = 0  # of IMUs put on anyhow; 0 = along the segment axes
    # timing: right contacts come half a stride plus ``step_shift_s`` after left ones
    stride_s: float = 0.740
    contact_left_s: float = 0.250
    contact_right_s: float = 0.250
    step_shift_s: float = 0.0
    load_share_right: float = 0.5
    impact_bw: float = 0.0  # 0.8 = the REF-1 impact peak; needs insoles >= 1000 Hz
    # insoles: gain 0.8 reads 80 % of the true force
    insole_rate_hz: float = 200.0
    insole_clock_ppm: float = 0.0  # the insoles' own clock runs fast by this
    preload_n: float = 20.0
    insole_noise_n: float = 4.0
    gain_left: float = 1.0
    gain_right: float = 1.0
    # angles
    pelvic_drop_left_deg: float = 5.0
    pelvic_drop_right_deg: float = 5.0
    overstride_deg: float = 0.0  # extra forward swing of the shank at landing
    toe_out_deg: float = 8.0
    imu_rate_hz: float = 200.0
    tibial_shock_g: float = 6.0
    gyro_noise_dps: float = 0.05
    acc_noise_mps2: float = 0.03
    # EMG, as multiples of a baseline of ``emg_baseline_v`` RMS
    emg_rate_hz: float = 2000.0
    emg_baseline_v: float = 5e-6
    emg_snr_db: float = 12.0
    emg_hum: float = 3.0
    emg_cable: float = 20.0
    # footfall sound
    sel_left_dba: float = 72.0
    sel_right_dba: float = 73.5
    noise_dba: float = 62.0
    sound_latency_s: float = 0.137
    # faults of REF-1, in seconds from the start
    left_insole_lost_s: tuple[float, float] | None = None
    right_preload_step_at_s: float | None = None
    right_preload_step_n: float = 150.0
    swapped_leg_imus: bool = False

    def __post_init__(self) -> None:
        problems = [
            f"{name} = {value}: {rule}"
            for name, value, rule, good in self._rules()
            if not good
        ]
        if problems:
            raise ConfigError(
                "The simulated runner cannot be: " + "; ".join(problems) + ".",
                todo="Correct these settings.",
            )

    def _rules(self) -> list[tuple[str, float | str, str, bool]]:
        right_s = self.stride_s / 2 + self.step_shift_s
        swing_s = self.stride_s - max(self.contact_left_s, self.contact_right_s)
        found: list[tuple[str, float | str, str, bool]] = [
            (name, value, "must be above zero", value > 0)
            for name, value in (
                ("mass_kg", self.mass_kg),
                ("height_m", self.height_m),
                ("stride_s", self.stride_s),
                ("contact_left_s", self.contact_left_s),
                ("contact_right_s", self.contact_right_s),
                ("insole_rate_hz", self.insole_rate_hz),
                ("imu_rate_hz", self.imu_rate_hz),
                ("gain_left", self.gain_left),
                ("gain_right", self.gain_right),
            )
        ]
        found += [
            ("seed", self.seed, "must not be negative", self.seed >= 0),
            ("belt_mps", self.belt_mps, "must not be negative", self.belt_mps >= 0),
            ("standing_s", self.standing_s, "must be >= 0", self.standing_s >= 0),
            (
                "seated_s", self.seated_s,
                "must lie between 0 and standing_s",
                0 <= self.seated_s <= self.standing_s,
            ),
            ("ramp_s", self.ramp_s, "must be >= 0", self.ramp_s >= 0),
            (
                "script", self.script,
                f"must be one of {', '.join(filter(None, SCRIPTS))}",
                self.script in SCRIPTS,
            ),
            (
                "standing_s", self.standing_s,
                "must leave time for the script",
                self.script not in SCRIPTS or self.standing_s >= length_s(self.script),
            ),
            (
                "mounting_seed", self.mounting_seed,
                "must not be negative", self.mounting_seed >= 0,
            ),
            (
                "emg_rate_hz", self.emg_rate_hz,
                "must be at least 1000", self.emg_rate_hz >= 1000,
            ),
            ("swing", swing_s, "must last at least 0.1 s", swing_s >= 0.1),
            (
                "step_shift_s", self.step_shift_s,
                "each step must last at least 0.1 s",
                0.1 <= right_s <= self.stride_s - 0.1,
            ),
            (
                "load_share_right", self.load_share_right,
                "must lie between 0.1 and 0.9", 0.1 <= self.load_share_right <= 0.9,
            ),
        ]  # fmt: skip
        return found


RUNNERS: Final[dict[str, RunnerSettings]] = {
    "ref1": RunnerSettings(),
    "limp": RunnerSettings(
        contact_right_s=0.220, step_shift_s=0.020, load_share_right=0.45
    ),
    "loud": RunnerSettings(sel_left_dba=80.0, sel_right_dba=81.5),
    "pelvic_drop": RunnerSettings(pelvic_drop_left_deg=9.0, pelvic_drop_right_deg=6.0),
    "overstride": RunnerSettings(overstride_deg=8.0),
    "dropout": RunnerSettings(
        left_insole_lost_s=(45.0, 47.0), right_preload_step_at_s=60.0
    ),
    "swapped": RunnerSettings(swapped_leg_imus=True),
    "impact": RunnerSettings(impact_bw=0.8, insole_rate_hz=1000.0),
    "weak_gain": RunnerSettings(gain_left=0.8, gain_right=0.8),
    "calibration": RunnerSettings(
        script="calibration",
        standing_s=length_s("calibration"),
        mounting_seed=1,
        gain_left=0.8,
        gain_right=0.9,
    ),
}


def runner_settings(name: str, changes: str = "", seed: int = 1) -> RunnerSettings:
    """Return a named runner with some settings changed.

    Parameters
    ----------
    name
        A key of :data:`RUNNERS`.
    changes
        ``"standing_s=2,belt_mps=2.5"``.
    seed
        Of the noise.

    Raises
    ------
    ConfigError
        Unknown runner or setting, or a value no runner can have.
    """
    if name not in RUNNERS:
        raise ConfigError(
            f"There is no simulated runner {name!r}.",
            todo=f"Known: {', '.join(RUNNERS)}.",
        )
    raw: dict[str, Any] = msgspec.structs.asdict(RUNNERS[name]) | {"seed": seed}
    for item in filter(None, (part.strip() for part in changes.split(","))):
        key, _, value = item.partition("=")
        raw[key.strip()] = value.strip()
    try:
        return from_plain(raw, RunnerSettings, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(RunnerSettings.__struct_fields__)
        raise ConfigError(
            f"The runner's settings {changes!r} are not understood: {error}.",
            todo=f"Known: {known}.",
        ) from error
