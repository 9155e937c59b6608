"""The session page in every state, with a fake host: for designers and tests.

Run: python tests/ui/page_states.py --size 1366x768 --theme dark --out shots
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import msgspec
from fake_host import FIRST_ROW_S, FORCES, INSOLES, PLATE, Lab
from PySide6.QtWidgets import QApplication, QDialog

from lablive.recording.verify import VerifyReport
from ui import theme
from ui.app import MainWindow

SEATED_S, STANDING_S = 6.0, 16.0
FIRST_STEP_S = STANDING_S  # left contact; the runner starts from the stand
STRIDE_S = 0.74
LOADED_S = 0.12  # after a contact: that foot carries most
LONG = "Treadmill left insole of the second examination room, firmware 2.11"


class Scene:
    """A window on a fake lab."""

    def __init__(self, folder, names=None, changes=None, montage=None):
        changes = changes or f"seated_s={SEATED_S},standing_s={STANDING_S},ramp_s=0"
        self.lab = Lab(folder, names, changes)
        self.window = MainWindow(self.lab.host, folder, montage)
        self.window.poller.stop()
        self.model, self.page = self.window.model, self.window.page
        self.page.clock = lambda: FIRST_ROW_S + self.lab.told_s

    def tick(self, times=3):
        """Let the app poll and draw as its timer does."""
        for _ in range(times):
            self.model.live._asked_s = 0.0
            self.page._snapshot_s = self.page._gate_s = 0.0
            self.window.poller.tick()

    def play(self, until_s, step_s=0.25):
        """Send rows up to a time, the app drawing all along."""
        while self.lab.told_s < until_s - 1e-9:
            self.lab.run_until(min(self.lab.told_s + step_s, until_s))
            self.tick(1)

    def weigh(self):
        """Zero while sitting, weigh while standing."""
        self.page.top.set_mass(70.0)
        self.model.begin_gate("zero")
        self.play(SEATED_S - 0.5)
        self.play(SEATED_S + 0.5)
        self.model.begin_gate("weigh")
        self.play(STANDING_S - 0.5)

    def skip_gates(self):
        """Pass by every gate that is left."""
        while self.model.gates.now.gate.kind != "run":
            self.model.gates.skip()
        self.page.notice.clear()

    def run(self, strides=12):
        """Run some strides and stop in the middle of a left stance."""
        self.play(FIRST_STEP_S + strides * STRIDE_S + LOADED_S)

    def close(self):
        """Close for good."""
        self.model.live.recording = None
        self.model._state = None
        self.window.close()
        self.window.deleteLater()


def empty(scene):
    scene.tick()


def connected(scene):
    scene.lab.connect()
    scene.tick()
    scene.play(1.0)


def uncalibrated(scene):
    connected(scene)
    scene.skip_gates()
    scene.run(6)


def zeroing(scene):
    connected(scene)
    scene.page.top.set_mass(70.0)
    scene.model.begin_gate("zero")
    scene.play(3.5)


def running(scene):
    connected(scene)
    scene.weigh()
    scene.skip_gates()
    scene.run()


def recording(scene):
    running(scene)
    scene.model.record(scene.model.library / "trial-01.xdf")
    scene.tick()
    scene.play(scene.lab.told_s + 6 * STRIDE_S)


def stalled(scene):
    recording(scene)
    info = scene.lab.infos[0]
    for stream in scene.lab.infos[:2]:
        scene.lab.host.change(
            stream.id, state="stalled", gaps=1, last_sample_age_s=3.4, lost=1240,
            lost_is_exact=False,
        )  # fmt: skip
    held = scene.lab.host.recording
    scene.lab.host.recording = msgspec.structs.replace(held, gaps=2)
    assert info.name == "left_sole"
    scene.tick()


def failed(scene):
    connected(scene)
    scene.lab.host.fail(
        "/dev/ttyUSB0 (CP2102N USB to UART Bridge Controller)",
        "You may not open /dev/ttyUSB0. Other devices and the recording go on. "
        'Type "sudo usermod -aG dialout $USER", then log out and in.',
    )
    scene.tick()


def losses(scene):
    running(scene)
    path = scene.model.library / "sessions" / "2026-11-20_LB-0001" / "trial-01.xdf"
    report = VerifyReport(
        file=str(path), sha256="", duration_s=61.0, closed=True, files=[], streams=[],
        gaps=[], damage=[], ok=False, is_explained=True,
        findings=[
            "left_sole: 24 of 12200 rows lost in 2 gaps",
            "Sim EMG: sent nothing for 3.4 s from 0:41 on",
        ],
    )  # fmt: skip
    scene.page.notice.clear()
    scene.page.verify.show_report(path, report)
    scene.model.last_path = path
    scene.page.action_bar.follow()


def searching(scene):
    scene.tick()
    scene.page.connect_devices()


def many_devices(scene):
    connected(scene)
    streams = [
        ("left_sole", "Pressure", 16, 200.0, "sole-l", True),
        (LONG, "Pressure", 99, 100.0, "a-very-long-source-identity-0001", True),
        *((f"IMU {n}", "IMU", 6, 100.0, f"imu-{n}", True) for n in range(9)),
        ("Markers", "Markers", 1, 0.0, "m", False),
    ]
    keys = ("name", "type", "channels", "rate_hz", "source_id", "usable")
    port = {
        "path": "/dev/ttyUSB0", "identity": "10C4:EA60:0001", "profiles": [],
        "description": "CP2102N USB to UART Bridge Controller of the force plate",
        "problem": 'You may not open /dev/ttyUSB0. Type "sudo usermod -aG dialout '
        '$USER", then log out and in.',
    }  # fmt: skip
    fits = {
        "path": "/dev/ttyACM0", "identity": "0483:5740:3573", "problem": "",
        "description": "Insole receiver", "profiles": ["sim_insoles"],
    }  # fmt: skip
    scene.lab.host.found = {
        "serial": [port, fits], "problems": [],
        "lsl": [dict(zip(keys, it, strict=True), hostname="lab-pc") for it in streams],
        "profiles": ["bertec", "insole_a55a", "sim_insoles"],
    }  # fmt: skip
    scene.page.connect_devices()


STATES = {
    "connected": (connected, None),
    "searching": (searching, None),
    "devices": (many_devices, INSOLES),
    "empty": (empty, None),
    "insoles": (running, INSOLES),
    "uncalibrated": (uncalibrated, INSOLES),
    "plate": (uncalibrated, (PLATE.name,)),
    "force_only": (uncalibrated, (FORCES.name,)),
    "zeroing": (zeroing, None),
    "all": (running, None),
    "recording": (recording, None),
    "stalled": (stalled, None),
    "failed": (failed, INSOLES),
    "losses": (losses, None),
}


def show(name, folder):
    """Return a scene in a named state, its window not yet shown."""
    from device_states import DEVICE_STATES, DIALOG_STATES

    build, names = (STATES | DEVICE_STATES | DIALOG_STATES)[name]
    scene = Scene(folder, names)
    build(scene)
    return scene


def main(make=show, states=STATES):
    """Save a picture of every state."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--out", type=Path, default=Path("artifacts"))
    parser.add_argument("--only", default=",".join(states))
    options = parser.parse_args()
    wide, tall = map(int, options.size.split("x"))
    app = QApplication(sys.argv[:1])
    theme.apply_theme(app, options.theme)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            scene = make(name, Path(folder))
            scene.window.resize(wide, tall)
            scene.window.show()
            for _ in range(5):
                app.processEvents()
                scene.tick(1)
            file = f"{name}-{options.theme}-{options.size}.png"
            dialogs = scene.window.findChildren(QDialog)
            shown = dialogs[0] if dialogs else scene.window
            shown.grab().save(str(options.out / file))
            for dialog in dialogs:
                dialog.reject()
            scene.close()
            app.processEvents()


if __name__ == "__main__":
    main()
