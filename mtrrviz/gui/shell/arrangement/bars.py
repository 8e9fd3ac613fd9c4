"""The bars above the map: playback and settings, results, the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QToolBar

from mtrrviz.gui.common.layout.wrapping import WrappingRow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.shell.views import Views


class Bars:
    """Adds the bars to a window, one below the other."""

    #: What a bar takes beside its content, by the style sheet.
    margin_px = 18

    def __init__(self, window: QMainWindow, views: Views) -> None:
        self.controls_row = WrappingRow(views.transport, views.settings_bar)
        _add_bar(window, "transport", "Controls", self.controls_row)
        window.addToolBarBreak()
        self.results = _add_bar(window, "results", "Results", views.results)
        window.addToolBarBreak()
        self.story = _add_bar(window, "story", "Story", views.story)


def _add_bar(window: QMainWindow, name: str, title: str, widget: QWidget) -> QToolBar:
    bar = QToolBar(title, window)
    bar.setObjectName(f"{name}_bar")
    bar.setMovable(False)
    bar.addWidget(widget)
    window.addToolBar(bar)
    return bar
