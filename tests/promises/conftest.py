"""A lab of real processes for each test."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.promises.lab import Devices, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.promises.lab import Say


@pytest.fixture(scope="package")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devices]:
    made = Devices(tmp_path_factory.mktemp("devices"))
    yield made
    made.close()


@pytest.fixture
def lab(
    tmp_path: Path,
    devices: Devices,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Lab]:
    monkeypatch.chdir(request.config.rootpath)  # where programs find the packages
    made = Lab(tmp_path, devices)
    monkeypatch.setenv("LABLIVE_RUN", str(made.folder))
    yield made
    made.close()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Show a measured time among the dots."""

    def tell(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {text}\n")

    return tell
