"""Start-up: from the start of the program to the first painted window.

Run ``python benchmarks/bench_startup.py`` (in a window; ``make bench`` brings a
screen). Starts in turn, each in a new process: a bare Qt window, a pyqtgraph window
with one plot, and the app as ``lablive`` starts it, with no host running yet. Times
count from the moment the process is asked for until the paint of the first window is
done; the median of the rounds counts. Exit 1 when the app needs more than 1.3 times
as long as the pyqtgraph window.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lablive.clock import now_s
from lablive.errors import LinkError
from lablive.live.link import LinkClient

GOAL = 1.3
WAIT_S = 30.0

PROBE = """
import os, sys
from lablive.clock import now_s

def watch(window):
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        def eventFilter(self, handle, event):
            if event.type() == QEvent.Type.Expose and handle.isExposed():
                QTimer.singleShot(0, self.done)  # after the paint of the whole window
            return False
        def done(self):
            print(now_s(), flush=True)
            os._exit(0)

    window.probe = FirstPaint()
    window.windowHandle().installEventFilter(window.probe)
"""
WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1600, 900)
"""
SHOWN = """
window.show()
watch(window)
app.exec()
"""
PLOT = """
import pyqtgraph
window.setCentralWidget(pyqtgraph.PlotWidget())
"""
APP = """
from ui import opening, start
begin = opening.begin

def begun(folder):
    link = begin(folder)
    from ui import app  # what comes next anyway
    class Watched(app.MainWindow):
        def show(self):
            super().show()
            watch(self)
    app.MainWindow = Watched
    return link

opening.begin = begun
sys.argv = ["lablive"]
start.main()
"""
WINDOWS = {
    "bare Qt window": WINDOW + SHOWN,
    "pyqtgraph window": WINDOW + PLOT + SHOWN,
    "LabLive": APP,
}


def first_paint_s(script: str, folder: Path) -> float:
    """Return seconds from asking for the process to its painted window."""
    place = {"LABLIVE_RUN": str(folder / "run"), "LABLIVE_HOME": str(folder)}
    began_s = now_s()
    told = subprocess.run(
        [sys.executable, "-c", PROBE + script], env={**os.environ, **place},
        stdout=subprocess.PIPE, text=True, timeout=WAIT_S, check=True,
    )  # fmt: skip
    with contextlib.suppress(LinkError):  # the host that the app has started
        host = LinkClient.connect(folder / "run")
        host.call("shutdown")
        host.close()
    return float(told.stdout) - began_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    took: dict[str, list[float]] = {name: [] for name in WINDOWS}
    for _ in range(options.rounds + 1):  # the first one fills the caches
        for name, script in WINDOWS.items():
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                took[name].append(first_paint_s(script, Path(folder)))
    middle = {name: statistics.median(runs[1:]) for name, runs in took.items()}
    for name, seconds in middle.items():
        print(f"{name:18} {seconds:5.2f} s  ({min(took[name]):.2f} at best)")
    ratio = middle["LabLive"] / middle["pyqtgraph window"]
    met = "met" if ratio <= GOAL else "MISSED"
    print(f"LabLive / pyqtgraph {ratio:.2f}; goal <= {GOAL}: {met}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
