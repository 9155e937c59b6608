"""Why a metric has no number, in words; the first reason a person would look for."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from lablive.names import IMU_SITES, MUSCLES, site_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.gait.contacts import ContactSide
    from lablive.metrics.metric import Need

NO_STRIDE: Final = "no valid stride"
NOT_MEASURED: Final = "not measured"
# what only strides can show: without any, nothing more is known
OF_STRIDES: Final[tuple[Need, ...]] = (
    "two feet",
    "one kind of sensor",
    "running",
    "walking",
    "20 strides",
    "50 strides",
)
OF_FORCE: Final[tuple[Need, ...]] = ("force", "body weight", "cells", "20 strides")
LACKING: Final[dict[Need, str]] = {
    "force": "needs insoles",
    "two feet": "needs both feet",
    "one kind of sensor": "needs left and right from the same kind of sensor",
    "body weight": "needs the body mass, or 20 valid strides to weigh the runner",
    "cells": "the insoles send neither pressure cells nor zones",
    "belt speed": "needs belt speed",
    "leg length": "needs leg length or body height",
    "running": "no flight in walking",
    "walking": "no double support in running",
    "20 strides": "needs 20 valid strides of both feet",
    "50 strides": "needs 50 valid strides per side",
    "standing": "needs quiet standing on both insoles",
    "body mass": "needs the body mass",
    "body height": "needs the body height",
    "cadence target": "needs a cadence target",
}


def most_told(reasons: Iterable[str | None]) -> str:
    """Return the most frequent of the reasons that were told, empty for none."""
    told = Counter(why for why in reasons if why)
    return told.most_common(1)[0][0] if told else ""


def of_one_muscle(notes: Sequence[str]) -> list[str]:
    """Return what strides say of a muscle as one note, each warning once.

    Parameters
    ----------
    notes
        ``gluteus maximus: hum, movement, % of the first 20 strides``.
    """
    items: dict[str, dict[str, None]] = {}
    for note in notes:
        name, _, told = note.partition(": ")
        items.setdefault(name, {}).update(dict.fromkeys(re.split("[,;] ", told)))
    return [f"{name}: {', '.join(told)}" for name, told in items.items()]


def placed(signal: str, side: ContactSide) -> str:
    """Return a signal's full name for a stride of one side: ``thigh_left``."""
    name = signal.removeprefix("other ")
    if name in IMU_SITES or name == "sound":
        return name
    if name != signal:
        side = "right" if side == "left" else "left"
    return f"{name}_{side}"


def absent(signal: str) -> str:
    """Return how a signal that the montage does not have is asked for."""
    name = signal.removeprefix("other ")
    if name == "sound":
        return "needs the microphone at the belt"
    if name in MUSCLES:
        return f"needs EMG of the {name.replace('_', ' ')}"
    return f"needs a {site_words(name)} IMU"
