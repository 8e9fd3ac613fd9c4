"""The mark and the colour of each policy in plots; marks alone tell policies apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPen, QPixmap

from mtrrviz.core.policies import policy_ids

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme

#: Names of pyqtgraph's symbols, those that differ most first; more than there are policies.
_SYMBOLS = (
    *("o", "s", "t1", "d", "star", "t", "h"),
    *("t2", "p", "t3", "arrow_up", "+", "x", "arrow_down", "crosshair"),
)
_ICON_PX = 14


def symbol_of(policy: str) -> str:
    """Return the mark of a policy."""
    return _SYMBOLS[policy_ids().index(policy) % len(_SYMBOLS)]


def colour_of(policy: str, theme: Theme) -> str:
    """Return the colour of a policy."""
    return theme.vcpu_colour(policy_ids().index(policy))


def icon_of(policy: str, theme: Theme) -> QIcon:
    """Return the mark as an icon; loads the plotting library."""
    from pyqtgraph.graphicsItems.ScatterPlotItem import (  # noqa: PLC0415 - half a second
        drawSymbol,
    )

    colour = QColor(colour_of(policy, theme))
    pixmap = QPixmap(_ICON_PX, _ICON_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(_ICON_PX / 2, _ICON_PX / 2)
        pen = QPen(colour, 0)  # drawSymbol scales what it draws, and a wider pen with it
        drawSymbol(painter, symbol_of(policy), _ICON_PX - 3, pen, QBrush(colour))
    return QIcon(pixmap)
