"""Two policies in one window: side by side, as a map of differences, as a table."""

from __future__ import annotations

import csv
import io
import json

import pytest
from PySide6.QtCore import QEvent, QPoint, QSettings, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QToolButton, QToolTip

from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.differences import DIFFERENT, DifferenceKind
from mtrrviz.geometry.map.difference_image import LOUD, Quiet
from mtrrviz.geometry.map.map_pixels import ROLES
from mtrrviz.gui.common.looks.theme import THEMES, Palette, themed
from mtrrviz.gui.compare.difference_palette import difference_colours, kind_colour
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui

#: In lagging-ap: UC under per-vcpu and WB under per-vm; WB under both; under none.
DIFFERS, ALIKE, UNMAPPED = 0x1400, 0x400, 0x3C00


def make_panel(qtbot, name="lagging-ap", size=(640, 460)):
    document = Document(open_scenario(name))
    document.set_playhead(document.duration_ns)
    bridge = Bridge(document)
    panel = MapPanel(bridge)
    panel.resize(*size)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    panel.grab()
    return panel


@pytest.fixture
def panel(qtbot):
    widget = make_panel(qtbot)
    yield widget
    widget.bridge.close()


@pytest.fixture
def difference(panel):
    panel.show_mode(MapMode.DIFFERENCE)
    panel.grab()
    return panel.map.difference


@pytest.fixture
def table(panel):
    panel.tabs.setCurrentWidget(panel.differences)
    panel.grab()
    return panel.differences


def colour_at(canvas, gfn):
    return canvas.grab().toImage().pixelColor(canvas.rect_of(gfn).center())


# Modes


def test_a_button_a_mode_shows_it(panel):
    for mode in (MapMode.SIDE_BY_SIDE, MapMode.DIFFERENCE, MapMode.ONE):
        QTest.mouseClick(panel.map.modes.button(mode), Qt.MouseButton.LeftButton)
        assert panel.bridge.document.map_mode is mode
        assert panel.tabs.currentWidget() is panel.map
        assert panel.map.modes.button(mode).isChecked()


def test_the_next_mode_comes_round(panel):
    panel.show_mode(MapMode.ONE)
    seen = []
    for _ in MapMode:
        panel.next_mode()
        seen.append(panel.bridge.document.map_mode)
    assert seen == [MapMode.SIDE_BY_SIDE, MapMode.DIFFERENCE, MapMode.ONE]


def test_everything_fits_the_smallest_window(panel):
    panel.resize(MapPanel.minimumSizeHint(panel))
    for mode in MapMode:
        panel.show_mode(mode)
        assert panel.minimumSizeHint().width() <= 700
        assert panel.minimumSizeHint().height() <= 420


# Side by side


def test_each_side_shows_its_own_policy(panel):
    panel.show_mode(MapMode.SIDE_BY_SIDE)
    left, right = panel.map.side_by_side.canvases
    theme = panel.bridge.theme
    left.zoom_in(DIFFERS)
    for _ in range(2):
        left.zoom_in(DIFFERS)
    left.grab()
    assert MemoryType.UC in types_of(left, DIFFERS)
    assert colour_at(right, DIFFERS) == QColor(theme.type_colour(MemoryType.WB))
    assert [heading.text() for heading in panel.map.side_by_side._names] == ["per-vcpu", "per-vm"]


def types_of(canvas, gfn):
    mask = int(canvas.frame.leaf_types[canvas.layout_shown.dot_of(gfn)])
    return [MemoryType(bit) for bit in (0, 1, 4, 5, 6) if mask >> bit & 1]


def test_each_side_counts_its_own_leaves(panel):
    panel.show_mode(MapMode.SIDE_BY_SIDE)
    panel.grab()
    left, right = panel.map.side_by_side.legends
    assert "UC 8" in left.words
    assert "stale 8" in left.words
    assert not [words for words in right.words if words.startswith("UC")]
    assert "stale 0" in right.words


