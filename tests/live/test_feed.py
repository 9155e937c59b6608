"""Rows from the rings: each once, numbered as in the file, without a hole after it."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.live.feed import LiveFeed
from lablive.live.ring import RingWriter
from lablive.messages import ChannelInfo, Chunk, StreamInfo

INFO = StreamInfo(3, "sole", "Force", 100.0, (ChannelInfo("force"),))


@pytest.fixture
def ring(tmp_path):
    """A ring and a feed that reads it; ``ring(n)`` writes n rows more."""
    path = tmp_path / "3.ring"
    writer = RingWriter(path, INFO, seconds=10.0)
    feed = LiveFeed()
    feed.attach(path)
    written = 0

    def write(rows):
        nonlocal written
        numbers = np.arange(written, written + rows)
        writer.write(
            Chunk(3, written, numbers / 100.0, numbers[:, None].astype(np.float32))
        )
        written += rows

    write.feed = feed
    yield write
    writer.close()


def values(items):
    return [int(value) for chunk in items for value in chunk.x[:, 0]]


def test_a_recording_numbers_its_rows_from_its_first(ring):
    ring(5)
    ring.feed.restart({3: 2}, start_s=0.02)
    (chunk,) = ring.feed.poll()
    assert (chunk.first_row, values([chunk])) == (0, [2, 3, 4])


def test_after_a_stop_the_view_goes_on_with_the_row_behind_the_last(ring):
    ring.feed.restart({3: 0}, start_s=0.0)
    ring(4)
    ring.feed.stop_at({3: 6})  # two recorded rows are still to come
    ring(5)
    assert values(ring.feed.poll()) == [0, 1, 2, 3, 4, 5]
    assert ring.feed.drained
    ring(1)
    ring.feed.go_free()
    (chunk,) = ring.feed.poll()
    assert (chunk.first_row, values([chunk])) == (6, [6, 7, 8, 9])


def test_a_recording_given_up_leaves_what_was_not_read(ring):
    ring.feed.restart({3: 0}, start_s=0.0)
    ring(4)
    ring.feed.go_free()
    assert ring.feed.poll() == []
    ring(2)
    assert values(ring.feed.poll()) == [4, 5]
