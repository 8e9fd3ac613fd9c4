"""One bookmark, to add or to change: when, its name and note, and the page to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE, format_gpa
from mtrrviz.facts.time_text import parse_time_ns, short_clock_text
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.edits import Edit

_BUTTON = QDialogButtonBox.StandardButton


class BookmarkDialog(QDialog):
    """Adds ``bookmark``, or with ``index`` changes the one there. OK makes one edit."""

    def __init__(
        self,
        bridge: Bridge,
        bookmark: Bookmark,
        index: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("bookmark_dialog")
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._bookmark, self._index = bookmark, index
        self._gfn = bridge.document.gfn if bookmark.gfn is None else bookmark.gfn
        self.setWindowTitle("Add a bookmark" if index is None else "Change the bookmark")
        self.name = QLineEdit(bookmark.name, self)
        self.name.setObjectName("name")
        self.text = QLineEdit(bookmark.text, self)
        self.text.setObjectName("text")
        self.time = QLineEdit(short_clock_text(bookmark.time_ns), self)
        self.time.setObjectName("time")
        self.time.setToolTip("0.14 s, 850 ms, or +10 us from where it was")
        self.page = QCheckBox(self)
        self.page.setObjectName("page")
        self.page.setChecked(bookmark.gfn is not None)
        self.page.setVisible(self._gfn is not None)
        if self._gfn is not None:
            self.page.setText(f"Show the page {format_gpa(self._gfn * PAGE_SIZE)} then")
        self.words = Dim()
        self.words.setObjectName("bookmark_words")
        self.buttons = QDialogButtonBox(_BUTTON.Ok | _BUTTON.Cancel, self)
        self.buttons.button(_BUTTON.Ok).setText("Add" if index is None else "Change")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        for field in (self.name, self.text, self.time):
            field.textChanged.connect(self._check)
        self._check()
        self.name.setFocus()
        self.name.selectAll()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Name", self.name)
        form.addRow("N&ote", self.text)
        form.addRow("&Time", self.time)
        form.addRow("", self.page)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 60, self.sizeHint().height())

    def edit_typed(self) -> Edit:
        """Return the edit as typed; MtrrvizError says what is wrong with a field."""
        time_ns = parse_time_ns(self.time.text(), self._bookmark.time_ns)
        gfn = self._gfn if self.page.isChecked() else None
        bookmark = Bookmark(time_ns, self.name.text().strip(), self.text.text(), gfn)
        if self._index is None:
            return edits.add_bookmark(self._scenario, bookmark)
        return edits.change_bookmark(self._scenario, self._index, bookmark)

    def _check(self) -> None:
        """Say what is wrong with what was typed."""
        wrong = ""
        try:
            self.edit_typed()
        except MtrrvizError as error:
            wrong = str(error)
        self.words.setText(f"{wrong[:1].upper()}{wrong[1:]}." if wrong else "")
        self.buttons.button(_BUTTON.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        if self._bridge.document.scenario is not self._scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was changed")
        elif not self._bridge.edit(self.edit_typed):
            return
        super().accept()


def new_bookmark(bridge: Bridge, parent: QWidget | None = None) -> BookmarkDialog:
    """Return a dialog that adds a bookmark at the playhead."""
    document = bridge.document
    name = f"Bookmark {len(document.scenario.bookmarks) + 1}"
    bookmark = Bookmark(document.playhead_ns, name, gfn=document.gfn)
    return BookmarkDialog(bridge, bookmark, None, parent)
