"""The live page with a calibrated lab, for designers and tests.

Run: python tests/ui/live_states.py --size 1366x768 --theme dark --out shots
The pictures of the guide: python tests/ui/live_states.py --guide docs/pictures
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec
from page_states import FIRST_STEP_S, LONG, STRIDE_S, Scene, main, running
from PySide6.QtWidgets import QApplication

from lablive.messages import Marker
from lablive.names import IMU_SITES
from lablive.signals.calibrations import Calibrations
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration
from lablive.signals.sound_latency import SoundLatency
from ui import theme

BASELINE_STRIDES, MORE_STRIDES = 30, 24
ALONG = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def calibrated(insole=None):
    """Return what a lab knows whose sensors lie along their segments."""
    still = (0.0, 0.0, 0.0)
    sites = tuple(
        SiteCalibration(site, "functional", ALONG, still, 200.0, 95.0)
        for site in IMU_SITES
    )
    return Calibrations(
        insole=insole,
        segments=SegmentCalibration("", "P01", "", sites),
        sound_latency=SoundLatency("", "front", 0.137, 40, 0.4),
    )


def lab(scene, *, baseline=True):
    """Run a calibrated lab long enough for a baseline and a while after it."""
    scene.lab.connect()
    scene.tick()
    scene.weigh()
    scene.model.live.calibrate(calibrated(scene.model.live.calibration))
    scene.skip_gates()
    scene.tick()
    begin_s = scene.lab.told_s
    scene.play(FIRST_STEP_S + BASELINE_STRIDES * STRIDE_S, step_s=1.0)
    if baseline:
        t0_s = 1000.0  # of the first row on the lab clock
        for text, at_s in (("begin", begin_s), ("end", scene.lab.told_s)):
            mark = Marker(t0_s + at_s, f"baseline {text}", "block")
            scene.model.live.pipeline.mark(mark)
    scene.play(scene.lab.told_s + MORE_STRIDES * STRIDE_S, step_s=1.0)
    scene.play(scene.lab.told_s + 2 * STRIDE_S + 0.12, step_s=0.1)
    scene.page.notice.clear()


def without_baseline(scene):
    lab(scene, baseline=False)


def curves(scene):
    lab(scene)
    scene.page.tiles.flip()
    scene.tick()


def board(scene):
    """Enlarge the five skills."""
    lab(scene)
    scene.page.board.enlarge("skills")
    scene.tick()


def muscles(scene):
    lab(scene)
    scene.page.board.enlarge("emg")
    scene.play(scene.lab.told_s + 4.0, step_s=0.2)


def every_block(scene):
    """Show also the blocks that have no sensor, each with its reason."""
    running(scene)
    for block in scene.page.board.arrangement.blocks:
        scene.page.board.choose(block, shown=True)
    scene.tick()


def long_names(scene):
    """Give a stream a name that does not fit."""
    scene.lab.infos[0] = msgspec.structs.replace(scene.lab.infos[0], name=LONG)
    running(scene)


LIVE_STATES = {
    "lab": (lab, None),
    "no_baseline": (without_baseline, None),
    "curves": (curves, None),
    "board": (board, None),
    "muscles": (muscles, None),
    "every_block": (every_block, ("left_sole", "right_sole")),
    "long_names": (long_names, ("left_sole", "right_sole")),
}


def show(name, folder):
    """Return a scene in a named state, its window not yet shown."""
    build, names = LIVE_STATES[name]
    scene = Scene(folder, names)
    scene.window.resize(1366, 768)
    scene.window.show()
    build(scene)
    return scene


def guide(folder):
    """Save the pictures of the user guide."""
    app = QApplication(sys.argv[:1])
    theme.apply_theme(app, "light")
    for name, file in (("lab", "live"), ("board", "board")):
        with tempfile.TemporaryDirectory() as held:
            scene = show(name, Path(held))
            for _ in range(5):
                app.processEvents()
                scene.tick(1)
            scene.window.grab().save(str(folder / f"{file}.png"))
            scene.close()
            app.processEvents()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--guide"]:
        guide(Path(sys.argv[2]))
    else:
        main(show, LIVE_STATES)
