"""Views in docks: named, and at rest while another tab covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget


def make_dock(window: QMainWindow, name: str, title: str, view: QWidget) -> QDockWidget:
    """Return a dock that holds ``view``; where it goes is for the layout to say."""
    dock = QDockWidget(title, window)
    dock.setObjectName(f"{name}_dock")
    view.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dock.setWidget(view)
    _rest_while_covered(dock, view)
    return dock


def _rest_while_covered(dock: QDockWidget, view: QWidget) -> None:
    """Hide a view while its dock lies behind another tab, so that it does no work there.

    Qt only moves such a dock out of sight and goes on calling it visible.
    """
    policy = view.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    view.setSizePolicy(policy)
    dock.visibilityChanged.connect(view.setVisible)
