"""Strides and rows for lanes that are tested by themselves."""

from __future__ import annotations

import numpy as np

from lablive.gait.contacts import Contact
from lablive.gait.strides import Stride
from lablive.lanes.lane import Seen
from lablive.signals.binding import Source


def stride(ic_s, side="left", stride_s=0.74, stance_s=0.25):
    """Return a valid running stride that begins at ``ic_s``."""
    opposite_s = ic_s + stride_s / 2
    return Stride(
        side, ic_s, ic_s + stance_s, ic_s + stride_s, opposite_s,
        opposite_s + stance_s, True, (), "insole", "run", 1,
    )  # fmt: skip


def source(role, columns, unit, stream=0, scale=1.0):
    """Return where a role is read, as a binding does."""
    columns = np.array(columns, dtype=np.intp)
    scale = np.full(len(columns), scale)
    return Source(role, stream, columns, scale, np.zeros(len(columns)), (), unit)


def contacts(lane, times_s, sides=("left", "right")):
    """Tell a lane of initial contacts, left and right in turn."""
    for number, at_s in enumerate(times_s):
        lane.contact(Contact(float(at_s), sides[number % 2], "ic", "insole"))


def fed(lane, t_s, x, rows=400):
    """Feed everything in pieces."""
    for first in range(0, len(t_s), rows):
        part = slice(first, first + rows)
        lane.feed(t_s[part], x[part])
    return lane


def looked(lane, one):
    """Return what a lane says of one stride."""
    seen = Seen()
    lane.look([(one, seen)])
    return seen
