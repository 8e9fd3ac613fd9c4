"""An on/off switch, drawn like one: used for the setting that decides everything here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_TRACK = QSize(34, 18)


class ToggleSwitch(QAbstractButton):
    """A checkable button with its text on the right."""

    def __init__(self, text: str, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(text)
        bridge.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return room for the track and the text."""
        metrics = self.fontMetrics()
        width = _TRACK.width() + 8 + metrics.horizontalAdvance(self.text()) + 4
        return QSize(width, max(24, metrics.height() + 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, knob and text; the knob's place says on or off without colour."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(1, (self.height() - _TRACK.height()) / 2, _TRACK.width(), _TRACK.height())
        on = self.isChecked()
        painter.setPen(QColor(theme.accent if on or self.hasFocus() else theme.faint))
        painter.setBrush(QColor(theme.accent if on else theme.raised))
        painter.drawRoundedRect(track, 9, 9)
        radius = _TRACK.height() / 2 - 3
        x = track.right() - radius - 3 if on else track.left() + radius + 3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on else theme.dim))
        painter.drawEllipse(QPointF(x, track.center().y()), radius, radius)
        painter.setPen(QColor(theme.text if self.isEnabled() else theme.faint))
        place = self.rect().adjusted(_TRACK.width() + 9, 0, 0, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()
        event.accept()
