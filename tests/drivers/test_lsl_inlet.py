"""LSL streams through real outlets of this process."""

from __future__ import annotations

import contextlib
import threading
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from drivers import lsl_return, lsl_streams
from drivers.lsl_inlet import LslInlet
from drivers.lsl_library import SCOPE_VARIABLE, load_lsl
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.messages import Chunk, Gap, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("pylsl")


class Outlet:
    """A stream with a name of its own."""

    def __init__(
        self,
        channels: int = 2,
        rate_hz: float = 200.0,
        *,
        kind: str = "float32",
        labels: tuple[str, ...] = (),
        name: str = "",
        source_id: str = "",
        type_: str = "Force",
    ) -> None:
        lsl = load_lsl()
        self.name = name or f"test-{uuid.uuid4().hex[:8]}"
        info = lsl.StreamInfo(
            self.name, type_, channels, rate_hz, kind, source_id or self.name
        )
        node = info.desc().append_child("channels")
        for label in labels:
            channel = node.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", "N")
        maker = info.desc().append_child("acquisition")
        maker.append_child_value("manufacturer", "Maker")
        self.channels = channels
        self.outlet = lsl.StreamOutlet(info)

    def push(self, stamps_s: Any, x: Any = None) -> None:
        """Send rows with their stamps; values count up when none are given."""
        if x is None:
            x = np.tile(np.arange(len(stamps_s))[:, None], (1, self.channels))
        self.outlet.push_chunk(np.asarray(x, np.float32), np.asarray(stamps_s).tolist())


@contextlib.contextmanager
def subscribed(
    outlet: Outlet, **options: str | float
) -> Iterator[tuple[LslInlet, StreamInfo]]:
    inlet = LslInlet.from_options({"name": outlet.name, **options})
    (info,) = inlet.open()
    outlet.outlet.wait_for_consumers(5.0)
    try:
        yield inlet, info
    finally:
        inlet.close()


def read(inlet: LslInlet, rows: int, at_most_s: float = 10.0) -> list[Chunk | Gap]:
    out: list[Chunk | Gap] = []
    end_s = now_s() + at_most_s
    while sum(len(c) for c in out if isinstance(c, Chunk)) < rows:
        assert now_s() < end_s, f"{rows} rows did not come"
        out += inlet.read()
    return out


def gaps(out: list[Chunk | Gap]) -> list[Gap]:
    return [item for item in out if isinstance(item, Gap)]


def joined(out: list[Chunk | Gap]) -> tuple[np.ndarray, np.ndarray]:
    found = [item for item in out if isinstance(item, Chunk)]
    return np.concatenate([c.t_s for c in found]), np.concatenate([c.x for c in found])


def test_rows_keep_their_stamps_and_the_stream_tells_who_it_is() -> None:
    outlet = Outlet(labels=("left_total", "right_total"))
    with subscribed(outlet) as (inlet, info):
        assert info.labels == ("left_total", "right_total")
        assert info.channels[0].unit == "N"
        assert (info.type, info.rate_hz, info.device) == ("Force", 200.0, "Maker")
        assert info.sample_format == "float32"
        stamps_s = now_s() + np.arange(10) / 200
        outlet.push(stamps_s)
        t_s, x = joined(read(inlet, 10))
        np.testing.assert_array_equal(t_s, stamps_s)  # one machine, one clock
        np.testing.assert_array_equal(x[:, 0], np.arange(10))
        (status,) = inlet.status()
        assert (status.state, status.rows, status.lost) == ("streaming", 10, 0)


def test_more_rows_than_one_pull_takes() -> None:
    outlet = Outlet(1, 5000.0, kind="double64", type_="EMG")
    with subscribed(outlet) as (inlet, info):
        assert info.labels == ("ch1",)
        assert info.sample_format == "double64"
        first_s = now_s()
        x = np.arange(10_000.0)[:, None]
        outlet.outlet.push_chunk(x, (first_s + np.arange(10_000) / 5000).tolist())
        out = read(inlet, 10_000)
        t_s, found = joined(out)
        np.testing.assert_array_equal(found, x)
        assert (np.diff(t_s) > 0).all()
        row = 0
        for chunk in out:
            assert isinstance(chunk, Chunk)
            assert chunk.first_row == row
            row += len(chunk)


