"""A real window where there is a display, an off-screen one where there is none."""

from __future__ import annotations

import gc
import os
import sys
import threading

import pytest

_HAS_DISPLAY = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
if sys.platform.startswith("linux") and not _HAS_DISPLAY:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def themed(qapp):
    """The application in the light theme; leaves it so."""
    from ui import theme

    theme.apply_theme(qapp, "light")
    yield qapp
    theme.apply_theme(qapp, "light")


@pytest.fixture
def shown(qtbot):
    """Show a widget at a size and wait until it is on the screen."""

    def show(widget, width, height):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def _leftovers(qapp):
    """Return windows, running timers and threads that are there now."""
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from shiboken6 import isValid

    qapp.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    timers = [
        made
        for made in gc.get_objects()
        if type(made) is QTimer and isValid(made) and made.isActive()
    ]
    windows = [window for window in qapp.topLevelWidgets() if window.isVisible()]
    threads = [
        thread.name
        for thread in threading.enumerate()
        if not thread.name.startswith(("pytest", "MainThread", "Dummy"))
    ]
    return len(windows), len(timers), sorted(threads)


@pytest.fixture
def nothing_left(qapp, until):
    """Fail when the test leaves a window, a running timer or a thread behind."""
    before = _leftovers(qapp)
    yield
    until(
        lambda: _leftovers(qapp) == before,
        f"windows, timers and threads to end: {_leftovers(qapp)} instead of {before}",
    )


@pytest.fixture
def scene_of(themed, tmp_path, nothing_left):
    """Make windows on a fake lab in a state of ``page_states``; close them after."""
    from page_states import Scene, show

    made = []

    def build(state=None, names=None, size=(1366, 768), montage=None):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        scene = show(state, folder) if state else Scene(folder, names, montage=montage)
        made.append(scene)
        scene.window.resize(*size)
        scene.window.show()
        themed.processEvents()
        scene.tick()
        return scene

    yield build
    for scene in made:
        scene.close()


@pytest.fixture(scope="session")
def cli(tmp_path_factory):
    """``lablive`` in a folder of its own; the host it starts ends with the tests."""
    from command_line import Cli

    made = Cli(tmp_path_factory.mktemp("cli"))
    yield made
    made.end_host()


@pytest.fixture(scope="session")
def trial(cli):
    """Record four seconds of the simulated runner as a person would."""
    from command_line import RUN_S

    from ui.simulator import Simulator

    tag = f"cli-{os.getpid()}"
    wires = [
        "drivers.sim.wires", "--id", tag, "--streams", "insoles,level",
        "--set", "standing_s=0.5,ramp_s=0", "--wait", "30",
    ]  # fmt: skip
    simulator = Simulator(wires)
    path = cli.folder / "trial [1].xdf"
    try:
        port = simulator.ready["pty"]
        done = cli(
            "record", "--source", f"profile:sim_insoles@{port}",
            "--source", "lsl:Sim belt microphone", "--seconds", RUN_S, "--out", path,
            "--code", "LB-0007",
        )  # fmt: skip
    finally:
        simulator.stop()
    assert f"Recorded to {path}" in done.stdout
    return path


@pytest.fixture
def people_of(themed, tmp_path, nothing_left):
    """Make windows with the People page in a state; close them after."""
    from people_scenes import PeopleScene, show
    from PySide6.QtWidgets import QDialog

    made = []

    def build(state=None, size=(1366, 768), **how):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        scene = show(state, folder) if state else PeopleScene(folder, **how)
        made.append(scene)
        scene.window.resize(*size)
        scene.window.show()
        themed.processEvents()
        scene.settle()
        return scene

    yield build
    for scene in made:
        for dialog in scene.window.findChildren(QDialog):
            dialog.reject()
        scene.close()


@pytest.fixture
def gates_of(themed, tmp_path, nothing_left):
    """Make windows at a gate of ``gate_states``, or on named streams; close them."""
    from fake_host import INSOLES
    from gate_states import HELD, GateScene, show

    made = []

    def build(state=None, names=INSOLES, size=(1366, 768), changes=HELD):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        scene = show(state, folder) if state else GateScene(folder, names, changes)
        made.append(scene)
        scene.window.resize(*size)
        scene.window.show()
        themed.processEvents()
        scene.tick()
        return scene

    yield build
    for scene in made:
        scene.close()
