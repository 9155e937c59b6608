"""Longer pieces hold the same rows and gaps in an order a pipeline may take."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.messages import Chunk, Gap
from lablive.recording.pieces import in_pieces


def chunk(stream, first, rows, rate_hz=100.0):
    number = np.arange(first, first + rows)
    return Chunk(stream, first, number / rate_hz, np.column_stack((number, -number)))


ITEMS = [
    *(chunk(number % 2, 10 * (number // 2), 10) for number in range(60)),
    Gap(0, 300, 2.99, 1.0, None, "stall"),
    chunk(0, 300, 0),
    chunk(0, 320, 10),  # twenty rows are missing before it
    chunk(1, 300, 40),
]


@pytest.mark.parametrize("piece_s", [0.05, 0.5, 1.0, 99.0])
def test_every_row_is_there_once_and_in_order(piece_s):
    found = list(in_pieces(ITEMS, piece_s))
    for stream in (0, 1):
        rows, given = (
            np.concatenate(
                [c.x for c in items if isinstance(c, Chunk) and c.stream == stream]
            )
            for items in (found, ITEMS)
        )
        assert np.array_equal(rows, given)
        for piece in found:
            if isinstance(piece, Chunk) and piece.stream == stream:
                assert np.array_equal(
                    piece.x[:, 0], piece.first_row + np.arange(len(piece))
                )
                assert len(piece.t_s) == len(piece.x) > 0


def test_a_gap_comes_before_the_rows_behind_it():
    for piece_s in (0.05, 99.0):
        found = list(in_pieces(ITEMS, piece_s))
        at = next(n for n, it in enumerate(found) if isinstance(it, Gap))
        behind = [
            it for it in found[:at] if isinstance(it, Chunk) and it.stream == 0
            and it.first_row + len(it) > 300
        ]  # fmt: skip
        assert behind == []


def test_pieces_are_as_long_as_asked():
    found = [it for it in in_pieces(ITEMS[:60], 1.0) if isinstance(it, Chunk)]
    assert len(found) == 6
    assert {len(it) for it in found[:4]} <= {100, 110}
