"""A wheel carries every file the program reads."""

from __future__ import annotations

import tomllib
from pathlib import Path

REPO = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("lablive", "drivers", "ui", "configs")
NOT_READ = {".py", ".pyc", ".md"}


def data_files():
    for package in PACKAGES:
        for path in sorted((REPO / package).rglob("*")):
            if path.is_file() and path.suffix not in NOT_READ:
                yield path.relative_to(REPO)


def test_every_data_file_is_in_the_wheel():
    setup = PROJECT["tool"]["setuptools"]
    # a folder below these is a package of its own, with or without __init__.py
    assert set(setup["packages"]["find"]["include"]) == {f"{p}*" for p in PACKAGES}
    patterns = setup["package-data"]["*"]
    files = list(data_files())
    assert {".toml", ".typ", ".svg", ".ttf"} <= {file.suffix for file in files}
    left_out = [
        str(file)
        for file in files
        if not any(file.match(pattern) for pattern in patterns)
        or any("." in folder for folder in file.parts[:-1])
    ]
    assert left_out == []
