"""A trial with a simulated set of any drill: ``python -m drivers.sim.drills``.

``--drill hop_one --leg left --mistake "3=other foot touched" --out hops.xdf``. No wires
and no waiting, as the sample recording; the truth is printed as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from drivers.sim.drill_acting import BEGIN_S
from drivers.sim.drill_script import perform
from drivers.sim.jumper import MUSCLES, SITES, Jumper, JumperSettings
from lablive import __version__
from lablive.drills.catalogue import load_drill
from lablive.drills.told import wanted_drill
from lablive.errors import ConfigError, LabLiveError, RecordingError
from lablive.messages import Chunk
from lablive.names import HeaderKey
from lablive.recording.folders import home
from lablive.recording.recorder import Recorder
from lablive.signals.auto_montage import auto_montage
from lablive.signals.calibrations import Calibrations, calibrations_json
from lablive.signals.emg import EmgSettings
from lablive.signals.emg_reference import Electrode, EmgRecords, EmgRest
from lablive.signals.montage import Subject, to_toml
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration
from lablive.signals.sound_latency import SoundLatency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.sim.drill_acting import Performed

_PIECE_S: Final = 1.0
_AXES: Final = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
# of Gaussian noise of 1: mean size, and SD of that over 25 ms
_REST: Final = (0.8, 0.12)


def performed(
    drill_id: str,
    leg: str,
    mistakes: Sequence[str] = (),
    begin_s: float = BEGIN_S,
) -> Performed:
    """Return a set of a drill as it is simulated.

    Parameters
    ----------
    drill_id, leg
        Of the catalogue or the lab's own; "" = with both legs.
    mistakes
        ``3=other foot touched``: what goes wrong in which repetition.
    begin_s
        When the set begins.

    Raises
    ------
    ConfigError
        There is no such drill or leg, or a mistake is not understood.
    """
    wanted = wanted_drill(load_drill(drill_id, home() / "drills"), leg)
    made: dict[int, str] = {}
    for told in mistakes:
        number, _, what = told.partition("=")
        if not number.strip().isdecimal() or not what.strip():
            raise ConfigError(
                f"The mistake {told!r} is not understood.",
                todo='Write the repetition and what goes wrong: "3=second contact".',
            )
        made[int(number)] = what.strip()
    return perform(wanted.drill, wanted.leg, made, begin_s=begin_s)


def calibrations_of(settings: JumperSettings) -> Calibrations:
    """Return what the gates make of the simulated jumper."""
    chain = EmgSettings(rate_hz=settings.emg_rate_hz).chain
    mean, sd = (part * settings.emg_baseline_v for part in _REST)
    rests = tuple(
        EmgRest(
            Electrode(f"emg_{muscle}_{side}", "", "", chain, "V"),
            "", mean, sd, settings.emg_baseline_v, "stand",
        )
        for muscle, side in MUSCLES
    )  # fmt: skip
    sites = tuple(
        SiteCalibration(
            site, "functional", _AXES, (0.0, 0.0, 0.0), settings.imu_rate_hz, 95.0
        )
        for site in SITES
    )
    return Calibrations(
        segments=SegmentCalibration("", "simulated", "", sites),
        emg=EmgRecords(rests=rests),
        sound_latency=SoundLatency("", "", settings.sound_latency_s, 40, 0.0),
    )


def write_trial(
    done: Performed, out: Path, settings: JumperSettings | None = None
) -> None:
    """Write a set as a trial; rows that did not arrive are missing in it.

    Raises
    ------
    RecordingError
        The file is there already, or cannot be written.
    """
    if out.exists():
        raise RecordingError(
            f"{out} exists already and is never overwritten.",
            todo="Choose another name with --out.",
        )
    settings = settings or JumperSettings()
    jumper = Jumper(done.exercise, settings)
    subject = Subject(mass_kg=settings.mass_kg, height_m=1.75)
    montage = msgspec.structs.replace(auto_montage(jumper.streams), subject=subject)
    header = {
        HeaderKey.CODE.value: "sample",
        HeaderKey.NOTE.value: "Simulated jumper: no real person.",
        HeaderKey.SOFTWARE.value: f"LabLive {__version__}",
        HeaderKey.MONTAGE.value: to_toml(montage),
        HeaderKey.CALIBRATION.value: calibrations_json(calibrations_of(settings)),
    }
    recorder = Recorder(out, list(jumper.streams), header, None)
    marks = sorted(done.markers, key=lambda mark: mark.t_s)
    sent = dict.fromkeys((info.id for info in jumper.streams), 0)
    for t0_s in np.arange(0.0, done.exercise.end_s, _PIECE_S).tolist():
        t1_s = min(t0_s + _PIECE_S, done.exercise.end_s)
        while marks and marks[0].t_s < t1_s:
            recorder.marker(marks.pop(0))
        for info in jumper.streams:
            t_s, x = jumper.window(info.name, t0_s, t1_s)
            for side, gone_s, back_s in done.missing:
                if info.name == f"{side}_sole":
                    there = (t_s < gone_s) | (t_s >= back_s)
                    t_s, x = t_s[there], x[there]
            rows = x.astype(np.float32)
            recorder.append(Chunk(info.id, sent[info.id], t_s, rows))
            sent[info.id] += len(t_s)
    for mark in marks:
        recorder.marker(mark)
    recorder.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the trial; print what is true of each repetition."""
    made = argparse.ArgumentParser(prog="python -m drivers.sim.drills")
    made.add_argument("--drill", required=True, help="its id")
    made.add_argument("--leg", default="", help="left or right, of a drill on one leg")
    made.add_argument(
        "--mistake", action="append", default=[], help='"3=other foot touched"'
    )
    made.add_argument("--out", type=Path, required=True, help="new trial file (.xdf)")
    options = made.parse_args(arguments)
    try:
        done = performed(options.drill, options.leg, options.mistake)
        write_trial(done, options.out)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    truth = {"reps": [rep._asdict() for rep in done.reps]}
    sys.stdout.write(json.dumps(truth) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
