"""Trigno: answers and rows that make no sense; TCP has no frames to find again."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from drivers.profile_driver import stream_infos
from drivers.sim.trigno_server import Setting
from drivers.trigno import HeldRows, _Decoder, trigno_profile
from drivers.trigno_port import TrignoPort
from drivers.trigno_system import AUX_ROW, EMG_ROW, SLOTS, System, read_system
from lablive.errors import DeviceError
from lablive.messages import Chunk

BYTES = int(os.environ.get("LABLIVE_FUZZ_BYTES", "1000000"))
ODD = ("nan", "inf", "-1", "1e300", "999999999", "0", "", "YES", "?", "1,5", "\x00")


class Wire:
    """A connection that hands on given pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, timeout_s: float) -> list[bytes]:
        return [piece for piece in [next(self._pieces, b"")] if piece]

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def pieces_of(data: bytes, random: np.random.Generator) -> list[bytes]:
    cuts = np.sort(random.integers(0, len(data), len(data) // 700))
    return [bytes(part) for part in np.split(np.frombuffer(data, np.uint8), cuts)]


@pytest.mark.parametrize("seed", range(3))
def test_any_answer_is_understood_or_refused(seed: int) -> None:
    random = np.random.default_rng(seed)
    understood = 0
    for _ in range(150):
        answers = dict(Setting(compatible=bool(random.integers(2))).answers)
        for question in random.choice(list(answers), int(random.integers(1, 4))):
            answers[str(question)] = str(random.choice(ODD))
        asked = 0

        def ask(question: str, answers: dict[str, str] = answers) -> str:
            nonlocal asked
            asked += 1
            assert asked < 1000  # it would ask for ever
            return answers.get(question, "INVALID COMMAND")

        try:
            system = read_system(ask)
        except DeviceError:
            continue
        understood += 1
        assert 0.0 < system.emg_hz < 1e6
        assert all(0 <= s.start - system.base < SLOTS for s in system.sensors)
        assert trigno_profile(system, {}).streams
    assert understood


def test_rows_of_random_bytes_come_whole_and_raise_nothing() -> None:
    random = np.random.default_rng(4)
    answers = Setting().answers
    system: System = read_system(lambda asked: answers.get(asked, "INVALID COMMAND"))
    profile = trigno_profile(system, {})
    held = HeldRows(tuple((s.number, s.start - system.base) for s in system.sensors))
    decoder = _Decoder(profile, stream_infos(profile), held)
    emg, aux = random.bytes(BYTES), random.bytes(BYTES // 4)
    port = TrignoPort("127.0.0.1", threading.Event())
    port._command = Wire([])
    sent = [pieces_of(emg, random), pieces_of(aux, random)]
    port._data = {
        kind: (Wire(pieces), size)
        for (kind, (_, size)), pieces in zip(port._data.items(), sent, strict=True)
    }
    rows = {0: 0, 1: 0}
    for turn in range(max(map(len, sent)) + 1):
        for item in decoder.feed(port.read(0.0), 100.0 + turn * 0.01):
            if isinstance(item, Chunk):
                rows[item.stream] += len(item)
                assert (np.diff(item.t_s) > 0).all()
    assert rows == {0: BYTES // EMG_ROW, 1: BYTES // 4 // AUX_ROW}
