"""``lablive calibrate``: the phases of a trial, a verdict on each, a file to keep."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from lablive.calibrating.record import about_trial, calibrate_trial, record_json
from lablive.calibrating.store import save, write_new
from lablive.errors import ConfigError
from lablive.preparation import binding_of
from lablive.recording.folders import home
from lablive.recording.replay import Trial
from ui.ending import FINDING, OK

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from lablive.calibrating.record import CalibrationRecord
    from lablive.signals.montage import Montage

_LIGHTS: Final = {"green": "ok  ", "amber": "part", "red": "FAIL"}


def run_calibrate(
    path: Path,
    *,
    montage: Montage | None,
    out_file: Path | None,
    keep: bool,
    mass_kg: float | None,
    mounting: str,
    microphone: str,
    console: Console | None,
) -> int:
    """Calibrate from a trial and tell what became of every phase.

    Parameters
    ----------
    path, montage
        The trial, and which channel measures what (None = its own).
    out_file, keep
        New file for the calibration; also in the person's folder of the library.
    mass_kg, mounting, microphone
        As in :class:`lablive.calibrating.rows.About`.
    console
        None = JSON on stdout instead of words.

    Returns
    -------
    int
        1 when no phase was good for anything; then nothing is written.

    Raises
    ------
    LabLiveError
        The trial has no phases, the montage does not fit, or a file cannot be written.
    """
    if out_file is not None and out_file.exists():
        raise _taken(out_file)
    trial = Trial(path)
    try:
        binding = binding_of(trial, montage)
        about = about_trial(
            trial, binding, mass_kg=mass_kg, mounting=mounting, microphone=microphone
        )
        record = calibrate_trial(trial, binding, about)
    finally:
        trial.close()
    if console is None:
        sys.stdout.write(record_json(record).decode() + "\n")
    else:
        _tell(record, console)
    if not record.worked:
        return FINDING
    written: list[Path] = []
    if out_file is not None:
        try:
            write_new(out_file, record_json(record))
        except FileExistsError as error:
            raise _taken(out_file) from error
        except OSError as error:
            raise ConfigError(
                f"{out_file} cannot be written ({error.strerror}).",
                todo="Choose another place with --out.",
            ) from error
        written.append(out_file)
    if keep:
        written.append(save(home(), record))
    if console is not None:
        for place in written:
            console.print(f"Calibration written to {place}")
    return OK


def _tell(record: CalibrationRecord, console: Console) -> None:
    for verdict in record.verdicts:
        console.print(f"{_LIGHTS[verdict.light]}  {verdict.title}")
        for text in (*verdict.made, *verdict.notes, *verdict.problems):
            console.print(f"      {text}")
    for text in record.problems:
        console.print(text)


def _taken(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} exists already and is never overwritten.",
        todo="Choose another name with --out.",
    )
