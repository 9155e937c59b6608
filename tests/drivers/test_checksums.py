from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivers.checksums import CHECKSUMS

VECTORS = json.loads(
    (Path(__file__).parent / "data" / "driver_vectors.json").read_text()
)
TABLE = next(v for v in VECTORS["vectors"] if v["id"] == "chk-123456789")


@pytest.mark.parametrize("name", CHECKSUMS)
def test_check_value_of_the_catalogue(name: str) -> None:
    expected = {key.split(" (")[0]: value for key, value in TABLE["expect"].items()}
    data = bytes.fromhex(TABLE["hex"])
    assert CHECKSUMS[name].compute(data) == int(expected[name], 16)
    assert len(expected[name]) == 2 * CHECKSUMS[name].width


def test_every_published_check_value_has_an_algorithm() -> None:
    assert {key.split(" (")[0] for key in TABLE["expect"]} == set(CHECKSUMS)
