"""Whatever can get the keyboard tells a screen reader what it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from mtrrviz.gui.shell.workbench import settle

pytestmark = pytest.mark.gui

#: Actions that open a dialog of our own.
OPENED_BY = (
    *("new_scenario", "change_machine", "change_scenario", "add_event", "add_bookmark"),
    *("export", "export_playback", "open_example", "show_palette"),
    *("show_shortcuts", "show_course", "show_model"),
)


def is_stop(widget: QWidget, top: QWidget) -> bool:
    """Whether Tab may stop at a part of a window; pop-ups and what Qt puts into parts aside."""
    inner = widget.objectName().startswith("qt_") or widget.window() is not top.window()
    frame = widget.parentWidget()
    is_viewport = isinstance(frame, QScrollArea) or type(widget) is QWidget
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return takes and widget.isVisibleTo(top) and not inner and not is_viewport


def nameless(top: QWidget) -> list[str]:
    """Return the kinds and parents of the parts of a window without a name."""
    found = []
    for widget in top.findChildren(QWidget):
        face = QAccessible.queryAccessibleInterface(widget)
        if is_stop(widget, top) and not (face and face.text(QAccessible.Text.Name)):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def test_every_stop_in_every_panel_has_a_name(class_bench):
    for panel in class_bench.views.panels:
        class_bench.bring_up(panel.name)
        settle()
        assert nameless(class_bench.window) == [], panel.name


@pytest.mark.parametrize("action", OPENED_BY)
def test_every_stop_in_a_dialog_has_a_name(class_bench, action):
    class_bench.actions[action].trigger()
    settle()
    (dialog,) = (d for d in class_bench.window.findChildren(QDialog) if d.isVisible())
    try:
        assert nameless(dialog) == []
    finally:
        dialog.reject()
        settle()
