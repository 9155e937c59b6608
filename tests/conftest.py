"""Fixtures shared by every test."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from lablive.clock import now_s

if TYPE_CHECKING:
    from collections.abc import Callable

REPO = Path(__file__).resolve().parents[1]

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# another LabLive on this computer may send streams of the same names
if IS_WORKER or "LABLIVE_LSL_SESSION" not in os.environ:
    os.environ["LABLIVE_LSL_SESSION"] = f"tests-{os.getpid()}"

# no test reads or changes what the person at this computer has stored
if IS_WORKER or "LABLIVE_HOME" not in os.environ:
    os.environ["LABLIVE_HOME"] = tempfile.mkdtemp(prefix="lablive-tests-")
    atexit.register(shutil.rmtree, os.environ["LABLIVE_HOME"], ignore_errors=True)


def _own_screen() -> None:
    """Give this worker a screen: windows of two workers would fight for the focus."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        os.environ["DISPLAY"] = f":{told.readline().strip()}"
    atexit.register(screen.wait)
    atexit.register(screen.terminate)


if IS_WORKER and os.environ.get("DISPLAY") and shutil.which("Xvfb"):
    _own_screen()

# a deadline measures how busy the computer is; speed belongs to benchmarks/
settings.register_profile("lablive", deadline=None)
settings.load_profile("lablive")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the public recordings, or skip."""
    folder = Path(os.environ.get("LABLIVE_DATA", REPO.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: set LABLIVE_DATA (tried {folder})")
    return folder


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for a condition with a deadline; fails when it does not come."""

    def wait(
        condition: Callable[[], object], what: str, at_most_s: float = 10.0
    ) -> None:
        pause = threading.Event()
        end_s = now_s() + at_most_s
        while not condition():
            if now_s() > end_s:
                pytest.fail(f"waited {at_most_s:.0f} s in vain for {what}")
            pause.wait(0.01)

    return wait