def test_the_sides_follow_playhead_and_policy(panel):
    panel.show_mode(MapMode.SIDE_BY_SIDE)
    document = panel.bridge.document
    document.set_compared_policy("kvm-6.11")
    panel.grab()
    assert panel.map.side_by_side._names[1].text() == "kvm-6.11"
    document.set_playhead(0)
    panel.grab()
    assert all(not canvas.frame.leaf_types.any() for canvas in panel.map.side_by_side.canvases)


def test_zoom_and_pan_are_tied_everywhere(panel):
    for mode in MapMode:
        panel.show_mode(mode)
    canvases = [
        panel.map.canvas, *panel.map.side_by_side.canvases, panel.map.difference.canvas,
    ]  # fmt: skip
    for leader in canvases:
        leader.fit()
        assert [canvas.view for canvas in canvases] == [None] * 4
        leader.zoom_in(DIFFERS)
        leader.zoom_in(DIFFERS)
        assert leader.view is not None
        assert all(canvas.view == leader.view for canvas in canvases)


def test_a_mode_opens_where_the_map_is_zoomed_to(panel):
    panel.map.canvas.zoom_in(DIFFERS)
    panel.show_mode(MapMode.DIFFERENCE)
    assert panel.map.difference.canvas.view == panel.map.canvas.view


def test_another_scenario_is_shown_whole_in_every_mode(panel):
    for mode in MapMode:
        panel.show_mode(mode)
        panel.map.canvas.zoom_in(DIFFERS)
        panel.bridge.document.open(open_scenario("sandbox"), None)
        panel.grab()
        assert panel.map.canvas.view is None


# The map of differences


def test_pages_have_the_colour_of_their_difference(panel, difference):
    theme, canvas = panel.bridge.theme, difference.canvas
    table = difference_colours(theme)
    assert colour_at(canvas, DIFFERS) == kind_colour(theme, DifferenceKind.TYPE)
    assert colour_at(canvas, ALIKE).rgb() == table[Quiet.ALIKE]
    assert colour_at(canvas, UNMAPPED).rgb() == table[Quiet.UNMAPPED]


def test_every_theme_paints_its_own_colours(panel, difference):
    for theme in THEMES.values():
        panel.bridge.set_theme(theme)
        assert colour_at(difference.canvas, DIFFERS) == kind_colour(theme, DifferenceKind.TYPE)


def test_the_map_follows_playhead_and_policy(panel, difference):
    canvas, document = difference.canvas, panel.bridge.document
    document.set_playhead(0)
    panel.grab()
    assert not canvas.difference_frame.kinds.any()
    document.set_playhead(document.duration_ns)
    document.set_compared_policy("per-vcpu")
    panel.grab()
    assert not (canvas.difference_frame.kinds > 1).any()


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("palette", Palette)
def test_kinds_are_told_apart_and_never_look_like_types(theme, palette):
    shown = themed(theme.name, palette)
    table = difference_colours(shown)
    looks = {tuple(table[LOUD + kind * ROLES :][:ROLES]) for kind in DIFFERENT}
    assert len(looks) == len(DIFFERENT)
    types = {QColor(colour).rgb() for colour in shown.types.values()}
    assert not types & {kind_colour(shown, kind).rgb() for kind in DIFFERENT}


def test_letters_stand_in_large_dots(panel, difference):
    canvas = difference.canvas
    while canvas.layout_shown.rect_of(DIFFERS).width < 30:
        canvas.zoom_in(DIFFERS)
    image = canvas.grab().toImage()
    rect = canvas.rect_of(DIFFERS).adjusted(2, 2, -2, -2)
    inks = {
        image.pixelColor(x, y).rgb()
        for x in range(rect.left(), rect.right())
        for y in range(rect.top(), rect.bottom())
    }
    assert len(inks) > 1


