"""Belt speed typed by the operator."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication

from ui.belt_speed import SOURCE, BeltSpeed


def asked(scene, method):
    return [params for name, params in scene.lab.host.asked if name == method]


def test_the_speed_goes_to_the_host_and_its_source_is_opened_once(scene_of, qtbot):
    scene = scene_of("all")
    for speed_kmh in (9.0, 10.8):
        dialog = BeltSpeed(scene.model)
        qtbot.addWidget(dialog)
        dialog.speed.setValue(speed_kmh)
        dialog.incline.setValue(1.5)
        qtest.mouseClick(dialog.set_button, Qt.MouseButton.LeftButton)
        scene.tick()
    opened = [p["spec"]["id"] for p in asked(scene, "add_source")]
    assert opened.count(SOURCE.id) >= 1
    sent = asked(scene, "set_values")
    assert [told["id"] for told in sent] == [SOURCE.id] * 2
    assert [told["values"]["speed_mps"] for told in sent] == pytest.approx([2.5, 3.0])
    assert sent[-1]["values"]["incline_pct"] == 1.5
    assert scene.model.belt == pytest.approx((3.0, 1.5))


def test_the_button_opens_it_and_escape_changes_nothing(scene_of, qtbot):
    scene = scene_of("all")

    def leave():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, BeltSpeed)
        qtest.keyClick(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(50, leave)
    scene.page.action_bar.belt_button.click()
    assert asked(scene, "set_values") == []
