"""What is slow to load is there before it is asked for, and the window never waits."""

import os
import subprocess
import sys
import threading

from lablive.live.link import LinkClient
from ui import preload

# the app with its window, until scipy is there or half a minute is over
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
load = app.preload

def watched():  # the window is there by now
    early = {"scipy", "lablive.pipeline", "pyqtgraph"} & set(sys.modules)
    print(sorted(early) or "not yet")
    return load()

app.preload = watched
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
    (drawing, here), *others = seen
    assert (drawing, here) == ("ui.strip_chart", threading.get_ident())
    assert [name for name, _ in others] == list(preload.SLOW)
    assert "scipy.signal" in preload.SLOW
    assert all(thread != here for _, thread in others)


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
