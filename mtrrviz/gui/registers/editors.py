"""Single editors of the register detail: a type to choose, a hex value to type, words of a tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QSizePolicy,
    QWidget,
)

from mtrrviz.core.units import address_reading
from mtrrviz.gui.common.event_filters import KeysFirst
from mtrrviz.gui.common.focus import FocusReturn
from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import HexEdit
from mtrrviz.gui.registers.paint import type_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import (
        QKeyEvent,
        QWheelEvent,
    )

    from mtrrviz.gui.shell.bridge import Bridge


_NOTHING = object()
"""Stands for a text that means no value yet, so that every value differs from it."""

_COMPACT = """
QComboBox { padding: 3px 0 3px 4px; }
QComboBox::drop-down { border: 0; width: 14px; }
"""


class QuietCombo(QComboBox):
    """A combo box that leaves the wheel to the panel and may be narrower than its items."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(50)
        self.setStyleSheet(_COMPACT)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the panel scroll."""
        event.ignore()


class TypeCombo(QuietCombo):
    """Chooses one of the types a field may hold; ``chosen`` carries the code the user picked."""

    chosen = Signal(int)

    def __init__(
        self, bridge: Bridge, name: str, codes: bytes, *, pat: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._bridge = bridge
        self._pat = pat
        for code in codes:
            self.addItem(type_label(code, pat=pat), code)
        self._colour()
        bridge.theme_changed.connect(self._colour)
        self.activated.connect(self._activated)

    def _colour(self) -> None:
        side = max(8, self.fontMetrics().ascent() - 2)
        for index in range(self.count()):
            self.setItemIcon(index, type_icon(self._bridge.theme, self.itemData(index), side))

    def _activated(self, index: int) -> None:
        self.chosen.emit(self.itemData(index))

    def show_code(self, code: int) -> None:
        """Show a code; one that is reserved is named instead of an entry."""
        index = self.findData(code)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        if index < 0:
            self.setPlaceholderText(f"reserved {code:#x}")


class FlagBox(QCheckBox):
    """A check box for one bit: ``set_by_user`` carries 0 or 1."""

    set_by_user = Signal(int)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.clicked.connect(self._clicked)

    def _clicked(self, checked: bool) -> None:
        self.set_by_user.emit(int(checked))


class ValueEdit(HexEdit):
    """A hex field that follows a value without disturbing who is typing in it.

    ``typed`` carries the text after each keystroke; Return and Escape are signals of their own.
    Escape also gives the keyboard back to where it was.
    """

    typed = Signal(str)
    accepted = Signal()
    given_up = Signal()

    def __init__(
        self,
        name: str,
        parent: QWidget | None = None,
        reading: Callable[[str], str] | None = address_reading,
    ) -> None:
        super().__init__(name, parent, reading)
        KeysFirst(self, _is_escape)  # it takes a draft back, and is a shortcut elsewhere
        self._focus = FocusReturn(self)
        self._shown: object = _NOTHING
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._edited)

    def _edited(self, text: str) -> None:
        self._shown = _NOTHING
        self.typed.emit(text)

    def keep(self, value: object) -> None:
        """Note that what was typed means ``value``, so that the text stays as the user wrote it."""
        self._shown = value
        self.show_error("")

    def means(self, value: object) -> bool:
        """Whether what the field shows, or the user wrote, means ``value``."""
        return value == self._shown

    def show_value(self, value: object, text: str) -> None:
        """Show a value's text, unless the field already means this value."""
        if value != self._shown:
            self._shown = value
            self.setText(text)
            self.setCursorPosition(0)
            self.show_error("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass Return and Escape on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            self._focus.hand_back()
        else:
            super().keyPressEvent(event)


def _is_escape(key: Qt.Key) -> bool:
    return key == Qt.Key.Key_Escape


class Words(Label):
    """A line that says something in one tone ("dim", "warning", "error") and hides when empty."""

    def __init__(self, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName(tone)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def say(self, text: str) -> None:
        """Show these words; none hide the line."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))
