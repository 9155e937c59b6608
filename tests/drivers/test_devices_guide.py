"""docs/devices.md: every device has its lines, and the worked example works."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from drivers.checksums import CHECKSUMS
from drivers.decode import decode_file
from drivers.dialogues import DIALOGUES
from drivers.profile_driver import stream_infos
from drivers.profile_files import (
    load_profile,
    own_folder,
    own_problems,
    profile_names,
)
from lablive.errors import ConfigError
from lablive.recording.folders import home
from lablive.signals.binding import bind
from lablive.signals.montage import parse_montage

PAGE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:toml)?\n(.*?)```", PAGE, flags=re.DOTALL)
LINE, EXAMPLE, LAYOUT, MONTAGE, BINARY = BLOCKS[:5]
SECTIONS = dict(
    re.findall(r"^### (.*?)\n(.*?)(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL)
)
PLAYED = ("playback", "sim_", "microphone", "loadsol")


@pytest.fixture(autouse=True)
def _library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path / "library"))


@pytest.mark.parametrize("name", [*profile_names(), *DIALOGUES])
def test_a_device_has_its_lines(name: str) -> None:
    heads = re.findall(r"^### (.*)$", PAGE, flags=re.MULTILINE)
    named = {part for head in heads for part in head.split(", ")}
    assert name in named or (name.endswith("_setup") and f"`{name}`" in PAGE)


@pytest.mark.parametrize("name", [n for n in SECTIONS if not n.startswith(PLAYED)])
def test_a_section_says_cable_settings_and_loss(name: str) -> None:
    for word in ("*Cable.*", "*Settings.*", "*Loss.*"):
        assert word in SECTIONS[name]


def test_the_worked_layout_and_montage_show_the_soles() -> None:
    for folder, name, text in (
        ("devices", "my_soles", EXAMPLE), ("layouts", "my_sole_4", LAYOUT),
    ):  # fmt: skip
        (home() / folder).mkdir(parents=True, exist_ok=True)
        (home() / folder / f"{name}.toml").write_text(text, encoding="utf-8")
    assert "my_soles" in profile_names()
    assert own_problems() == ()
    infos = stream_infos(load_profile("my_soles"))
    infos = [msgspec.structs.replace(i, id=n + 1) for n, i in enumerate(infos)]
    binding = bind(parse_montage(MONTAGE, "my_room.toml"), infos)
    assert sorted(binding.sources) == [
        "insole_left.pressure", "insole_right.pressure",
    ]  # fmt: skip


def test_a_profile_of_the_lab_that_is_wrong_or_shipped_is_told() -> None:
    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "torn.toml").write_text("[device]\nname = 3\n", encoding="utf-8")
    (folder / "insole_csv.toml").write_text(EXAMPLE, encoding="utf-8")
    shipped, torn = own_problems()
    assert "another name" in shipped
    assert "torn.toml" in torn
    assert "line 2" in torn
    assert "torn" not in profile_names()
    assert load_profile("insole_csv").device.name == "Insole pair, text lines"
    with pytest.raises(ConfigError, match="line 2"):
        load_profile("torn")


def test_the_worked_example_decodes_its_line(tmp_path: Path) -> None:
    profile = tmp_path / "my_soles.toml"
    profile.write_text(EXAMPLE, encoding="utf-8")
    lines = [
        LINE.replace("17,170340", f"{n % 256},{170340 + 10 * n}") for n in range(9)
    ]
    del lines[4]
    capture = tmp_path / "capture.txt"
    capture.write_text("".join(lines), encoding="utf-8")
    found = decode_file(capture, str(profile))
    left, right = found["streams"]
    assert left["x"][0] == [512.0, 498.0, 0.0, None, 87.0]
    assert right["x"][0] == [1201.0, 870.0, 344.0, 90.0]
    assert (left["rows"], left["lost"], left["lost_is_exact"]) == (8, 1, True)
    assert right["channels"][0]["label"] == "insole_right.pressure.01"


def test_the_binary_example_is_right(tmp_path: Path) -> None:
    tail = (
        '[[message]]\nname = "m"\n'
        'field = [{ name = "v", at = 2, type = "u16le", count = 5 }]\n'
        '[[stream]]\nname = "s"\nmessage = "m"\nfields = ["v"]\n'
    )
    head = EXAMPLE[: EXAMPLE.index("[framing]")]
    profile = tmp_path / "binary.toml"
    profile.write_text(head + BINARY + tail, encoding="utf-8")
    assert load_profile(str(profile)).framing.size == 14


def test_every_checksum_is_named() -> None:
    assert all(name in PAGE for name in CHECKSUMS)
