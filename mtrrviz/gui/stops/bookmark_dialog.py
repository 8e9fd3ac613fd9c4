"""One bookmark, to add or to change: when, its name and note, and the page to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QWidget

from mtrrviz.core.units import PAGE_SIZE, format_gpa
from mtrrviz.facts.time_text import parse_time_ns, short_clock_text
from mtrrviz.gui.common.editing.item_dialog import ItemDialog, ItemEdits
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_EDITS = ItemEdits[Bookmark](
    "bookmark", "Add a bookmark", edits.add_bookmark, edits.change_bookmark
)


class BookmarkDialog(ItemDialog[Bookmark]):
    """Asks for the time and the words of a bookmark, and whether it shows a page."""

    def __init__(
        self,
        bridge: Bridge,
        bookmark: Bookmark,
        index: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(bridge, _EDITS, bookmark, index, parent)
        self._gfn = bridge.document.gfn if bookmark.gfn is None else bookmark.gfn
        self.name = self.line("name", bookmark.name)
        self.text = self.line("text", bookmark.text)
        self.time = self.line(
            "time",
            short_clock_text(bookmark.time_ns),
            "0.14 s, 850 ms, or +10 us from where it was",
        )
        self.page = QCheckBox(self)
        self.page.setObjectName("page")
        self.page.setChecked(bookmark.gfn is not None)
        self.page.setVisible(self._gfn is not None)
        if self._gfn is not None:
            self.page.setText(f"Show the page {format_gpa(self._gfn * PAGE_SIZE)} then")
        self.form.addRow("&Name", self.name)
        self.form.addRow("N&ote", self.text)
        self.form.addRow("&Time", self.time)
        self.form.addRow("", self.page)
        self.begin(self.bookmark_typed)
        self.name.setFocus()
        self.name.selectAll()

    def bookmark_typed(self) -> Bookmark:
        """Return the bookmark as typed; MtrrvizError says what is wrong with its time."""
        time_ns = parse_time_ns(self.time.text(), self.item.time_ns)
        gfn = self._gfn if self.page.isChecked() else None
        return Bookmark(time_ns, self.name.text().strip(), self.text.text(), gfn)


def new_bookmark(
    bridge: Bridge, parent: QWidget | None = None, time_ns: int | None = None
) -> BookmarkDialog:
    """Return a dialog that adds a bookmark at a time, at the playhead if none is given."""
    document = bridge.document
    name = f"Bookmark {len(document.scenario.bookmarks) + 1}"
    at_ns = document.playhead_ns if time_ns is None else time_ns
    return BookmarkDialog(bridge, Bookmark(at_ns, name, gfn=document.gfn), None, parent)
