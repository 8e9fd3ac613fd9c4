"""The problems panel: what is wrong with the configuration at the playhead, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.checks import Problem, check
from mtrrviz.analysis.checks.output import where_words
from mtrrviz.gui.problem_words import problem_html
from mtrrviz.gui.widgets import Dim
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.bridge import Bridge

#: Pause after the last change before the rules run, so that playing stays smooth.
_SETTLE_MS = 250
_CONCERNS = frozenset(
    {Change.RUN, Change.PLAYHEAD, Change.VCPU, Change.SCENARIO, Change.POLICY, Change.PLAYBACK}
)


class ProblemsPanel(QWidget):
    """A list of problems, worst first, and the whole story of the one selected.

    Selecting a problem selects its vCPU and page in every view; a double click or Return also
    goes to the event that made it.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self.problems: list[Problem] = []
        self.summary = Dim("")
        self.list = QTreeWidget()
        self.list.setHeaderLabels(["", "problem", "where"])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName("Problems")
        self.story = QTextBrowser()
        self.story.setAccessibleName("About the problem")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self.list.currentItemChanged.connect(self._select)
        self.list.itemActivated.connect(self._go)
        bridge.changed.connect(self._on_changes)

    def _lay_out(self) -> None:
        parts = QSplitter()
        parts.addWidget(self.list)
        parts.addWidget(self.story)
        parts.setSizes([560, 400])
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self.summary)
        column.addWidget(parts, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self.refresh()

    def _on_changes(self, changes: frozenset[Change]) -> None:
        """Run the rules anew once the playhead rests."""
        rests = not self._document.playback.playing
        if self.isVisible() and rests and changes & _CONCERNS:
            self._timer.start()

    def refresh(self) -> None:
        """Run the rules on the state at the playhead."""
        state = self._document.state
        if state is None:
            self.summary.setText("The rules run once the first run is finished.")
            return
        problems = check(state, self._document.vcpu)
        if problems != self.problems or not self.summary.text():
            self.problems = problems
            self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for problem in self.problems:
            words = [str(problem.severity), problem.title, where_words(problem.where)]
            self.list.addTopLevelItem(QTreeWidgetItem(words))
        for column in (0, 1):
            self.list.resizeColumnToContents(column)
        self.summary.setText(_summary(self.problems))
        self.story.setHtml("")
        if self.problems:
            self.story.setHtml(problem_html(self.problems[0]))

    def _selected(self) -> Problem | None:
        item = self.list.currentItem()
        return None if item is None else self.problems[self.list.indexOfTopLevelItem(item)]

    def _select(self) -> None:
        """Show the selected problem, and select what it is about."""
        problem = self._selected()
        if problem is None:
            return
        self.story.setHtml(problem_html(problem))
        if problem.where.gfns is not None:
            self._document.select_page(problem.where.gfns[0])

    def _go(self) -> None:
        """Go to the event that made the selected problem."""
        problem = self._selected()
        if problem is not None and problem.where.since_ns is not None:
            self._document.set_playhead(problem.where.since_ns)


def _summary(problems: list[Problem]) -> str:
    """Return how many problems of each severity there are."""
    if not problems:
        return "No problems found at the playhead."
    counts: dict[str, int] = {}
    for problem in problems:
        counts[str(problem.severity)] = counts.get(str(problem.severity), 0) + 1
    parts = [f"{number} {word}{'' if number == 1 else 's'}" for word, number in counts.items()]
    return f"At the playhead, as the selected vCPU sees it: {', '.join(parts)}."
