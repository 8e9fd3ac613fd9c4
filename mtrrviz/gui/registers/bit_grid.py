"""The bit grid: a register's 64 bits as cells to look at and to toggle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygon,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.core.msr.registers import Field, register
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.registers.paint import hatch, small_font, type_label

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.registers.register_draft import Draft

ROWS, COLUMNS = 4, 16
_LABEL = 20
_STEPS = {
    Qt.Key.Key_Left: 1,
    Qt.Key.Key_Right: -1,
    Qt.Key.Key_Up: COLUMNS,
    Qt.Key.Key_Down: -COLUMNS,
}


class BitGrid(QWidget):
    """Bits 63 to 0 in four rows of sixteen, with field names below.

    A click or Space asks for a bit to be toggled, arrows move. Reserved bits are hatched and only
    say why they cannot be set. ``pointed`` carries words about the bit in hand, for a line below.
    """

    toggled = Signal(int)
    pointed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._draft: Draft | None = None
        self._msr = 0
        self._fields: tuple[Field, ...] = ()
        self._reserved = 0
        self._rows = [(0, 18)] * ROWS
        self._bit = 0
        self._pointed: Field | None = None
        self._is_unknown = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    @property
    def bit(self) -> int:
        """The bit the keyboard is on."""
        return self._bit

    def show_draft(self, draft: Draft, msr: int) -> None:
        """Show a register of a draft."""
        if msr != self._msr or not self._fields:
            self._bit = 0
            self._pointed = None
            self._fields = register(msr).fields_at(draft.maxphyaddr)
            self._reserved = sum(part.mask for part in self._fields if part.kind == "reserved")
        self._draft, self._msr, self._is_unknown = draft, msr, False
        self._arrange(draft)
        self.setAccessibleName(f"Bits of {register(msr).name}, value {draft.values[msr]:#x}")
        self.setAccessibleDescription(self.bit_words(self._bit))
        self.update()

    def show_unknown(self) -> None:
        """Show that no value is known: what was typed makes none."""
        self._is_unknown = True
        self.setAccessibleName(f"Bits of {register(self._msr).name}, no value")
        self.setAccessibleDescription(self.bit_words(self._bit))
        self.update()

    def point_at(self, name: str) -> None:
        """Frame the bits of the field of this name and say what it is; "" frames nothing."""
        self._pointed = next((field for field in self._fields if name and field.name == name), None)
        if self._pointed is not None:
            self._bit = self._pointed.low
            self.pointed.emit(self.bit_words(self._bit))
        self.update()

    # Geometry

    def sizeHint(self) -> QSize:
        """Return the height of the four rows; any width will do."""
        return QSize(260, self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the same height; cells get narrower before they get lower."""
        return QSize(_LABEL + 12 * COLUMNS, self._height())

    def _height(self) -> int:
        top, height = self._rows[-1]
        return top + height + self._caption_height()

    def _caption_height(self) -> int:
        return QFontMetrics(small_font(self)).height() + 2

    def _arrange(self, draft: Draft) -> None:
        """Find top and height of each row: one of nothing but reserved zeros is a thin band."""
        tall = max(18, self.fontMetrics().height() + 2)
        rows: list[tuple[int, int]] = []
        top = 1
        for row in range(ROWS):
            bits = 0xFFFF << (64 - COLUMNS * (row + 1))
            is_thin = self._reserved & bits == bits and not draft.values[self._msr] & bits
            height = tall // 2 if is_thin else tall
            rows.append((top, height))
            top += height + (4 if is_thin else self._caption_height())
        if rows != self._rows:
            self._rows = rows
            self.updateGeometry()

    def cell(self, bit: int) -> QRect:
        """Return where a bit is, with a wider gap every four."""
        row, column = divmod(63 - bit, COLUMNS)
        width = self.width() - _LABEL - 2
        left = _LABEL + width * column // COLUMNS
        end = _LABEL + width * (column + 1) // COLUMNS
        top, height = self._rows[row]
        return QRect(left, top, end - left - (3 if column % 4 == 3 else 1), height)

    def bit_at(self, position: QPoint) -> int | None:
        """Return the bit at a place, or None between rows."""
        if position.x() < _LABEL:
            return None
        column = (position.x() - _LABEL) * COLUMNS // max(1, self.width() - _LABEL - 2)
        for row, (top, height) in enumerate(self._rows):
            if top - 1 <= position.y() <= top + height:
                return 63 - (row * COLUMNS + min(column, COLUMNS - 1))
        return None

    # Words

    def field_of(self, bit: int) -> Field:
        """Return the field that holds a bit."""
        return next(field for field in self._fields if field.low <= bit <= field.high)

    def bit_words(self, bit: int) -> str:
        """Return what a bit is: number, field, value, meaning and section of the SDM."""
        if self._draft is None:
            return ""
        field = self.field_of(bit)
        if self._is_unknown:
            return f"bit {bit}: not known, as what was typed is not a value · {field.name}"
        is_set = self._draft.values[self._msr] >> bit & 1
        name = field.name if field.low == field.high else f"{field.name} ({field.bits})"
        changed = " (new)" if self._draft.changed_bits(self._msr) >> bit & 1 else ""
        what = f"bit {bit} = {is_set}{changed} · {name}: {field.meaning}"
        return f"{what} · SDM {field.section}"

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, then the names of the fields, then the keyboard's place."""
        painter = QPainter(self)
        if self._draft is not None:
            self._paint_bits(painter, self._draft)
            painter.setFont(small_font(self))
            for row in range(ROWS):
                self._paint_row_label(painter, row)
            for field in self._fields:
                self._paint_names(painter, field, self._draft)
            if self._pointed is not None:
                self._paint_pointed(painter, self._pointed)
            if self.hasFocus():
                self._paint_cursor(painter)
        painter.end()
        event.accept()

    def _paint_bits(self, painter: QPainter, draft: Draft) -> None:
        """Paint reserved stretches as hatching, every other bit as a cell."""
        value = draft.values[self._msr]
        locked, changed = draft.locked_bits(self._msr), draft.changed_bits(self._msr)
        reserved = self._reserved
        for bit in range(64):
            rect, flag = self.cell(bit), 1 << bit
            if reserved & flag and not value & flag:
                hatch(painter, rect, self._bridge.theme)
                continue
            if self._is_unknown:
                self._paint_unknown(painter, rect)
                continue
            fill, ink = self._colours(value & flag, locked & flag, reserved & flag)
            painter.fillRect(rect, fill)
            painter.setPen(ink)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "1" if value & flag else "0")
            if changed & flag:
                self._paint_changed(painter, rect)

    def _paint_unknown(self, painter: QPainter, rect: QRect) -> None:
        theme = self._bridge.theme
        painter.fillRect(rect, QColor(theme.panel))
        painter.setPen(QColor(theme.faint))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "?")

    def _colours(self, is_set: int, is_locked: int, is_reserved: int) -> tuple[QColor, QColor]:
        """Return the fill and the ink of a bit; what cannot be changed is grey."""
        theme = self._bridge.theme
        fill, ink = (theme.accent, theme.on_accent) if is_set else (theme.window, theme.dim)
        if is_reserved:
            fill, ink = theme.error, theme.panel
        elif is_locked:
            fill, ink = (theme.faint, theme.panel) if is_set else (theme.panel, theme.faint)
        return QColor(fill), QColor(ink)

    def _paint_changed(self, painter: QPainter, rect: QRect) -> None:
        """Mark a bit that differs from the machine's: a corner and a line below."""
        colour = QColor(self._bridge.theme.warning)
        painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 2), colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        corner = rect.topRight() + QPoint(1, 0)
        painter.drawPolygon(QPolygon([corner, corner - QPoint(6, 0), corner + QPoint(0, 6)]))

    def _paint_row_label(self, painter: QPainter, row: int) -> None:
        painter.setPen(QColor(self._bridge.theme.faint))
        top, height = self._rows[row]
        rect = QRect(0, top - 4, _LABEL - 4, height + 8)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect, flags, str(63 - row * COLUMNS))

    def _paint_names(self, painter: QPainter, field: Field, draft: Draft) -> None:
        """Write a field's name below its bits with a line above, once a row it reaches into."""
        if field.kind == "reserved":
            return
        for row in range(ROWS):
            top_bit = 63 - row * COLUMNS
            high, low = min(field.high, top_bit), max(field.low, top_bit - COLUMNS + 1)
            if high >= low:
                self._paint_name(painter, field, self.cell(high).united(self.cell(low)), draft)

    def _paint_name(self, painter: QPainter, field: Field, bits: QRect, draft: Draft) -> None:
        theme = self._bridge.theme
        below = QRect(bits.left(), bits.bottom() + 2, bits.width(), self._caption_height())
        painter.fillRect(QRect(below.left(), below.top(), below.width(), 1), QColor(theme.faint))
        words = field.name
        if field.kind == "type" and not self._is_unknown:
            code = field.extract(draft.values[self._msr])
            words += f" {type_label(code, pat=register(self._msr).kind == 'pat')}"
        room = max(below.width(), 15)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room + 2)
        painter.setPen(QColor(theme.dim))
        rect = below.adjusted(-4, 1, 4, 0)
        painter.drawText(rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)

    def _paint_pointed(self, painter: QPainter, field: Field) -> None:
        """Frame a field's bits, once a row it reaches into."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        theme = self._bridge.theme
        for row in range(ROWS):
            top_bit = 63 - row * COLUMNS
            high, low = min(field.high, top_bit), max(field.low, top_bit - COLUMNS + 1)
            if high >= low:
                bits = self.cell(high).united(self.cell(low))
                painter.setPen(QPen(QColor(theme.panel), 1))
                painter.drawRect(bits.adjusted(0, 0, -1, -1))
                painter.setPen(QPen(QColor(theme.text), 2))
                painter.drawRect(bits.adjusted(-1, -1, 1, 1))

    def _paint_cursor(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._bridge.theme.text), 2))
        painter.drawRect(self.cell(self._bit).adjusted(0, 0, 0, 0))

    # Mouse and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle the bit under the mouse."""
        bit = self.bit_at(event.position().toPoint())
        if bit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(bit)
            self._toggle()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the bit under the mouse is."""
        bit = self.bit_at(event.position().toPoint())
        self.pointed.emit("" if bit is None else self.bit_words(bit))

    def leaveEvent(self, event: QEvent) -> None:
        """Fall silent, or say again what the keyboard is on."""
        self.pointed.emit(self.bit_words(self._bit) if self.hasFocus() else "")
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say what the keyboard is on."""
        self.pointed.emit(self.bit_words(self._bit))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with arrows, Home and End (of the row); toggle with Space."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._go_to(self._bit + _STEPS[key])
        elif key == Qt.Key.Key_Home:
            self._go_to(self._bit | (COLUMNS - 1))
        elif key == Qt.Key.Key_End:
            self._go_to(self._bit & -COLUMNS)
        elif key == Qt.Key.Key_Space:
            self._toggle()
        else:
            super().keyPressEvent(event)

    def _go_to(self, bit: int) -> None:
        if 0 <= bit < 64:
            self._bit = bit
            self.setAccessibleDescription(self.bit_words(bit))
            self.pointed.emit(self.bit_words(bit))
            self.update()

    def _toggle(self) -> None:
        if self._is_unknown:
            return
        self.toggled.emit(self._bit)
        self.pointed.emit(self.bit_words(self._bit))

    def tip_at(self, position: QPoint) -> str:
        """Return the words about the bit under the mouse, one part a line."""
        bit = self.bit_at(position)
        return "" if bit is None else self.bit_words(bit).replace(" · ", "\n")
