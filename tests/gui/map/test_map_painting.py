"""Painting the wanted map on the map: by mouse, by keys, what is seen, and the way out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.looks.theme import THEMES
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.map.paint_mode import BRUSHES
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document
from mtrrviz.session.wanted.wanted_edits import change_rest

pytestmark = pytest.mark.gui

UC, WC, WT, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WB"))
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot):
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    bridge = Bridge(document)
    widget = MapPanel(bridge)
    widget.resize(700, 500)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    widget.grab()
    widget.toggle_paint()
    widget.grab()
    yield widget
    bridge.close()


@pytest.fixture
def canvas(panel):
    return panel.map.canvas


@pytest.fixture
def painting(panel):
    return panel.map.painting


@pytest.fixture
def document(panel):
    return panel.bridge.document


def centre(canvas, gfn):
    return canvas.rect_of(gfn).center()


def drag(canvas, *gfns, modifier=Qt.KeyboardModifier.NoModifier):
    first, *others = (centre(canvas, gfn) for gfn in gfns)
    QTest.mousePress(canvas, LEFT, modifier, first)
    for place in others:
        send_move(canvas, place, modifier)
    QTest.mouseRelease(canvas, LEFT, modifier, (others or [first])[-1])


def send_move(canvas, place, modifier):
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), canvas.mapToGlobal(QPointF(place)),
        Qt.MouseButton.NoButton, LEFT, modifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def wanted_at(document, gfn):
    width = document.scenario.machine.maxphyaddr
    return next(p.type for p in document.wanted.map(width).pieces if p.start <= gfn < p.end)


def colours(canvas, gfn):
    rect = canvas.rect_of(gfn)
    image = canvas.grab(rect).toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


def test_a_click_paints_the_dot_as_one_step(canvas, document):
    first, end = canvas.layout_shown.gfn_range(canvas.dot_under(centre(canvas, 0x10)))
    canvas_brush(canvas, Qt.Key.Key_C)
    drag(canvas, 0x10)
    assert [wanted_at(document, gfn) for gfn in range(first, end)] == [WC] * (end - first)
    assert document.undo_label.startswith("Paint WC: 0x1_0000")
    document.undo()
    assert wanted_at(document, 0x10) == WB
    assert document.gfn is None


def canvas_brush(canvas, key):
    QTest.keyClick(canvas, key)


def test_a_drag_with_shift_paints_what_lies_under_its_way(canvas, painting, document):
    painting.choose(WT)
    drag(canvas, 0x10, 0x18, modifier=SHIFT)
    assert [wanted_at(document, gfn) for gfn in (0xF, 0x10, 0x14, 0x18, 0x19)] == [
        WB, WT, WT, WT, WB,
    ]  # fmt: skip


def test_a_drag_paints_all_addresses_between_as_one_range(canvas, painting, document):
    painting.choose(UC)
    drag(canvas, 0x10, 0x50)
    assert {wanted_at(document, gfn) for gfn in range(0x10, 0x51)} == {UC}
    assert wanted_at(document, 0x51) == WB
    document.undo()
    assert wanted_at(document, 0x30) == WB


def test_keys_select_a_range_and_paint_it(canvas, painting, document):
    document.select_page(0x20)
    canvas_brush(canvas, Qt.Key.Key_U)
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    assert painting.words.startswith("UC for 0x2_0000-0x2_2fff")
    assert canvas.accessibleDescription() == f"Return paints {painting.words}"
    assert wanted_at(document, 0x20) == WB
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert [wanted_at(document, gfn) for gfn in (0x1F, 0x20, 0x22, 0x23)] == [WB, UC, UC, WB]
    canvas_brush(canvas, Qt.Key.Key_X)
    document.want(change_rest(document.wanted, None))
    QTest.keyClick(canvas, Qt.Key.Key_Enter)
    assert wanted_at(document, 0x22) is None


def test_escape_gives_up_the_selection_then_leaves(canvas, painting, document):
    before = document.wanted
    document.select_page(0x20)
    QTest.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    assert painting.spans
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert (painting.spans, painting.is_on) == ((), True)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not painting.is_on
    assert document.wanted == before


def test_plain_arrows_still_walk_and_drop_the_selection(canvas, painting, document):
    document.select_page(0x20)
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert document.gfn == 0x22
    assert painting.spans == ()


@pytest.mark.parametrize(("kind", "key"), BRUSHES)
def test_each_type_has_a_button_and_a_key(panel, canvas, painting, kind, key):
    painting.choose(UC if kind == WB else WB)
    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"))
    assert painting.brush == kind
    button = panel.map.paint_bar.buttons[kind]
    assert button.isChecked()
    assert f"({key})" in button.toolTip()
    painting.choose(UC if kind == WB else WB)
    button.click()
    assert painting.brush == kind


def test_keys_that_are_shortcuts_elsewhere_are_taken_while_painting(canvas, painting):
    def is_taken(key):
        event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        return event.isAccepted()

    assert is_taken(Qt.Key.Key_P)
    assert not is_taken(Qt.Key.Key_Space)
    painting.set_on(False)
    assert not is_taken(Qt.Key.Key_P)


def test_stripes_are_of_the_wanted_type_and_never_the_whole_dot(panel, canvas, painting):
    painting.choose(WC)
    drag(canvas, 0x10)
    canvas.zoom_in(0x10)
    for theme in THEMES.values():
        panel.bridge.set_theme(theme)
        found = colours(canvas, 0x10)
        assert QColor(theme.type_colour(WC)).rgb() in found
        assert len(found) > 1


def test_the_ept_is_seen_again_afterwards(panel, canvas, painting):
    theme = panel.bridge.theme
    painting.set_on(False)
    panel.grab()
    rect = canvas.rect_of(0x10)
    colour = canvas.grab().toImage().pixelColor(rect.center())
    assert colour == QColor(theme.type_colour(WB))


def test_what_is_dragged_over_is_seen_before_the_button_is_up(panel, canvas, painting, document):
    painting.choose(WC)
    canvas.zoom_in(0x10)
    colour = QColor(panel.bridge.theme.type_colour(WC)).rgb()
    assert colour not in colours(canvas, 0x10)
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.NoModifier, centre(canvas, 0x10))
    assert colour in colours(canvas, 0x10)
    assert document.undo_label is None
    QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.NoModifier, centre(canvas, 0x10))
    assert document.undo_label is not None


def test_the_bar_takes_the_legends_place(panel, painting):
    view = panel.map
    assert (view.paint_bar.isVisible(), view.legend.isVisible()) == (True, False)
    view.paint_bar.done.click()
    assert (view.paint_bar.isVisible(), view.legend.isVisible()) == (False, True)
    assert not painting.is_on


def test_another_way_to_show_the_map_ends_painting(panel, painting):
    panel.show_mode(MapMode.DIFFERENCE)
    assert not painting.is_on
    panel.toggle_paint()
    assert panel.bridge.document.map_mode is MapMode.ONE
    assert painting.is_on


def test_nothing_is_painted_beside_the_dots(canvas, document):
    QTest.mouseClick(canvas, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(1, 1))
    assert document.undo_label is None
