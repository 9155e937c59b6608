"""docs/devices.md: every device has its lines, and the worked example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers.checksums import CHECKSUMS
from drivers.decode import decode_file
from drivers.dialogues import DIALOGUES
from drivers.profile_files import load_profile, profile_names

PAGE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:toml)?\n(.*?)```", PAGE, flags=re.DOTALL)
LINE, EXAMPLE, BINARY = BLOCKS[0], BLOCKS[1], BLOCKS[2]


@pytest.mark.parametrize("name", [*profile_names(), *DIALOGUES])
def test_a_device_has_its_lines(name: str) -> None:
    heads = re.findall(r"^### (.*)$", PAGE, flags=re.MULTILINE)
    named = {part for head in heads for part in head.split(", ")}
    assert name in named or (name.endswith("_setup") and f"`{name}`" in PAGE)


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
