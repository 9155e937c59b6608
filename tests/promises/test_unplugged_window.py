"""A pulled cable in the window: asked about at once; the question closes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lablive.clock import now_s
from tests.promises.lab import INSOLES, all_send
from tests.promises.test_unplugged import BACK_S, TOLD_S, by_path, plug, unplug
from ui.display import has_display

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication

    from tests.promises.lab import Lab, Say


@pytest.mark.slow
@pytest.mark.skipif(not has_display(), reason="there is no display")
def test_the_window_asks_and_stops_asking(
    lab: Lab, say: Say, qapp: QApplication
) -> None:
    from ui import theme
    from ui.app import MainWindow

    theme.apply_theme(qapp, "light")
    runner = lab.runner("--faults", "replug_after_s=1.5")
    window = MainWindow(lab.start_host, lab.scratch / "library")
    window.show()
    session, bar = window.model.live, window.reconnect
    try:
        window.places.go("Devices")
        for spec in by_path(lab, runner, runner.ready["pty"]):
            session.add_source(spec)

        def until(
            condition: Callable[[], object], what: str, at_most_s: float = 20.0
        ) -> None:
            def so() -> object:
                window.poller.tick()
                qapp.processEvents()
                return condition()

            lab.poll_until(so, what, at_most_s=at_most_s)

        until(lambda: all_send(session, [INSOLES]), "the insoles")
        assert window.devices is not None
        listed = window.devices.list.lines

        def lamp(state: str) -> bool:  # the page looks twice a second
            return bool(listed.rowCount() and listed.line(0).state == state)

        until(lambda: lamp("streaming"), "the lamp")
        unplug_s = unplug(lab, runner)
        until(bar.isVisible, "the question", TOLD_S)
        told_s = now_s() - unplug_s
        assert bar.source == INSOLES
        until(lambda: lamp("recovering"), "the lamp", TOLD_S)
        plug(lab, runner.wait_for("replug", 10)["pty"])
        there_s = now_s()
        until(lambda: not bar.isVisible(), "the end of the question", BACK_S)
        back_s = now_s() - there_s
        until(lambda: lamp("streaming"), "the lamp again", BACK_S)
    finally:
        window.close()
        window.deleteLater()
        qapp.processEvents()
    say(f"asked after {told_s:.2f} s, closed by itself after {back_s:.2f} s")
