"""Small widgets that several views share: headings, buttons, hex fields, tables, empty panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QFont, QFontDatabase, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTableView,
    QWidget,
)

from mtrrviz.core.units import address_reading
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.read_as import ReadAs
from mtrrviz.gui.common.tables.plain_table import PlainTable

if TYPE_CHECKING:
    from collections.abc import Callable


def mono_font(widget: QWidget) -> QFont:
    """Return the fixed-width font at the size of ``widget``'s own, for addresses and values."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(widget.font().pointSizeF())
    return font


class Heading(Label):
    """The title of a part of a panel; styled by the object name ``heading``."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("heading")


class Dim(Label):
    """Writing that explains or qualifies; styled by the object name ``dim``."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("dim")
        self.setWordWrap(True)


class Empty(Label):
    """What a panel says when it has nothing to show."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("empty")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)


class OneLine(Label):
    """Words that keep to one line whatever the width; the tooltip has them whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, tone: str, words: str) -> None:
        """Show words in a tone: "dim" or "warning"."""
        if tone != self.objectName():
            self.setObjectName(tone)
            self.style().unpolish(self)
            self.style().polish(self)
        if words != self._words:
            self._words = words
            self.setToolTip(plain_tip(words))
            self.setAccessibleName(words)
            self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the words to the new width."""
        super().resizeEvent(event)
        self._elide()


class HexEdit(QLineEdit):
    """A field for a 64-bit value or an address, in the fixed-width font.

    ``reading`` says how digits alone are read, which is shown in the field; None for fields that
    say so elsewhere.
    """

    def __init__(
        self,
        name: str,
        parent: QWidget | None = None,
        reading: Callable[[str], str] | None = address_reading,
    ) -> None:
        super().__init__(parent)
        if reading is not None:
            ReadAs(self, reading)
        self.setFont(mono_font(self))
        self.setMaxLength(40)
        self.setAccessibleName(name)
        self.textChanged.connect(self._slant)
        self._slant("")

    def _slant(self, text: str) -> None:
        """Write an example in italics, so that it does not look like a value."""
        font = self.font()
        font.setItalic(not text)
        self.setFont(font)

    def show_error(self, message: str) -> None:
        """Mark the field as wrong and say why; an empty message takes the mark away."""
        mark_wrong(self, message)


def mark_wrong(field: QLineEdit, message: str, tip: str = "") -> None:
    """Mark a field as wrong and say why; without a message it has its ``tip`` again."""
    field.setProperty("wrong", bool(message))
    field.setToolTip(plain_tip(message or tip))
    field.style().unpolish(field)
    field.style().polish(field)


def push_button(text: str, tip: str, act: Callable[[], object], parent: QWidget) -> QPushButton:
    """Return a button that calls ``act``, without telling it whether it is checked."""
    button = QPushButton(text, parent)
    button.setToolTip(plain_tip(tip))
    button.clicked.connect(lambda _checked=False: act())
    return button


def ok_and_cancel(dialog: QDialog) -> QDialogButtonBox:
    """Return the buttons that accept and reject a dialog."""
    kinds = QDialogButtonBox.StandardButton
    buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, dialog)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


def scrolling(body: QWidget, parent: QWidget, name: str) -> QScrollArea:
    """Return a frameless area that scrolls ``body`` up and down, on the panel's own colour.

    ``name`` is what screen readers say when it gets the keyboard.
    """
    scroll = QScrollArea(parent)
    scroll.setAccessibleName(name)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(body)
    body.setAutoFillBackground(False)  # which setWidget turned on, with the window's colour
    return scroll


def hold_rows(table: QTableView) -> None:
    """Set a table up for whole rows to read: no cells are edited, no numbers stand before rows."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)  # or Tab would go through every cell
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)


def plain_table(model: QAbstractItemModel, name: str, parent: QWidget) -> QTableView:
    """Return a table of whole rows to read, select and copy; ``name`` is for screen readers."""
    table = PlainTable(parent)
    table.setModel(model)
    table.setAccessibleName(name)
    hold_rows(table)
    table.setShowGrid(False)
    table.setWordWrap(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table
