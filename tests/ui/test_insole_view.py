"""The insole picture: right colours at the right place, honest about missing ones."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QRegion

from lablive.signals.layouts import layout_names, load_layout
from ui import theme
from ui.heat import heat_table, levels, stale_table
from ui.insole_picture import sole_colour
from ui.insole_view import InsoleView
from ui.tokens import rgb

LAYOUT = load_layout("pedar_99")
RAMP = np.linspace(0, 200, 99)


def painted(view):
    """Return the feet as painted, (height, width, 3)."""
    canvas = view._canvas
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    canvas.render(image)
    words = np.frombuffer(image.constBits(), np.uint8)
    return words.reshape(image.height(), -1, 4)[:, :, 2::-1].astype(int)


def at_cells(view, side):
    """Return the colours at the centres of a side's cells, (cells, 3)."""
    picture = painted(view)
    shape = next(foot for foot in view._canvas._picture.feet if foot.place.side == side)
    return np.array([picture[int(y), int(x)] for x, y in shape.centres])


def expected(values, table, full=200.0):
    colours = table[levels(values, full)]
    return np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=1)


@pytest.fixture
def view(themed, shown):
    made = shown(InsoleView(), 420, 480)
    made.set_layouts(LAYOUT, LAYOUT)
    return made


def test_every_cell_has_its_own_colour_on_both_feet(view):
    view.update_feet(RAMP, RAMP[::-1])
    table = heat_table("light")
    assert np.array_equal(at_cells(view, "left"), expected(RAMP, table))
    assert np.array_equal(at_cells(view, "right"), expected(RAMP[::-1], table))


def test_feet_are_mirrored_with_the_big_toes_inside(view):
    view.update_feet(RAMP, RAMP)
    painted(view)
    left, right = view._canvas._picture.feet
    medial = LAYOUT.xy[:, 0] > 0.1
    middle = view._canvas.width() / 2
    for foot, inward in ((left, 1), (right, -1)):
        offset = (foot.centres[:, 0] - foot.place.heel_x) * inward
        assert (offset[medial] > 0).all()
    assert left.centres[:, 0].max() < middle < right.centres[:, 0].min()
    heel = LAYOUT.xy[:, 1].argmin()
    assert left.centres[heel, 1] == left.centres[:, 1].max()  # toes up


def test_missing_cells_show_the_bare_sole(view):
    values = RAMP.copy()
    values[[3, 50]] = np.nan
    view.update_feet(values, None)
    seen = at_cells(view, "left")
    known = np.isfinite(values)
    assert np.array_equal(seen[known], expected(values[known], heat_table("light")))
    assert (np.abs(seen[~known] - expected(np.zeros(2), heat_table("light"))) > 0).any()


def test_a_foot_without_values_is_a_bare_sole_with_a_notice(view):
    view.update_feet(RAMP, None)
    assert (
        view.accessibleDescription()
        == "left: live; right: waiting for the right insole"
    )
    shape = view._canvas._picture
    painted(view)
    shape = view._canvas._picture.feet[1]
    x, y = shape.centres[LAYOUT.xy[:, 1].argmin()]
    sole = rgb(sole_colour(theme.tokens()))
    assert tuple(painted(view)[int(y), int(x)]) == sole


def test_nothing_is_drawn_outside_the_soles(view):
    view.update_feet(np.full(99, 200.0), np.full(99, 200.0))
    picture = painted(view)
    card = rgb(theme.tokens().card)
    assert (picture[:, :3] == card).all()
    middle = view._canvas.width() // 2
    assert (picture[60:, middle - 1 : middle + 1] == card).all()
    assert (picture[-2:] == card).all()


def test_peak_hold_sees_every_row_not_only_the_newest(view):
    rows = np.zeros((10, 99))
    rows[4] = RAMP
    view.update_feet(rows, rows)
    assert np.array_equal(
        at_cells(view, "left"), expected(np.zeros(99), heat_table("light"))
    )
    view.set_peak_hold(True)
    assert np.array_equal(at_cells(view, "left"), expected(RAMP, heat_table("light")))
    view.update_feet(RAMP[::-1], None)
    peaks = np.maximum(RAMP, RAMP[::-1])
    assert np.array_equal(at_cells(view, "left"), expected(peaks, heat_table("light")))
    view.reset_peaks()
    view.update_feet(RAMP, None)
    assert np.array_equal(at_cells(view, "left"), expected(RAMP, heat_table("light")))


def test_peak_hold_button_and_method_agree(view, qtbot):
    with qtbot.waitSignal(view.peak_hold_changed):
        view._hold.click()
    assert view._canvas.peak_hold
    view.set_peak_hold(False)
    assert not view._hold.isChecked()


