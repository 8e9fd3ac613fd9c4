"""Small widgets that several views share: headings, type swatches, hex fields, empty panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QWidget

from mtrrviz.core.memtype import MemoryType

if TYPE_CHECKING:
    from mtrrviz.gui.bridge import Bridge


def mono_font(widget: QWidget) -> QFont:
    """Return the fixed-width font at the size of ``widget``'s own, for addresses and values."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(widget.font().pointSizeF())
    return font


class Heading(QLabel):
    """The title of a part of a panel; styled by the object name ``heading``."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("heading")


class Dim(QLabel):
    """Writing that explains or qualifies; styled by the object name ``dim``."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("dim")
        self.setWordWrap(True)


class Empty(QLabel):
    """What a panel says when it has nothing to show."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("empty")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)


class HexEdit(QLineEdit):
    """A field for a 64-bit value or an address, in the fixed-width font."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(mono_font(self))
        self.setMaxLength(40)
        self.setAccessibleName(name)

    def show_error(self, message: str) -> None:
        """Mark the field as wrong and say why; an empty message takes the mark away."""
        self.setProperty("wrong", bool(message))
        self.setToolTip(message)
        self.style().unpolish(self)
        self.style().polish(self)


class TypeSwatch(QWidget):
    """A coloured square of one memory type."""

    def __init__(self, bridge: Bridge, memory_type: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._type = memory_type
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_type(self, memory_type: int) -> None:
        """Show another type."""
        self._type = memory_type
        self.setAccessibleName(MemoryType(memory_type).name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a square as high as the text."""
        side = self.fontMetrics().ascent()
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill with the type's colour, with a line around for pale ones."""
        painter = QPainter(self)
        theme = self._bridge.theme
        painter.fillRect(self.rect(), QColor(theme.type_colour(self._type)))
        painter.setPen(QColor(theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
        event.accept()
