"""The size of all text: chosen in the View menu or by keys, applied at once, remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel, QMenu, QTabBar, QTableView, QToolButton

from mtrrviz.gui.common.looks.text_size import TextSize, apply_text_size, text_scale
from mtrrviz.gui.registers.fixed_strip import FixedStrip
from mtrrviz.gui.shell.settings import Settings
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.timeline.painting import small_metrics
from tests.gui.every_panel import with_every_panel

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def own_size_again(qapp):
    yield
    apply_text_size(TextSize.P100)


def sizes(bench):
    """Return the size of the writing of every kind of widget; what scrolls tabs comes and goes."""
    kinds = (QLabel, QToolButton, QTableView)
    found = [w for kind in kinds for w in bench.window.findChildren(kind)]
    return [w.font().pointSizeF() for w in found if not isinstance(w.parent(), QTabBar)]


def test_all_text_grows_at_once_and_comes_back(bench):
    before = sizes(with_every_panel(bench))
    bench.step_text_size(4)
    assert sizes(bench) == pytest.approx([2 * size for size in before])
    bench.step_text_size(-4)
    assert sizes(bench) == pytest.approx(before)


def test_rows_of_tables_and_their_fixed_width_columns_grow_too(bench):
    table, model = bench.views.events.view, bench.views.events.model
    height = table.verticalHeader().defaultSectionSize()
    column = next(c for c in range(model.columnCount()) if model.font(0, c) is not None)
    size = model.font(0, column).pointSizeF()
    bench.actions["larger_text"].trigger()
    assert table.verticalHeader().defaultSectionSize() == round(height * 1.25)
    assert model.font(0, column).pointSizeF() == pytest.approx(size * 1.25)


def test_the_time_is_not_cut(bench):
    field = bench.views.transport.time_field
    bench.step_text_size(4)
    settle()
    assert field.width() > field.fontMetrics().horizontalAdvance("100.000000 s")


def test_no_panel_takes_the_room_of_the_map(bench):
    """All panels are tabs at the left then: the widest says how wide they are."""
    bench.window.resize(1280, 768)
    bench.step_text_size(4)
    settle()
    assert bench.docks["inspector"] in bench.window.tabifiedDockWidgets(bench.docks["registers"])
    for name in bench.docks:
        bench.bring_up(name)
        settle()
        assert bench.window.centralWidget().width() > 1280 * 0.4, name


def test_words_above_the_timeline_go_where_larger_text_would_cut_them(bench):
    """Also where its panel keeps its size."""
    dock, key = bench.docks["timeline"], bench.views.timeline._key
    dock.setFloating(True)
    dock.resize(1000, 400)
    settle()
    assert key.isVisible()
    bench.step_text_size(4)
    settle()
    assert dock.width() == 1000
    assert not key.isVisible()


def test_the_menu_sets_it_and_follows_the_keys(bench, settings):
    menu = bench.window.findChild(QMenu, "text_size_menu")
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == ["100 %", "125 %", "150 %", "175 %", "200 %"]
    actions["150 %"].trigger()
    assert text_scale() == 1.5
    assert settings.text_size is TextSize.P150
    bench.actions["larger_text"].trigger()
    menu.aboutToShow.emit()
    assert actions["175 %"].isChecked()


def test_it_is_remembered(tmp_path):
    def store():
        return Settings(QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat))

    store().text_size = TextSize.P175
    assert store().text_size is TextSize.P175


def test_it_ends_at_the_last_sizes():
    assert TextSize.P200.stepped(1) is TextSize.P200
    assert TextSize.P100.stepped(-1) is TextSize.P100


def test_a_theme_keeps_the_size(bench, settings):
    bench.step_text_size(2)
    size = bench.views.results.font().pointSizeF()
    settings.theme = type(settings.theme).LIGHT
    bench.apply_looks()
    assert bench.views.results.font().pointSizeF() == size


def test_the_fixed_ranges_are_as_high_as_their_letters(bench):
    strip = bench.window.findChild(FixedStrip)
    height = strip.sizeHint().height()
    bench.step_text_size(4)
    settle()
    letters = strip.fontMetrics().height() * 0.85
    assert strip.sizeHint().height() >= 4 * letters > height
    assert strip.height() == strip.sizeHint().height()
    cells = strip.cells()
    assert cells[0].rect.height() >= letters - 3
    assert cells[-1].rect.bottom() <= strip.height()


def test_the_timeline_gives_large_labels_room(bench):
    canvas = bench.views.timeline.canvas
    before = canvas.layout_rows
    bench.step_text_size(4)
    settle()
    rows = canvas.layout_rows
    line_px = small_metrics(canvas.font()).height()
    assert rows.ruler_bottom >= line_px > before.ruler_bottom
    assert rows.phases_bottom - rows.phases_top >= line_px
    assert rows.left_px > small_metrics(canvas.font()).horizontalAdvance("vCPU 15")
    assert canvas.axis.left > rows.left_px
