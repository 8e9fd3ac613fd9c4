"""The bars above the map: playback and settings, results, the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolBar

from mtrrviz.gui.common.wrapping import WrappingRow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.shell.views import Views


def add_bars(window: QMainWindow, views: Views) -> QToolBar:
    """Add the bars to a window, one below the other; return that of the story."""
    controls = WrappingRow(views.transport, views.settings_bar)
    _add_bar(window, "transport", "Controls", controls)
    window.addToolBarBreak()
    _add_bar(window, "results", "Results", views.results)
    window.addToolBarBreak()
    return _add_bar(window, "story", "Story", views.story)


def _add_bar(window: QMainWindow, name: str, title: str, widget: QWidget) -> QToolBar:
    bar = QToolBar(title, window)
    bar.setObjectName(f"{name}_bar")
    bar.setMovable(False)
    bar.addWidget(widget)
    window.addToolBar(bar)
    return bar
