"""Small trials whose every value is known, and how to compare what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lablive.messages import ChannelInfo, Chunk, Gap, Marker, StreamInfo
from lablive.recording.intake import Intake
from lablive.recording.writer import TrialWriter

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.replay import Trial

INSOLE = StreamInfo(
    id=1,
    name="Insole & <left>",
    type="Force",
    rate_hz=200.0,
    channels=(ChannelInfo("heel", "N", "Force"), ChannelInfo("toe\r\n", "N")),
    source_id="insole-1",
    hostname="lab",
    device="sole 3",
    counter_bits=16,
)
EMG = StreamInfo(
    id=7,
    name="EMG",
    type="EMG",
    rate_hz=1000.0,
    channels=tuple(ChannelInfo(f"muscle {k}", "uV") for k in range(3)),
    sample_format="double64",
)
STREAMS = [INSOLE, EMG]
BASE_ROWS = {1: 500, 7: 0}  # the insoles ran before Record was pressed
T0_S = 1000.0
TICK_S = 0.02
LOST = Gap(1, 500 + 40, T0_S + 0.2, 0.015, 2, "lost", "radio")
MARK = Marker(T0_S + 0.31, "jump µ <1>", "drill")


class Truth(NamedTuple):
    """What was recorded: row r of stream s is t_s[s][r - base], x[s][r - base]."""

    t_s: dict[int, np.ndarray]
    x: dict[int, np.ndarray]


def truth(ticks: int) -> Truth:
    rng = np.random.default_rng(3)
    t_s, x = {}, {}
    for info in STREAMS:
        rows = round(ticks * TICK_S * info.rate_hz)
        jitter_s = rng.uniform(0.0, 0.3, rows) / info.rate_hz
        t_s[info.id] = T0_S + np.arange(rows) / info.rate_hz + jitter_s
        dtype = np.float32 if info.sample_format == "float32" else np.float64
        x[info.id] = rng.standard_normal((rows, len(info.channels))).astype(dtype)
    return Truth(t_s, x)


def chunk_of(known: Truth, info: StreamInfo, tick: int) -> Chunk:
    """Return the rows of one tick of 20 ms as a driver delivers them."""
    step = round(TICK_S * info.rate_hz)
    rows = slice(tick * step, (tick + 1) * step)
    first_row = BASE_ROWS[info.id] + rows.start
    counter = None
    if info.counter_bits:
        counter = np.arange(rows.start, rows.stop) + 65530
        counter = (counter + 2 * (tick >= 10)) % 65536
    arrival_s = T0_S + (tick + 1) * TICK_S
    t_s, x = known.t_s[info.id][rows], known.x[info.id][rows]
    return Chunk(info.id, first_row, t_s, x, counter, arrival_s)


def feed(sink, known: Truth, tick: int) -> None:
    """Give one tick of every stream, and what goes with it, to a recorder."""
    for info in STREAMS:
        sink.append(chunk_of(known, info, tick))
    if tick == 10:
        sink.gap(LOST)
    if tick == 15:
        sink.marker(MARK)


def write_trial(path: Path, ticks: int = 40, *, close: bool = True) -> Truth:
    """Write a trial without threads: blocks of 80 ms, every byte the same each time."""
    known = truth(ticks)
    intake = Intake(1 << 20)
    for info in STREAMS:
        intake.add_stream(info)
    writer = TrialWriter(path, {"montage": "a = 1\r\n[x]"}, None)
    for tick in range(ticks):
        feed(intake, known, tick)
        if tick % 4 == 3:
            flush(intake, writer, T0_S + tick * TICK_S)
    end_s = T0_S + ticks * TICK_S
    flush(intake, writer, end_s, last=True)
    if close:
        writer.finish(end_s)
    writer.part.close()
    return known


def flush(intake: Intake, writer: TrialWriter, now_s: float, *, last=False) -> None:
    intake.release(writer.drain(intake.take(now_s, last=last), now_s))


class Played(NamedTuple):
    """What a trial gave back: row numbers by stream, and the gaps."""

    rows: dict[int, np.ndarray]
    gaps: list[Gap]


def play(trial: Trial, known: Truth) -> Played:
    """Read all of a trial; fail on any value that was not recorded."""
    rows: dict[int, list[np.ndarray]] = {info.id: [] for info in STREAMS}
    gaps = []
    for item in trial.chunks():
        if isinstance(item, Gap):
            gaps.append(item)
            continue
        numbers = item.first_row + np.arange(len(item))
        index = numbers - BASE_ROWS[item.stream]
        assert index.min() >= 0
        np.testing.assert_array_equal(item.t_s, known.t_s[item.stream][index])
        np.testing.assert_array_equal(item.x, known.x[item.stream][index])
        rows[item.stream].append(numbers)
    together = {k: np.concatenate([np.empty(0, int), *v]) for k, v in rows.items()}
    for info in trial.streams:
        if info.id in rows:
            t_s, x = trial.window(info.id, -np.inf, np.inf)
            index = together[info.id] - BASE_ROWS[info.id]
            np.testing.assert_array_equal(t_s, known.t_s[info.id][index])
            np.testing.assert_array_equal(x, known.x[info.id][index])
    return Played(together, gaps)


def all_rows(known: Truth) -> dict[int, np.ndarray]:
    return {k: BASE_ROWS[k] + np.arange(len(t)) for k, t in known.t_s.items()}


def missing_rows(played: Played, known: Truth) -> int:
    return sum(len(t) for t in known.t_s.values()) - sum(
        len(rows) for rows in played.rows.values()
    )
