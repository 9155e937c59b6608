"""The sample recording: a session of the synthetic runner, made of numbers at once.

``python -m drivers.sim.sample --out sample.xdf``. No wires and no waiting: rows that
the simulated devices would send go straight to the recorder, with the phases of a
calibration before the run. It is of no real person.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from drivers.sim.runner import Runner, RunnerSettings
from drivers.sim.script_phases import length_s
from lablive import __version__
from lablive.calibrating.record import about_trial, calibrate_trial
from lablive.errors import LabLiveError, RecordingError
from lablive.messages import Chunk
from lablive.names import HeaderKey
from lablive.preparation import binding_of
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.signals.calibrations import calibrations_json
from lablive.signals.montage import parse_montage, to_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.calibrating.phases import Phase

CODE: Final = "sample"
RUN_S: Final = 60.0
_SCRIPT: Final = "short"
_PIECE_S: Final = 1.0
_LEARN_S: Final = 6.0  # of running, so that the calibration sees its end


def write_sample(out: Path, told: Callable[[float], None] = lambda _: None) -> None:
    """Write the sample recording.

    Parameters
    ----------
    out
        New file (.xdf).
    told
        Hears the share that is done, 0 to 1.

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
    begin_s = length_s(_SCRIPT)
    runner = Runner(RunnerSettings(script=_SCRIPT, standing_s=begin_s))
    header = {
        HeaderKey.CODE.value: CODE,
        HeaderKey.NOTE.value: "Simulated runner: a sample, no real person.",
        HeaderKey.SOFTWARE.value: f"LabLive {__version__}",
        HeaderKey.MONTAGE.value: _montage(runner),
    }
    learned_s = begin_s + _LEARN_S
    whole_s = begin_s + RUN_S
    all_s = learned_s + whole_s
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # in a folder of its own until it is whole: half a sample would be shown as one
        with tempfile.TemporaryDirectory(prefix=".making-", dir=out.parent) as folder:
            learned = Path(folder) / "calibration.xdf"
            _record(learned, runner, header, learned_s, lambda s: told(s / all_s))
            header[HeaderKey.CALIBRATION.value] = _calibration(learned)
            made = Path(folder) / out.name
            _record(
                made, runner, header, whole_s, lambda s: told((learned_s + s) / all_s)
            )
            for ending in (".idx", ""):
                part = made.with_name(f"{made.name}{ending}")
                part.replace(out.with_name(part.name))
    except OSError as error:
        raise RecordingError(
            f"The sample cannot be written to {out.parent} ({error.strerror}).",
            todo="Choose another place with --out.",
        ) from error


def _montage(runner: Runner) -> str:
    name = "simulator.toml"
    text = files("configs").joinpath("montages", name).read_text("utf-8")
    montage = parse_montage(text, name)
    settings = runner.settings
    subject = msgspec.structs.replace(
        montage.subject, mass_kg=settings.mass_kg, height_m=settings.height_m
    )
    # its quiet stand is that of another session: here the phases are marked
    own = msgspec.structs.replace(montage.calibration, standing_s=None)
    made = msgspec.structs.replace(montage, subject=subject, calibration=own)
    return to_toml(made)


def _calibration(path: Path) -> str:
    """Return the calibration that the phases of a trial give, as JSON."""
    trial = Trial(path)
    try:
        binding = binding_of(trial, None)
        record = calibrate_trial(trial, binding, about_trial(trial, binding))
    finally:
        trial.close()
    return calibrations_json(record.calibrations)


def _record(
    path: Path,
    runner: Runner,
    header: dict[str, str],
    seconds: float,
    done: Callable[[float], None],
) -> None:
    """Record the first seconds of a runner, a second of every stream after another."""
    recorder = Recorder(path, list(runner.streams), header, None)
    marks = [mark for phase in _phases(runner) for mark in phase.markers]
    marks.sort(key=lambda mark: mark.t_s)
    for t0_s in np.arange(0.0, seconds, _PIECE_S).tolist():
        t1_s = min(t0_s + _PIECE_S, seconds)
        while marks and marks[0].t_s < t1_s:
            recorder.marker(marks.pop(0))
        for info in runner.streams:
            t_s, x = runner.window(info.name, t0_s, t1_s)
            first = runner.rows_before(info.name, t0_s)
            kind = np.float32 if info.sample_format == "float32" else np.float64
            recorder.append(Chunk(info.id, first, t_s, x.astype(kind)))
        done(t1_s)
    recorder.close()


def _phases(runner: Runner) -> tuple[Phase, ...]:
    return tuple(phase for phase in runner.phases if phase.kind != "run")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample; tell the progress as JSON lines."""
    made = argparse.ArgumentParser(prog="python -m drivers.sim.sample")
    made.add_argument("--out", type=Path, required=True, help="new trial file (.xdf)")
    out: Path = made.parse_args(arguments).out

    def tell(share: float) -> None:
        line = {"progress": round(share, 3), "step": "simulated runner"}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    try:
        write_sample(out, tell)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
