"""Send what is due when it is due, and never lose a row to a late wake-up."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Final, Protocol

from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drivers.sim.control import Control, Until
    from drivers.sim.orders import Orders

TICK_S: Final = 0.005
LINGER_S: Final = 5.0
_LINGER_CHECK_S: Final = 0.05


class Wire(Protocol):
    """Something that sends every row that is due."""

    names: tuple[str, ...]

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until somebody listens; return whether somebody does."""
        ...

    def send_until(self, t_s: float) -> None:
        """Send every row before ``t_s`` seconds of the run."""
        ...

    def report(self) -> dict[str, dict[str, int]]:
        """Return what was sent, by stream name."""
        ...

    def close(self) -> None:
        """Take the wire away."""
        ...


def wait_for_readers(wires: Sequence[Wire], seconds: float) -> None:
    """Wait until every wire has a reader.

    Raises
    ------
    DeviceError
        Names the streams nobody listens to.
    """
    end_s = now_s() + seconds
    missing = [
        name
        for wire in wires
        if not wire.wait_for_reader(max(0.0, end_s - now_s()))
        for name in wire.names
    ]
    if missing:
        raise DeviceError(
            "timeout",
            f"Nobody listened to {', '.join(missing)} within {seconds:g} s.",
            todo="Open the streams earlier, or start with --wait 0.",
        )


def pace(
    step: Callable[[float], None],
    seconds: float,
    t0_s: float,
    control: Control | Orders | Until,
    speed: float = 1.0,
) -> float:
    """Call ``step`` with the time played so far until all is sent or told to end.

    Each wake-up sends all that is due, so a late one only delays. The last call is
    with ``seconds``. Returns the seconds played.
    """
    while not control.stopped:
        t_s = min((now_s() - t0_s) * speed, seconds)
        step(t_s)
        if t_s >= seconds:
            return seconds
        next_s = t0_s + (floor((now_s() - t0_s) / TICK_S) + 1) * TICK_S
        control.wait(next_s - now_s())
    return max(0.0, min((now_s() - t0_s) * speed, seconds))


def linger(wires: Sequence[Wire], control: Control) -> None:
    """Keep the wires until their readers have left or the parent says stop."""
    end_s = now_s() + LINGER_S
    while now_s() < end_s and any(wire.wait_for_reader(0.0) for wire in wires):
        if control.wait(_LINGER_CHECK_S):
            return
