"""What every driver and every port must do, and the bookkeeping drivers share."""

from __future__ import annotations

from collections import deque
from itertools import pairwise, starmap
from operator import lt
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from lablive.clock import now_s
from lablive.errors import DeviceError
from lablive.messages import Chunk, DriverState, Gap, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.raw_bytes import RawTap
    from lablive.messages import Floats, GapKind, Ints, StreamInfo, Values

READ_S: Final = 0.02  # longest wait of Driver.read
RATE_S: Final = 2.0  # rates are measured over this long
_RATE_STEP_S: Final = 0.1
_FEW_ROWS: Final = 8  # below this numpy costs more than a loop
_SMALLEST_STEP_S: Final = 1e-6


class Driver(Protocol):
    """One wire with one or more streams (a pair of insoles is one wire)."""

    @property
    def reopen_on_silence(self) -> bool:
        """Whether closing and opening again can wake a silent device now."""
        ...

    def open(self) -> tuple[StreamInfo, ...]:
        """Connect; ids are 0 to n-1 within the driver.

        Raises
        ------
        DeviceError
            The device is missing, busy, forbidden or does not answer.
        """
        ...

    def read(self) -> list[Chunk | Gap]:
        """Wait for rows, 20 ms at most; every gap stands before the rows after it.

        Raises
        ------
        DeviceError
            The wire is gone.
        """
        ...

    def close(self) -> None:
        """Let go of the wire within 1 s; callable twice and from any thread."""
        ...

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of every stream; the host adds stalls and ages."""
        ...


@runtime_checkable
class TakesValues(Protocol):
    """A driver whose numbers a person reads off and types."""

    def set_values(self, values: Mapping[str, float]) -> None:
        """Take numbers by channel, from any thread; raises LabLiveError."""
        ...


@runtime_checkable
class KeepsBytes(Protocol):
    """A driver whose wire can be kept as it comes; ``tap`` None = nobody asked."""

    tap: RawTap | None


@runtime_checkable
class LooksAgain(Protocol):
    """A driver whose device is looked for more often while it is away."""

    look_again_s: float


class Port(Protocol):
    """Moves bytes, knows nothing of what they mean."""

    def open(self) -> None:
        """Connect; raises DeviceError."""
        ...

    def read(self, timeout_s: float) -> list[bytes]:
        """Wait for bytes and return all there are; datagrams stay apart.

        Raises
        ------
        DeviceError
            The other end is gone.
        """
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; raises DeviceError."""
        ...

    def close(self) -> None:
        """Let go; callable twice."""
        ...


def give_values(driver: object, values: Mapping[str, float], source: str) -> None:
    """Hand typed numbers to a driver; DeviceError when it takes none."""
    if not isinstance(driver, TakesValues):
        raise DeviceError(
            "missing",
            f"{source} takes no values by hand, or is not open.",
            still="Everything else goes on.",
            todo="Connect the belt speed by hand first.",
        )
    driver.set_values(values)


class StreamTally:
    """Number the rows of one stream, keep its times increasing, count its losses."""

    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        self.rows = 0
        self.lost = 0
        self.lost_is_exact = True
        self.gaps = 0
        self.duplicates = 0
        self.last_t_s = float("-inf")
        self._distinct = 0
        self._last_row = b""
        self._marks: deque[tuple[float, int, int]] = deque()

    def chunk(
        self, t_s: Floats, x: Values, counter: Ints | None, arrival_s: float
    ) -> Chunk:
        """Return rows as a chunk; shapes (rows,), (rows, channels), (rows,)."""
        t_s = _increasing(t_s, self.last_t_s)
        chunk = Chunk(self.info.id, self.rows, t_s, x, counter, arrival_s)
        self.rows += len(t_s)
        self.last_t_s = float(t_s[-1])
        self._count_distinct(x)
        if not self._marks or arrival_s - self._marks[-1][0] > _RATE_STEP_S:
            self._marks.append((arrival_s, self.rows, self._distinct))
            while arrival_s - self._marks[0][0] > RATE_S + _RATE_STEP_S:
                self._marks.popleft()
        return chunk

    @property
    def newest(self) -> bytes:
        """Numbers of the newest row, as its chunk holds them; b"" = there was none."""
        return self._last_row

    def gap(
        self,
        next_t_s: float,
        lost: int | None,
        kind: GapKind,
        why: str,
        *,
        exact: bool = True,
    ) -> Gap:
        """Return the loss before a row at ``next_t_s``, in seconds."""
        self.gaps += 1
        self.lost += lost or 0
        self.lost_is_exact = self.lost_is_exact and exact and lost is not None
        last_t_s = self.last_t_s if self.rows else next_t_s
        return Gap(
            stream=self.info.id,
            after_row=self.rows,
            t_s=last_t_s,
            duration_s=max(next_t_s - last_t_s, 0.0),
            rows_lost=lost,
            kind=kind,
            why=why,
        )

    def status(
        self,
        state: DriverState,
        *,
        checksum_errors: int = 0,
        skipped_bytes: int = 0,
        ppm: float = 0.0,
        jitter_p95_ms: float = 0.0,
        last_fault: str = "",
    ) -> StreamStatus:
        """Return the health of the stream; may be called from another thread."""
        rate_hz, effective_rate_hz = self._rates()
        return StreamStatus(
            stream=self.info.id,
            state=state,
            rows=self.rows,
            rate_hz=rate_hz,
            effective_rate_hz=effective_rate_hz,
            lost=self.lost,
            lost_is_exact=self.lost_is_exact,
            duplicates=self.duplicates,
            checksum_errors=checksum_errors,
            skipped_bytes=skipped_bytes,
            gaps=self.gaps,
            ppm=ppm,
            jitter_p95_ms=jitter_p95_ms,
            last_fault=last_fault,
        )

    def _count_distinct(self, x: Values) -> None:
        """Count rows that differ from the one before: fusion may repeat itself."""
        if len(x) > _FEW_ROWS:
            self._distinct += 1 + int((x[1:] != x[:-1]).any(axis=1).sum())
            self._last_row = x[-1].tobytes()
            return
        data, last = x.tobytes(), self._last_row
        size = len(data) // len(x)
        for at in range(0, len(data), size):
            row = data[at : at + size]
            self._distinct += row != last
            last = row
        self._last_row = last

    def _rates(self) -> tuple[float, float]:
        marks = list(self._marks)
        if len(marks) < 2 or now_s() - marks[-1][0] > RATE_S:
            return 0.0, 0.0
        (t0_s, rows0, distinct0), (t1_s, rows1, distinct1) = marks[0], marks[-1]
        span_s = t1_s - t0_s
        return (rows1 - rows0) / span_s, (distinct1 - distinct0) / span_s


def _rises(t_s: Floats) -> bool:
    if len(t_s) > _FEW_ROWS:
        return bool((t_s[1:] > t_s[:-1]).all())
    return all(starmap(lt, pairwise(t_s.tolist())))


def _increasing(t_s: Floats, last_t_s: float) -> Floats:
    """Return times that increase strictly, also after ``last_t_s``."""
    if t_s[0] > last_t_s and _rises(t_s):
        return t_s
    fixed = t_s.copy()
    for at, value in enumerate(t_s.tolist()):
        last_t_s = value if value > last_t_s else last_t_s + _SMALLEST_STEP_S
        fixed[at] = last_t_s
    return fixed
