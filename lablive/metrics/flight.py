"""Flight of a jump from a force curve, by a method that is named beside every number.

Two laboratories that read the same plates differ by what they filter and where they
cut: 18 ms on one jump, 2.3 cm of its height (docs/decisions/0013). So a method has a
name, and values of two methods are never compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.metrics.metric import NAN
from lablive.signals.filters import butterworth

if TYPE_CHECKING:
    from lablive.messages import Floats

MethodName = Literal["unfiltered", "jumpmetrics"]


class FlightMethod(NamedTuple):
    """How take-off and landing are read off the force of both feet.

    Attributes
    ----------
    label, citation
        In words, and whose it is.
    off_n, on_n
        In flight the force is nearer to 0 than ``off_n``; it ends over ``on_n``.
    low_pass_hz
        4th-order Butterworth forward and backward before that; None = none.
    """

    label: str
    citation: str
    off_n: float
    on_n: float
    low_pass_hz: float | None = None


class Flight(NamedTuple):
    """Take-off and landing on the clock of the rows; NaN = there was no flight."""

    off_s: float = NAN
    on_s: float = NAN

    @property
    def lasted_s(self) -> float:
        """Flight time."""
        return self.on_s - self.off_s


FLIGHT_METHODS: Final[dict[MethodName, FlightMethod]] = {
    "unfiltered": FlightMethod(
        "force as measured, below 10 N to over 20 N", "metric reference 1.1", 10.0, 20.0
    ),
    "jumpmetrics": FlightMethod(
        "26.64 Hz low-pass, below 10 N to over 20 N",
        "jumpmetrics, cmj_example",
        10.0,
        20.0,
        26.64,
    ),
}
_LEAST_S: Final = 0.1  # [design] a shorter one is a gap between two feet
_LANDING_S: Final = 0.3  # a landing's highest force comes within it
_ORDER: Final = 4


def flight(
    t_s: Floats, force_n: Floats, rate_hz: float, method: MethodName = "unfiltered"
) -> Flight:
    """Return the longest flight of a stretch.

    Parameters
    ----------
    t_s, force_n
        Times and vertical force of both feet, N, the zero taken off, shape (rows,);
        NaN = not measured.
    rate_hz
        Rows per second.
    method
        Which of :data:`FLIGHT_METHODS`.

    Raises
    ------
    ConfigError
        The rows come too slowly for the method's low-pass.
    """
    how = FLIGHT_METHODS[method]
    force = force_n
    if how.low_pass_hz is not None:
        design = butterworth("lowpass", how.low_pass_hz, rate_hz, _ORDER)
        force = design.zero_phase(t_s, force_n)
    quiet = np.abs(force) < how.off_n
    edges = np.flatnonzero(np.diff(quiet.astype(int), prepend=0, append=0))
    runs = edges.reshape(-1, 2).tolist()
    # a stretch that begins or ends in the air shows no take-off or no landing
    whole = [(a, b) for a, b in runs if a and b < len(force)]
    first, end = max(whole, key=lambda run: run[1] - run[0], default=(0, 0))
    if end - first < _LEAST_S * rate_hz:
        return Flight()
    stop = end + round(_LANDING_S * rate_hz)
    top = end + int(np.nan_to_num(force[end:stop]).argmax())
    low = np.flatnonzero(force[first : top + 1] < how.on_n)
    on = first + int(low[-1]) + 1
    return Flight(float(t_s[first]), float(t_s[on])) if on <= top else Flight()
