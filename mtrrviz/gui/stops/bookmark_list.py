"""The list of bookmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.gui.stops.bookmark_dialog import BookmarkDialog, new_bookmark
from mtrrviz.gui.stops.bookmark_model import NOTE, BookmarkModel
from mtrrviz.gui.stops.edited_list import EditedList, RowActs
from mtrrviz.session import edits
from mtrrviz.session.bookmark_jumps import go_to_bookmark
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


class BookmarkList(EditedList):
    """Every bookmark by time, with its name, note and page."""

    title = "Bookmarks"
    noun = "bookmark"
    empty_words = "No bookmarks. Press Ctrl+B to name the moment at the playhead"
    follows = frozenset({Change.SCENARIO, Change.OPENED})

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        self.model = BookmarkModel()
        acts = RowActs(self._add, self._change, self._remove, self._go)
        super().__init__(bridge, self.model, acts, NOTE, parent)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the bookmarks."""
        del changes
        self.model.show_bookmarks(self.bridge.document.scenario.bookmarks)

    def _add(self) -> None:
        """Ask for a bookmark at the playhead."""
        new_bookmark(self.bridge, self).open()

    def _change(self, row: int) -> None:
        """Ask for another name, note, time or page."""
        bookmark = self.bridge.document.scenario.bookmarks[row]
        BookmarkDialog(self.bridge, bookmark, row, self).open()

    def _remove(self, rows: list[int]) -> None:
        """Remove bookmarks as one step."""
        scenario = self.bridge.document.scenario
        self.bridge.edit(lambda: edits.remove_bookmarks(scenario, rows))

    def _go(self, row: int) -> None:
        """Show the moment and the page of a bookmark."""
        document = self.bridge.document
        go_to_bookmark(document, document.scenario.bookmarks[row], self.bridge.message.emit)
