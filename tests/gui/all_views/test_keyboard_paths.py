"""Keys do everything: every action, and every kind of edit, which Ctrl+Z takes back."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QInputDialog, QLineEdit, QMenu, QWidget

from mtrrviz.core.msr.registers import CR0_ID
from mtrrviz.gui.common.editing.item_dialog import ItemEdits
from mtrrviz.gui.palette.palette_dialog import PaletteDialog
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.commands.actions import ACTIONS
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.touches.touch_table_view import TouchTableView
from mtrrviz.scenario import Event, EventKind, Phase, Sweep
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session import edits
from tests.narrow import there

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.gui

KEY, CTRL, ALT, SHIFT = (
    Qt.Key,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
AT_NS = 1_100_000_000
#: What other edits are made of, or say at once: nobody makes them as such in the window.
PARTS = {"change_stops", "describe"}


def offered() -> set[str]:
    """Return the names of all kinds of edit."""
    return {
        name
        for name, thing in vars(edits).items()
        if inspect.isfunction(thing) and thing.__annotations__.get("return") in ("Edit", edits.Edit)
    } | {"remake_machine"}


class Hands:
    """Presses keys where the keyboard is."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    @property
    def dialog(self) -> QDialog:
        """The dialog that was opened last."""
        shown = [w for w in self.bench.window.findChildren(QDialog) if w.isVisible()]
        return shown[-1]

    @property
    def _where(self) -> QWidget:
        shown = [w for w in self.bench.window.findChildren(QDialog) if w.isVisible()]
        window = shown[-1] if shown else self.bench.window
        return window.focusWidget() or window

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self._where, key, modifiers)
        settle(1)

    def write(self, text: str) -> None:
        QTest.keyClicks(self._where, text)

    def find(self, words: str) -> None:
        """Do what the palette finds first for some letters."""
        self.press(KEY.Key_K, CTRL)
        self.write(words)
        self.press(KEY.Key_Return)

    def panel(self, digit: Qt.Key, modifiers: Qt.KeyboardModifier = ALT) -> None:
        """Go to a panel by its key."""
        self.press(digit, modifiers)
        settle()

    def answering(self, text: str) -> None:
        """Type an answer into the question that the next key asks."""

        def answer() -> None:
            if not any(box.isVisible() for box in self.bench.window.findChildren(QInputDialog)):
                QTimer.singleShot(20, answer)
                return
            field = there(self.dialog.findChild(QLineEdit))
            QTest.keyClick(field, KEY.Key_A, CTRL)
            QTest.keyClicks(field, text)
            QTest.keyClick(field, KEY.Key_Return)

        QTimer.singleShot(20, answer)


def to_events(hands: Hands, rows: int = 1) -> None:
    """Go to the table of events, onto its first rows."""
    hands.panel(KEY.Key_4)
    view = hands.bench.views.events.view
    view.setFocus()
    for _ in range(view.model().rowCount()):
        hands.press(KEY.Key_Up)
    for _ in range(rows - 1):
        hands.press(KEY.Key_Down, SHIFT)


def change_event(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_Return, CTRL)
    hands.press(KEY.Key_N, ALT)
    hands.write(" or so")
    hands.press(KEY.Key_Return)


def change_events(hands: Hands) -> None:
    to_events(hands, rows=2)
    hands.press(KEY.Key_End)
    hands.press(KEY.Key_F2)
    hands.press(KEY.Key_A, CTRL)
    hands.write("both")
    hands.press(KEY.Key_Return)


def remove_events(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_Delete)


def duplicate_events(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_D, CTRL)


def move_events(hands: Hands) -> None:
    to_events(hands)
    hands.answering("+1 ms")
    hands.press(KEY.Key_T, CTRL)


def reorder_event(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_Down, ALT)


def paste_events(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_C, CTRL)
    hands.press(KEY.Key_V, CTRL)
    QGuiApplication.clipboard().clear()  # what lies there must not outlive the program


def shift_after(hands: Hands) -> None:
    to_events(hands)
    hands.press(KEY.Key_K, CTRL)
    hands.write("events: shift all")
    hands.answering("+1 ms")
    hands.press(KEY.Key_Return)


def add_event(hands: Hands) -> None:
    hands.press(KEY.Key_Insert)
    hands.press(KEY.Key_Return)


def dma(hands: Hands) -> None:
    hands.press(KEY.Key_N)


def add_touch(hands: Hands) -> None:
    hands.press(KEY.Key_X)


def to_touches(hands: Hands) -> None:
    hands.panel(KEY.Key_5)
    panel = next(p.view for p in hands.bench.views.panels if p.name == "touches")
    assert isinstance(panel, TouchTableView)
    view = panel.view
    view.setFocus()
    for _ in range(view.model().rowCount()):
        hands.press(KEY.Key_Up)