def test_missing_rows_are_seen_in_the_stamps() -> None:
    outlet = Outlet()
    n = np.concatenate([np.arange(1000), np.arange(1007, 1500)])
    with subscribed(outlet) as (inlet, _):
        first_s = now_s() - 8.0
        out: list[Chunk | Gap] = []
        for at in range(0, len(n), 20):
            outlet.push(first_s + n[at : at + 20] / 200)
            out += read(inlet, len(n[at : at + 20]))
        (gap,) = gaps(out)
        assert (gap.kind, gap.rows_lost) == ("lost", 7)
        assert gap.duration_s == pytest.approx(7 / 200, rel=0.01)
        assert gap.t_s == pytest.approx(first_s + 999 / 200, abs=0.11)
        (status,) = inlet.status()
        assert (status.lost, status.lost_is_exact) == (7, False)


def test_a_counter_channel_makes_loss_exact() -> None:
    outlet = Outlet(labels=("nSeq", "emg"))
    numbers = [65534, 65535, 0, 4, 5, 100, 0, 1]
    with subscribed(outlet, counter="nSeq") as (inlet, info):
        assert info.counter_bits == 16
        outlet.push(now_s() + np.arange(8) / 200, [[n, 7.0] for n in numbers])
        out = read(inlet, 8)
    told = [(g.after_row, g.rows_lost, g.kind) for g in gaps(out)]
    assert told == [(3, 3, "lost"), (5, 94, "lost"), (6, None, "reset")]
    counters = np.concatenate([c.counter for c in out if isinstance(c, Chunk)])
    assert counters.tolist() == [65534, 65535, 65536, 65540, 65541, 65636, 0, 1]


def test_stamps_of_a_foreign_clock_are_replaced_by_arrival() -> None:
    outlet = Outlet()
    with subscribed(outlet) as (inlet, _):
        outlet.push(5.0 + np.arange(4) / 200)
        t_s, _ = joined(read(inlet, 4))
        late_s = 3 / 200  # when they come in pieces, the first one is placed
        assert now_s() - 5.0 < t_s[-1] <= now_s() + late_s
        assert np.diff(t_s) == pytest.approx([0.005] * 3)
        assert "arrival" in inlet.status()[0].last_fault


def test_stamps_that_jump_back_begin_a_new_segment() -> None:
    outlet = Outlet()
    with subscribed(outlet) as (inlet, _):
        first_s = now_s()
        outlet.push(first_s + np.arange(4) / 200)
        before, _ = joined(read(inlet, 4))
        outlet.push(first_s - 3.0 + np.arange(4) / 200)
        out = read(inlet, 4)
        (gap,) = gaps(out)
        assert (gap.kind, gap.rows_lost, gap.after_row) == ("reset", None, 4)
        after, _ = joined(out)
        assert after[0] > before[-1]


@pytest.mark.parametrize("alone", [True, False])
def test_wrong_stamps_cost_nothing_but_themselves(alone: bool) -> None:
    """Each on its own, or as the last of a block."""
    outlet = Outlet()
    first_s = now_s() - 3.0
    true_s = first_s + np.arange(400) / 200
    sent_s = true_s.copy()
    wrong = np.arange(43, 400, 60)
    sent_s[wrong] += [np.nan, np.inf, -np.inf, 1e300, 1000.0, -50.0][: len(wrong)]
    if alone:
        sent_s[wrong[-1]] = np.nan  # rows far back and alone are a jump
    with subscribed(outlet) as (inlet, _):
        out: list[Chunk | Gap] = []
        for block in np.split(np.arange(400), range(4, 400, 4)):
            parts = (block[:-1], block[-1:]) if alone else (block,)
            for part in parts:
                outlet.push(sent_s[part], np.repeat(part[:, None], 2, axis=1))
                out += read(inlet, len(part))
        told = inlet.status()[0].last_fault
    t_s, x = joined(out)
    np.testing.assert_array_equal(x[:, 0], np.arange(400))
    assert (np.diff(t_s) > 0).all()
    np.testing.assert_array_equal(np.delete(t_s, wrong), np.delete(true_s, wrong))
    assert np.abs(t_s - true_s).max() < 0.01
    assert "placed by their arrival" in told
    assert [gap.kind for gap in gaps(out)].count("reset") >= len(wrong) - 1