def test_the_legend_names_both_policies_and_sizes(difference):
    assert "A a leaf only under per-vcpu 0 B" in difference.legend.words
    assert "B a leaf only under per-vm 0 B" in difference.legend.words
    assert "T type differs 16 MiB" in difference.legend.words
    assert "no leaf in either" in difference.legend.words


def test_the_tooltip_names_both_entries(panel, difference, qtbot):
    canvas = difference.canvas
    position = canvas.rect_of(DIFFERS).center()
    event = QHelpEvent(QEvent.Type.ToolTip, position, canvas.mapToGlobal(position))
    QApplication.sendEvent(canvas, event)
    qtbot.waitUntil(lambda: "per-vcpu UC, per-vm WB" in QToolTip.text())
    assert "type differs" in QToolTip.text()
    assert canvas.words_for(canvas.layout_shown.dot_of(ALIKE))[-1] == "no difference"


def test_a_click_selects_the_page(panel, difference):
    position = difference.canvas.rect_of(DIFFERS).center()
    QTest.mouseClick(difference.canvas, Qt.MouseButton.LeftButton, pos=position)
    first, end = difference.canvas.layout_shown.gfn_range(
        difference.canvas.layout_shown.dot_of(DIFFERS)
    )
    assert first <= panel.bridge.document.gfn < end


def test_arrow_keys_tell_the_difference(panel, difference):
    panel.bridge.document.select_page(DIFFERS - 1)
    QTest.keyClick(difference.canvas, Qt.Key.Key_Right)
    assert "differs" in difference.canvas.accessibleDescription()


def test_without_two_runs_the_map_says_so(qtbot):
    document = Document(open_scenario("lagging-ap"), executor=lambda _work, _done: None)
    bridge = Bridge(document)
    panel = MapPanel(bridge)
    qtbot.addWidget(panel)
    panel.show()
    for mode in MapMode:
        panel.show_mode(mode)
        panel.grab()
    difference = panel.map.difference
    assert difference is not None
    assert difference.canvas.difference_frame is None
    assert difference.canvas.words_for(0) == ()
    panel.tabs.setCurrentWidget(panel.differences)
    assert "being simulated" in panel.differences._empty.text()
    bridge.close()


# The table


def test_the_model_is_sound(table, qtmodeltester):
    QAbstractItemModelTester(table.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    qtmodeltester.check(table.model)


def test_the_table_lists_what_differs(table):
    assert table.model.rowCount() == 1
    words = [table.model.index(0, c).data() for c in range(table.model.columnCount())]
    assert words == [
        "0x100_0000", "0x1ff_ffff", "16 MiB", "type differs", "UC", "WB", "RAM",
    ]  # fmt: skip
    assert "16 MiB in 1 range at 1.000 s; first difference at 633.333 ms" in table.about.text()


def test_a_click_on_a_row_selects_its_page(panel, table):
    rect = table.table.visualRect(table.model.index(0, 0))
    QTest.mouseClick(table.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert panel.bridge.document.gfn == 0x1000


def in_order(model):
    return [model.rows.items[model.source_row(row)] for row in range(model.rowCount())]


def test_the_table_sorts_by_any_column_and_keeps_it(panel, table):
    document = panel.bridge.document
    document.open(open_scenario("ovmf-8vcpu-2g"), None)
    document.set_compared_policy("kvm-6.11")
    document.set_playhead(6_900_000_000)
    table.refresh()
    firsts = [one.first_gfn for one in in_order(table.model)]
    assert len(firsts) > 5
    assert firsts == sorted(firsts)
    table.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    sizes = [one.size_bytes for one in in_order(table.model)]
    assert sizes == sorted(sizes, reverse=True)
    document.set_playhead(7_000_000_000)
    table.refresh()
    sizes = [one.size_bytes for one in in_order(table.model)]
    assert sizes == sorted(sizes, reverse=True)
    for column in range(table.model.columnCount()):
        table.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
        assert sorted(one.first_gfn for one in in_order(table.model)) == sorted(
            set(firsts) & set(firsts)
        )


def test_copying_gives_tab_separated_rows(table):
    QTest.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["First", "Last", "Size", "Difference"]
    assert lines[0].split("\t")[4:6] == ["per-vcpu", "per-vm"]
    assert len(lines) == 2


def test_the_list_is_saved_by_suffix(table, tmp_path):
    table.save(tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text())))
    assert rows[1][3:6] == ["type differs", "UC", "WB"]
    table.save(tmp_path / "list.tsv")
    assert "\t" in (tmp_path / "list.tsv").read_text()
    table.save(tmp_path / "list.json")
    assert json.loads((tmp_path / "list.json").read_text())[0]["gpa"] == 0x1000000


