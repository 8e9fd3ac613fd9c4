"""Views in docks: named, and at rest while another tab covers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QScrollArea

from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.shell.views import Panel

#: A panel that needs to be wider than this is scrolled where there is less room.
_WIDEST_PX = 340


def make_dock(window: QMainWindow, panel: Panel) -> QDockWidget:
    """Return a dock for a panel; where it goes is for the layout to say."""
    dock = QDockWidget(panel.title, window)
    dock.setObjectName(f"{panel.name}_dock")
    panel.view.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dock.setWidget(_narrow(panel.view, dock))
    _rest_while_covered(dock, panel.view)
    return dock


def _narrow(view: QWidget, dock: QDockWidget) -> QWidget:
    """Return a view, one that needs much room in an area that scrolls it: a window may be small."""
    needed_px = view.minimumSizeHint().width()
    turns = view.findChild(TurningSplitter) is not None  # and is high where it is narrow
    if 0 < needed_px <= _WIDEST_PX and not turns:  # 0: one that is filled when first shown
        return view
    area = QScrollArea(dock)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(view)
    return area


def _rest_while_covered(dock: QDockWidget, view: QWidget) -> None:
    """Hide a view while its dock lies behind another tab, so that it does no work there.

    Qt only moves such a dock out of sight and goes on calling it visible.
    """
    policy = view.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    view.setSizePolicy(policy)
    dock.visibilityChanged.connect(view.setVisible)
