"""A list whose rows can be added, changed, removed and gone to: the stops' and the bookmarks'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QAbstractTableModel, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QStackedLayout, QVBoxLayout, QWidget

from mtrrviz.core.record import Record
from mtrrviz.gui.common.event_filters import KeysFirst
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.layout.wrapping import WrappingRow
from mtrrviz.gui.common.tables.copying import copy_table
from mtrrviz.gui.common.tables.rows_table_view import FollowingView
from mtrrviz.gui.common.widgets import Empty, Heading, push_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from mtrrviz.gui.shell.bridge import Bridge

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class RowActs(Record):
    """What can be done with the rows of a list, which are numbered from 0.

    ``add`` and ``change`` ask for the content of a row, ``remove`` takes out at least one row, and
    ``go`` moves the playhead to where a row says.
    """

    add: Callable[[], object]
    change: Callable[[int], object]
    remove: Callable[[list[int]], object]
    go: Callable[[int], object]


class EditedList(FollowsDocument):
    """A heading, the rows, and buttons below; each edit keeps the current row where it can.

    Insert adds, F2 changes, Delete removes the selected rows, Enter goes to the current one.
    """

    #: Heading, and what one row is called.
    title: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    #: What going to a row does, for its menu and button.
    go_words: ClassVar[str] = "Go to it"
    #: What the list says while it is empty.
    empty_words: ClassVar[str] = ""

    def __init__(
        self,
        bridge: Bridge,
        model: QAbstractTableModel,
        acts: RowActs,
        stretched: int,
        parent: QWidget | None,
    ) -> None:
        super().__init__(bridge, parent)
        self._acts = acts
        self.setObjectName(f"{self.noun}_list")
        model.setParent(self)
        self.view = FollowingView(self)
        self.view.setObjectName(f"{self.noun}s")
        self.view.setAccessibleName(self.title)
        self.view.setModel(model)
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        # Insert is a key of the window too: without this neither of the two would be heard.
        KeysFirst(self.view, lambda key: key in (Qt.Key.Key_Space, Qt.Key.Key_Insert))
        self._pages = QStackedLayout()
        self._pages.addWidget(self.view)
        self._pages.addWidget(Empty(self.empty_words))
        self.buttons = {
            name: push_button(text, tip, act, self)
            for name, text, tip, act in (
                ("add", f"Add{_ELLIPSIS}", f"Add a {self.noun} (Ins)", acts.add),
                ("change", f"Change{_ELLIPSIS}", f"Change the {self.noun} (F2)", self.change),
                ("remove", "Remove", f"Remove the selected {self.noun}s (Del)", self.remove),
                ("go", self.go_words, f"{self.go_words} (Enter)", self.go),
            )
        }
        self._lay_out()
        self._connect(model)

    def _lay_out(self) -> None:
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for name, button in self.buttons.items():
            button.setObjectName(f"{name}_{self.noun}")
            KeysFirst(button, lambda key: key == Qt.Key.Key_Insert)
            button.setAccessibleName(f"{button.text().removesuffix(_ELLIPSIS)}: {self.noun}")
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(WrappingRow(Heading(self.title), buttons))
        column.addLayout(self._pages, 1)

    def _connect(self, model: QAbstractTableModel) -> None:
        self.view.jump_requested.connect(self.go)
        self.view.change_requested.connect(self.change)
        self.view.remove_requested.connect(self.remove)
        self.view.selectionModel().selectionChanged.connect(self._show_buttons)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self._copying = copy_table(self.view, has_menu=True)
        self._copying.done.connect(self.bridge.message)
        model.modelReset.connect(self._show_page)
        self.view.add_requested.connect(self._acts.add)
        self._show_page()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add where a button has the keyboard, as there is nothing else in an empty list."""
        if event.key() == Qt.Key.Key_Insert:
            self._acts.add()
        else:
            super().keyPressEvent(event)

    # What is chosen

    @property
    def row(self) -> int | None:
        """The current row, None if there is none."""
        index = self.view.currentIndex()
        return index.row() if index.isValid() else None

    @property
    def chosen(self) -> list[int]:
        """The selected rows, ascending; the current one if none is selected."""
        rows = {index.row() for index in self.view.selectionModel().selectedRows()}
        if not rows and self.row is not None:
            rows = {self.row}
        return sorted(rows)

    # What the user does

    def change(self) -> None:
        """Ask for another content of the current row."""
        if self.row is not None:
            self._acts.change(self.row)

    def remove(self) -> None:
        """Remove the selected rows; the one after them becomes the current one."""
        rows = self.chosen
        if rows:
            self._acts.remove(rows)
            self.view.selectRow(min(rows[0], self.view.model().rowCount() - 1))

    def go(self) -> None:
        """Move the playhead to where the current row says."""
        if self.row is not None:
            self._acts.go(self.row)

    def _show_menu(self, position: QPoint) -> None:
        menu = self.make_menu(self.view.indexAt(position).isValid())
        menu.popup(self.view.viewport().mapToGlobal(position))

    def menu_now(self) -> QMenu:
        """Return the context menu of the current row, or of the empty list."""
        return self.make_menu(self.row is not None)

    def make_menu(self, is_on_row: bool = True) -> QMenu:
        """Return the context menu of the current row, or of the space below the rows."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Add a {self.noun}{_ELLIPSIS}\tIns", self._acts.add)
        if is_on_row:
            menu.addAction(f"Change the {self.noun}{_ELLIPSIS}\tF2", self.change)
            menu.addAction("Remove\tDel", self.remove)
            menu.addAction(f"{self.go_words}\tEnter", self.go)
            menu.addSeparator()
            self._copying.add_to(menu)
        return menu

    def _show_page(self) -> None:
        self._pages.setCurrentIndex(0 if self.view.model().rowCount() else 1)
        self._show_buttons()

    def _show_buttons(self) -> None:
        for name in ("change", "remove", "go"):
            self.buttons[name].setEnabled(bool(self.chosen))
