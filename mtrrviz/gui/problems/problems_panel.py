"""The problems panel: what is wrong with the configuration at the playhead, and how to fix it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.checks import Problem, Severity, check
from mtrrviz.analysis.checks.check_output import where_words
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.tables.no_rows import NoRows
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.gui.problems.problem_words import EVENT_LINK, problem_html, summary_words
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.sim.run import Run

_NO_PROBLEMS = "The rules find no problem here. Move the playhead to have other moments checked"
_WHERE_PX = 230
#: Rules whose problems other register values would end.
_MENDABLE = frozenset(
    {
        "vcpus-disagree", "mtrrs-disabled", "ram-by-default-uc", "ram-not-wb", "device-cached",
        "range-beyond-ram", "overlap-undefined", "overlap-kvm-differs", "few-free-pairs",
        "fixed-ranges-off", "mask-holes", "base-unaligned", "beyond-maxphyaddr", "write-refused",
        "cpus-disagree", "host-mtrrs-off", "host-ram-not-wb", "host-device-cached",
        "host-mask-holes", "host-base-unaligned", "host-overlap-undefined", "host-no-free-pair",
        "host-fixed-ranges-off", "host-write-refused",
    }
)  # fmt: skip
_TIP = "Click: select its processor, page and register. Return or double click: go to its event."


class ProblemsPanel(FollowsDocument):
    """A list of problems of all vCPUs, worst first, and the whole story of the one selected.

    Selecting a problem selects its vCPU and page in every view and asks for its register
    (``register_requested``, with an MSR number); a double click, Return or the link in the story
    also goes to the event that made it. ``solve_requested`` asks for registers that end them.
    The rules run in the worker.
    """

    follows = frozenset(
        {Change.RUN, Change.PLAYHEAD, Change.SCENARIO, Change.POLICY, Change.PLAYBACK}
    )
    settle_ms = 250
    register_requested = Signal(int)
    solve_requested = Signal()

    def __init__(self, bridge: Bridge, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._document = bridge.document
        self._worker = worker
        self._asked: tuple[Run, int] | None = None
        self.problems: list[Problem] = []
        self.summary = Dim("")
        self.list = QTreeWidget()
        self.story = QTextBrowser()
        self.solve_button = QPushButton("S&olve...", self)
        self.solve_button.setToolTip("Find the registers that give every page its right type")
        self.solve_button.setEnabled(False)
        self.solve_button.clicked.connect(self.solve_requested)
        self._lay_out()
        NoRows(self.list, _NO_PROBLEMS)
        self.list.currentItemChanged.connect(self._select)
        self.list.itemActivated.connect(self._go)
        self.story.anchorClicked.connect(self._follow)
        bridge.theme_changed.connect(self._fill)
        bridge.changed.connect(self._forget)

    def _lay_out(self) -> None:
        self.list.setHeaderLabels(["severity", "problem", "where"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Problems")
        self.list.setAccessibleDescription(_TIP)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(2, _WHERE_PX)
        self.story.setAccessibleName("About the problem")
        self.story.setOpenLinks(False)
        parts = TurningSplitter()
        parts.addWidget(self.list)
        parts.addWidget(self.story)
        parts.setSizes([620, 400])
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addWidget(self.solve_button)
        column.addLayout(top)
        column.addWidget(parts, 1)

    # Running the rules

    def _forget(self, changes: frozenset[Change]) -> None:
        """Show nothing of the document before until the rules have run on the new one."""
        if Change.OPENED in changes:
            self._asked, self.problems = None, []
            self.summary.clear()
            self.solve_button.setEnabled(False)
            self._fill()

    def show_document(self, changes: frozenset[Change]) -> None:  # noqa: ARG002
        """Run the rules on the state at the playhead, unless that is what was asked last."""
        run = self._document.run
        if run is None:
            self.summary.setText("The rules run once the first run is finished.")
            return
        asked = (run, self._document.playhead_ns)
        if asked != self._asked:
            self._asked = asked
            self._worker.run(partial(_find, *asked), partial(self._found, asked))

    def _found(self, asked: tuple[Run, int], problems: list[Problem]) -> None:
        """Show what the rules found, if nothing else was asked since."""
        if asked != self._asked:
            return
        is_host = asked[0].scenario.machine.is_host
        self.summary.setText(summary_words(problems, asked[1], is_host=is_host))
        if problems != self.problems:
            self.problems = problems
            self.solve_button.setEnabled(any(p.rule in _MENDABLE for p in problems))
            self._fill()

    # Showing

    def _fill(self) -> None:
        """List the problems; the one selected before stays selected if it is still there."""
        before = self._selected()
        self.list.blockSignals(True)
        self.list.clear()
        for problem in self.problems:
            self.list.addTopLevelItem(self._item(problem))
        self.list.resizeColumnToContents(0)
        same = [row for row, new in enumerate(self.problems) if before and _alike(new, before)]
        if same:
            self.list.setCurrentIndex(self.list.model().index(same[0], 0))
        self.list.blockSignals(False)
        shown = self.problems[same[0] if same else 0] if self.problems else None
        self.story.setHtml(problem_html(shown) if shown else "")

    def _item(self, problem: Problem) -> QTreeWidgetItem:
        where = where_words(problem)
        item = QTreeWidgetItem([problem.severity.value, problem.title, where])
        for column, words in enumerate((_TIP, problem.title, where)):
            item.setToolTip(column, plain_tip(words))
        theme = self.bridge.theme
        colours = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning}
        if problem.severity in colours:
            item.setForeground(0, QColor(colours[problem.severity]))
        item.setData(0, Qt.ItemDataRole.UserRole, problem)
        return item

    def _selected(self) -> Problem | None:
        item = self.list.currentItem()
        return None if item is None else item.data(0, Qt.ItemDataRole.UserRole)

    # What the user does

    def _select(self) -> None:
        """Show the selected problem, and select what it is about."""
        problem = self._selected()
        if problem is None:
            return
        self.story.setHtml(problem_html(problem))
        where = problem.where
        with self._document.batch():
            if where.vcpus and self._document.vcpu not in where.vcpus:
                self._document.select_vcpu(where.vcpus[0])
            if where.gfns is not None:
                self._document.select_page(where.gfns[0])
        if where.msrs:
            self.register_requested.emit(where.msrs[0])

    def _go(self) -> None:
        """Go to the event that made the selected problem."""
        problem = self._selected()
        if problem is not None and problem.where.since_ns is not None:
            self._document.set_playhead(problem.where.since_ns)

    def _follow(self, link: QUrl) -> None:
        """Go where a link of the story leads: the time of an event."""
        scheme, _, time_ns = link.toString().partition(":")
        if scheme == EVENT_LINK:
            self._document.set_playhead(int(time_ns))


def _find(run: Run, time_ns: int) -> list[Problem]:
    """Return the problems at a time, on a state that no other thread looks at."""
    return check(run.at(time_ns))


def _alike(one: Problem, other: Problem) -> bool:
    """Return whether two problems, perhaps of two times, are about the same thing."""
    if (one.rule, one.where.vcpus) != (other.rule, other.where.vcpus):
        return False
    msrs = set(one.where.msrs), set(other.where.msrs)
    return msrs[0] == msrs[1] or bool(msrs[0] & msrs[1])
