"""A recording from its files to what LabLive says about it, as a user would do it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from lablive.analysis import Analysed, analyze_trial
from lablive.importing.import_trial import import_trial
from lablive.importing.imported import NO_OPTIONS, Options
from lablive.recording.replay import Trial
from lablive.signals.angles import segment_rotation
from lablive.signals.montage import load_montage, parse_montage
from lablive.signals.orientation import Orientation, OrientationSettings

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from lablive.gait.contacts import ContactSide, Kind
    from lablive.messages import Floats
    from lablive.signals.montage import Montage


class Curve3d(NamedTuple):
    """How a segment is turned: times, shape (rows,), and matrices (rows, 3, 3)."""

    t_s: Floats
    rotation: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A recording that was imported and analysed.

    Attributes
    ----------
    trial
        The open trial.
    analysed
        Its numbers, binding and pipeline.
    """

    trial: Trial
    analysed: Analysed

    def times_s(self, kind: Kind, side: ContactSide | None = None) -> Floats:
        """Return when contacts of a kind were, shape (n,); None = of any side."""
        return np.array(
            [
                contact.t_s
                for contact in self.analysed.pipeline.contacts
                if contact.kind == kind and side in (None, contact.side)
            ]
        )

    def rows(self, role: str) -> tuple[Floats, Floats]:
        """Return times and values of a role, as its montage reads them."""
        binding = self.analysed.prepared.binding
        stream = binding.sources[role].stream
        first_s, last_s = self.trial.span(stream)
        t_s, x = self.trial.window(stream, first_s, np.nextafter(last_s, np.inf))
        return t_s, binding.extract(role, x)

    def orientation(self, site: str) -> Curve3d:
        """Return how the segment under an IMU is turned, by the pipeline's own steps.

        The sensor's calibration counts when the trial has one, else the axes are those
        of the montage.
        """
        t_s, acc = self.rows(f"imu_{site}.acc")
        gyro = self.rows(f"imu_{site}.gyro")[1]
        segments = self.analysed.prepared.calibrations.segments
        own = segments.of(site) if segments else None
        stream = self.analysed.prepared.binding.sources[f"imu_{site}.acc"].stream
        rate_hz = next(i.rate_hz for i in self.trial.streams if i.id == stream)
        settings = OrientationSettings(rate_hz=rate_hz)
        if own is not None:
            settings = msgspec.structs.replace(
                settings, gyro_bias_rps=own.gyro_bias_rps
            )
        quat = Orientation(settings).feed(t_s, acc, gyro).quat
        matrix = own.matrix if own else np.eye(3)
        return Curve3d(t_s, segment_rotation(quat, matrix))


class Bench:
    """Where recordings are brought to be measured.

    Parameters
    ----------
    data
        Folder that holds the public sets.
    work
        Folder for trials; emptied by its owner.
    """

    def __init__(self, data: Path, work: Path) -> None:
        self.data = data
        self.work = work
        self._number = 0

    @contextmanager
    def run(
        self,
        paths: Sequence[Path],
        montage: str = "",
        options: Options = NO_OPTIONS,
    ) -> Generator[Run]:
        """Import files and analyse the trial; it is closed and removed at the end.

        Parameters
        ----------
        paths
            Files of one recording.
        montage
            A shipped one by its name, or TOML text; "" = what the files say.
        options
            What only the operator can know of a table.

        Raises
        ------
        LabLiveError
            A file is not what the set's description says.
        """
        self._number += 1
        out = self.work / f"trial-{self._number}.xdf"
        chosen = _montage(montage) if montage else None
        import_trial(paths, out, montage=chosen, options=options)
        trial = Trial(out)
        try:
            yield Run(trial, analyze_trial(trial))
        finally:
            trial.close()
            for left in self.work.glob(f"{out.name}*"):
                left.unlink()

    def table(self, name: str, columns: Mapping[str, Floats]) -> Path:
        """Write columns as a CSV file, for what ``lablive import`` does not read.

        Parameters
        ----------
        name
            File name without suffix.
        columns
            Label -> values, shape (rows,), the same number of rows each.
        """
        path = self.work / f"{name}.csv"
        np.savetxt(
            path,
            np.column_stack([*columns.values()]),
            fmt="%.12g",
            delimiter=",",
            header=",".join(columns),
            comments="",
        )
        return path


def _montage(told: str) -> Montage:
    if "\n" in told:
        return parse_montage(told, "montage of the validation")
    shipped = files("configs").joinpath("montages", f"{told}.toml")
    with as_file(shipped) as path:
        return load_montage(path)
