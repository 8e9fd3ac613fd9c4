"""Rows of the register overview: each shows one register, or a pair, and opens its editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mtrrviz.core.msr.registers import register
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.registers.paint import bold_font, focus_ring
from mtrrviz.gui.stops.stop_actions import stop_menu
from mtrrviz.session.stop_targets import register_stops

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

#: Space left and right of a row's content, and for the mark at its right end.
MARGIN = 6
MARK = 16


_UNKNOWN = "value not known"


class RegisterRow(QAbstractButton):
    """A line that a click, Space or Return opens; up and down step to the neighbours.

    ``msrs`` are the registers the row stands for. A row keeps the values it was last given, to
    paint them and to do nothing when they are given again.
    """

    stepped = Signal(int)
    lines = 1

    def __init__(
        self, bridge: Bridge, msrs: tuple[int, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self.bridge = bridge
        self.msrs = msrs
        self.values: tuple[int, ...] = (0,) * len(msrs)
        self._differs = ""
        self.is_unknown = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def show_values(
        self, values: tuple[int, ...], differs: str, *, is_unknown: bool = False
    ) -> None:
        """Show register values; ``differs`` says how they are unlike vCPU 0's, if they are.

        ``is_unknown``: nobody told them, and there is none to show.
        """
        shown = (self.values, self._differs, self.is_unknown)
        if (values, differs, is_unknown) == shown and self.accessibleName():
            return
        self.values, self._differs, self.is_unknown = values, differs, is_unknown
        words = f"{self.label()}: {_UNKNOWN}" if is_unknown else self.words()
        self.setAccessibleName(words + (f" ({differs})" if differs else ""))
        self.update()

    def label(self) -> str:
        """Return the name of what the row shows."""
        return register(self.msrs[0]).name

    def words(self) -> str:
        """Return the row's text twin."""
        raise AssertionError("each row says its own words")

    def hint(self, position: QPoint) -> str:
        """Return the tooltip for a place in the row."""
        del position
        return self.accessibleName()

    def paint_content(self, painter: QPainter, area: QRect) -> None:
        """Paint what the row shows into ``area``."""

    def line_height(self) -> int:
        """Return the height of one line of a row, at least a comfortable target."""
        return max(22, self.fontMetrics().height() + 6)

    def sizeHint(self) -> QSize:
        """Return the height of the row's lines; any width will do."""
        return QSize(200, self.lines * self.line_height())

    def minimumSizeHint(self) -> QSize:
        """Return the same height for the narrowest panel."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint background, content, the mark of what is open and the focus ring."""
        painter = QPainter(self)
        theme = self.bridge.theme
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), QColor(theme.raised if self.isChecked() else theme.hover))
        if self.isChecked():
            painter.fillRect(0, 0, 2, self.height(), QColor(theme.accent))
        area = self.rect().adjusted(MARGIN, 0, -MARGIN - MARK, 0)
        if self.is_unknown:
            self.paint_name(painter, area, self.label(), _UNKNOWN)
        else:
            self.paint_content(painter, area)
        self._paint_mark(painter)
        if self.hasFocus():
            focus_ring(painter, self.rect(), theme)
        painter.end()
        event.accept()

    def _paint_mark(self, painter: QPainter) -> None:
        """Paint an arrow that points down while the editor is open, and the dot of a difference."""
        theme = self.bridge.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = QPoint(self.width() - MARGIN - 4, self.line_height() // 2)
        corners = (QPoint(-3, -2), QPoint(4, -2), QPoint(0, 3))
        if not self.isChecked():
            corners = (QPoint(-2, -4), QPoint(-2, 4), QPoint(3, 0))
        painter.setBrush(QColor(theme.faint))
        painter.drawPolygon(QPolygon([middle + corner for corner in corners]))
        if self._differs:
            painter.setBrush(QColor(theme.warning))
            painter.drawEllipse(middle - QPoint(11, 0), 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_name(self, painter: QPainter, area: QRect, name: str, extra: str = "") -> None:
        """Paint a register's name and, weaker, what follows it."""
        theme = self.bridge.theme
        painter.setFont(bold_font(self))
        painter.setPen(QColor(theme.text))
        line = QRect(area.left(), area.top(), area.width(), self.line_height())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        used = painter.fontMetrics().horizontalAdvance(name) + 8
        painter.setFont(self.font())
        painter.setPen(QColor(theme.dim))
        rest = line.adjusted(used, 0, 0, 0)
        text = painter.fontMetrics().elidedText(extra, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Return as on Space; step on up and down."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to stop playing when the row's registers are written."""
        stop_menu(self, self.bridge, register_stops(self.msrs, self.bridge.document.vcpu), event)

    def tip_at(self, position: QPoint) -> str:
        """Return the words about the place under the mouse."""
        return self.hint(position)
