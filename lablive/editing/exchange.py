"""A pair of sensors taken for each other: binding and calibration exchanged."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeVar

import msgspec

from lablive.names import side_of
from lablive.signals.emg_reference import EmgReference, EmgRest

if TYPE_CHECKING:
    from collections.abc import Collection

    from lablive.editing.edit import Pair
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import FootCalibration
    from lablive.signals.calibrations import Calibrations

Record = TypeVar("Record", EmgRest, EmgReference)


def other_side(name: str) -> str:
    """Return a role or site with left and right exchanged.

    >>> other_side("insole_left.force"), other_side("imu_pelvis.acc")
    ('insole_right.force', 'imu_pelvis.acc')
    """
    site, dot, quantity = name.partition(".")
    side = side_of(name)
    if side is None:
        return name
    other = "right" if side == "left" else "left"
    return f"{site.removesuffix(side)}{other}{dot}{quantity}"


def exchanged_binding(binding: Binding, pairs: Collection[Pair]) -> Binding:
    """Return a binding with the sources of both sides exchanged."""
    sources = {
        (name := other_side(role) if _within(role, pairs) else role): (
            dataclasses.replace(source, role=name)
        )
        for role, source in binding.sources.items()
    }
    missing = tuple(
        other_side(role) if _within(role, pairs) else role for role in binding.missing
    )
    return dataclasses.replace(binding, sources=sources, missing=missing)


def exchanged_calibrations(
    calibrations: Calibrations, pairs: Collection[Pair]
) -> Calibrations:
    """Return calibrations that follow their sensors to the other side."""
    insole, segments, emg = calibrations.insole, calibrations.segments, calibrations.emg
    if insole is not None and "insole" in pairs:
        balance = insole.standing_balance_pct
        insole = msgspec.structs.replace(
            insole,
            left=_foot(insole.right),
            right=_foot(insole.left),
            standing_balance_pct=None if balance is None else 100.0 - balance,
        )
    if segments is not None:
        segments = msgspec.structs.replace(
            segments,
            sites=tuple(
                msgspec.structs.replace(it, site=_site(it.site, pairs))
                for it in segments.sites
            ),
            no_gyro=tuple(_site(site, pairs) for site in segments.no_gyro),
        )
    if "emg" in pairs:
        emg = msgspec.structs.replace(
            emg,
            rests=tuple(_electrode(it) for it in emg.rests),
            references=tuple(_electrode(it) for it in emg.references),
        )
    return msgspec.structs.replace(
        calibrations, insole=insole, segments=segments, emg=emg
    )


def _within(role: str, pairs: Collection[Pair]) -> bool:
    return any(role.startswith(f"{pair}_") for pair in pairs)


def _site(site: str, pairs: Collection[Pair]) -> str:
    return other_side(site) if _within(f"imu_{site}", pairs) else site


def _foot(own: FootCalibration | None) -> FootCalibration | None:
    return own and msgspec.structs.replace(own, role=other_side(own.role))


def _electrode(record: Record) -> Record:
    role = other_side(record.electrode.role)
    moved = msgspec.structs.replace(record.electrode, role=role)
    return msgspec.structs.replace(record, electrode=moved)
