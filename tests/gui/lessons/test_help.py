"""Help: every field, column, sign and panel has a page, and the window shows it, by keys alone."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import QHelpEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHeaderView,
    QLabel,
    QTabBar,
    QTableView,
    QToolTip,
    QWidget,
)

import mtrrviz.gui
from mtrrviz.gui.compare.difference_map import _QUIET
from mtrrviz.gui.compare.difference_palette import LETTERS
from mtrrviz.gui.help import topics
from mtrrviz.gui.help.help_window import HelpWindow
from mtrrviz.gui.help.pointed_at import handles, header_page, page_at
from mtrrviz.gui.help.tips import tip_with
from mtrrviz.gui.machine.machine_dialog import MachineDialog
from mtrrviz.gui.map import legend
from mtrrviz.gui.shell.commands.actions import ACTIONS, shortcuts
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.scenario.library import open_scenario
from tests.gui.every_panel import with_every_panel

pytestmark = pytest.mark.gui

BOOK = the_handbook()
#: Fields with a term of their own, by panel: all that a beginner meets first.
OWN_TERMS = {
    "machine": {"non-coherent dma": "non-coherent-dma", "policy of the run": "policy"},
    "results": {
        "zaps": "zap",
        "zap cycles": "cycles",
        "faults": "ept-violation",
        "refaults": "refault",
        "boot time": "replayed-and-modelled",
    },
    "inspector": {
        "address": "gpa-and-gfn",
        "region": "memory-slot",
        "leaf": "leaf",
        "maps": "level",
        "entry": "extended-page-tables-ept",
        "bits": "leaf",
        "last zap": "zap",
        "next fault": "ept-violation",
        "state": "stale-leaf",
        "so far": "refault",
    },
    "registers": {
        "variable range": "variable-range",
        "fixed ranges": "fixed-range",
        "vcpu": "vcpu",
        "base address of the range": "base-and-mask",
        "in use (v)": "pair",
        "ia32_mtrr_def_type": "default-type",
        "ia32_mtrrcap": "capability-register-mtrrcap",
        "ia32_pat": "page-attribute-table-pat",
        "cr0.cd": "cr0cd",
    },
}

#: Keys of single views, and of the desktop.
OTHER_KEYS = {"Ctrl+C", "Ctrl+V", "Ctrl+Return", "Shift+arrows", "F2"}


def fields(view):
    """Return the parts of a view that say something or can be used."""
    return [
        widget
        for widget in view.findChildren(QWidget)
        if widget.window() is view.window()
        and (widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QLabel))
    ]


def headers(view):
    found = [one.header() if hasattr(one, "header") else one for one in view.findChildren(QWidget)]
    across = Qt.Orientation.Horizontal
    return [h for h in found if isinstance(h, QHeaderView) and h.orientation() == across]


@pytest.mark.parametrize(
    "table", [topics.FIELDS, topics.COLUMNS, topics.SIGNS, topics._REGISTERS, topics.DIALOGS]
)
def test_the_table_names_only_pages_that_there_are(table):
    assert {address for address in table.values() if address not in BOOK} == set()


def test_the_keys_that_the_manual_names_are_those_of_the_window(qapp):
    named = {
        (key, page.address)
        for page in BOOK.manual
        if page.address != "presenting"  # a stage has keys of its own
        for key in re.findall(r"\b(?:(?:Ctrl|Shift|Alt)\+)+(?:\w+|[.,=+-])|\bF\d\b", page.text)
    }
    portable = QKeySequence.SequenceFormat.PortableText
    known = {key.toString(portable) for spec in ACTIONS for key in shortcuts(spec)}
    assert len(named) > 30
    assert {(key, page) for key, page in named if key not in known | OTHER_KEYS} == set()


def test_every_field_column_sign_and_panel_has_a_page(bench):
    with_every_panel(bench)
    check_fields(bench)
    check_columns(bench)
    check_signs(bench)
    check_whatever_takes_the_keyboard(bench)
    check_tabs(bench)


def check_fields(bench):
    desk_page = bench.desk.page_of
    for name, view in bench.views.explained.items():
        assert topics.panel_page(name) in BOOK, name
        for widget in fields(view):
            assert desk_page(widget) in BOOK, (name, widget)
            assert desk_page(widget) != topics.WINDOW_PAGE, (name, widget)
    for name, wanted in OWN_TERMS.items():
        named = {
            topics.plain_handle(handle): page_at(widget)
            for widget in fields(bench.views.explained[name])
            for handle in handles(widget)
        }
        for handle, slug in wanted.items():
            pages = {page for word, page in named.items() if word.startswith(handle)}
            assert f"glossary/{slug}" in pages, handle


def check_columns(bench):
    seen = 0
    for name, view in bench.views.explained.items():
        for header in headers(view):
            for column in range(header.count()):
                title = header.model().headerData(column, Qt.Orientation.Horizontal)
                assert not title or header_page(header, column) in BOOK, (name, title)
                seen += 1
    assert seen > 80


def check_signs(bench):
    marks = {entry.mark for entry in bench.views.map.map.legend._entries}
    marks |= {entry.mark for entry in _QUIET} | set(LETTERS.values())
    marks |= {legend._REAL, legend._PENDING, legend._SDM_DIFFERENCE, legend._UNDEFINED}
    marks |= set(legend._HOST_MARKS.values())
    assert {mark for mark in marks if topics.mark_page(mark) not in BOOK} == set()
    shown = bench.views.map.map.legend
    first = topics.mark_page(shown.mark_at(QPoint(2, 2)) or "")
    assert BOOK.page(first or "").sentence[:30] in shown.tip_at(QPoint(2, 2))


def hover(widget, place, monkeypatch):
    """Return the tip that comes up when the pointer rests at a place."""
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, words, *_rest: shown.append(words))
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    return " ".join(shown[-1].split()) if shown else ""


def test_tips_of_fields_and_headers_end_with_the_sentence(bench, monkeypatch):
    check_tips_of_all_fields(bench, monkeypatch)
    bar = fields(bench.views.settings_bar)
    field = next(one for one in bar if one.accessibleName() == "Non-coherent DMA")
    said = hover(field, QPoint(3, 3), monkeypatch)
    assert said.endswith(BOOK.page("glossary/non-coherent-dma").sentence)
    assert said.startswith(field.toolTip()[:20])
    bench.bring_up("faults")
    settle()
    table = bench.docks["faults"].findChild(QTableView)
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(table.model().column("ipat")) + 4, 4)
    said = hover(header.viewport(), place, monkeypatch)
    assert said.endswith(BOOK.page("glossary/ipat").sentence)
    assert bench.desk.page_of(header.viewport(), place) == "glossary/ipat"
    cell = table.visualRect(table.model().index(0, table.model().column("level"))).center()
    assert bench.desk.page_of(table.viewport(), cell) == "glossary/level"


def check_whatever_takes_the_keyboard(bench):
    window, seen = bench.window, 0
    for widget in window.findChildren(QWidget):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if any(isinstance(bar, QTabBar) and not bar.count() for bar in (widget, widget.parent())):
            continue  # Qt keeps bars without tabs for later
        if takes_keys and widget.window() is window and not window.statusBar().isAncestorOf(widget):
            page = bench.desk.page_of(widget)
            assert page in BOOK, widget
            assert page != topics.WINDOW_PAGE, widget
            seen += 1
    assert seen > 150


def check_tabs(bench):
    pages = {}
    for tabs in bench.window.findChildren(QTabBar):
        for number in range(tabs.count()):
            place = tabs.tabRect(number).center()
            pages[tabs.tabText(number).replace("&", "")] = bench.desk.page_of(tabs, place)
    expected = {"Zaps": "zaps", "Trace check": "trace-check", "Ranges": "ranges", "Map": "map"}
    assert {title: pages[title] for title in expected} == expected
    assert topics.WINDOW_PAGE not in pages.values()


def check_tips_of_all_fields(bench, monkeypatch):
    told = 0
    for name, view in bench.views.explained.items():
        for widget in fields(view):
            page = page_at(widget) or ""
            if page.startswith("glossary/") and not isinstance(widget, QTableView):
                said = hover(widget, widget.rect().center(), monkeypatch)
                said = said or " ".join(widget.toolTip().split())
                assert BOOK.page(page).sentence in said, (name, widget.accessibleName())
                told += 1
    assert told > 100
    row = bench.views.registers.deftype  # whose words depend on the place
    assert hover(row, QPoint(40, 8), monkeypatch).startswith("IA32_MTRR_DEF_TYPE 0x")


def test_facts_have_the_sentence_and_a_real_machine_hears_nothing_of_guests(bench, monkeypatch):
    facts = bench.views.inspector.facts
    leaf = next(one for one in facts.findChildren(QLabel) if one.accessibleName()[:5] == "Leaf:")
    sentence = BOOK.page("glossary/leaf").sentence
    assert hover(leaf, QPoint(2, 2), monkeypatch).endswith(sentence)
    monkeypatch.setattr(type(bench.document.scenario.machine), "is_host", True)
    assert not hover(leaf, QPoint(2, 2), monkeypatch).endswith(sentence)


def test_a_tip_is_not_given_the_same_sentence_twice():
    sentence = BOOK.page("glossary/run").sentence
    assert tip_with(sentence, "glossary/run") == ""
    assert tip_with("x", None) == ""
    assert tip_with("x", "glossary/run").startswith("x\n")


def help_window(bench):
    return bench.desk.window


def test_f1_opens_the_page_of_the_panel_and_shift_f1_that_of_the_field(qtbot, bench):
    bench.window.activateWindow()
    bench.views.registers.deftype.setFocus()
    qtbot.keyClick(bench.views.registers.deftype, Qt.Key.Key_F1)
    assert help_window(bench).address == "registers"
    assert help_window(bench).isVisible()
    bench.window.activateWindow()
    bench.views.registers.deftype.setFocus()
    qtbot.keyClick(bench.views.registers.deftype, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert help_window(bench).address == "glossary/default-type"
    bench.actions["show_glossary"].trigger()
    assert help_window(bench).address == BOOK.terms[0].address
    bench.bring_up("faults")
    settle()
    table = bench.docks["faults"].findChild(QTableView)
    table.setCurrentIndex(table.model().index(0, table.model().column("level")))
    assert bench.desk.page_of(table) == "glossary/level"  # that of the current column


def test_searching_and_going_back_by_keys(qtbot, bench):
    bench.actions["show_manual"].trigger()
    window = help_window(bench)
    first = window.address
    qtbot.keyClicks(window.search, "stale")
    assert window.contents.topLevelItem(0).text(0) == "Stale leaf"
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert window.address == "glossary/stale-leaf"
    qtbot.keyClick(window.search, Qt.Key.Key_Down)
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert window.address not in (first, "glossary/stale-leaf")
    window.back.click()
    window.back.click()
    assert window.address == first
    assert window.forward.isEnabled()
    window.search.setText("qwertz")
    assert window.nothing.isVisible()
    window.search.clear()
    assert window.contents.currentItem().text(0) == BOOK.page(first).title
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_links_lead_on_and_a_live_example_shows_its_moment(bench):
    bench.desk.window.show_page("glossary/zap-rule")
    window = help_window(bench)
    assert "range-moved" in window.view.toHtml()
    link = "mtrrviz:scenario/range-moved?time=0.9s&policy=kvm-6.7&page=0x240_0000"
    window.view.anchorClicked.emit(QUrl(link))
    document = bench.document
    assert document.scenario.title == open_scenario("range-moved").title
    assert (document.playhead_ns, document.gfn) == (900_000_000, 0x2400)
    assert document.policy == "kvm-6.7"
    window.view.anchorClicked.emit(QUrl("help:glossary/zap"))
    assert window.address == "glossary/zap"
    window.view.anchorClicked.emit(QUrl("mtrrviz:scenario/range-moved?time=end"))
    assert document.playhead_ns == document.duration_ns


def subclasses(kind):
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_each_dialog_has_a_page():
    for module in pkgutil.walk_packages(mtrrviz.gui.__path__, "mtrrviz.gui."):
        importlib.import_module(module.name)
    ours = {one for one in subclasses(QDialog) if one.__module__.startswith("mtrrviz.gui.")}
    used = {one.__name__ for one in ours if not one.__subclasses__()} - {HelpWindow.__name__}
    assert len(used) > 8
    assert used == set(topics.DIALOGS)


def test_f1_in_a_dialog_opens_its_page_beside_it(qtbot, bench):
    bench.actions["change_machine"].trigger()
    (dialog,) = bench.window.findChildren(MachineDialog)
    settle()
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_F1)
    assert help_window(bench).address == "machine"
    assert help_window(bench).isVisible()
    dialog.reject()
    bench.window.close()
    assert not help_window(bench).isVisible()
