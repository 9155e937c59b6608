"""Rings: nothing lost uncounted, nothing torn, nothing invented."""

from __future__ import annotations

import contextlib
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablive.errors import LinkError
from lablive.live import ring as ring_module
from lablive.live.ring import RingReader, RingWriter
from lablive.live.ring_file import ANNOUNCE, GAP_SLOTS, IRREGULAR_ROWS
from lablive.messages import ChannelInfo, Chunk, Gap, StreamInfo

CHANNELS = 3


def stream(rate_hz=10.0, channels=CHANNELS, sample_format="float32"):
    labels = tuple(ChannelInfo(f"c{index}", "N") for index in range(channels))
    return StreamInfo(7, "Insoles", "Force", rate_hz, labels, "id-1", "host", "dev",
                      sample_format)  # fmt: skip


def rows(first, count, dtype=np.float32):
    number = np.arange(first, first + count)
    values = number[:, None] * 10 + np.arange(CHANNELS)
    return Chunk(7, first, number * 0.1, values.astype(dtype))


def gap(after_row, why="why"):
    return Gap(7, after_row, after_row * 0.1, 0.5, 3, "lost", why)


def assert_rows(window):
    wanted = rows(window.first_row, len(window), window.x.dtype)
    np.testing.assert_array_equal(window.t_s, wanted.t_s)
    np.testing.assert_array_equal(window.x, wanted.x)


@pytest.fixture
def pair(tmp_path):
    """Writer and reader of a ring of 10 rows."""
    writer = RingWriter(tmp_path / "a.ring", stream(), seconds=1.0)
    yield writer, RingReader(tmp_path / "a.ring")
    writer.close()


steps = st.lists(
    st.one_of(st.integers(0, 37), st.just("poll"), st.just("gap")), max_size=60
)


@given(steps, st.integers(1, 12), st.sampled_from(["float32", "double64"]))
def test_every_row_and_gap_comes_once_in_order_or_is_counted(
    tmp_path_factory, plan, capacity, sample_format
):
    path = tmp_path_factory.mktemp("ring") / "a.ring"
    writer = RingWriter(path, stream(1.0, CHANNELS, sample_format), capacity)
    reader = RingReader(path)
    assert reader.capacity == capacity
    written, gaps, got_gaps = 0, [], []
    row = number = seen = missed = 0
    for step in [*plan, "poll"]:
        if step == "gap":
            gaps.append(gap(written))
            writer.gap(gaps[-1])
        elif step != "poll":
            dtype = np.float32 if sample_format == "float32" else np.float64
            writer.write(rows(written, step, dtype))
            written += step
        else:
            window, new, number = reader.poll(row, number)
            assert_rows(window)
            assert window.still_valid()
            assert window.first_row == row + window.missed
            assert window.missed == max(written - row - capacity, 0)
            row, missed = window.next_row, missed + window.missed
            seen += len(window)
            got_gaps += new
            assert reader.rows == written
            latest = reader.latest(4)
            assert len(latest) == min(4, written, capacity)
            assert_rows(latest)
            assert latest.next_row == written
    assert seen + missed == written
    assert got_gaps == gaps
    writer.close()


def test_a_window_is_one_contiguous_read_only_view(pair):
    writer, reader = pair
    writer.write(rows(0, 14))  # wraps
    window = reader.read(4)
    assert window.x.flags.c_contiguous
    assert window.t_s.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        window.x[0, 0] = 1.0


def test_a_view_knows_when_it_was_overwritten_and_its_copy_is_cut(pair):
    writer, reader = pair
    writer.write(rows(0, 10))
    view = reader.read(0)
    early = view.copy()
    assert view.still_valid()
    writer.write(rows(10, 4))
    assert not view.still_valid()
    late = view.copy()
    assert (late.first_row, late.missed, late.next_row) == (4, 4, 10)
    assert_rows(late)
    assert_rows(early)
    assert early.still_valid()
    assert early.copy() is early
    writer.write(rows(14, 30))
    assert (len(view.copy()), view.copy().missed) == (0, 10)


def test_rows_under_the_writers_pen_are_never_handed_out(pair):
    writer, reader = pair
    writer.write(rows(0, 10))
    writer._head[ANNOUNCE] = 13  # in the middle of writing rows 10, 11, 12
    window = reader.read(0)
    assert (window.first_row, window.missed, window.next_row) == (3, 3, 10)
    assert reader.latest(10).first_row == 3
    writer._head[ANNOUNCE] = 40  # a chunk longer than the ring is coming in
    window = reader.read(0)
    assert (len(window), window.missed, window.next_row) == (0, 10, 10)
    assert len(reader.latest(10)) == 0


