"""Reading structs from several threads at once."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from lablive.messages import SourceSpec
from lablive.structs import from_json, from_plain

# in a process of its own: what is tested is its first look at a type
TOGETHER = """
import sys, threading
from lablive.live.lines import Answer, Hello, Request, message
from lablive.live.reports import HostReport
from lablive.structs import from_plain

sys.setswitchinterval(1e-6)
texts = {
    Hello: b'{"token": "a"}',
    Request: b'{"id": 1, "method": "x"}',
    Answer: b'{"id": 1, "error": {"kind": "x", "what": "y"}}',
}
report = {"pid": 1, "version": "", "now_s": 0.0, "sources": [], "recording": None}
start = threading.Barrier(4)
read = []

def look():
    start.wait()
    for kind, text in texts.items():
        read.append(message(text, kind))
    read.append(from_plain(report, HostReport))

threads = [threading.Thread(target=look) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(read))
"""


@pytest.mark.parametrize("attempt", range(4))
def test_threads_that_meet_a_type_at_the_same_time(
    attempt: int, request: pytest.FixtureRequest
) -> None:
    """Without the lock the process ends by a segmentation fault, every third time."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", TOGETHER],
        capture_output=True,
        text=True,
        check=False,
        cwd=request.config.rootpath,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("16\n", "", 0)


def test_what_is_read_is_what_was_meant() -> None:
    spec = SourceSpec("a", "lsl", {"name": "b"})
    assert from_json(msgspec.json.encode(spec), SourceSpec) == spec
    assert from_plain(msgspec.to_builtins(spec), SourceSpec) == spec
    assert from_json("[1, 2]", tuple[int, ...]) == (1, 2)
    assert from_plain("3", int, strict=False) == 3
    with pytest.raises(msgspec.ValidationError):
        from_plain("3", int)
    with pytest.raises(msgspec.ValidationError):
        from_json(b'{"id": 1}', SourceSpec)
