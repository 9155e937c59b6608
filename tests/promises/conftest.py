"""A lab of real processes for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.promises.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Lab]:
    monkeypatch.chdir(request.config.rootpath)  # where programs find the packages
    made = Lab(tmp_path)
    monkeypatch.setenv("LABLIVE_RUN", str(made.folder))
    yield made
    made.close()
