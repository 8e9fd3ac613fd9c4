"""The panel of the trace check: how many real entries differ, which, and what explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mtrrviz.facts.tables.mismatch_rows import MismatchRows, headline
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.gui.trace_check.mismatch_table_view import MismatchTableView
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from mtrrviz.gui.shell.bridge import Bridge


class TraceCheckPanel(FollowsDocument):
    """A sentence with the counts, a sentence about the current entry, and the table."""

    follows = frozenset({Change.SCENARIO, Change.OPENED, Change.RUN, Change.POLICY})

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.headline = Label("", self)
        self.table = MismatchTableView(bridge, self)
        self.story = Dim("", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        words = QHBoxLayout()
        words.setContentsMargins(8, 2, 8, 0)
        words.setSpacing(16)
        words.addWidget(self.headline)
        words.addWidget(self.story, 1)
        column.addLayout(words)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table.view)
        self.table.view.selectionModel().currentRowChanged.connect(self._tell_story)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Say how the trace and the run agree."""
        del changes
        document = self.bridge.document
        words = "" if document.run is None else headline(document.run, document.policy)
        self.headline.setText(words)
        self.headline.setVisible(bool(words))

    def _tell_story(self, current: QModelIndex, _before: QModelIndex) -> None:
        """Say in a sentence what would explain the current entry."""
        rows = self.table.model.rows
        if current.isValid() and isinstance(rows, MismatchRows):
            self.story.setText(rows.cause(self.table.model.source_row(current.row())).story)
        else:
            self.story.clear()
