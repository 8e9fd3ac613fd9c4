"""Panels in docks: named, and at rest while another tab covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.common.layout.panel import AnyPanel


def make_dock(window: QMainWindow, panel: AnyPanel) -> QDockWidget:
    """Return a dock for a panel; where it goes is for the layout to say."""
    dock = QDockWidget(panel.title, window)
    dock.setObjectName(f"{panel.name}_dock")
    panel.body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dock.setWidget(panel.body)
    _rest_while_covered(dock, panel.body)
    return dock


def _rest_while_covered(dock: QDockWidget, view: QWidget) -> None:
    """Hide a view while its dock lies behind another tab, so that it does no work there.

    Qt only moves such a dock out of sight and goes on calling it visible.
    """
    policy = view.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    view.setSizePolicy(policy)
    dock.visibilityChanged.connect(view.setVisible)
