"""Selected rows of a table, at the cost of their ranges: one of a million rows is one range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection

from mtrrviz.core.sorting import runs_of

if TYPE_CHECKING:
    import numpy as np
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
    last = model.columnCount() - 1
    firsts, ends = runs_of(rows)
    for first, end in zip(firsts.tolist(), ends.tolist(), strict=True):
        selection.select(model.index(first, 0), model.index(end - 1, last))
    return selection
