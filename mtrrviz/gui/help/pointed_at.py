"""What a place in the window is about: from a widget and a point in it to a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableView,
    QTreeView,
    QWidget,
)

from mtrrviz.gui.common.tables.rows_model import RowsModel
from mtrrviz.gui.help.topics import column_page, field_page, mark_page
from mtrrviz.gui.lessons.page_browser import PageBrowser
from mtrrviz.gui.map.legend import MapLegend

if TYPE_CHECKING:
    from collections.abc import Iterator


def page_at(widget: QWidget, place: QPoint | None = None) -> str | None:
    """Return the page of the innermost thing at a place of a widget that has one of its own.

    Without a place it is that of the widget, or of the current column of a table.
    """
    here: QWidget | None = widget
    while here is not None and not here.isWindow():
        page = _own_page(here, place)
        if page is not None:
            return page
        if place is not None:
            place = here.mapToParent(place)
        here = here.parentWidget()
    return None


def _own_page(widget: QWidget, place: QPoint | None) -> str | None:
    if isinstance(widget, QHeaderView):
        return None if place is None else header_page(widget, widget.logicalIndexAt(place))
    if isinstance(widget, MapLegend):
        mark = None if place is None else widget.mark_at(place)
        return None if mark is None else mark_page(mark)
    if isinstance(widget, PageBrowser):
        return None if place is None else widget.term_at(widget.viewport().mapFrom(widget, place))
    if isinstance(widget, QTableView | QTreeView):
        return _cell_page(widget, place)
    return next((page for page in map(field_page, handles(widget)) if page is not None), None)


def _cell_page(view: QTableView | QTreeView, place: QPoint | None) -> str | None:
    """Return the page of the column under a place, or of that with the current cell."""
    if place is None:
        index = view.currentIndex()
    else:
        index = view.indexAt(view.viewport().mapFrom(view, place))
    header = header_of(view)
    return header_page(header, index.column()) if index.isValid() else None


def header_of(view: QAbstractItemView) -> QHeaderView:
    """Return the header with the titles of a view's columns; TypeError if it has none."""
    if isinstance(view, QTableView):
        return view.horizontalHeader()
    if isinstance(view, QTreeView):
        return view.header()
    raise TypeError(f"a {type(view).__name__} has no columns")


def header_page(header: QHeaderView, column: int) -> str | None:
    """Return the page of a column."""
    model = header.model()
    if not 0 <= column < model.columnCount():
        return None
    title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
    key = model.key(column) if isinstance(model, RowsModel) else title
    return column_page(key, title)


def handles(widget: QWidget) -> Iterator[str]:
    """Yield the names by which a field may be known, the surest first."""
    yield widget.objectName()
    yield widget.accessibleName()
    yield type(widget).__name__
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text().replace("&", "")