def change_touch(hands: Hands) -> None:
    to_touches(hands)
    hands.press(KEY.Key_Return, CTRL)
    hands.press(KEY.Key_Z, ALT)
    hands.press(KEY.Key_A, CTRL)
    hands.write("8 KiB")
    hands.press(KEY.Key_Return)


def remove_touches(hands: Hands) -> None:
    to_touches(hands)
    hands.press(KEY.Key_Delete)


def add_phase(hands: Hands) -> None:
    hands.find("timeline: begin a phase")
    hands.write("new")
    hands.press(KEY.Key_Return)


def change_phase(hands: Hands) -> None:
    hands.find("change the phase")
    hands.write("renamed")
    hands.press(KEY.Key_Return)


def remove_phase(hands: Hands) -> None:
    hands.find("remove the phase")


def add_bookmark(hands: Hands) -> None:
    hands.press(KEY.Key_B, CTRL)
    hands.press(KEY.Key_Return)


def to_list(hands: Hands, name: str, rows: int = 1) -> None:
    """Go to the first rows of the stops or the bookmarks."""
    hands.panel(KEY.Key_8)
    panel = next(p.view for p in hands.bench.views.panels if p.name == "stops")
    view = getattr(panel, name).view
    view.setFocus()
    for _ in range(view.model().rowCount()):
        hands.press(KEY.Key_Up)
    for _ in range(rows - 1):
        hands.press(KEY.Key_Down, SHIFT)


def change_bookmark(hands: Hands) -> None:
    to_list(hands, "bookmarks")
    hands.press(KEY.Key_F2)
    hands.write("renamed")
    hands.press(KEY.Key_Return)


def remove_bookmarks(hands: Hands) -> None:
    to_list(hands, "bookmarks")
    hands.press(KEY.Key_Delete)


def remove_bookmark(hands: Hands) -> None:
    hands.find("remove the bookmark")


def add_stop(hands: Hands) -> None:
    to_list(hands, "stops")
    hands.press(KEY.Key_Insert)
    hands.press(KEY.Key_Return)


def change_stop(hands: Hands) -> None:
    to_list(hands, "stops")
    hands.press(KEY.Key_F2)
    hands.press(KEY.Key_W, ALT)
    hands.press(KEY.Key_End)
    hands.press(KEY.Key_Return)


def switch_stop(hands: Hands) -> None:
    to_list(hands, "stops")
    hands.press(KEY.Key_Space)


def remove_stops(hands: Hands) -> None:
    to_list(hands, "stops")
    hands.press(KEY.Key_Delete)


def retell(hands: Hands) -> None:
    hands.press(KEY.Key_I, CTRL)
    hands.press(KEY.Key_T, ALT)
    hands.write("Told with keys")
    hands.press(KEY.Key_Return)


def open_here(hands: Hands) -> None:
    hands.find("save this view")


def name_vcpu(hands: Hands) -> None:
    hands.answering("the slow one")
    hands.find("rename lane")


def disable_quirk(hands: Hands) -> None:
    hands.find("disable the quirk cd_nw")


def remake_machine(hands: Hands) -> None:
    hands.press(KEY.Key_M, CTRL)
    there(hands.dialog.findChild(QWidget, "vcpus")).setFocus()
    hands.press(KEY.Key_Up)
    hands.press(KEY.Key_Return)


def write(hands: Hands, register: str, target: int) -> None:
    """Write a register's value again, to the vCPU shown: target 2 is as a kernel does."""
    hands.find(register)
    box = hands.bench.views.registers.detail.writer.target
    box.setFocus()
    hands.press(KEY.Key_Home)
    for _ in range(target):
        hands.press(KEY.Key_Down)
    hands.bench.views.registers.detail.hex.setFocus()
    hands.press(KEY.Key_Return)


def write_registers(hands: Hands) -> None:
    write(hands, "def_type", 0)


def write_as_kernel(hands: Hands) -> None:
    write(hands, "def_type", 2)


def set_cache_disable(hands: Hands) -> None:
    hands.panel(KEY.Key_1)
    registers = hands.bench.views.registers
    registers.open_register(CR0_ID)
    settle()
    detail = registers.detail
    boxes = detail.findChildren(QCheckBox)
    next(box for box in boxes if box.text() == "CD" and box.isVisible()).setFocus()
    hands.press(KEY.Key_Space)
    detail.writer.write_button.setFocus()
    hands.press(KEY.Key_Space)