def test_a_gap_that_comes_between_rows_and_gaps_waits_for_its_rows(pair):
    writer, reader = pair
    writer.write(rows(0, 2))
    writer.gap(gap(2, "before"))
    read = reader.read

    def read_slowly(since_row):
        window = read(since_row)
        writer.write(rows(2, 2))
        writer.gap(gap(4, "after"))
        reader.read = read
        return window

    reader.read = read_slowly
    window, gaps, number = reader.poll(0, 0)
    assert (window.next_row, [gap.why for gap in gaps]) == (2, ["before"])
    window, gaps, number = reader.poll(window.next_row, number)
    assert (window.next_row, [gap.why for gap in gaps], number) == (4, ["after"], 2)
    assert reader.poll(4, 2)[1:] == ([], 2)


@given(
    st.builds(
        Gap,
        stream=st.integers(0, 2**31),
        after_row=st.integers(0, 2**62),
        t_s=st.floats(allow_nan=False),
        duration_s=st.floats(allow_nan=False),
        rows_lost=st.none() | st.integers(0, 2**62),
        kind=st.sampled_from(["lost", "stall", "reset", "overflow"]),
        why=st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    )
)
def test_a_gap_arrives_as_it_was_sent(tmp_path_factory, sent):
    path = tmp_path_factory.mktemp("ring") / "a.ring"
    writer = RingWriter(path, stream(), 1.0)
    writer.gap(sent)
    ((got,), number) = RingReader(path).gaps(0)
    assert number == 1
    assert sent.why.startswith(got.why)
    assert got.why == sent.why or len(got.why.encode()) > 204
    assert got == Gap(sent.stream, sent.after_row, sent.t_s, sent.duration_s,
                      sent.rows_lost, sent.kind, got.why)  # fmt: skip
    writer.close()


def test_overwritten_gaps_can_be_counted(pair):
    writer, reader = pair
    for number in range(GAP_SLOTS + 5):
        writer.gap(gap(number))
    gaps, following = reader.gaps(0)
    assert following - len(gaps) == 5
    assert gaps == [gap(number) for number in range(5, GAP_SLOTS + 5)]


@pytest.mark.parametrize("since", [-1, 3])
def test_a_cursor_of_another_ring_is_refused(pair, since):
    writer, reader = pair
    writer.write(rows(0, 2))
    with pytest.raises(LinkError, match="has 2 rows"):
        reader.read(since)
    with pytest.raises(LinkError, match="has 0 gaps"):
        reader.gaps(since)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (rows(3, 2), "row 3 came where row 2 was due"),
        (rows(1, 2), "row 1 came where row 2 was due"),
        (Chunk(7, 2, np.zeros(2), np.zeros((2, 4), np.float32)), r"shape \(2, 4\)"),
        (Chunk(7, 2, np.zeros(2), np.zeros((3, 2), np.float32)), r"shape \(3, 2\)"),
        (Chunk(7, 2, np.zeros(3), np.zeros((2, 3), np.float32)), r"shape \(2, 3\)"),
    ],
)
def test_a_wrong_chunk_is_refused_and_does_no_harm(pair, bad, said):
    writer, reader = pair
    writer.write(rows(0, 2))
    with pytest.raises(LinkError, match=said):
        writer.write(bad)
    assert reader.rows == 2
    assert_rows(reader.read(0))
    writer.write(rows(2, 8))
    assert_rows(reader.read(0))


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i4", "<i2"])
def test_other_number_types_and_strided_values_are_converted(pair, dtype):
    writer, reader = pair
    wide = np.zeros((8, 2 * CHANNELS), dtype)
    wide[:, ::2] = rows(0, 8).x
    times = np.repeat(rows(0, 8).t_s, 2)[::2].astype(">f8")
    writer.write(Chunk(7, 0, times[:4], wide[:4, ::2]))
    writer.write(Chunk(7, 4, times[4:], np.asfortranarray(wide[4:, ::2])))
    window = reader.read(0)
    assert len(window) == 8
    assert_rows(window)


def test_irregular_streams_get_a_fixed_number_of_rows(tmp_path):
    info = stream(rate_hz=0.0)
    RingWriter(tmp_path / "a.ring", info).close()
    reader = RingReader(tmp_path / "a.ring")
    assert (reader.capacity, reader.info) == (IRREGULAR_ROWS, info)


