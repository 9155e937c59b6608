"""The time axis of a foreign file: its rate measured, its holes found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.messages import Gap

if TYPE_CHECKING:
    from lablive.messages import Floats, Ints

_EARLY: Final = 0.5  # of a typical step: closer rows came in bursts
_HOLE: Final = 1.5  # of a typical step: a longer one misses a row


class TimeError(ValueError):
    """The stamps are no time axis; ``row`` is the first wrong one, from 0."""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(what)
        self.row = row


class Lost(NamedTuple):
    """Rows that the file itself shows to be missing behind its row ``after_row``."""

    after_row: int
    t_s: float
    duration_s: float
    rows: int
    why: str

    def gap(self, stream: int) -> Gap:
        """Return it as a recorded loss of a stream."""
        return Gap(
            stream, self.after_row, self.t_s, self.duration_s, self.rows, "lost",
            self.why,
        )  # fmt: skip


class Timing(NamedTuple):
    """Times of the rows of a stream.

    Attributes
    ----------
    t_s
        Strictly increasing, shape (rows,).
    rate_hz
        Measured; 0 for less than two rows.
    lost
        Holes in an otherwise even time axis.
    notes
        What was seen, one sentence each.
    """

    t_s: Floats
    rate_hz: float
    lost: tuple[Lost, ...] = ()
    notes: tuple[str, ...] = ()


def measured(t_s: Floats) -> Timing:
    """Measure a time axis as the file gives it.

    Stamps stay as they are, except that rows under one stamp are spread evenly back
    to the stamp before: rows that arrived together were measured one after another.
    A step of more than 1.5 typical ones in an otherwise even axis is a loss.

    Parameters
    ----------
    t_s
        Stamps in seconds, shape (rows,).

    Raises
    ------
    TimeError
        A stamp is missing or goes back.
    """
    _check(t_s)
    if len(t_s) < 2:
        return Timing(t_s, 0.0)
    shared = int(np.count_nonzero(np.diff(t_s) == 0))
    notes: list[str] = []
    if shared:
        spread_s = spread(t_s)
        most_ms = 1e3 * float(np.abs(spread_s - t_s).max())
        notes.append(
            f"{shared} rows share the time stamp of their neighbour; such rows are"
            f" spread evenly between stamps, moved by {most_ms:.3g} ms at most."
        )
        t_s = spread_s
    steps = np.diff(t_s)
    typical = float(np.median(steps))
    if steps.min() < _EARLY * typical:
        low, high = 1e3 * float(steps.min()), 1e3 * float(steps.max())
        notes.append(
            f"The time stamps are uneven (steps of {low:.3g} to {high:.3g} ms); they"
            " are kept."
        )
        return Timing(t_s, _rate(len(steps), float(t_s[-1] - t_s[0])), (), tuple(notes))
    holes = np.flatnonzero(steps > _HOLE * typical)
    even = np.delete(steps, holes)
    lost = tuple(
        Lost(
            int(row) + 1, float(t_s[row]), float(steps[row]),
            round(float(steps[row]) / typical) - 1, "a hole in the file's time stamps",
        )
        for row in holes
    )  # fmt: skip
    return Timing(t_s, _rate(len(even), float(even.sum())), lost, tuple(notes))


def even(rows: int, rate_hz: float, first: int = 0) -> Timing:
    """Return the times of rows at a known rate, the first one ``first`` steps in."""
    return Timing((first + np.arange(rows)) / rate_hz, rate_hz)


def counted(counter: Ints, rate_hz: float) -> Timing:
    """Return the times of rows that carry a device counter; a jump is a loss.

    Parameters
    ----------
    counter
        Unwrapped counter, shape (rows,).
    rate_hz
        Counts per second.

    Raises
    ------
    TimeError
        The counter stands still or goes back.
    """
    steps = np.diff(counter)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        raise TimeError(row, f"the counter goes from {counter[row - 1]} to"
                             f" {counter[row]}")  # fmt: skip
    lost = tuple(
        Lost(
            int(row) + 1, float(counter[row]) / rate_hz, float(steps[row]) / rate_hz,
            int(steps[row]) - 1, "a jump of the device counter",
        )
        for row in np.flatnonzero(steps > 1)
    )  # fmt: skip
    return Timing(counter / rate_hz, rate_hz, lost)


def unwrapped(raw: Floats, bits: int) -> Ints:
    """Return a device counter of so many bits as if it had never wrapped."""
    counter = raw.astype(np.int64)
    steps = np.diff(counter) % (1 << bits)
    return counter[0] + np.concatenate([[0], np.cumsum(steps)])


def spread(t_s: Floats) -> Floats:
    """Return stamps in which rows of one stamp lie evenly behind the stamp before.

    The first stamp has none before; its rows reach forward to the next one.
    """
    stamps, counts = np.unique(t_s, return_counts=True)
    if len(stamps) < 2:
        raise TimeError(1, "every row has the same time stamp")
    before = np.concatenate([stamps[:1], stamps[:-1]])
    ends = np.repeat(stamps, counts)
    begins = np.repeat(before, counts)
    sizes = np.repeat(counts, counts)
    place = np.arange(len(t_s)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    found = np.where(sizes == 1, ends, begins + (ends - begins) * (place / sizes))
    first = counts[0]
    found[:first] = stamps[0] + (stamps[1] - stamps[0]) * np.arange(first) / first
    return found


def _check(t_s: Floats) -> None:
    missing = ~np.isfinite(t_s)
    if missing.any():
        raise TimeError(int(np.argmax(missing)), "the time is missing")
    back = np.diff(t_s) < 0
    if back.any():
        row = int(np.argmax(back)) + 1
        raise TimeError(row, f"the time goes back from {t_s[row - 1]:.9g} to"
                             f" {t_s[row]:.9g} s")  # fmt: skip


def _rate(steps: int, duration_s: float) -> float:
    """Return the rate to six digits: a printed time knows no more."""
    return float(f"{steps / duration_s:.6g}")