def seen_as_other_kind(hands: Hands) -> None:
    hands.bench.views.settings_bar.as_guest.setFocus()
    hands.press(KEY.Key_Space)


#: How each kind of edit is made with keys.
PATHS: dict[str, Callable[[Hands], None]] = {
    "attach_dma": dma,
    "detach_dma": dma,
    **{
        path.__name__: path
        for path in (
            *(add_event, change_event, change_events, remove_events, duplicate_events),
            *(move_events, reorder_event, paste_events, shift_after, add_touch, change_touch),
            *(remove_touches, add_phase, change_phase, remove_phase, add_bookmark),
            *(change_bookmark, remove_bookmark, remove_bookmarks, add_stop, change_stop),
            *(switch_stop, remove_stops, retell, open_here, name_vcpu, disable_quirk),
            *(remake_machine, write_registers, write_as_kernel, set_cache_disable),
            seen_as_other_kind,
        )
    },
}


def test_every_kind_of_edit_has_a_path() -> None:
    assert offered() - PARTS == set(PATHS)


@pytest.fixture
def hands(class_bench, monkeypatch) -> Hands:
    """Hands on a scenario that has something of each kind; two events have one time."""
    bench = class_bench
    scenario = open_scenario("small-machine")
    first = scenario.events[0]
    twin = Event(first.time_ns, EventKind.NOTE, text="at the same time")
    rich = replace(
        scenario,
        events=(first, twin, *scenario.events[1:]),
        phases=(Phase(0, "first"), Phase(AT_NS, "second")),
        sweeps=(Sweep(AT_NS, 0, 0x100, 1), *scenario.sweeps),
        bookmarks=(Bookmark(AT_NS, "here"),),
        stops=(StopCondition(StopKind.ZAP),),
    )
    bench.document.open(rich, None)
    bench.document.set_playhead(AT_NS)
    bench.document.select_page(0x2100)
    bench.window.activateWindow()
    bench.views.map.map.canvas.setFocus()
    settle()
    bench.window.ask_before_closing(lambda: True)
    monkeypatch.setattr(dialogs, "refused", lambda _window, words: pytest.fail(words))
    return Hands(bench)


def spied(monkeypatch, name: str) -> list[str]:
    """Return a list that tells of each call of an edit, wherever it is called from."""
    original, calls = getattr(edits, name), []

    def spy(*arguments, **more):
        calls.append(name)
        return original(*arguments, **more)

    for module in [m for key, m in sys.modules.items() if key.startswith("mtrrviz")]:
        for attribute, value in list(vars(module).items()):
            if value is original:
                monkeypatch.setattr(module, attribute, spy)
            elif isinstance(value, ItemEdits):
                held = [key for key in ("add", "change") if getattr(value, key) is original]
                changed = replace(value, **dict.fromkeys(held, spy))
                monkeypatch.setattr(module, attribute, changed)
    return calls


@pytest.mark.parametrize("name", PATHS)
def test_each_kind_of_edit_is_made_and_undone_with_keys(hands, monkeypatch, name) -> None:
    document = hands.bench.document
    if name == "attach_dma" and document.state.machine.noncoherent_dma:
        hands.press(KEY.Key_N)
    if name == "seen_as_other_kind":
        document.open(as_host(document.scenario), None)
        settle()
    calls, before = spied(monkeypatch, name), document.scenario
    PATHS[name](hands)
    QTest.qWait(1)
    settle()
    assert calls
    assert document.scenario is not before
    hands.bench.window.activateWindow()
    hands.bench.views.map.map.canvas.setFocus()
    settle()
    hands.press(KEY.Key_Z, CTRL)
    assert document.scenario is before


def test_every_action_has_a_key_or_a_letter_in_its_menu(bench) -> None:
    titles = {menu.title() for menu in bench.window.menuBar().findChildren(QMenu)}
    for spec in ACTIONS:
        action = bench.actions[spec.id]
        assert action.shortcuts() or "&" in spec.text.replace("&&", ""), spec.id
        menus = [one for one in action.associatedObjects() if isinstance(one, QMenu)]
        assert menus, spec.id
        assert "&" in spec.menu
        assert spec.menu in titles
    for action in bench.window.menuBar().findChildren(QAction):
        assert action.isSeparator() or action.menu() or action.text() or action.isEnabled()


def test_every_action_is_found_in_the_palette(bench) -> None:
    hands = Hands(bench)
    hands.press(KEY.Key_K, CTRL)
    palette = hands.dialog
    assert isinstance(palette, PaletteDialog)
    found = {entry.name for entry in palette._entries}
    usable = {spec.id for spec in ACTIONS if bench.actions[spec.id].isEnabled()}
    assert usable - found == {"show_palette"}
