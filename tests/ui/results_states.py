"""The picture of a comparison in the user guide, with the sample recording.

Run: python tests/ui/results_states.py --guide docs/pictures
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from page_states import Scene
from PySide6.QtWidgets import QApplication

from drivers.sim.sample import write_sample
from ui import theme
from ui.actions import actions_in

RANGES_S = ((35.0, 60.0), (62.0, 92.0))
WAIT_S = 120.0


def compared(scene, trial):
    """Compare two ranges of a trial as an operator does."""
    scene.model.open_trial(trial)
    scene.tick()
    for begin_s, end_s in RANGES_S:
        scene.window.places.go("Session")
        scene.tick()
        t0_s = scene.model.replay.trial.t0_s
        scene.model.replay.set_range(t0_s + begin_s, t0_s + end_s)
        actions_in(scene.window)["compare"].act()
    view = scene.window.places.page("Results").compare
    actions_in(scene.window)["compare_go"].act()
    until_s = time.monotonic() + WAIT_S
    while view.found is None and time.monotonic() < until_s:
        scene.tick(1)
        QApplication.processEvents()
    view.curve.setCurrentIndex(view.curve.findData("pelvis_obliquity_deg"))


def main() -> int:
    """Take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guide", type=Path, required=True)
    folder = parser.parse_args().guide
    app = QApplication([])
    theme.apply_theme(app, "light")
    with tempfile.TemporaryDirectory() as place:
        trial = Path(place, "sample.xdf")
        write_sample(trial)
        scene = Scene(Path(place))
        scene.window.resize(1366, 768)
        scene.window.show()
        compared(scene, trial)
        for _ in range(5):
            scene.tick()
            app.processEvents()
        scene.window.grab().save(str(folder / "compare.png"))
        scene.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
