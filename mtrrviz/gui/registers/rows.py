"""The rows by kind of register: default type, variable range, PAT, and plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter

from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.registers import (
    CR0_ID,
    DEFTYPE,
    MTRR_ENABLE_BIT,
    PAT,
    pair_msrs,
    register,
    reserved_mask,
)
from mtrrviz.core.units import format_gpa, format_size
from mtrrviz.core.variable_ranges import VariableRange, pair_to_range
from mtrrviz.gui.common.looks.text_size import text_scale
from mtrrviz.gui.common.looks.type_marks import swatch, type_fill
from mtrrviz.gui.common.widgets import mono_font
from mtrrviz.gui.registers.paint import hatch, hex_words, small_font, type_label
from mtrrviz.gui.registers.row import RegisterRow
from mtrrviz.session.registers.register_view import cd_bit

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def _maxphyaddr(bridge: Bridge) -> int:
    return bridge.document.scenario.machine.maxphyaddr


class DefTypeRow(RegisterRow):
    """DEF_TYPE: name, value, all 64 bits as a strip, and what they mean."""

    lines = 3

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, (DEFTYPE,), parent)

    def words(self) -> str:
        """Return name, value and meaning."""
        reg = register(DEFTYPE)
        return f"{reg.name} {hex_words(self.values[0])}: {self._meaning()}"

    def _meaning(self) -> str:
        return describe(DEFTYPE, self.values[0], _maxphyaddr(self.bridge))

    def paint_content(self, painter: QPainter, area: QRect) -> None:
        """Paint three lines: name, bits, value and meaning."""
        high = self.line_height()
        self.paint_name(painter, area, register(DEFTYPE).name, f"{DEFTYPE:#x}")
        line = QRect(area.left(), area.top() + high - 3, area.width(), high)
        self._paint_strip(painter, line)
        line.translate(0, high - 1)
        value = format_gpa(self.values[0])
        painter.setFont(mono_font(self))
        painter.setPen(QColor(self.bridge.theme.text))
        painter.drawText(line, _LEFT, value)
        used = painter.fontMetrics().horizontalAdvance(value) + 10
        painter.setFont(self.font())
        off = not self.values[0] & MTRR_ENABLE_BIT
        painter.setPen(QColor(self.bridge.theme.warning if off else self.bridge.theme.dim))
        painter.drawText(line.adjusted(used, 0, 0, 0), _LEFT, self._meaning())

    def _paint_strip(self, painter: QPainter, line: QRect) -> None:
        """Paint bits 63 to 0 from left to right, reserved ones hatched."""
        theme = self.bridge.theme
        reserved = reserved_mask(register(DEFTYPE), _maxphyaddr(self.bridge))
        right = self.rect().right() - 6
        for bit in range(64):
            left = line.left() + (63 - bit) * (right - line.left()) // 64
            end = line.left() + (64 - bit) * (right - line.left()) // 64
            cell = QRect(left, line.top() + 5, end - left - 1, line.height() - 9)
            if reserved >> bit & 1:
                hatch(painter, cell, theme)
            else:
                is_set = self.values[0] >> bit & 1
                painter.fillRect(cell, QColor(theme.accent if is_set else theme.hover))


class RangeRow(RegisterRow):
    """One variable pair: number, base, size and type."""

    def __init__(self, bridge: Bridge, index: int, parent: QWidget | None = None) -> None:
        super().__init__(bridge, pair_msrs(index), parent)
        self.index = index

    def label(self) -> str:
        """Return the pair's number."""
        return f"Variable range {self.index}"

    def span(self) -> VariableRange:
        """Return the range the pair covers."""
        base, mask = self.values
        return pair_to_range(base, mask, _maxphyaddr(self.bridge))

    def words(self) -> str:
        """Return the pair's number and range."""
        base, mask = self.values
        meaning = describe_pair(base, mask, _maxphyaddr(self.bridge))
        return f"Variable range {self.index}: {meaning}"

    def hint(self, position: QPoint) -> str:
        """Return the range and both registers."""
        del position
        base, mask = (hex_words(value) for value in self.values)
        return f"{self.accessibleName()}\nPHYSBASE{self.index} {base}\nPHYSMASK{self.index} {mask}"

    def paint_content(self, painter: QPainter, area: QRect) -> None:
        """Paint the columns; a dash for a pair that is off."""
        theme = self.bridge.theme
        painter.setFont(mono_font(self))
        painter.setPen(QColor(theme.faint))
        painter.drawText(area, _LEFT, str(self.index))
        span, scale = self.span(), text_scale()
        columns = area.adjusted(round(18 * scale), 0, 0, 0)
        if not span.valid:
            painter.drawText(columns, _LEFT, "off")
            return
        painter.setPen(QColor(theme.text))
        painter.drawText(columns, _LEFT, format_gpa(span.start))
        painter.setFont(self.font())
        size_left = area.right() - round(112 * scale)
        size = format_size(span.size_bytes) if span.size_bytes else "nothing"
        painter.drawText(columns.adjusted(size_left - columns.left(), 0, 0, 0), _LEFT, size)
        self._paint_type(painter, area, int(span.type))

    def _paint_type(self, painter: QPainter, area: QRect, code: int) -> None:
        side = self.fontMetrics().ascent() - 1
        left = area.right() - round(42 * text_scale())
        square = QRect(left, (self.height() - side) // 2, side, side)
        swatch(painter, square, self.bridge.theme, code)
        painter.setPen(QColor(self.bridge.theme.text))
        painter.drawText(
            area.adjusted(left - area.left() + side + 7, 0, 0, 0), _LEFT, type_label(code)
        )


class PatRegisterRow(RegisterRow):
    """The PAT: its eight entries as types in a row."""

    lines = 2

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, (PAT,), parent)

    def words(self) -> str:
        """Return the eight types."""
        return f"IA32_PAT: {describe(PAT, self.values[0], _maxphyaddr(self.bridge))}"

    def paint_content(self, painter: QPainter, area: QRect) -> None:
        """Paint the name, and under it eight cells with their type's colour below."""
        self.paint_name(painter, area, register(PAT).name, f"{PAT:#x}")
        theme = self.bridge.theme
        high = self.line_height()
        width = self.rect().right() - 6 - area.left()
        painter.setFont(small_font(self))
        for entry, code in enumerate(self.values[0].to_bytes(8, "little")):
            left, end = (area.left() + width * i // 8 for i in (entry, entry + 1))
            cell = QRect(left, high - 2, end - left - 2, high - 2)
            painter.setPen(QColor(theme.text))
            text = cell.adjusted(0, 0, 0, -4)
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, type_label(code, pat=True))
            bar = QRect(cell.left(), cell.bottom() - 3, cell.width(), 3)
            painter.fillRect(bar, type_fill(theme, code))


class ValueRow(RegisterRow):
    """A register whose meaning fits one line: CR0.CD and the capability."""

    def __init__(self, bridge: Bridge, msr: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(bridge, (msr,), parent)
        self._name = name

    def words(self) -> str:
        """Return the name and the meaning."""
        return f"{self._name}: {self._meaning()}"

    def _meaning(self) -> str:
        if self.msrs[0] == CR0_ID:
            return "1, caches off" if cd_bit(self.values[0]) else "0, caches on"
        return describe(self.msrs[0], self.values[0], _maxphyaddr(self.bridge))

    def paint_content(self, painter: QPainter, area: QRect) -> None:
        """Paint name and meaning."""
        self.paint_name(painter, area, self._name, self._meaning())
