"""The window of help: contents and search on the left, the page on the right; without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.plain_text import plain_tip, window_title
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.gui.help.page_view import PageView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.gui.common.looks.theme import Theme
    from mtrrviz.handbook.handbook import Handbook
    from mtrrviz.handbook.help_page import HelpPage

_ADDRESS = Qt.ItemDataRole.UserRole
_KEYS = Qt.Key
#: Keys that move in the contents while one types into the search.
_MOVES = {_KEYS.Key_Up, _KEYS.Key_Down, _KEYS.Key_PageUp, _KEYS.Key_PageDown}
_SIZE_IN_CHARS = (160, 46)


class HelpWindow(QDialog):
    """Shows pages of the handbook beside the main window.

    ``example_wanted`` carries the address of a live example that was clicked.
    """

    example_wanted = Signal(str)

    def __init__(self, book: Handbook, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help_window")
        self._book = book
        self.view = PageView(book, self)
        self.contents = QTreeWidget(self)
        self.search = QLineEdit(self)
        self.nothing = Dim("No page has all of these words.", self)
        self.back = self._button("help_back", "Back", Qt.ArrowType.LeftArrow, "Alt+Left")
        self.forward = self._button("help_forward", "Forward", Qt.ArrowType.RightArrow, "Alt+Right")
        self._prepare()
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self._list("")

    def _button(self, name: str, text: str, arrow: Qt.ArrowType, key: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setArrowType(arrow)
        button.setAccessibleName(text)
        button.setToolTip(plain_tip(f"{text} ({key})"))
        button.setShortcut(QKeySequence(key))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setEnabled(False)
        return button

    def _prepare(self) -> None:
        self.search.setObjectName("help_search")
        self.search.setAccessibleName("Search the help")
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.contents.setObjectName("help_contents")
        self.contents.setAccessibleName("Contents")
        self.contents.setHeaderHidden(True)
        self.contents.setUniformRowHeights(True)
        self.nothing.hide()
        QShortcut(QKeySequence.StandardKey.Find, self, self._to_search)

    def _lay_out(self) -> None:
        left = QWidget(self)
        row = QHBoxLayout()
        for widget in (self.back, self.forward, self.search):
            row.addWidget(widget)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.nothing)
        column.addWidget(self.contents, 1)
        parts = QSplitter(self)
        parts.addWidget(left)
        parts.addWidget(self.view)
        parts.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.addWidget(parts)
        metrics = self.fontMetrics()
        width, height = _SIZE_IN_CHARS
        self.resize(metrics.averageCharWidth() * width, metrics.height() * height)
        parts.setSizes([self.width() // 4, self.width() * 3 // 4])

    def _connect(self) -> None:
        self.search.textChanged.connect(self._list)
        self.search.returnPressed.connect(self._open_current)
        self.contents.itemActivated.connect(self._open_item)
        self.contents.itemClicked.connect(self._open_item)
        self.back.clicked.connect(self.view.backward)
        self.forward.clicked.connect(self.view.forward)
        self.view.backwardAvailable.connect(self.back.setEnabled)
        self.view.forwardAvailable.connect(self.forward.setEnabled)
        self.view.page_shown.connect(self._tell_page)
        self.view.example_wanted.connect(self.example_wanted)

    @property
    def address(self) -> str:
        """The address of the page that is shown."""
        return self.view.address

    def show_page(self, address: str) -> None:
        """Show a page, in front of the main window."""
        self.view.show_page(address)
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Colour links and pages as the main window."""
        self.view.set_colours(theme.accent, theme.dim)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _list(self, words: str) -> None:
        """List what has the words, the best first; all pages where there are none."""
        self.contents.clear()
        if words.strip():
            found = self._book.search(words)
            self.contents.addTopLevelItems([_item(page) for page in found])
            self.contents.setCurrentIndex(self.contents.model().index(0, 0))
            self.contents.setRootIsDecorated(False)
        else:
            found = self._book.pages
            self._add_group("Manual", self._book.manual)
            self._add_group("Glossary", sorted(self._book.terms, key=_title))
            self.contents.setRootIsDecorated(True)
            self._tell_page(self.address)
        self.nothing.setVisible(not found)

    def _add_group(self, title: str, pages: Iterable[HelpPage]) -> None:
        group = QTreeWidgetItem([title])
        group.addChildren([_item(page) for page in pages])
        self.contents.addTopLevelItem(group)
        group.setExpanded(True)

    def _open_current(self) -> None:
        item = self.contents.currentItem()
        if item is not None:
            self._open_item(item)

    def _open_item(self, item: QTreeWidgetItem) -> None:
        address = item.data(0, _ADDRESS)
        if address:
            self.view.show_page(address)

    def _tell_page(self, address: str) -> None:
        """Name the page in the title, and mark it in the contents."""
        if address not in self._book:
            return
        self.setWindowTitle(window_title(f"{self._book.page(address).title} - Help"))
        for item in _all_items(self.contents):
            if item.data(0, _ADDRESS) == address:
                self.contents.setCurrentItem(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys that move choose in the contents while one types."""
        is_press = event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in _MOVES:
            self.contents.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)


def _item(page: HelpPage) -> QTreeWidgetItem:
    item = QTreeWidgetItem([page.title])
    item.setData(0, _ADDRESS, page.address)
    return item


def _all_items(tree: QTreeWidget) -> Iterable[QTreeWidgetItem]:
    """Yield the items of the first two levels."""
    for row in range(tree.topLevelItemCount()):
        top = tree.topLevelItem(row)
        if top is not None:
            yield top
            children = (top.child(number) for number in range(top.childCount()))
            yield from (child for child in children if child is not None)


def _title(page: HelpPage) -> str:
    return page.title.lower()
