"""What a list of rows says while it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt

from mtrrviz.gui.common.widgets import Empty

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView


class NoRows(QObject):
    """Words that lie over a list as long as it has no row; ``say`` changes them."""

    def __init__(self, view: QAbstractItemView, words: str) -> None:
        super().__init__(view)
        self._view = view
        self.label = Empty(words, view.viewport())
        self.label.setMargin(8)
        model = view.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            # Later: a list that is taken down loses its rows too, and is gone by then.
            signal.connect(self._show, Qt.ConnectionType.QueuedConnection)
        view.viewport().installEventFilter(self)
        self._show()

    def say(self, words: str) -> None:
        """Say other words."""
        self.label.setText(words)

    def _show(self) -> None:
        self.label.setVisible(self._view.model().rowCount() == 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fill the place of the rows."""
        if event.type() is QEvent.Type.Resize:
            self.label.setGeometry(self._view.viewport().rect())
        return super().eventFilter(watched, event)