def test_the_file_is_private_stays_and_is_never_written_over(tmp_path):
    path = tmp_path / "a.ring"
    writer = RingWriter(path, stream(), 1.0)
    writer.write(rows(0, 5))
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(LinkError, match="exists already"):
        RingWriter(path, stream(), 1.0)
    writer.close()
    writer.close()
    assert_rows(RingReader(path).read(0))


def test_no_place_for_the_file_is_one_clear_message(tmp_path):
    with pytest.raises(LinkError, match=r"no ring of 0\.3 MB can be made"):
        RingWriter(tmp_path / "none" / "a.ring", stream(), 1.0)
    for rate_hz in (1e12, float("nan"), float("inf"), -1.0):
        with pytest.raises(LinkError, match="Check the rate"):
            RingWriter(tmp_path / "a.ring", stream(rate_hz))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file size limit")
def test_a_full_disk_is_found_when_the_ring_is_made_not_later(tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(LinkError, match="Make room"):
            RingWriter(tmp_path / "a.ring", stream(), 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [None, 0, 100, 4096, -4096])
def test_a_missing_or_cut_file_is_refused(tmp_path, size):
    path = tmp_path / "a.ring"
    if size is not None:
        RingWriter(path, stream(), 1.0).close()
        content = path.read_bytes()
        path.write_bytes(content[:size])
    with pytest.raises(LinkError, match=r"a\.ring: cannot be read as a live stream"):
        RingReader(path)


def test_a_foreign_or_unfinished_file_is_refused(tmp_path):
    for content in (b"XDF:" * 2000, bytes(300_000)):
        (tmp_path / "a.ring").write_bytes(content)
        with pytest.raises(LinkError, match="not a ring of this version"):
            RingReader(tmp_path / "a.ring")


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), min_size=1))
def test_a_damaged_header_is_refused_or_harmless(tmp_path_factory, damage):
    path = tmp_path_factory.mktemp("ring") / "a.ring"
    RingWriter(path, stream(), 1.0).close()
    content = bytearray(path.read_bytes())
    for place, value in damage:
        content[place] = value
    path.write_bytes(content)
    with contextlib.suppress(LinkError):  # and nothing else
        reader = RingReader(path)
        reader.latest(5).copy()
        reader.read(0).copy()
        reader.gaps(0)


def test_processors_that_reorder_memory_take_the_fenced_way(pair, monkeypatch):
    monkeypatch.setattr(ring_module, "_ORDERED", False)
    writer, reader = pair
    for first in range(0, 30, 3):
        writer.write(rows(first, 3))
        writer.gap(gap(first + 3))
    window, gaps, _ = reader.poll(20, 0)
    assert_rows(window)
    assert (window.next_row, len(gaps), window.still_valid()) == (30, 10, True)


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_ring import gap, rows, stream
from lablive.live.ring import RingWriter
writer = RingWriter(Path(sys.argv[1]), stream(100.0), 1.0)
print(flush=True)
row = 0
for turn in range(20000):
    count = (turn * 7) % 23
    writer.write(rows(row, count))
    row += count
    if turn % 10 == 0:
        writer.gap(gap(row))
print(row, flush=True)
sys.stdin.read()
"""


def test_another_process_reads_while_one_writes_flat_out(tmp_path):
    path = tmp_path / "a.ring"
    script = WRITER.format(folder=str(Path(__file__).parent))
    command = [sys.executable, "-c", script, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        process.stdout.readline()
        reader = RingReader(path)
        row = number = seen = missed = 0
        gaps, after = [], 10**9
        while after > 0:
            if reader.gaps(0)[1] == 2000:  # the last is written: a few more polls
                after = min(after, 3) - 1
            before = number
            window, new, number = reader.poll(row, number)
            assert_rows(window)
            assert window.first_row == row + window.missed
            assert all(one.after_row <= window.next_row for one in new)
            assert number - before >= len(new)
            row = window.next_row
            seen, missed = seen + len(window), missed + window.missed
            gaps += new
        last = int(process.stdout.readline())
        window, new, number = reader.poll(row, number)
        process.kill()  # what it wrote stays readable
    assert seen + len(window) + missed + window.missed == last
    assert number == 2000
    assert sorted(one.after_row for one in gaps) == [one.after_row for one in gaps]
    assert_rows(RingReader(path).latest(100))
