"""The question what to do with unsaved work that an earlier window left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.session.journal.unsaved_work import UnsavedWork


class UnsavedDialog(QDialog):
    """Lists what was left; ``restore`` and ``discard`` carry the work that was chosen.

    Closing it decides nothing: what is left is offered again at the next start.
    """

    restore = Signal(object)
    discard = Signal(object)

    def __init__(self, works: Sequence[UnsavedWork], parent: QWidget) -> None:
        super().__init__(parent)
        self._works = list(works)
        self.setObjectName("unsaved_work")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Unsaved work")
        words = Label("mtrrviz ended before this work was saved:", self)
        self.list = QListWidget(self)
        self.list.setObjectName("unsaved_list")
        self.list.setAccessibleName("Unsaved work")
        self.list.setWordWrap(True)
        more = Label(
            "Restore opens it here, and nothing is written until you save. Discard deletes it."
            " Later asks again at the next start.",
            self,
        )
        more.setWordWrap(True)
        for work in self._works:
            self.list.addItem(QListWidgetItem(words_on(work)))
        column = QVBoxLayout(self)
        for widget in (words, self.list, more, self._make_buttons()):
            column.addWidget(widget)
        self.list.setCurrentRow(len(self._works) - 1)
        open_as_large_as(self, 80, 16)

    def _make_buttons(self) -> QDialogButtonBox:
        roles = QDialogButtonBox.ButtonRole
        buttons = QDialogButtonBox(self)
        for words, name, role, slot in (
            ("&Restore", "restore_work", roles.AcceptRole, self._restore),
            ("&Discard", "discard_work", roles.DestructiveRole, self._discard),
            ("&Later", "later_work", roles.RejectRole, self.reject),
        ):
            button = buttons.addButton(words, role)
            button.setObjectName(name)
            button.clicked.connect(slot)
        return buttons

    @property
    def left(self) -> list[UnsavedWork]:
        """The work that nothing was decided on."""
        return list(self._works)

    def _restore(self) -> None:
        work = self._works.pop(self.list.currentRow())
        self.accept()
        self.restore.emit(work)

    def _discard(self) -> None:
        row = self.list.currentRow()
        self.list.takeItem(row)
        self.discard.emit(self._works.pop(row))
        if not self._works:
            self.accept()


def words_on(work: UnsavedWork) -> str:
    """Return which file the work was on, how much it is, and whether some of it is gone."""
    when = datetime.fromtimestamp(work.time_s).astimezone().strftime("%Y-%m-%d %H:%M")
    name = str(work.path) if work.path else f"{work.name or 'A scenario'}, not in a file"
    if not work.states:
        return f"{name}: the journal is damaged, nothing can be restored ({when})"
    has_last = work.edits or work.states[-1].wanted is not None
    words = f"{name}: {work.size_words}" + (f", the last at {when}" if has_last else f" ({when})")
    if work.is_damaged:
        return f"{words}. The end of the journal is damaged: later edits are lost."
    return words
