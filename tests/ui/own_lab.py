"""The app in a real window with a host of its own; both end afterwards."""

from __future__ import annotations

from contextlib import contextmanager

from lablive.live.link import LinkClient
from lablive.live.run_folder import is_held
from ui.app import MainWindow
from ui.host_process import attach_or_start
from ui.session_model import State

WAIT_MS = 60_000


@contextmanager
def opened(tmp_path, qtbot, until):
    """Show the window at 1366 x 768; stop recording, window and host at the end."""
    folder = tmp_path / "run"
    made = MainWindow(lambda: attach_or_start(folder), tmp_path / "library")
    made.resize(1366, 768)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.model.stop()
    qtbot.waitUntil(lambda: made.model.live.recording is None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: made.model.state is not State.STOPPING, timeout=WAIT_MS)
    made.close()
    made.deleteLater()
    link = LinkClient.connect(folder)
    link.post("shutdown")
    link.close()
    until(lambda: not is_held(folder), "the host's end", 20.0)


@contextmanager
def simulating(wires, tmp_path, qtbot, until, monkeypatch):
    """Show the window, active; its simulated lab is started by these words."""
    with opened(tmp_path, qtbot, until) as made:
        monkeypatch.setattr(
            made.model, "simulate", lambda: made.model.simulated.start(wires)
        )
        with qtbot.waitActive(made):
            made.activateWindow()
        yield made
