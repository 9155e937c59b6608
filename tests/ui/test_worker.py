"""A worker's result, finding and error are told apart by its exit code."""

from __future__ import annotations

import pytest

from ui.worker import Worker

SAYS = """
import sys
print('{"progress": 0.5, "step": "reading"}')
print("no room on the disk", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def outcome(qtbot, qapp, tmp_path, monkeypatch):
    """Run a module that prints a step and ends with a code; what the worker tells."""
    (tmp_path / "says.py").write_text(SAYS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(code, *, finding=False):
        told = []
        worker = Worker(["says", str(code)], finding=finding)
        worker.done.connect(lambda text: told.append(("done", text.strip())))
        worker.failed.connect(lambda text: told.append(("failed", text)))
        worker.start()
        qtbot.waitUntil(lambda: bool(told), timeout=30_000)
        return told

    return run


STEP = '{"progress": 0.5, "step": "reading"}'


def test_a_result_is_done(outcome):
    assert outcome(0) == [("done", STEP)]


def test_an_error_after_some_steps_is_no_result(outcome):
    assert outcome(1) == [("failed", "no room on the disk")]


def test_a_finding_is_a_result_for_whoever_asked_for_findings(outcome):
    assert outcome(1, finding=True) == [("done", STEP)]
    assert outcome(2, finding=True) == [("failed", "no room on the disk")]
