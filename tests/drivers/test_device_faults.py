"""Every protocol under every fault that can happen to it: counted, found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from fault_cases import PROTOCOLS, Protocol
from wire_profiles import chunks, gaps

from drivers.profile_files import load_profile, profile_names
from drivers.sim.faults import Faults, Told, line
from drivers.sim.profile_bytes import ProfileBytes

if TYPE_CHECKING:
    from drivers.profile_decoder import ProfileDecoder
    from lablive.messages import Chunk, Gap

SECONDS: Final = 8.0
FAULTS: Final = {
    "drop": Faults(drop_pct=2),
    "burst": Faults(burst_at_s=4.0),
    "duplicate": Faults(duplicate_pct=2),
    "flip": Faults(flip_rate=1e-4),
    "junk": Faults(junk_bytes=300),
    "cut": Faults(cut_pct=2),
    "wrong_baud": Faults(wrong_baud=True),
    "pause": Faults(pause_at_s=4.0, pause_s=3.0),
    "unplug": Faults(unplug_at_s=3.0, replug_after_s=1.0),
    "reset": Faults(reset_at_s=4.0),
    "clock_ppm": Faults(clock_ppm=200),
    "batch": Faults(batch_ms=16),
    "boot_text": Faults(boot_text=True),
}
LOSSES: Final = ("drop", "burst", "cut", "pause")
LETTERS: Final = {
    "drop": "d", "burst": "b", "duplicate": "2", "flip": "f", "junk": "j", "cut": "c",
    "wrong_baud": "w", "pause": "p", "unplug": "u", "reset": "r", "clock_ppm": "q",
    "batch": "s", "boot_text": "t", "byte_order": "e", "decimal_comma": ",",
}  # fmt: skip
# which fault exists for which protocol: a device that is added must say so here
TABLE: Final = {
    "bertec": "dbpurqse",
    "bno055_csv": "db2fjcwpurqst,",
    "cyton_raw": "db2fjcwpurqste",
    "insole_a55a": "db2fjcwpurqste",
    "insole_csv": "db2fjcwpurqst,",
    "moticon_51": "db2prqs,",
    "myoware_csv": "db2fjcwpurqst,",
    "orphe_56": "db2purqse",
    "playback_loadsol": "db2fjcwpurqst,",
    "playback_pedar": "db2fjcwpurqste",
    "playback_stappone": "db2fjcwpurqst,",
    "sim_insoles": "db2fjcwpurqste",
    "vectornav_ymr": "db2fjcwpurqst,",
    "witmotion_wt901": "db2fjcwpurqste",
    "slip": "db2fjcwpurqste",
    "cobs": "db2fjcwpurqste",
    "witmotion": "db2fjcwpurqste",
    "xbus": "db2fjcwpurqste",
    "bitalino": "db2fjcwpurqste",
    "trigno": "puqse",
    "ftms": "dbpuq",
    "ximu3": "dbprqs",
    "brainflow": "dbprqs",
    "shimmer3": "dbprqs",
}


class Run:
    """A device under a fault, decoded as it arrives; a replugged wire begins anew."""

    def __init__(self, protocol: Protocol, faults: Faults) -> None:
        self.protocol, self.told = protocol, Told()
        self.found: ProfileDecoder = protocol.decoder()
        self.out: list[Chunk | Gap] = []
        frames = int(SECONDS * protocol.rate_hz)
        last_s = 100.0
        for arrival in line(
            protocol.frame, protocol.rate_hz, faults, frames, self.told,
            datagrams=protocol.datagrams,
        ):  # fmt: skip
            if arrival.event == "replug":
                self.close(last_s)
                self.found = protocol.decoder()
                self.out = []
            last_s = 100.0 + arrival.t_s
            if arrival.pieces:
                self.out += self.found.feed(arrival.pieces, last_s)
        self.close(last_s)

    def close(self, last_s: float) -> None:
        self.out += self.found.finish(last_s)

    @property
    def rows(self) -> np.ndarray:
        """Rows of the first stream, shape (rows, channels)."""
        return np.concatenate([chunk.x for chunk in chunks(self.out)])

    @property
    def lost_rows(self) -> int:
        lost = set(self.told.lost)
        if self.protocol.ends_in_a_mark:
            damaged = [n for n in self.told.lost if n not in self.told.dropped]
            lost |= {n + 1 for n in damaged}
        return len(lost) * self.protocol.rows


def clean(name: str) -> Run:
    if name not in CLEAN:
        CLEAN[name] = Run(PROTOCOLS[name], Faults())
    return CLEAN[name]


CLEAN: dict[str, Run] = {}
CASES = [
    (name, fault)
    for name, protocol in PROTOCOLS.items()
    for fault in FAULTS
    if fault in protocol.faults
]


def test_which_fault_exists_for_which_protocol() -> None:
    listed = {
        name: "".join(letter for fault, letter in LETTERS.items() if fault in it.faults)
        for name, it in PROTOCOLS.items()
    }
    assert listed == TABLE


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_a_fault_costs_what_it_damages_and_is_counted(name: str, fault: str) -> None:
    protocol = PROTOCOLS[name]
    run = Run(protocol, FAULTS[fault])
    (tally, *_) = run.found.tallies
    if fault == "wrong_baud":
        assert tally.rows <= len(run.told.lost) // 100  # noise fits a weak frame
        return
    good = {row.tobytes() for row in clean(name).rows}
    came = [row.tobytes() for row in run.rows]
    times = np.concatenate([chunk.t_s for chunk in chunks(run.out)])
    assert (np.diff(times) > 0).all()
    # found again: the last frames of the run are there, whatever happened before
    whole = set(run.told.whole)
    frames = int(SECONDS * protocol.rate_hz)
    tail = [n for n in range(frames - 5, frames) if n in whole]
    assert len(came) >= len(tail) * protocol.rows
    if fault == "flip":
        if protocol.is_checked:
            assert set(came) <= good
        assert len(came) >= 0.9 * len(whole) * protocol.rows
        return
    if fault not in ("unplug", "reset"):
        # a line that was cut when the wire was opened, and weak frames until sure
        expected = frames * protocol.rows - run.lost_rows
        missing = expected - len(came)
        assert -0.03 * len(came) <= missing <= 0.03 * len(came) + 4 * protocol.rows
    assert set(came) <= good or not protocol.is_checked
    if fault == "reset":
        if protocol.seen_by in ("counter", "clock"):
            assert [gap.kind for gap in gaps(run.out)] == ["reset"]
        return
    if fault in LOSSES:
        judge_losses(run, fault)
    elif fault == "duplicate":
        if protocol.seen_by in ("counter", "clock"):
            assert tally.duplicates == len(run.told.repeated) * protocol.rows
            assert tally.lost == 0
    else:
        assert tally.lost == 0
        assert gaps(run.out) == []


def judge_losses(run: Run, fault: str) -> None:
    """Counters are exact, clocks about right, silence is unknown, never zero."""
    protocol, (tally, *_) = run.protocol, run.found.tallies
    lost = run.lost_rows
    assert lost > 0
    if protocol.seen_by == "counter":
        assert tally.lost == lost
    elif protocol.seen_by == "clock":
        assert tally.lost == pytest.approx(lost, rel=0.05, abs=2)
        assert not tally.lost_is_exact
    elif protocol.profile.messages[0].rate_hz == 0:
        assert tally.lost == 0  # irregular by its profile: nobody knows what is missing
    elif protocol.seen_by == "narrow" or fault in ("burst", "pause"):
        assert tally.gaps > 0


def _described_wrongly(name: str, **how: bool) -> ProfileDecoder:
    """Return what a shipped profile makes of a device that sends otherwise."""
    made = ProfileBytes(load_profile(name), **how)
    found = PROTOCOLS[name].decoder()
    for n in range(60):
        found.feed([made.frame(n)], 100.0 + n / made.rate_hz)
    return found


@pytest.mark.parametrize("name", profile_names())
def test_numbers_in_the_other_order_or_with_commas_break_nothing(name: str) -> None:
    if "decimal_comma" in PROTOCOLS[name].faults:
        found = _described_wrongly(name, decimal_comma=True)
        assert found.tallies[0].rows == 0  # a number that may be another is none
        assert "decimal comma" in found.hint
    else:
        found = _described_wrongly(name, other_order=True)
        assert found.tallies[0].rows <= 60 * PROTOCOLS[name].rows
