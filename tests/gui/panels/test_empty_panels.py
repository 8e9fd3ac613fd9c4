"""Panels that have nothing to show say why, and what to do about it: all of them, one by one."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel

from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.gui.solve.result_view import RegisterList
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.wanted.solution_edit import RegisterChange

pytestmark = pytest.mark.gui

#: Words by which a text tells the reader to do something.
TO_DO = ("press", "click", "choose", "write", "import", "move", "type", "clear")
#: Panels that have something to show, whatever is open; Solve once it has solved.
NEVER_EMPTY = {
    *("registers", "timeline", "history", "problems", "solve", "published", "model", "policy")
}


@pytest.fixture
def sandbox(qtbot, settings) -> Workbench:
    """A window on a machine to which nothing happens, with no page selected."""
    window = MainWindow(settings)
    window.resize(1280, 800)
    qtbot.addWidget(window)
    document = Document(open_scenario("sandbox"))
    made = Workbench(window, document, Worker(window), settings)
    window.show()
    qtbot.waitExposed(window)
    document.select_page(None)
    return made


def words_of_emptiness(view) -> list[str]:
    found = view.findChildren(QLabel, "empty")
    return [label.text() for label in found if label.isVisible()]


def says_what_to_do(words) -> bool:
    return any(verb in words.casefold() for verb in TO_DO) and len(words.split()) > 5


def lists_without_rows(view) -> list[QAbstractItemView]:
    return [
        rows
        for rows in view.findChildren(QAbstractItemView)
        if rows.isVisible() and not isinstance(rows, QHeaderView) and not rows.model().rowCount()
    ]


def views_of(bench):
    """Yield each view's name, brought to the front."""
    for panel in bench.views.panels:
        bench.bring_up(panel.name)
        settle()
        yield panel.name, panel.view
    tabs = bench.views.map.tabs
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        settle()
        yield tabs.tabText(number).replace("&", ""), tabs.currentWidget()


def test_every_panel_says_why_it_is_empty_and_what_to_do(sandbox, qtbot):
    qtbot.waitUntil(lambda: sandbox.document.differences.history is not None)
    silent, idle, speaking = [], [], set()
    for name, view in views_of(sandbox):
        sandbox.finish_work()
        settle()
        said = words_of_emptiness(view)
        silent += [(name, rows) for rows in lists_without_rows(view) if not said]
        idle += [(name, words) for words in said if not says_what_to_do(words)]
        if said:
            speaking.add(name)
    assert not silent
    assert not idle
    panels = {panel.name for panel in sandbox.views.panels}
    assert panels - NEVER_EMPTY - speaking == set()
    assert "Differences" in speaking


def test_without_a_solution_the_list_of_registers_says_so(qtbot):
    registers = RegisterList()
    qtbot.addWidget(registers)
    registers.show()
    (said,) = words_of_emptiness(registers)
    assert says_what_to_do(said)
    registers.show_rows([RegisterChange(0x2FF, "IA32_MTRR_DEF_TYPE", 0, 0xC06, "")], "now")
    settle()
    assert not words_of_emptiness(registers)


def test_a_list_says_so_as_long_as_it_has_no_row(sandbox):
    problems = sandbox.views.problems
    sandbox.bring_up("problems")
    settle()
    sandbox.finish_work()
    settle()
    assert not words_of_emptiness(problems)
    problems.list.clear()
    settle()
    assert any("no problem" in words for words in words_of_emptiness(problems))
