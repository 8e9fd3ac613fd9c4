"""The gallery: the built-in scenarios by purpose, with pictures, names and a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.list_keys import ListKeys
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.library import LibraryEntry, Purpose, list_builtin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mtrrviz.gui.shell.bridge import Bridge

_PICTURE = QSize(120, 75)
#: Lines of text beside a picture: title, name and three of the description.
_LINES = 5
_NAME = Qt.ItemDataRole.UserRole


class Gallery(QDialog):
    """Lets the user choose a built-in scenario; ``chosen`` carries its name.

    The list is one column with the purposes as headings, so that arrow keys and screen readers
    walk it from top to bottom; the keys do so from the search too. A purpose without a scenario has
    no heading.
    """

    chosen = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Examples")
        self._entries = list_builtin()
        self.search = QLineEdit(self)
        self.search.setObjectName("gallery_search")
        self.search.setAccessibleName("Search the examples")
        self.search.setPlaceholderText("Search titles, names, tags and descriptions")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setObjectName("gallery_list")
        self.list.setAccessibleName("Examples")
        self.list.setIconSize(_PICTURE)
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.none = Dim("No example has these words.", self)
        self.buttons = self._make_buttons()
        column = QVBoxLayout(self)
        for widget in (self.search, self.none, self.list, self.buttons):
            column.addWidget(widget)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._open)
        self.list.itemActivated.connect(self._open)
        ListKeys(self.search, self.list)
        bridge.theme_changed.connect(self._recolour)
        self._fill("")
        open_as_large_as(self, 100, 36)

    def _make_buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Open | kinds.Cancel, self)
        buttons.button(kinds.Open).setAutoDefault(False)  # Return in the search opens already
        buttons.accepted.connect(self._open)
        buttons.rejected.connect(self.reject)
        return buttons

    @property
    def names(self) -> list[str]:
        """The names of the scenarios listed, from top to bottom."""
        return [item.data(_NAME) for item in self._items() if item.data(_NAME)]

    def _items(self) -> Iterator[QListWidgetItem]:
        for row in range(self.list.count()):
            yield self.list.item(row)

    def _fill(self, query: str) -> None:
        """List the scenarios that have all words asked for, by purpose."""
        words = query.casefold().split()
        self.list.clear()
        for purpose in Purpose:
            found = [e for e in self._entries if e.purpose is purpose and _has(e, words)]
            if found:
                self._add_heading(purpose.value)
            for entry in found:
                self._add(entry)
        first = next((item for item in self._items() if item.data(_NAME)), None)
        if first is not None:
            self.list.setCurrentItem(first)
        self.none.setVisible(first is None)
        self.buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(first is not None)

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text, self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setForeground(QColor(self._bridge.theme.text))

    def _add(self, entry: LibraryEntry) -> None:
        item = QListWidgetItem(f"{entry.title}\n{entry.name}\n{entry.description}", self.list)
        item.setData(_NAME, entry.name)
        item.setToolTip(plain_tip(entry.description))
        words = self.fontMetrics().lineSpacing() * _LINES
        item.setSizeHint(QSize(0, max(_PICTURE.height(), words) + 8))
        item.setIcon(self._picture_of(entry.name))

    def _picture_of(self, name: str) -> QIcon:
        """Return the picture of a scenario in the theme in use; nothing if it has none."""
        return QIcon(str(picture_path(name, is_dark=self._bridge.theme.is_dark)))

    def _recolour(self) -> None:
        for item in self._items():
            if item.data(_NAME):
                item.setIcon(self._picture_of(item.data(_NAME)))
            else:
                item.setForeground(QColor(self._bridge.theme.text))

    def _open(self, _item: object = None) -> None:
        """Close, then let the chosen scenario be opened."""
        name = self.list.currentIndex().data(_NAME)
        if isinstance(name, str):
            self.accept()
            self.chosen.emit(name)


def picture_path(name: str, *, is_dark: bool) -> Path:
    """Return where the picture of a built-in scenario lies, for dark or for light themes."""
    return resources_dir() / "gallery" / ("dark" if is_dark else "light") / f"{name}.png"


def _has(entry: LibraryEntry, words: list[str]) -> bool:
    text = " ".join((entry.title, entry.name, *entry.tags, entry.description)).casefold()
    return all(word in text for word in words)
