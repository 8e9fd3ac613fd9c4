"""Answers beside Qt's handlers, and why no view may override event()."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

import mtrrviz.gui
from mtrrviz.gui.common.event_filters import KeysFirst, PointerTips

pytestmark = pytest.mark.gui

GUI = Path(mtrrviz.gui.__file__).parent


def overrides_event(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = [item.name for c in classes for item in c.body if isinstance(item, ast.FunctionDef)]
    return "event" in names


def test_no_view_overrides_event_which_would_turn_an_exception_into_an_abort() -> None:
    files = sorted(GUI.rglob("*.py"))
    assert len(files) > 40
    assert [str(path) for path in files if overrides_event(path)] == []


def test_a_tooltip_tells_of_the_place_under_the_pointer(qtbot, monkeypatch) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    PointerTips(widget, lambda position: f"at {position.x()}")
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, words, _widget: shown.append(words))
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(7, 3), QPoint(70, 30)))
    assert shown == ["at 7"]


@pytest.mark.parametrize(("key", "taken"), [(Qt.Key.Key_Space, True), (Qt.Key.Key_A, False)])
def test_only_wanted_plain_keys_are_taken_before_shortcuts(qtbot, key, taken) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    KeysFirst(widget, lambda pressed: pressed == Qt.Key.Key_Space)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    assert event.isAccepted() is taken
