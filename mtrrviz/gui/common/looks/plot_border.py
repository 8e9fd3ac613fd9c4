"""The border of a plot: it shows which one has the keyboard, and pyqtgraph draws none itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.common.looks.theme import Theme

_WIDTH_PX = 2


def show_plot_border(plot: QWidget, theme: Theme) -> None:
    """Give a plot a border that is seen while it has the keyboard, and takes its room always."""
    border = f"border: {_WIDTH_PX}px solid"
    plot.setStyleSheet(
        f"QGraphicsView {{ {border} {theme.panel}; }}"
        f" QGraphicsView:focus {{ {border} {theme.accent}; }}"
    )
