"""Copying as text, everywhere in the same way: Ctrl+C and "Copy" in a context menu.

Tables copy their selected rows, or all of them; what else there is says in words what it shows.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import field
from PySide6.QtCore import QAbstractItemModel, QMimeData, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView, QTreeView, QWidget

from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.table_text import tab_separated
from mtrrviz.gui.common.tables.row_selection import selected_rows
from mtrrviz.gui.common.tables.rows_model import RowsModel
from mtrrviz.gui.shell.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_ROWS = 20_000
"""More rows are not copied: that is what exports are for."""
FEW_ROWS = 200
"""The text of more rows of facts is made beside the window."""
COPY_WORDS = "Copy\tCtrl+C"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Copied(Record):
    """Text for the clipboard, and what it is in words for the status bar.

    ``data`` is the same for programs that understand it, by MIME type.
    """

    text: str
    what: str
    data: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


class CopyWork(Record):
    """What is copied once ``make``, called beside the window, has made it; ``what`` in words."""

    what: str
    make: Callable[[], Copied]


Found = Copied | CopyWork | None


class Copying(QObject):
    """Gives a widget Ctrl+C and, unless it has a menu of its own, a context menu with Copy.

    ``make`` returns what to copy, None if there is nothing; ``make_all``, where given, the same
    without regard to what is selected. ``done`` carries words on it. Of work beside the window
    only what was asked for last is copied. The children of ``widget`` share the key; fields for
    text keep their own.
    """

    done = Signal(str)

    def __init__(
        self,
        widget: QWidget,
        make: Callable[[], Found],
        make_all: Callable[[], Found] | None = None,
        *,
        has_menu: bool = False,
    ) -> None:
        super().__init__(widget)
        self._widget = widget
        self._make = make
        self._make_all = make_all
        self._asked: CopyWork | None = None
        self.aside: Aside | None = None
        key = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), widget)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self.copy)
        if not has_menu:
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(self._show_menu)

    def set_makers(self, make: Callable[[], Found], make_all: Callable[[], Found]) -> None:
        """Copy what these return from now on."""
        self._make, self._make_all = make, make_all

    def copy(self) -> None:
        """Put the text on the clipboard and tell it."""
        self._take(self._make())

    def copy_all(self) -> None:
        """Put the text of everything on the clipboard, whatever is selected."""
        self._take((self._make_all or self._make)())

    def _take(self, found: Found) -> None:
        """Put what is there on the clipboard, at once or when it is made."""
        self._asked = found if isinstance(found, CopyWork) else None
        if found is None:
            self.done.emit("Nothing to copy here")
        elif isinstance(found, Copied):
            self._put(found)
        else:
            self.done.emit(f"Copying {found.what}{_ELLIPSIS}")
            # Only once: what is copied meanwhile, here or elsewhere, is what is wanted.
            once = Qt.ConnectionType.SingleShotConnection
            QGuiApplication.clipboard().dataChanged.connect(self._give_up, once)
            if self.aside is None:
                self.aside = Aside(self)
            self.aside.run(found.make, partial(self._made, found), self._failed)

    def _made(self, work: CopyWork, copied: Copied) -> None:
        if self._asked is work:
            self._asked = None
            self._put(copied)

    def _failed(self, error: Exception) -> None:
        self._asked = None
        raise error

    @Slot()
    def _give_up(self) -> None:
        self._asked = None

    def _put(self, copied: Copied) -> None:
        content = QMimeData()
        content.setText(copied.text)
        for mime_type, data in copied.data.items():
            content.setData(mime_type, data)
        QGuiApplication.clipboard().setMimeData(content)
        self.done.emit(f"Copied: {copied.what}")

    def menu(self) -> QMenu:
        """Return the context menu."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_to(menu)
        return menu

    def add_to(self, menu: QMenu) -> None:
        """Add the actions that copy to a menu."""
        menu.addAction(COPY_WORDS, self.copy)
        if self._make_all is not None:
            menu.addAction("Copy all", self.copy_all)

    def _show_menu(self, position: QPoint) -> None:
        self.menu().popup(self._widget.mapToGlobal(position))


def copy_table(table: QAbstractItemView, *, has_menu: bool = False) -> Copying:
    """Let a table copy its selected rows, or all of them, with the columns' names."""
    return Copying(
        table, lambda: table_copy(table), lambda: table_copy(table, whole=True), has_menu=has_menu
    )


def cover_tables(root: QWidget, done: Callable[[str], None]) -> None:
    """Let every table and flat list below ``root`` copy that does not do so already."""
    for kind in (QTableView, QTreeView):
        for table in root.findChildren(kind):
            if table.findChild(Copying) is None:
                has_menu = table.contextMenuPolicy() is Qt.ContextMenuPolicy.CustomContextMenu
                copy_table(table, has_menu=has_menu).done.connect(done)


def table_copy(table: QAbstractItemView, *, whole: bool = False) -> Found:
    """Return the selected rows of a table, all of them if none is or ``whole``; None if empty."""
    model = table.model()
    count = model.rowCount()
    if not count:
        return None
    chosen = selected_rows(table)
    rows = range(count) if whole or not chosen else chosen
    kept = rows[:MOST_ROWS]
    left = f" of {len(rows):,} (export has them all)" if len(rows) > len(kept) else ""
    what = f"{plural(len(kept), 'row')}{left}"
    if isinstance(model, RowsModel) and len(kept) > FEW_ROWS:
        text_of = model.text_work(kept)
        return CopyWork(what, lambda: Copied(text_of(), what))
    return Copied(model_text(model, kept), what)


def model_text(model: QAbstractItemModel, rows: Sequence[int]) -> str:
    """Return rows of an item model under the names of its columns, between tabs."""
    columns = range(model.columnCount())
    across = Qt.Orientation.Horizontal
    names = [str(model.headerData(column, across) or "") for column in columns]
    cells = ([str(model.index(row, column).data() or "") for column in columns] for row in rows)
    return tab_separated(names, cells)