def test_a_list_that_cannot_be_saved_is_told(panel, table, tmp_path, qtbot):
    with qtbot.waitSignal(panel.bridge.refused) as signal:
        table.save(tmp_path / "nowhere" / "list.csv")
    assert "No such file" in signal.args[0]


def test_the_buttons_jump(panel, table):
    document = panel.bridge.document
    document.set_playhead(0)
    table.refresh()
    assert "Nothing differs at 0 ns; first difference at 633.333 ms" in table._empty.text()
    buttons = {button.accessibleName(): button for button in table.findChildren(QToolButton)}
    QTest.mouseClick(buttons["First difference"], Qt.MouseButton.LeftButton)
    assert document.playhead_ns == document.comparison.history.first_ns
    document.set_playhead(0)
    QTest.mouseClick(buttons["Next change of the differences"], Qt.MouseButton.LeftButton)
    assert document.playhead_ns == document.comparison.history.changes_ns[0]


def test_the_table_follows_the_playhead(panel, table, qtbot):
    panel.bridge.document.set_playhead(0)
    qtbot.waitUntil(lambda: "Nothing differs" in table._empty.text())


def test_equal_policies_are_said_never_to_differ(panel, table):
    panel.bridge.document.open(open_scenario("sandbox"), None)
    table.refresh()
    assert table._empty.text().startswith(
        "per-vcpu and per-vm never differ in this scenario. Choose"
    )


# The window


@pytest.fixture
def workbench(qtbot, tmp_path):
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings = Settings(store)
    window = MainWindow(settings)
    qtbot.addWidget(window)
    document = Document(open_scenario("lagging-ap"))
    made = Workbench(window, document, Worker(), settings)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.close()


def test_keys_jump_to_differences_and_change_the_mode(workbench):
    document = workbench.document
    QTest.keyClick(workbench.window, Qt.Key.Key_D)
    assert document.playhead_ns == document.comparison.history.first_ns
    document.set_map_mode(MapMode.ONE)
    QTest.keyClick(workbench.window, Qt.Key.Key_M)
    assert workbench.document.map_mode is MapMode.SIDE_BY_SIDE
    workbench.actions["previous_difference"].trigger()
    assert "No change" in workbench.window.statusBar().currentMessage()
    document.set_playhead(0)
    workbench.actions["next_difference"].trigger()
    assert document.playhead_ns == document.comparison.history.changes_ns[0]


def test_the_window_keeps_its_size_in_every_mode(workbench, qtbot):
    for mode in MapMode:
        workbench.views.map.show_mode(mode)
        QApplication.processEvents()
        assert (workbench.window.width(), workbench.window.height()) == (1280, 800)
        canvas = {
            MapMode.ONE: lambda: workbench.views.map.map.canvas,
            MapMode.SIDE_BY_SIDE: lambda: workbench.views.map.map.side_by_side.canvases[1],
            MapMode.DIFFERENCE: lambda: workbench.views.map.map.difference.canvas,
        }[mode]()
        corner = canvas.mapTo(workbench.views.map, QPoint(canvas.width(), canvas.height()))
        assert corner.x() <= workbench.views.map.width()
        assert corner.y() <= workbench.views.map.height()
