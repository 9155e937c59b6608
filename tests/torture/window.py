"""The real window without a display: ``python -m tests.torture.window LIBRARY``.

Lines in: ``record``, ``enough``, as if buttons were pressed. Lines out: the state of
the session whenever it changes, with the path of the trial when it is on screen.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from drivers.sim.control import Control, serve


def run(library: Path, control: Control) -> dict[str, Any]:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QTimer

    from ui.app import MainWindow, make_app
    from ui.session_model import State

    app = make_app()
    window = MainWindow(library=library)
    window.show()
    model = window.model
    done = 0

    def tell() -> None:
        trial = model.live.last_trial
        control.say(event=model.state.value, path=trial.path if trial else "")

    def press() -> None:
        nonlocal done
        words = control.heard[done:]
        done += len(words)
        for word in words:
            if word == "record":
                if model.state is State.REVIEW:
                    model.close_trial()
                model.record()
            elif word == "enough":
                model.stop()
        if control.stopped:
            app.quit()

    model.state_changed.connect(lambda *_: tell())
    timer = QTimer()
    timer.timeout.connect(press)
    timer.start(50)
    control.say(event="ready", streams=[])
    QTimer.singleShot(0, tell)
    app.exec()
    window.close()
    return {"event": "end"}


if __name__ == "__main__":
    sys.exit(serve(lambda control: run(Path(sys.argv[1]), control), None))
