"""No example of real bytes lies unused: each is decoded by a test, or says why not."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from wire_profiles import decoder, parse, rows

HERE = Path(__file__).parent
VECTORS = json.loads((HERE / "data" / "driver_vectors.json").read_text())["vectors"]
# whole families, each decoded in a loop
LOOPS = {"ftms-": "test_ftms.py", "bitalino-": "test_bitalino.py"}
# what LabLive leaves to others, or is a rule and no bytes
OTHERS = {
    "shimmer-name": "pyshimmer asks and understands",
    "shimmer-two-replies": "pyshimmer asks and understands",
    "shimmer-sr": "pyshimmer asks and understands",
    "shimmer-fw": "pyshimmer asks and understands",
    "trigno-fragments": "a rule: test_trigno.py cuts its bytes so",
    "clicker-keys": "keys of a keyboard: tests/ui/test_clicker.py",
}
AUX = """
[device]
name = "Trigno auxiliary rows"
[transport]
type = "tcp"
host = "127.0.0.1"
port = 50044
[framing]
mode = "datagram"
[[message]]
name = "aux"
rate_hz = 148.0
samples = { at = 0, stride = 576, count = 2 }
field = [
  { name = "acc", at = 36, per_sample = true, type = "f32le", count = 3, unit = "g" },
]
[[stream]]
name = "aux"
message = "aux"
fields = ["acc"]
"""


@pytest.mark.parametrize("vector", [v["id"] for v in VECTORS])
def test_a_vector_is_decoded_by_some_test(vector: str) -> None:
    if vector in OTHERS:
        return
    for prefix, file in LOOPS.items():
        if vector.startswith(prefix):
            assert f'"{prefix.rstrip("-")}' in (HERE / file).read_text()
            return
    texts = [file.read_text() for file in HERE.glob("test_*.py")]
    assert any(f'"{vector}"' in text for text in texts)


def test_auxiliary_rows_of_a_trigno_stand_in_slots_of_nine() -> None:
    row = struct.pack("<144f", *(0.0,) * 9, 1.0, 2.0, 3.0, *(0.0,) * 132)
    second = row.replace(
        struct.pack("<3f", 1.0, 2.0, 3.0), struct.pack("<3f", 4.0, 5.0, 6.0)
    )
    out = decoder(parse(AUX)).feed([row + second], 1.0)
    np.testing.assert_array_equal(rows(out), [[1, 2, 3], [4, 5, 6]])
