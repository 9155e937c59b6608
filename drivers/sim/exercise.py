"""What somebody does in a drill, as forces, angles and sounds over time.

Everything is a sum of pieces with true times and sizes, so that each repetition has a
known answer. Forces are in body weights, angles in degrees, times in seconds from the
first row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.names import SIDES, STANDARD_GRAVITY, Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.messages import Floats

PUSH_S: Final = 0.3  # the last of a stand before a take-off
_RISE_S: Final = 0.02  # a landing's force does not jump
_RING_HZ, _RING_S = 3.0, 0.35  # of a landing that is held (metric reference 8.1)
Curve = Literal["obliquity", "lean", "thigh_left", "thigh_right", "muscle"]


class Stand(NamedTuple):
    """A foot that bears a share of the body, from knot to knot; then it may push.

    ``push`` in body weights is added over the last 0.3 s, which end in the air.
    """

    side: Side
    t0_s: float
    t1_s: float
    knots: tuple[tuple[float, float], ...]  # time, share
    push: float = 0.0
    landing: float = 0.0  # over one body weight, ringing out; the share scales it

    def force_bw(self, t_s: Floats) -> Floats:
        """Return the force, shape (rows,)."""
        times, shares = zip(*self.knots, strict=True)
        share = np.interp(t_s, times, shares)
        force = np.ones(len(t_s))
        since = t_s - self.t0_s
        if self.landing:
            ring = np.exp(-since / _RING_S) * np.cos(2 * np.pi * _RING_HZ * since)
            force = force + self.landing * ring
            force = force * np.clip(since / _RISE_S, 0.0, 1.0)
        if self.push:
            x = np.clip((t_s - self.t1_s + PUSH_S) / PUSH_S, 0.0, 1.0)
            force = force * (1.0 - x) + self.push * np.sin(np.pi * x)
        inside = (t_s >= self.t0_s) & (t_s < self.t1_s)
        return np.where(inside, share * force, 0.0)


class Bounce(NamedTuple):
    """A contact of a foot that ends in the air again: a half sine."""

    side: Side
    t0_s: float
    t1_s: float
    peak: float

    def force_bw(self, t_s: Floats) -> Floats:
        """Return the force, shape (rows,)."""
        x = (t_s - self.t0_s) / (self.t1_s - self.t0_s)
        return np.where((x >= 0) & (x < 1), self.peak * np.sin(np.pi * x), 0.0)


class Pulse(NamedTuple):
    """A segment that moves out and back: a raised cosine of so many degrees."""

    curve: Curve
    t0_s: float
    t1_s: float
    size: float

    def value(self, t_s: Floats) -> Floats:
        """Return the angle it adds, shape (rows,)."""
        x = (t_s - self.t0_s) / (self.t1_s - self.t0_s)
        bump = 0.5 * self.size * (1.0 - np.cos(2 * np.pi * x))
        return np.where((x > 0) & (x < 1), bump, 0.0)


class Sound(NamedTuple):
    """A landing that is heard: A-weighted exposure level in dB."""

    t_s: float
    sel_dba: float


@dataclass
class Exercise:
    """All that is done, piece by piece."""

    pieces: list[Stand | Bounce] = field(default_factory=list["Stand | Bounce"])
    pulses: list[Pulse] = field(default_factory=list[Pulse])
    sounds: list[Sound] = field(default_factory=list[Sound])
    end_s: float = 0.0
    lies: bool = False  # on the back

    def force_bw(self, side: Side, t_s: Floats) -> Floats:
        """Return the force under one foot in body weights, shape (rows,)."""
        force = np.zeros(len(t_s))
        for piece in self.pieces:
            if piece.side == side:
                force = force + piece.force_bw(t_s)
        return force

    def total_bw(self, t_s: Floats) -> Floats:
        """Return the force under both feet."""
        left, right = (self.force_bw(side, t_s) for side in SIDES)
        return left + right

    def curve(self, name: Curve, t_s: Floats) -> Floats:
        """Return an angle, or how hard the muscles work, shape (rows,)."""
        value = np.zeros(len(t_s))
        for pulse in self.pulses:
            if pulse.curve == name:
                value = value + pulse.value(t_s)
        return value


def push_bw(flight_s: float) -> float:
    """Return the push of a stand that gives a flight of so long on level ground."""
    speed_mps = STANDARD_GRAVITY * flight_s / 2
    return np.pi / 2 * (0.5 + speed_mps / (STANDARD_GRAVITY * PUSH_S))


def bounce_bw(contact_s: float, before_s: float, after_s: float) -> float:
    """Return the peak of a contact between two flights; exact physics of a half sine.

    >>> round(bounce_bw(0.25, 0.12, 0.12), 4)
    2.3248
    """
    return np.pi / 2 * (1.0 + (before_s + after_s) / (2 * contact_s))


def settles_s(piece: Stand) -> float:
    """Return the true time to stabilisation of a landing: the last exit of 5 %."""
    t_s = np.arange(0.0, 5.0, 1e-4)
    alone = piece._replace(knots=((piece.t0_s, 1.0),), t1_s=np.inf, push=0.0)
    outside = np.flatnonzero(np.abs(alone.force_bw(piece.t0_s + t_s) - 1.0) > 0.05)
    return float(t_s[outside[-1]]) if len(outside) else 0.0


def peak_bw(piece: Stand | Bounce) -> float:
    """Return the true highest force of a landing."""
    t_s = piece.t0_s + np.arange(0.0, 0.3, 1e-4)
    return float(piece.force_bw(t_s).max())


def both(pieces: Iterable[Stand | Bounce]) -> list[Stand | Bounce]:
    """Return pieces done with either foot half, the right one at the same times."""
    found: list[Stand | Bounce] = []
    for piece in pieces:
        for side in SIDES:
            if isinstance(piece, Bounce):
                found.append(piece._replace(side=side, peak=piece.peak / 2))
            else:
                knots = tuple((t_s, share / 2) for t_s, share in piece.knots)
                found.append(piece._replace(side=side, knots=knots))
    return found
