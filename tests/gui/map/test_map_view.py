"""The map as a user meets it: looking, clicking, wheel, drag, keys, legend."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.looks.theme import LIGHT, THEMES
from mtrrviz.gui.map.map_view import MapView
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

STALE_GFN, WB_GFN, HOLE_GFN = 0x85, 0x10, 0xA8


@pytest.fixture
def view(qtbot):
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    bridge = Bridge(document)
    widget = MapView(bridge)
    widget.resize(640, 460)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    widget.grab()
    yield widget
    bridge.close()


def colour_at(view, gfn):
    rect = view.canvas.rect_of(gfn)
    return view.canvas.grab().toImage().pixelColor(rect.center())


def centre(view, gfn):
    return view.canvas.rect_of(gfn).center()


def wheel(view, gfn, steps):
    position = QPointF(centre(view, gfn))
    event = QWheelEvent(
        position, view.canvas.mapToGlobal(position), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, event)


def test_leaves_have_the_colour_of_their_type(view):
    theme = view.bridge.theme
    assert colour_at(view, WB_GFN) == QColor(theme.type_colour(MemoryType.WB))
    assert colour_at(view, STALE_GFN) == QColor(theme.type_colour(MemoryType.UC))


def test_the_map_follows_the_playhead(view):
    before = colour_at(view, WB_GFN)
    view.bridge.document.set_playhead(0)
    assert colour_at(view, WB_GFN) != before


def test_other_constants_leave_the_picture_alone(view):
    document, frame = view.bridge.document, view.canvas.frame
    document.set_costs(document.costs.with_values({"own": 1.0}))
    assert view.canvas.frame is frame


def test_where_the_map_is_ends_in_an_ellipsis_where_it_does_not_fit(view):
    whole = "the whole guest physical address space"
    view.resize(1100, 460)
    view.grab()
    assert view.where.text() == whole
    view.resize(480, 460)
    view.grab()
    assert view.where.text() != whole
    assert view.where.text().endswith("\N{HORIZONTAL ELLIPSIS}")
    assert view.where.toolTip() == whole


def test_every_theme_paints_its_own_colours(view):
    for theme in THEMES.values():
        view.bridge.set_theme(theme)
        assert colour_at(view, WB_GFN) == QColor(theme.type_colour(MemoryType.WB))


def test_a_click_selects_the_page(view):
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=centre(view, STALE_GFN))
    assert view.bridge.document.gfn == STALE_GFN


def test_a_click_on_nothing_selects_nothing(view):
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert view.bridge.document.gfn is None


def test_the_wheel_zooms_at_the_pointer_down_to_one_page_and_back(view):
    for _ in range(12):
        wheel(view, STALE_GFN, 1)
    assert view.canvas.view.pages == 1
    assert view.canvas.view.first_gfn == STALE_GFN
    for _ in range(12):
        wheel(view, STALE_GFN, -1)
    assert view.canvas.view is None


def test_dragging_pans_and_selects_nothing(view):
    for _ in range(3):
        wheel(view, WB_GFN, 1)
    first = view.canvas.view.first_gfn
    start = QPoint(300, 200)
    QTest.mousePress(view.canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.canvas, start - QPoint(0, 30))
    QTest.mouseMove(view.canvas, start - QPoint(0, 150))
    QTest.mouseRelease(view.canvas, Qt.MouseButton.LeftButton, pos=start - QPoint(0, 150))
    assert view.canvas.view.first_gfn > first
    assert view.bridge.document.gfn is None


def test_a_double_click_shows_everything_again(view):
    wheel(view, WB_GFN, 1)
    QTest.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert view.canvas.view is None


def test_keys_move_zoom_fit_and_inspect(view, qtbot):
    canvas = view.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert view.bridge.document.gfn == 0
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert view.bridge.document.gfn == 1
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert view.bridge.document.gfn > 16
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert view.bridge.document.gfn == 1
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.pages == 128
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.view.first_gfn == 128
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.view is None
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.view is None
    with qtbot.waitSignal(view.inspect_requested):
        QTest.keyClick(canvas, Qt.Key.Key_Return)


def test_walking_by_keys_tells_a_screen_reader_what_is_there(view):
    view.bridge.document.select_page(STALE_GFN - 1)
    QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    words = view.canvas.accessibleDescription()
    assert words.startswith("0x8_5000 to 0x8_5fff")
    assert "leaf: 4 KiB, UC, IPAT 0" in words


def test_a_page_selected_elsewhere_comes_into_view(view):
    for _ in range(4):
        wheel(view, WB_GFN, 1)
    view.bridge.document.select_page(0x3000)
    assert view.canvas.view.first_gfn <= 0x3000 < view.canvas.view.end_gfn


def test_the_tooltip_describes_the_page(view):
    position = centre(view, STALE_GFN)
    event = QHelpEvent(QEvent.Type.ToolTip, position, view.canvas.mapToGlobal(position))
    QApplication.sendEvent(view.canvas, event)
    assert "next fault of vCPU 0: WB, IPAT 0" in QToolTip.text()
    QToolTip.hideText()


def test_the_legend_counts_leaves_and_stale_ones(view):
    run = view.bridge.document.run
    state = view.bridge.document.state
    total = len(state.live_rows)
    counts = dict(words.split(" ", 1) for words in view.legend.words[:6])
    assert sum(int(counts[t.name].replace(",", "")) for t in MemoryType) == total
    assert counts["stale"] == f"{view.canvas.frame.stale_leaves:,}"
    assert run.leaves.memory_type[state.live_rows].max() == MemoryType.WB
    assert "leaves" in view.legend.accessibleDescription()


def test_the_legend_says_that_leaves_were_just_zapped_while_they_flash(view):
    document, legend = view.bridge.document, view.legend
    zaps, leaves = document.run.zaps, document.run.leaves
    zapped_ns = int(leaves.died_ns[leaves.zap >= 0][0])
    assert len(zaps)
    document.set_playhead(0)
    view.grab()
    before = legend._places(legend.width())
    assert "just zapped" not in legend.words
    document.set_playhead(zapped_ns)
    view.grab()
    assert "just zapped" in legend.words
    assert "a moment ago" in legend.accessibleDescription()
    assert legend._places(legend.width()) == before
    view.set_reduced_motion(reduced=True)
    view.grab()
    assert "just zapped" not in legend.words


def test_the_legend_names_patterns_only_while_kvm_and_the_manual_differ(view):
    words = ("SDM says otherwise", "undefined by the SDM")
    assert not set(words) & set(view.legend.words)
    view.bridge.document.open(open_scenario("kvm-and-manual"), None)
    view.bridge.document.set_playhead(500_000_000)
    view.grab()
    assert view.legend.words[-2:] == words
    assert "MTRRs by the SDM: UC; by KVM's walk: WB" in view.canvas.words_for(
        view.canvas.layout_shown.dot_of(0xC00)
    )
    view.bridge.document.set_playhead(0)
    view.grab()
    assert not set(words) & set(view.legend.words)


def test_the_tint_is_of_the_selected_vcpu(view):
    view.bridge.document.select_vcpu(1)
    view.grab()
    assert "tint: next fault of vCPU 1" in view.legend.words


def test_another_scenario_starts_with_the_overview(view):
    wheel(view, WB_GFN, 1)
    view.bridge.document.open(open_scenario("sandbox"), None)
    view.grab()
    assert view.canvas.view is None
    assert view.legend.words[0] == "WB 0"


def test_zoomed_in_cells_carry_letters(view):
    view.bridge.set_theme(LIGHT)
    view.bridge.document.select_page(WB_GFN)
    for _ in range(4):
        view.canvas.zoom_in()
    rect = view.canvas.rect_of(WB_GFN)
    image = view.canvas.grab(rect).toImage()
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert rect.width() >= 18
    assert len(colours) > 3


@pytest.mark.parametrize("size", [(460, 330), (640, 460), (1150, 700)])
def test_nothing_is_cut_at_any_size(view, size):
    view.resize(*size)
    view.grab()
    layout = view.canvas.layout_shown
    bottom = max(item.rect.y + item.rect.height for item in layout.placed)
    assert bottom <= view.canvas.height()
    assert view.canvas.geometry().bottom() < view.height()
