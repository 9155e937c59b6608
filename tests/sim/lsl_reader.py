"""Read LSL streams with pylsl, waiting a bounded time."""

import time

import numpy as np
import pylsl
import pytest

from drivers.lsl_library import load_lsl


def find_inlet(source_id: str) -> pylsl.StreamInlet:
    load_lsl()  # the tests' own session, before the first call to LSL
    end_s = time.monotonic() + 20
    while time.monotonic() < end_s:
        found = pylsl.resolve_byprop("source_id", source_id, 1, 2.0)
        if found:
            return pylsl.StreamInlet(found[0], max_buflen=360)
    pytest.fail(f"no LSL stream {source_id}")


def pull(inlet: pylsl.StreamInlet, rows: int) -> tuple[np.ndarray, np.ndarray]:
    end_s = time.monotonic() + 20
    x: list[list[float]] = []
    t_s: list[float] = []
    while len(t_s) < rows and time.monotonic() < end_s:
        values, stamps = inlet.pull_chunk(timeout=0.2)
        x += list(values)
        t_s += list(stamps)
    return np.array(t_s), np.array(x)
