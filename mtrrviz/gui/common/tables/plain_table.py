"""A table to read, select and copy that stays quick with a million rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

from mtrrviz.core.sorting import distinct

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtWidgets import QWidget

#: Letters that are typed go to a row that begins so, where there are no more rows to look through.
_MOST_SEARCHED = 5_000
#: All rows of a short table decide how wide columns are, of a longer one some from first to last.
_SHORT, _MEASURED = 64, 24


class PlainTable(QTableView):
    """A table whose cost is that of the rows in view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._needed_px: dict[int, int] = {}

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model, without letting the header know what is selected.

        It would go through all rows to tell whether one of its columns is selected as a whole.
        """
        super().setModel(model)
        self._needed_px.clear()
        if model is None:
            return
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(model, header))
        for changed in (model.modelReset, model.dataChanged, model.layoutChanged):
            changed.connect(self._measure_anew)

    def _measure_anew(self) -> None:
        self._needed_px.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again in another font or style."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._needed_px.clear()
        super().changeEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Go to the row that begins with what is typed, unless there are very many."""
        if self.model().rowCount() <= _MOST_SEARCHED:
            super().keyboardSearch(search)

    def sizeHintForColumn(self, column: int) -> int:
        """Return the width that rows need, -1 without any.

        Measured once for all who ask: Qt does so several times when rows change, a thousand rows
        each time, and only those near the ones in view.
        """
        count = self.model().rowCount()
        if not count:
            return -1
        if column not in self._needed_px:
            option = QStyleOptionViewItem()
            self.initViewItemOption(option)
            measured = count if count <= _SHORT else _MEASURED
            rows = distinct(np.linspace(0, count - 1, measured).astype(np.intp))
            indexes = (self.model().index(row, column) for row in rows.tolist())
            widths = [
                self.itemDelegateForIndex(index).sizeHint(option, index).width()
                for index in indexes
            ]
            self._needed_px[column] = max(widths) + self.showGrid()
        return self._needed_px[column]