@pytest.mark.parametrize(
    "change", [{"channels": 3}, {"source_id": "other"}, {"rate_hz": 100.0}, {}]
)
def test_a_stream_that_comes_back_as_another_one_is_told(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """Then the driver is opened again; the same stream is joined by liblsl."""
    monkeypatch.setattr(lsl_return, "_SILENT_S", 0.05)
    outlet = Outlet()
    with subscribed(outlet) as (inlet, _):
        outlet.push([now_s()])
        read(inlet, 1)
        del outlet.outlet
        as_before: dict[str, Any] = {"name": outlet.name, "source_id": outlet.name}
        again = Outlet(**as_before | change)
        if change:
            with pytest.raises(DeviceError, match="another one came in its place"):
                read(inlet, 1)
        else:
            again.outlet.wait_for_consumers(10.0)
            again.push([now_s()])
            assert read(inlet, 1)


def test_a_clock_set_forward_is_placed_by_arrival() -> None:
    outlet = Outlet()
    with subscribed(outlet) as (inlet, _):
        out: list[Chunk | Gap] = []
        for number in range(10):
            forward_s = 3600.0 if number > 4 else 0.0
            outlet.push([now_s() + forward_s])
            out += read(inlet, 1)
        t_s, _ = joined(out)
        assert (np.diff(t_s) > 0).all()
        # placed by the delay of the first such row; another may have come faster
        assert t_s[-1] <= now_s() + 1.0
        (gap,) = gaps(out)  # told once, not with every row
        assert (gap.kind, gap.rows_lost, gap.after_row) == ("reset", None, 5)
        assert "placed by their arrival" in inlet.status()[0].last_fault


def test_a_counter_that_is_no_number_is_the_next_one() -> None:
    outlet = Outlet(labels=("nSeq", "emg"))
    numbers = [1, np.nan, np.inf, 4]
    with subscribed(outlet, counter="nSeq") as (inlet, _):
        outlet.push(now_s() + np.arange(4) / 200, [[n, 7.0] for n in numbers])
        out = read(inlet, 4)
    assert not gaps(out)


def test_a_stream_without_a_rate() -> None:
    outlet = Outlet(1, 0.0, type_="Speed")
    with subscribed(outlet) as (inlet, info):
        assert info.rate_hz == 0.0
        stamps_s = now_s() + np.array([0.0, 0.7, 0.9])
        outlet.push(stamps_s)
        out = read(inlet, 3)
        np.testing.assert_array_equal(joined(out)[0], stamps_s)
        assert not gaps(out)


def test_close_from_another_thread() -> None:
    outlet = Outlet()
    inlet = LslInlet.from_options({"name": outlet.name})
    inlet.open()
    closer = threading.Thread(target=inlet.close)
    closer.start()
    while inlet.status():
        inlet.read()
    closer.join(5.0)
    inlet.close()
    assert not closer.is_alive()
    assert inlet.read() == []


def test_two_streams_of_one_name_are_told_apart_by_the_user() -> None:
    first = Outlet(source_id=f"a-{uuid.uuid4().hex[:6]}")
    second = Outlet(name=first.name, source_id=f"b-{uuid.uuid4().hex[:6]}")
    with pytest.raises(DeviceError, match="2 LSL streams have") as caught:
        LslInlet.from_options({"name": first.name}).open()
    assert caught.value.kind == "ambiguous"
    ids = [o.outlet.get_info().source_id() for o in (first, second)]
    assert all(source_id in str(caught.value) for source_id in ids)
    with subscribed(second, source_id=ids[1]) as (_, info):
        assert info.source_id == ids[1]


def test_a_missing_stream_tells_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsl_streams, "_LOOKS", 1)
    outlet = Outlet()
    with pytest.raises(DeviceError, match=outlet.name) as caught:
        LslInlet.from_options({"name": "no such 'stream'", "type": "Force"}).open()
    assert caught.value.kind == "missing"
    assert "lsl.toml: machines" in caught.value.todo


def test_a_stream_of_text_is_refused() -> None:
    outlet = Outlet(1, 0.0, kind="string", type_="Markers")
    with pytest.raises(DeviceError, match="carries text") as caught:
        LslInlet.from_options({"name": outlet.name}).open()
    assert caught.value.kind == "protocol"


def test_a_counter_that_is_not_there_names_the_channels() -> None:
    outlet = Outlet(labels=("a", "b"))
    with pytest.raises(ConfigError, match="Its channels are a, b"):
        LslInlet.from_options({"name": outlet.name, "counter": "nSeq"}).open()


@pytest.mark.parametrize(
    ("options", "word"), [({}, "no stream"), ({"nam": "x"}, "unknown option nam")]
)
def test_a_wrong_source_is_told(options: dict[str, str], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        LslInlet.from_options(options)


def test_an_unknown_scope_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCOPE_VARIABLE, "planet")
    load_lsl.cache_clear()
    with pytest.raises(DeviceError, match="planet") as caught:
        load_lsl()
    assert caught.value.kind == "library"
