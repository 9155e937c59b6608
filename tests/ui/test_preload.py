"""scipy is there before the first filter asks for it, and the window never waits."""

import os
import subprocess
import sys
import threading

from lablive.live.link import LinkClient
from ui import preload

# the app, until scipy is there or half a minute is over
AFTER_THE_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui import app

def look():
    if "scipy.signal" in sys.modules:
        print("loaded")
        QApplication.closeAllWindows()

made = app.make_app()
watch = QTimer()
watch.timeout.connect(look)
watch.start(20)
QTimer.singleShot(30000, QApplication.closeAllWindows)
print("early" if "scipy" in sys.modules else "not yet")
app.run_app()
"""


def test_it_loads_in_another_thread(monkeypatch):
    seen = []
    monkeypatch.setattr(
        preload,
        "import_module",
        lambda name: seen.append((name, threading.get_ident())),
    )
    preload.preload().join()
    ((name, thread),) = seen
    assert name == "scipy.signal"
    assert thread != threading.get_ident()


def test_a_library_that_is_missing_is_told_by_who_needs_it(monkeypatch):
    monkeypatch.setattr(preload, "SLOW", ("no_such_library",))
    preload.preload().join()  # an exception of the thread would be a warning


def test_the_app_opens_without_scipy_and_then_has_it(tmp_path):
    place = {"LABLIVE_RUN": str(tmp_path / "run"), "LABLIVE_HOME": str(tmp_path)}
    screen = {"QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.run(
        [sys.executable, "-c", AFTER_THE_WINDOW], env={**os.environ, **place, **screen},
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    host = LinkClient.connect(tmp_path / "run")
    host.call("shutdown")
    host.close()
    assert told.stdout.split("\n")[:2] == ["not yet", "loaded"], told.stderr
    assert told.returncode == 0
