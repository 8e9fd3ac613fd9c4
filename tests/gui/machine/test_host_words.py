"""A real machine's window speaks of nothing that only a guest under KVM has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QMenu, QTabBar, QWidget

from mtrrviz.core.msr.registers import CR0_ID, DEFTYPE, PAT, PHYSBASE0
from mtrrviz.facts.terms import GUEST_TERMS
from mtrrviz.gui.shell.commands.actions import ACTIONS, plain_text
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.importers import import_texts
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.workbench import Workbench

pytestmark = pytest.mark.gui

FOREIGN = re.compile(
    r"\bEPT|guest|\bgpa\b|vCPU|\bzap|\blea(f|ves)\b|\bpolic|\bfault|\bKVM\b|\bDMA\b|memory slot",
    re.I,
)
#: The one switch to a guest.
SWITCH = "As a KVM guest with a non-coherent device"
TEXTS = (
    *("text", "toPlainText", "title", "toolTip", "statusTip", "whatsThis", "accessibleName"),
    *("accessibleDescription", "placeholderText", "windowTitle", "iconText"),
)
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)


def said_by(thing: QWidget | QAction) -> Iterator[str]:
    """Yield all texts of a widget or an action."""
    for name in TEXTS:
        read = getattr(thing, name, None)
        if callable(read):
            yield str(read())
    if isinstance(thing, QAbstractItemView):
        yield from cells(thing)
    if isinstance(thing, QComboBox):
        rows = range(thing.count())
        yield from (str(thing.itemData(row, role)) for row in rows for role in ROLES)
    if isinstance(thing, QTabBar):
        shown = [tab for tab in range(thing.count()) if thing.isTabVisible(tab)]
        yield from (f"{thing.tabText(tab)} {thing.tabToolTip(tab)}" for tab in shown)


def cells(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    for column in range(model.columnCount()):
        yield from (
            str(model.headerData(column, Qt.Orientation.Horizontal, role)) for role in ROLES
        )
        for row in range(min(model.rowCount(), 50)):
            yield from (str(model.index(row, column).data(role)) for role in ROLES)


def all_said(bench: Workbench) -> set[str]:
    """Return the texts of visible widgets and of actions that can be had, menus' among them."""
    window = bench.window
    scenarios = window.findChild(QMenu, "builtin_menu")
    assert scenarios is not None
    of_files = set(scenarios.actions())
    actions = [a for a in window.findChildren(QAction) if a not in of_files]
    shown = [w for w in (window, *window.findChildren(QWidget)) if w.isVisible()]
    usable = [action for action in actions if action.isVisible() and action.isEnabled()]
    return {text for thing in (*shown, *usable) for text in said_by(thing)}


def foreign(bench: Workbench) -> set[str]:
    # What an import says of how it told the machine's kind is about both kinds.
    own = {SWITCH, bench.document.scenario.description}
    return {text for text in all_said(bench) - own if FOREIGN.search(text)}


def open_log(bench: Workbench, qtbot: QtBot, name: str) -> None:
    """Open the log of a real machine and wait until all of the window shows it."""
    path = SAMPLES / "field" / f"{name}.txt"
    bench.document.open(import_texts([(path.name, path)]).scenario, None)
    canvas = bench.views.map.map.canvas
    qtbot.waitUntil(lambda: canvas.frame is not None and canvas.frame.is_host)
    settle()


@pytest.mark.parametrize("name", ["k14-register-differs", "k05-outside-ram", "k11-tom2"])
def test_no_text_of_a_real_machines_window_is_about_guests(
    bench: Workbench, qtbot: QtBot, name: str
) -> None:
    open_log(bench, qtbot, name)
    bench.document.select_page(0xC0)
    assert foreign(bench) == set()
    for dock in (d for d in bench.docks.values() if d.toggleViewAction().isVisible()):
        dock.show()
        dock.raise_()
        while bench.finish_work():
            qtbot.wait(10)
        qtbot.wait(100)
        assert (dock.objectName(), foreign(bench)) == (dock.objectName(), set())
    tabs = bench.views.map.tabs
    for tab in (tab for tab in range(tabs.count()) if tabs.isTabVisible(tab)):
        tabs.setCurrentIndex(tab)
        qtbot.wait(150)
        assert (tab, foreign(bench)) == (tab, set())


@pytest.mark.parametrize("msr", [DEFTYPE, PHYSBASE0, PAT, CR0_ID])
def test_no_register_of_a_real_machine_is_about_guests(
    bench: Workbench, qtbot: QtBot, msr: int
) -> None:
    open_log(bench, qtbot, "k14-register-differs")
    bench.views.registers.open_register(msr)
    writer = bench.views.registers.detail.writer
    for target in range(writer.target.count()):
        writer.target.setCurrentIndex(target)
        writer.target.activated.emit(target)
        assert foreign(bench) == set()


def test_painting_and_the_shortcuts_of_a_real_machine_are_not_about_guests(
    bench: Workbench, qtbot: QtBot
) -> None:
    open_log(bench, qtbot, "k01-uc-hole-over-wb")
    bench.toggle_paint()
    qtbot.wait(50)
    assert foreign(bench) == set()
    bench.toggle_paint()
    bench.actions["show_shortcuts"].trigger()
    assert foreign(bench) == set()
    assert any("Next CPU" in text for text in all_said(bench))
    assert not any("Next phase" in text for text in all_said(bench))


def test_the_terms_of_guests_come_back(bench: Workbench, qtbot: QtBot) -> None:
    guest = bench.document.scenario
    before = all_said(bench)
    assert {"EPT map", "Show the next vCPU's registers"} <= before
    open_log(bench, qtbot, "k01-uc-hole-over-wb")
    assert "Map of memory types" in all_said(bench)
    bench.document.open(guest, None)
    assert {"EPT map", "Legend of the EPT map", "Show the next vCPU's registers"} <= all_said(bench)
    texts = {bench.actions[spec.id].text().replace("&", "") for spec in ACTIONS if "{" in spec.text}
    assert texts == {plain_text(spec, GUEST_TERMS) for spec in ACTIONS if "{" in spec.text}


def test_pictures_of_panels_for_guests_are_not_offered(bench: Workbench, qtbot: QtBot) -> None:
    pictures = bench.window.findChild(QMenu, "picture_menu")
    assert pictures is not None
    open_log(bench, qtbot, "k01-uc-hole-over-wb")
    offered = {action.text() for action in pictures.actions() if action.isVisible()}
    assert {"Map...", "Ranges...", "Registers...", "Problems..."} <= offered
    assert not offered & {"Zaps...", "Timeline...", "Tables...", "Differences...", "Policy..."}


def test_panels_for_guests_cannot_be_brought_up(bench: Workbench, qtbot: QtBot) -> None:
    open_log(bench, qtbot, "k01-uc-hole-over-wb")
    bench.bring_up("zaps")
    assert bench.docks["zaps"].isHidden()
    bench.bring_up("problems")
    assert not bench.docks["problems"].isHidden()
