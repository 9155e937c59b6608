"""What the doctor makes of the ports it may not open."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from ui import doctor

CLOSED = "You may not open it."


@pytest.mark.parametrize(
    ("path", "verdict"), [("/dev/ttyS0", "note"), ("/dev/ttyUSB0", "fault")]
)
def test_only_a_plugged_in_port_that_stays_shut_is_a_fault(path, verdict, monkeypatch):
    found = {"serial": [{"path": path, "problem": CLOSED}], "lsl": []}
    told = SimpleNamespace(stdout=json.dumps(found))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: told)
    (check,) = [check for check in doctor.examine() if check.name == path]
    assert (check.verdict, check.found) == (verdict, CLOSED)
