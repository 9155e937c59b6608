"""Marker paths and model outputs of an imported trial: truth to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import RecordingError
from lablive.names import unit_factor

if TYPE_CHECKING:
    from lablive.messages import Floats, StreamInfo
    from lablive.recording.replay import Trial

TYPE: Final = "MoCap"
_AXES: Final = "xyz"


class Path3d(NamedTuple):
    """What one label of a motion capture file says over time.

    Attributes
    ----------
    t_s
        Shape (rows,), on the trial's clock.
    xyz
        Shape (rows, 3), in the axes of the laboratory; NaN where it was not seen.
    unit
        ``m`` for positions, else what the file says (``deg``, ``N`` ...).
    """

    t_s: Floats
    xyz: Floats
    unit: str


def labels_of(trial: Trial) -> list[str]:
    """Return the names of all markers and model outputs, in the order of the file."""
    return [label for info in _streams(trial) for label in _labels(info)]


def path_of(trial: Trial, label: str) -> Path3d:
    """Return one marker or model output of a trial.

    Parameters
    ----------
    trial
        An imported trial.
    label
        As the file has it; what stands before a colon (``Anna:LASI``) may be left out.

    Raises
    ------
    RecordingError
        There is none of that name, or several.
    """
    hits = [
        (info, place)
        for info in _streams(trial)
        for place, name in enumerate(_labels(info))
        if label in (name, name.rpartition(":")[2])
    ]
    if len(hits) != 1:
        what = f'{len(hits)} markers are called "{label}"' if hits else (
            f'there is no marker "{label}"'
        )  # fmt: skip
        raise RecordingError(
            f"{trial.path.name}: {what}.",
            todo=f"There are: {', '.join(labels_of(trial)) or 'none'}.",
        )
    ((info, place),) = hits
    first_s, last_s = trial.span(info.id)
    t_s, x = trial.window(info.id, first_s, np.nextafter(last_s, np.inf))
    columns = slice(len(_AXES) * place, len(_AXES) * (place + 1))
    unit = info.channels[columns.start].unit
    factor = unit_factor(unit, "m")
    if factor is None:
        return Path3d(t_s, x[:, columns].astype(np.float64), unit)
    return Path3d(t_s, x[:, columns].astype(np.float64) * factor, "m")


def elevation_deg(tip: Path3d, base: Path3d, up: str = "z") -> Floats:
    """Return by how much the line from one marker to another rises, shape (rows,).

    From the right to the left front of the pelvis this is pelvic obliquity, + = left
    side up (metric reference, section 0.9).

    Parameters
    ----------
    tip, base
        Two markers of one file, the same rows.
    up
        Axis of the laboratory that points up: ``z`` for most C3D files, ``y`` for
        OpenSim; with ``-`` when it points down.
    """
    line = tip.xyz - base.xyz
    sign = -1.0 if up.startswith("-") else 1.0
    rise = sign * line[:, _AXES.index(up[-1])]
    return np.degrees(np.arcsin(rise / np.linalg.norm(line, axis=1)))


def _streams(trial: Trial) -> list[StreamInfo]:
    return [info for info in trial.streams if info.type == TYPE]


def _labels(info: StreamInfo) -> list[str]:
    return [label.rpartition(".")[0] for label in info.labels[:: len(_AXES)]]
