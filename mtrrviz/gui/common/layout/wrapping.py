"""A row of widgets that becomes a column where the window is too narrow, so that none is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

_SPACE_PX = 14


class WrappingRow(QWidget):
    """Widgets side by side, or below each other."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._widgets = widgets
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_SPACE_PX)
        for widget in widgets:
            self._layout.addWidget(widget)
        self._layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def is_wrapped(self) -> bool:
        """Whether the widgets stand below each other."""
        return self._layout.direction() is QBoxLayout.Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose row or column by the width there is."""
        super().resizeEvent(event)
        wrapped = self.wraps_at(self.width())
        if wrapped != self.is_wrapped:
            ways = QBoxLayout.Direction
            self._layout.setDirection(ways.TopToBottom if wrapped else ways.LeftToRight)
            self._layout.setSpacing(4 if wrapped else _SPACE_PX)
            self.updateGeometry()

    def wraps_at(self, width: int) -> bool:
        """Return whether the widgets stand below each other at a width."""
        sizes = [widget.sizeHint().width() for widget in self._widgets]
        return width < sum(sizes) + _SPACE_PX * (len(sizes) - 1)

    @property
    def line_height(self) -> int:
        """The height of the first line."""
        return self._widgets[0].sizeHint().height()

    def minimumSizeHint(self) -> QSize:
        """Need the width of the widest part only."""
        width = max(widget.minimumSizeHint().width() for widget in self._widgets)
        return QSize(width, super().minimumSizeHint().height())
