"""Selected rows of a table, at the cost of their ranges: one of a million rows is one range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelection

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtWidgets import QAbstractItemView


def selected_rows(view: QAbstractItemView) -> list[int]:
    """Return the rows in which anything is selected, ascending."""
    selection = view.selectionModel().selection()
    parts = map(selection.at, range(selection.count()))
    spans = sorted((part.top(), part.bottom() + 1) for part in parts)
    rows: list[int] = []
    done = 0
    for first, end in spans:
        rows += range(max(first, done), end)
        done = max(done, end)
    return rows


def selection_of(model: QAbstractItemModel, rows: NDArray[np.intp]) -> QItemSelection:
    """Return a selection of rows, which ascend."""
    selection = QItemSelection()
    parts = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1) if len(rows) else []
    last = model.columnCount() - 1
    for part in parts:
        selection.select(model.index(int(part[0]), 0), model.index(int(part[-1]), last))
    return selection
