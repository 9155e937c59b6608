"""What the simulators send is what their profiles, layout and montages read."""

from pathlib import Path

import numpy as np
import pytest
from test_datasets import make_loadsol

from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.profile_files import load_profile
from drivers.sim import datasets, insole_model, playback
from drivers.sim.insole_wire import FORCE_FRAME, sample_frame
from drivers.sim.runner import RUNNERS, Runner
from lablive.messages import Chunk, Gap
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.layouts import load_layout
from lablive.signals.montage import load_montage

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def decode(profile_name: str, pieces: list[bytes], every_s: float) -> list[list[Chunk]]:
    """Return the chunks of every stream; any gap is a failure."""
    profile = load_profile(profile_name)
    infos = stream_infos(profile)
    decoder = ProfileDecoder(profile, infos)
    found: list[Chunk | Gap] = []
    for number, data in enumerate(pieces):
        found += decoder.feed([data], number * every_s)
    assert not [item for item in found if isinstance(item, Gap)]
    chunks = [item for item in found if isinstance(item, Chunk)]
    return [[c for c in chunks if c.stream == info.id] for info in infos]


def test_insole_frames_read_as_the_rows_of_the_runner() -> None:
    runner = Runner(RUNNERS["dropout"])
    rows = [runner.rows(f"{side}_sole", 8900, 400)[1] for side in ("left", "right")]
    counts = insole_model.to_counts(np.hstack(rows))
    frames = [
        sample_frame(n, n * 10, counts[2 * n : 2 * n + 2], FORCE_FRAME)
        for n in range(200)
    ]
    for chunks, kpa in zip(decode("sim_insoles", frames, 0.01), rows, strict=True):
        x = np.vstack([chunk.x for chunk in chunks])
        np.testing.assert_array_equal(x, kpa.astype(np.float32))
    assert np.isnan(rows[0]).any()  # the foot out of reach is missing, not zero


def test_the_profile_describes_the_streams_of_the_runner() -> None:
    """In-process chunks and the wire must be one and the same to the pipeline."""
    for wire, model in zip(
        stream_infos(load_profile("sim_insoles")), Runner().streams[:2], strict=True
    ):
        for key in ("name", "type", "rate_hz", "channels", "sample_format"):
            assert getattr(wire, key) == getattr(model, key)


def test_layout_has_the_cells_of_the_model() -> None:
    layout = load_layout("sim_16")
    np.testing.assert_allclose(layout.xy[:, 0], insole_model.CELL_X)
    np.testing.assert_allclose(layout.xy[:, 1], insole_model.CELL_Y)
    assert set(layout.areas_cm2) == {insole_model.CELL_AREA_CM2}
    for region, where in insole_model.REGIONS.items():
        assert set(layout.regions[where]) == {region}


def test_every_stream_of_the_runner_finds_its_role() -> None:
    runner = Runner()
    montage = auto_montage(runner.streams)
    bind(montage, list(runner.streams))
    assert len(montage.roles) == 2 + 9 * 2 + 4 + 1 + 1


def test_a_lost_loadsol_packet_stays_readable(tmp_path: Path) -> None:
    make_loadsol(tmp_path)
    recording = datasets.load("loadsol", tmp_path)
    (chunks,) = decode("playback_loadsol", playback.row_pieces(recording), 0.005)
    x = np.vstack([chunk.x for chunk in chunks])
    np.testing.assert_allclose(x, recording.streams[0].x, rtol=1e-7)


@pytest.mark.parametrize("name", ["loadsol", "pedar", "stappone"])
def test_played_sets_read_as_recorded(name: str, real_data: Path) -> None:
    recording = datasets.load(name, real_data)
    (stream,) = recording.streams
    pieces = playback.row_pieces(recording)
    assert len(pieces) == len(stream.t_s)
    every_s = 1 / stream.info.rate_hz
    (chunks,) = decode(playback.PROFILES[name], pieces, every_s)
    x = np.vstack([chunk.x for chunk in chunks])
    np.testing.assert_allclose(x, stream.x, rtol=1e-7)
    infos = list(stream_infos(load_profile(playback.PROFILES[name])))
    bind(load_montage(CONFIGS / "montages" / f"{name}.toml"), infos)


@pytest.mark.parametrize("name", ["running", "dryft"])
def test_montages_of_the_force_treadmills(name: str, real_data: Path) -> None:
    recording = datasets.load(name, real_data)
    montage = load_montage(CONFIGS / "montages" / f"{name}.toml")
    bind(montage, [stream.info for stream in recording.streams])
    assert "treadmill.force_z" in montage.roles
