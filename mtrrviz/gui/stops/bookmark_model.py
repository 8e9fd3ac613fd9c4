"""The bookmarks of a scenario as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from mtrrviz.core.units import PAGE_SIZE, format_gpa
from mtrrviz.facts.time_text import short_clock_text
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.stops.titled_model import Index, TitledModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.scenario.bookmarks import Bookmark

_ROLE = Qt.ItemDataRole
TIME, NAME, NOTE, PAGE = range(4)
_CELLS: tuple[Callable[[Bookmark], str], ...] = (
    lambda mark: short_clock_text(mark.time_ns),
    lambda mark: mark.name,
    lambda mark: mark.text,
    lambda mark: "" if mark.gfn is None else format_gpa(mark.gfn * PAGE_SIZE),
)


class BookmarkModel(TitledModel):
    """A row a bookmark, by time."""

    titles = ("time", "name", "note", "page")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bookmarks: tuple[Bookmark, ...] = ()

    def show_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        """Show other bookmarks."""
        if bookmarks != self._bookmarks:
            self.beginResetModel()
            self._bookmarks = bookmarks
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of bookmarks."""
        return 0 if parent is not None and parent.isValid() else len(self._bookmarks)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """Return a cell's text."""
        if not index.isValid() or role not in {_ROLE.DisplayRole, _ROLE.ToolTipRole}:
            return None
        text = _CELLS[index.column()](self._bookmarks[index.row()])
        return text if role == _ROLE.DisplayRole else plain_tip(text)
