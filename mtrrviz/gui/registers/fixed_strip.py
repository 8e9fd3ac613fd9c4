"""The fixed ranges as a strip: 88 sub-ranges coloured by type, one group a register."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mtrrviz.core.msr.registers import FIXED_MSRS, fixed_subranges
from mtrrviz.core.units import format_gpa, format_size
from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.common.looks.type_marks import type_fill
from mtrrviz.gui.registers.paint import focus_ring, ink_on, small_font, type_label
from mtrrviz.gui.stops.stop_actions import stop_menu
from mtrrviz.session.registers.register_view import short_name
from mtrrviz.session.stop_targets import register_stops

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

#: Registers by line: 8 sub-ranges of 64 KiB, 16 of 16 KiB, twice 32 of 4 KiB.
LINES = (FIXED_MSRS[:1], FIXED_MSRS[1:3], FIXED_MSRS[3:7], FIXED_MSRS[7:])
_LEAST_LINE_PX = 18


class FixedRangeCell(NamedTuple):
    """One sub-range on screen: where, of which register, and which byte of it."""

    rect: QRect
    msr: int
    byte: int


def strip_cells(left: int, right: int, line_px: int) -> list[FixedRangeCell]:
    """Return the 88 cells for a strip between two edges, lowest address first."""
    cells: list[FixedRangeCell] = []
    for line, msrs in enumerate(LINES):
        count = 8 * len(msrs)
        for place in range(count):
            start, end = (left + (right - left) * i // count for i in (place, place + 1))
            gap = 2 if place % 8 == 7 else 1
            rect = QRect(start, line * line_px + 1, max(1, end - start - gap), line_px - 3)
            cells.append(FixedRangeCell(rect, msrs[place // 8], place % 8))
    return cells


class FixedStrip(QWidget):
    """Shows the fixed ranges; a click opens a register, arrows and Return do it by keyboard."""

    opened = Signal(int)
    stepped = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._values: tuple[int, ...] = ()
        self._differing: frozenset[int] = frozenset()
        self._enabled = False
        self._current = 0
        self._open: int | None = None
        self._pointed: tuple[int, int] | None = None
        self._edges = (0, 0, 0)
        self._cells: list[FixedRangeCell] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Fixed ranges")
        bridge.theme_changed.connect(self.update)

    def show_values(
        self, values: tuple[int, ...], differing: frozenset[int], *, enabled: bool
    ) -> None:
        """Show the eleven registers; ``differing`` are unlike vCPU 0's, ``enabled`` is E and FE."""
        if (values, differing, enabled) == (self._values, self._differing, self._enabled):
            return
        self._values, self._differing, self._enabled = values, differing, enabled
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """Return the text twin: runs of one type over the first MiB."""
        runs: list[tuple[int, int, int]] = []
        for msr, value in zip(FIXED_MSRS, self._values, strict=True):
            for (start, size), code in zip(
                fixed_subranges(msr), value.to_bytes(8, "little"), strict=True
            ):
                if runs and runs[-1][2] == code:
                    runs[-1] = (runs[-1][0], start + size, code)
                else:
                    runs.append((start, start + size, code))
        return ", ".join(f"{type_label(c)} {format_gpa(a)}-{format_gpa(b - 1)}" for a, b, c in runs)

    def set_open(self, msr: int | None) -> None:
        """Outline the register whose editor is open."""
        if msr != self._open:
            self._open = msr
            if msr is not None:
                self._current = FIXED_MSRS.index(msr)
            self.update()

    def point_at(self, msr: int, byte: int | None) -> None:
        """Frame one sub-range, the ``byte``-th of a register; None frames none."""
        self._pointed = None if byte is None else (msr, byte)
        self.update()

    def sizeHint(self) -> QSize:
        """Return four lines."""
        return QSize(200, self._line_px() * len(LINES) + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the same height for the narrowest panel."""
        return QSize(150, self.sizeHint().height())

    def _line_px(self) -> int:
        """Return the height of a line, in which its address fits."""
        return max(_LEAST_LINE_PX, QFontMetrics(small_font(self)).height() + 1)

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as text of another size needs."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.updateGeometry()

    def _label_width(self) -> int:
        return QFontMetrics(small_font(self)).horizontalAdvance(format_gpa(0xC0000)) + 12

    def cells(self) -> list[FixedRangeCell]:
        """Return where the 88 sub-ranges are now."""
        edges = self._label_width(), self.width() - 6, self._line_px()
        if edges != self._edges:
            self._edges, self._cells = edges, strip_cells(*edges)
        return self._cells

    def _type_at(self, cell: FixedRangeCell) -> int:
        value = self._values[FIXED_MSRS.index(cell.msr)]
        return value >> 8 * cell.byte & 0xFF

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels, cells, and outlines of what is open or has the keyboard."""
        painter = QPainter(self)
        if self._values:
            painter.setOpacity(1.0 if self._enabled else 0.45)
            self._paint_cells(painter)
            painter.setOpacity(1.0)
        painter.setFont(small_font(self))
        self._paint_labels(painter)
        self._paint_outlines(painter)
        painter.end()
        event.accept()

    def _paint_cells(self, painter: QPainter) -> None:
        """Paint the types, with letters where the widest ones fit."""
        painter.setFont(small_font(self, 0.72))
        metrics = QFontMetrics(painter.font())
        room = metrics.horizontalAdvance("WB") + 1
        cells = self.cells()
        widest_first = sorted(cells, key=lambda cell: -cell.rect.width())
        narrowest = {cell.rect.top(): cell.rect.width() for cell in widest_first}
        for cell in cells:
            code = self._type_at(cell)
            colour = type_fill(self._bridge.theme, code)
            painter.fillRect(cell.rect, colour)
            letters = type_label(code)
            fits = metrics.horizontalAdvance(letters) <= cell.rect.width()  # not "unknown"
            if fits and narrowest[cell.rect.top()] >= room:
                painter.setPen(ink_on(colour))
                painter.drawText(cell.rect, Qt.AlignmentFlag.AlignCenter, letters)

    def _paint_labels(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._bridge.theme.faint))
        line_px = self._line_px()
        for line, msrs in enumerate(LINES):
            rect = QRect(6, line * line_px, self._label_width() - 6, line_px - 1)
            text = format_gpa(fixed_subranges(msrs[0])[0][0])
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_outlines(self, painter: QPainter) -> None:
        theme = self._bridge.theme
        for msr in self._differing:
            spot = self.register_rect(msr)
            painter.fillRect(
                QRect(spot.left(), spot.bottom() - 1, spot.width(), 2), QColor(theme.warning)
            )
        if self._open is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRect(self.register_rect(self._open).adjusted(0, 0, -1, -1))
        for cell in self.cells() if self._pointed is not None else ():
            if (cell.msr, cell.byte) == self._pointed:
                painter.setPen(QPen(QColor(theme.panel), 1))
                painter.drawRect(cell.rect.adjusted(1, 1, -2, -2))
                painter.setPen(QPen(QColor(theme.text), 2))
                painter.drawRect(cell.rect.adjusted(-1, -1, 1, 1))
        if self.hasFocus():
            focus_ring(painter, self.register_rect(FIXED_MSRS[self._current]), theme)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to stop at writes of the register under the pointer, or of the current one."""
        is_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        cell = None if is_key else self.cell_at(event.pos())
        msr = FIXED_MSRS[self._current] if cell is None else cell.msr
        stop_menu(self, self._bridge, register_stops((msr,), self._bridge.document.vcpu), event)

    def register_rect(self, msr: int) -> QRect:
        """Return where a register's eight cells are."""
        rects = [cell.rect for cell in self.cells() if cell.msr == msr]
        return rects[0].united(rects[-1]).adjusted(-1, -1, 1, 1)

    def cell_at(self, position: QPoint) -> FixedRangeCell | None:
        """Return the cell at a place; the gaps belong to the cell on their left."""
        for cell in self.cells():
            if cell.rect.adjusted(0, -1, 2, 2).contains(position):
                return cell
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the register under the mouse."""
        cell = self.cell_at(event.position().toPoint())
        if cell is not None:
            self._step_to(FIXED_MSRS.index(cell.msr))
            self.opened.emit(cell.msr)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right step through registers, up and down leave, Return and Space open."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step_to(self._current + (1 if key == Qt.Key.Key_Right else -1))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(FIXED_MSRS[self._current])
        else:
            super().keyPressEvent(event)

    def _step_to(self, index: int) -> None:
        self._current = min(max(0, index), len(FIXED_MSRS) - 1)
        self.update()

    def tip_at(self, position: QPoint) -> str:
        """Say which sub-range is under the mouse."""
        return self._hint(self.cell_at(position))

    def _hint(self, cell: FixedRangeCell | None) -> str:
        if cell is None or not self._values:
            return ""
        start, size = fixed_subranges(cell.msr)[cell.byte]
        span = f"{format_gpa(start)}-{format_gpa(start + size - 1)} ({format_size(size)})"
        words = (
            f"{span}: {type_label(self._type_at(cell))}\n{short_name(cell.msr)} byte {cell.byte}"
        )
        cpu = self._bridge.document.scenario.machine.cpu_word
        return words + (f"\nunlike {cpu} 0's" if cell.msr in self._differing else "")
