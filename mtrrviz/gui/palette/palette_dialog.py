"""The palette: a field to type a few letters into, and what they fit in a list below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
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
from mtrrviz.session.palette import FoundEntry, find, typed_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.scenario.model import Scenario


class PaletteDialog(QDialog):
    """Finds an entry: Up and Down choose one, Enter takes it, Esc closes.

    ``taken`` carries the entry once the dialog has closed. The letters stay in the field
    meanwhile, and what is chosen is its description for screen readers.
    """

    taken = Signal(object)

    def __init__(
        self, entries: Sequence[FoundEntry], scenario: Scenario, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Go to anything")
        self._entries = entries
        self._scenario = scenario
        self._found: list[FoundEntry] = []
        self.field = QLineEdit(self)
        self.field.setObjectName("palette_field")
        self.field.setAccessibleName("Command or place")
        self.field.setPlaceholderText("A few letters of a command or place, a time or an address")
        self.list = QListWidget(self)
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName("What fits")
        self.list.setUniformItemSizes(True)
        self.none = Dim("Nothing fits these letters.", self)
        column = QVBoxLayout(self)
        for widget in (self.field, self.none, self.list):
            column.addWidget(widget)
        ListKeys(self.field, self.list)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self._take)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self.list.currentRowChanged.connect(self._describe)
        self._search("")
        open_as_large_as(self, 80, 24)

    @property
    def found(self) -> Sequence[FoundEntry]:
        """What fits the letters, best first."""
        return tuple(self._found)

    def offer(self, entries: Sequence[FoundEntry]) -> None:
        """Find among other entries from now on; what was chosen stays chosen if it is there."""
        row = self.list.currentRow()
        chosen = self._found[row] if row > 0 else None  # the first is chosen by itself
        self._entries = entries
        self._search(self.field.text())
        if chosen in self._found:
            self.list.setCurrentRow(self._found.index(chosen))

    def _search(self, query: str) -> None:
        """Show what fits, the first chosen."""
        self._found = [*typed_places(query, self._scenario), *find(query, self._entries)]
        self.list.clear()
        for entry in self._found:
            item = QListWidgetItem(_line(entry), self.list)
            item.setToolTip(plain_tip(_line(entry)))
        self.none.setVisible(not self._found)
        self.list.setCurrentRow(0)

    def _describe(self, row: int) -> None:
        """Let the field say what is chosen."""
        words = _line(self._found[row]) if 0 <= row < len(self._found) else self.none.text()
        self.field.setAccessibleDescription(words)

    def _take(self, _item: object = None) -> None:
        """Close, then go where the chosen entry leads."""
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            self.accept()
            self.taken.emit(self._found[row])


def _line(entry: FoundEntry) -> str:
    """Return what the list says of an entry."""
    text = " ".join(entry.text.split())
    return "  \N{EN DASH}  ".join(filter(None, (text, entry.detail, entry.kind.value)))