def test_colour_scale_grows_in_round_steps_and_stays(view):
    view.update_feet(RAMP * 1.6, None)
    assert view._scale.text() == "0 – 400 kPa"
    view.update_feet(RAMP * 0.1, None)
    assert view._scale.text() == "0 – 400 kPa"
    view.reset_peaks()
    assert view._scale.text() == "0 – 200 kPa"


def test_uncalibrated_values_are_called_so(view):
    view.set_layouts(LAYOUT, LAYOUT, "uncalibrated counts", 1000)
    assert view._scale.text() == "0 – 1000 uncalibrated counts"
    assert "uncalibrated" in view._scale.accessibleName()


def test_stale_foot_loses_its_colour_and_says_why(view):
    view.update_feet(RAMP, RAMP)
    view.set_state("left", "stale", "no packets for 3 s")
    seen = at_cells(view, "left")
    grey = expected(RAMP, stale_table("light"))
    shape = view._canvas._picture.feet[0]
    free = np.abs(shape.centres[:, 1] - shape.outline.boundingRect().center().y()) > 50
    assert free.sum() > 40
    assert np.array_equal(seen[free], grey[free])
    assert "left: no packets for 3 s" in view.accessibleDescription()
    assert "right: live" in view.accessibleDescription()


def test_centre_of_pressure_lies_where_it_is(view):
    view.update_feet(np.zeros(99), np.zeros(99), (0.2, 0.5), (0.2, 0.5))
    picture = painted(view)
    tokens = theme.tokens()
    for foot, colour in zip(
        view._canvas._picture.feet, (tokens.left, tokens.right), strict=True
    ):
        x, y = foot.place.points(np.array([[0.2, 0.5]]), LAYOUT)[0]
        assert tuple(picture[int(y), int(x)]) == rgb(colour)


def test_gait_line_is_drawn_and_kept_until_the_next(view):
    line = np.stack((np.zeros(30), np.linspace(0.1, 0.9, 30)), axis=1)
    plain = painted(view)
    view.update_feet(np.zeros(99), np.zeros(99))
    plain = painted(view)
    view.update_feet(None, None, trace_left=line)
    drawn = painted(view)
    assert (drawn != plain).any()
    view.update_feet(None, None)
    assert np.array_equal(painted(view), drawn)


def test_wrong_number_of_cells_is_named(view):
    with pytest.raises(ValueError, match="left insole: 16 values for 99 cells"):
        view.update_feet(np.zeros(16), None)


@pytest.mark.parametrize("name", layout_names())
@pytest.mark.parametrize("smooth", [False, True])
def test_every_shipped_layout_can_be_drawn(themed, shown, name, smooth):
    layout = load_layout(name)
    view = shown(InsoleView(), 360, 420)
    view.set_layouts(layout, layout)
    view.set_smooth(smooth)
    view.update_feet(np.full(len(layout.cells), 150.0), None)
    seen = at_cells(view, "left")
    wanted = expected(np.full(len(layout.cells), 150.0), heat_table("light"))
    assert (np.abs(seen - wanted) <= 2).all()


def test_change_of_theme_repaints(view, themed):
    view.update_feet(RAMP, RAMP)
    painted(view)
    theme.apply_theme(themed, "dark")
    assert np.array_equal(at_cells(view, "left"), expected(RAMP, heat_table("dark")))
    assert QColor(*painted(view)[1, 1]).name().upper() == theme.tokens().card


def test_unknown_layout_shows_an_outline_and_waits(themed, shown):
    view = shown(InsoleView(), 360, 420)
    assert (painted(view) != rgb(theme.tokens().card)).any()
    assert "waiting for the left insole" in view.accessibleDescription()


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize("sides", [("left",), ("right",), ("left", "right")])
def test_only_feet_that_changed_are_painted_and_the_picture_is_the_same(
    view, monkeypatch, sides, smooth
):
    view.set_smooth(smooth)
    view.update_feet(RAMP, RAMP, (0.0, 0.4), (0.0, 0.4))
    canvas = view._canvas
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    canvas.render(image)  # the whole
    view.update_feet(RAMP, RAMP, (0.0, 0.4), (0.0, 0.4))  # what is shown is known
    asked = QRegion()
    monkeypatch.setattr(canvas, "update", lambda area: asked.__iadd__(area))
    values = {side: RAMP[::-1] if side in sides else RAMP for side in ("left", "right")}
    cops = {side: (0.3, 0.9) if side in sides else (0.0, 0.4) for side in values}
    view.update_feet(*values.values(), *cops.values())
    assert asked.rectCount() == 1
    assert asked.boundingRect().width() < canvas.width() * len(sides) / 2
    canvas.render(image, asked.boundingRect().topLeft(), asked)
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    assert np.array_equal(words[:, :, 2::-1], painted(view))
    asked = QRegion()
    view.update_feet(*values.values(), *cops.values())
    assert asked.isEmpty()
