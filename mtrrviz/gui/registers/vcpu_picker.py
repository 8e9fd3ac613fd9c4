"""The vCPU picker: a button a vCPU, or a list when there are many; differing vCPUs carry a dot."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from mtrrviz.gui.common.event_filters import PointerTips
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import OneLine
from mtrrviz.gui.registers.editors import QuietCombo
from mtrrviz.gui.registers.paint import bold_font, focus_ring
from mtrrviz.session.registers.register_view import difference_name, difference_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mtrrviz.gui.shell.bridge import Bridge

#: Up to this many vCPUs get buttons, in lines of COLUMNS.
MOST_BUTTONS = 16
COLUMNS = 8


class VcpuButton(QAbstractButton):
    """One vCPU's number; a dot in the corner says that its registers differ from vCPU 0's."""

    stepped = Signal(int)

    def __init__(self, bridge: Bridge, vcpu: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        PointerTips(self, self.tip_at)
        self._bridge = bridge
        self._mark: str | None = None
        self.vcpu = vcpu
        self.setText(str(vcpu))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        bridge.theme_changed.connect(self.update)
        self.set_mark("")

    def set_mark(self, words: str) -> None:
        """Mark the vCPU as differing in these registers, or not at all."""
        if words != self._mark:
            has_dot, self._mark = bool(self._mark), words
            cpu = self._bridge.document.scenario.machine.cpu_word
            differs = f", differs from {cpu} 0: {words}" if words else ""
            self.setAccessibleName(f"{cpu} {self.vcpu}{differs}")
            if has_dot != bool(words):
                self.update()

    def tip_at(self, _position: QPoint) -> str:
        """Say in the tooltip what the accessible name says."""
        return self.accessibleName()

    def sizeHint(self) -> QSize:
        """Return a comfortable target; eight fit the narrowest panel."""
        return QSize(28, max(24, self.fontMetrics().height() + 6))

    def minimumSizeHint(self) -> QSize:
        """Return the least width two digits and a dot need."""
        return QSize(22, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the number, the dot and the focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._bridge.theme
        fill = theme.hover if self.underMouse() else theme.raised
        ink = theme.text
        if self.isChecked():
            fill, ink = theme.accent, theme.on_accent
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.setFont(bold_font(self))
        painter.setPen(QColor(ink))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self._mark:
            painter.setPen(QColor(theme.panel))
            painter.setBrush(QColor(theme.warning))
            painter.drawEllipse(QPoint(self.width() - 6, 6), 3, 3)
        if self.hasFocus():
            focus_ring(painter, self.rect(), theme)
        painter.end()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step through the vCPUs with the arrows."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -COLUMNS,
            Qt.Key.Key_Down: COLUMNS,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(self.vcpu + steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class VcpuPicker(QWidget):
    """Shows and chooses the document's vCPU, and says which vCPUs differ and in what."""

    chosen = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._count = 0
        self._said = ""
        self._differing: Mapping[int, tuple[int, ...]] = {}
        self.buttons: list[VcpuButton] = []
        self.combo = QuietCombo("", self)
        Naming(self.combo, bridge, "{cpu}")
        self.next_differing = QPushButton("Next differing", self)
        self.line = OneLine(self)
        self._buttons_place = QGridLayout()
        self._buttons_place.setSpacing(4)
        self._list = QWidget(self)
        self._lay_out()
        self.combo.activated.connect(self.chosen)
        self.next_differing.clicked.connect(self._choose_next_differing)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._list)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.combo, 1)
        row.addWidget(self.next_differing)
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 2, 10, 4)
        grid.setVerticalSpacing(4)
        grid.addLayout(self._buttons_place, 0, 0)
        grid.addWidget(self._list, 1, 0)
        grid.addWidget(self.line, 2, 0)

    def show_vcpus(self, count: int, vcpu: int, differing: Mapping[int, tuple[int, ...]]) -> None:
        """Show ``count`` vCPUs with one chosen, and who differs from vCPU 0 in which registers."""
        if count != self._count or self._noun != self._said:
            self._rebuild(count)
        if differing != self._differing:
            self._mark(differing)
        if self.buttons:
            self.buttons[vcpu].setChecked(True)
        elif self.combo.currentIndex() != vcpu:
            self.combo.setCurrentIndex(vcpu)

    def _rebuild(self, count: int) -> None:
        for button in self.buttons:
            self._buttons_place.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._count, self._differing, self._said = count, {}, self._noun
        has_buttons = count <= MOST_BUTTONS
        self.buttons = [self._button(vcpu) for vcpu in range(count)] if has_buttons else []
        self._list.setVisible(not has_buttons)
        self.combo.clear()
        if not has_buttons:
            self.combo.addItems([f"{self._noun} {vcpu}" for vcpu in range(count)])
        self._mark({})

    def _button(self, vcpu: int) -> VcpuButton:
        button = VcpuButton(self._bridge, vcpu, self)
        button.clicked.connect(partial(self.chosen.emit, vcpu))
        button.stepped.connect(self._step_to)
        self._buttons_place.addWidget(button, vcpu // COLUMNS, vcpu % COLUMNS)
        return button

    def _step_to(self, vcpu: int) -> None:
        if 0 <= vcpu < self._count:
            self.buttons[vcpu].setFocus(Qt.FocusReason.TabFocusReason)
            self.chosen.emit(vcpu)

    def _mark(self, differing: Mapping[int, tuple[int, ...]]) -> None:
        before, self._differing = self._differing, dict(differing)
        for vcpu in {*before, *differing}:
            words = ", ".join(map(difference_name, differing.get(vcpu, ())))
            if self.buttons:
                self.buttons[vcpu].set_mark(words)
            else:
                name = f"{self._noun} {vcpu}"
                self.combo.setItemText(vcpu, f"{name} • differs" if words else name)
                self.combo.setItemData(vcpu, plain_tip(words), Qt.ItemDataRole.ToolTipRole)
        self.next_differing.setEnabled(bool(differing))
        if self._count == 1:
            self.line.say("dim", f"One {self._noun}")
        elif differing:
            self.line.say("warning", difference_words(differing, self._noun))
        else:
            self.line.say("dim", f"All {self._count} {self._noun}s hold the same registers")

    @property
    def _noun(self) -> str:
        return self._bridge.document.scenario.machine.cpu_word

    def _choose_next_differing(self) -> None:
        """Go to the next vCPU that differs, around the end."""
        now = self.combo.currentIndex()
        order = sorted(self._differing, key=lambda vcpu: (vcpu <= now, vcpu))
        if order:
            self.chosen.emit(order[0])
