"""The model panel: every constant with its source, to play with, and what that comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.model_results import misfit_results, run_results
from mtrrviz.analysis.validation import misfit
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim, plain_table
from mtrrviz.gui.model.constants_model import VALUE_COLUMN, ConstantsModel
from mtrrviz.gui.model.results_table import ResultsTable
from mtrrviz.gui.model.value_delegate import ValueDelegate
from mtrrviz.session.changes import Change
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.memtype_speed import platforms

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.gui.published.published_rows import PublishedRows
    from mtrrviz.gui.shell.bridge import Bridge

_HINT = "Edit a value: all modelled figures update at once."
#: Widths of all columns but the last, in digits.
_WIDTHS = (9, 11, 16, 10, 16, 11, 44)
_CPU_TIP = (
    "The CPU whose measured speeds of memory types are used: the time that touches through "
    "leaves other than WB take adds to the boot"
)


class ModelPanel(FollowsDocument):
    """Constants at the left, what they come to at the right; every value is the document's."""

    follows = frozenset({Change.RUN, Change.FIGURES, Change.POLICY, Change.COSTS, Change.OPENED})

    def __init__(
        self, bridge: Bridge, published: PublishedRows, parent: QWidget | None = None
    ) -> None:
        super().__init__(bridge, parent)
        self._document = bridge.document
        self._published = published
        self._shown = False
        self.model = ConstantsModel(bridge, self.font(), self)
        self.table = plain_table(self.model, "Constants of the model", self)
        self._delegate = ValueDelegate(bridge.document, self.model, self.table)
        self.hint = Dim(_HINT)
        self.results = ResultsTable()
        self.progress = Dim()
        self.cpu = _cpu_box()
        self.reset_one = QPushButton("Reset this &one")
        self.reset_all = QPushButton("Reset &all")
        self._set_up_table()
        self._lay_out()
        self._connect()
        self.setAccessibleName("Model")

    def _set_up_table(self) -> None:
        table = self.table
        table.setItemDelegateForColumn(VALUE_COLUMN, self._delegate)
        triggers = QAbstractItemView.EditTrigger
        table.setEditTriggers(
            triggers.DoubleClicked | triggers.SelectedClicked | triggers.EditKeyPressed
            | triggers.AnyKeyPressed
        )  # fmt: skip
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        digit = table.fontMetrics().horizontalAdvance("0")
        for column, digits in enumerate(_WIDTHS):
            header.resizeSection(column, digits * digit)
        table.setCurrentIndex(self.model.index(0, VALUE_COLUMN))

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        label = Label("CP&U of memory speeds")
        label.setBuddy(self.cpu)
        controls.addWidget(self.hint, 1)
        for widget in (label, self.cpu, self.reset_one, self.reset_all):
            controls.addWidget(widget)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.results, 1)
        column.addWidget(self.progress)
        parts = TurningSplitter()
        parts.addWidget(self.table)
        parts.addWidget(beside)
        parts.setSizes([760, 400])
        parts.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.addLayout(controls)
        whole.addWidget(parts, 1)

    def _connect(self) -> None:
        self._delegate.problem.connect(self._tell)
        self.cpu.activated.connect(self._choose_cpu)
        self.reset_one.clicked.connect(self._reset_one)
        self.reset_all.clicked.connect(self._reset_all)
        self.table.selectionModel().currentChanged.connect(self._show_choices)
        self._published.grown.connect(self._show_progress)
        self._published.renewed.connect(self._show_results)
        self._published.failed.connect(self.progress.setText)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and have the published rows worked out."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self.table.horizontalScrollBar().setValue(0)
        self._published.want(self)

    # What is shown

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the constants that were chosen, and what they come to."""
        if Change.COSTS in changes:
            self._show_choices()
        self._show_results()

    def _show_choices(self) -> None:
        """Show which CPU is chosen and what can be reset."""
        costs = self._document.costs
        self.cpu.setCurrentIndex(self.cpu.findData(costs.platform))
        self.reset_all.setEnabled(not costs.is_default)
        self.reset_one.setEnabled(self._current_name() in costs.changes)

    def _show_results(self) -> None:
        """Show what the constants come to, as far as that is known by now."""
        runs = [run for run in (self._document.run, self._document.compared_run) if run is not None]
        results = run_results(runs)
        default = self._published.default_misfit
        if default is not None:
            results = [*misfit_results(default, misfit(self._published.rows)), *results]
        self.results.show_results(results)
        self._show_progress()

    def _show_progress(self) -> None:
        done, total = len(self._published.rows), self._published.total
        self.progress.setText(f"Replaying the recorded boots: {done} of {total} rows")
        self.progress.setVisible(not self._published.is_complete)

    def _tell(self, problem: str) -> None:
        """Say what is wrong with a value, or the usual words again."""
        self.hint.setText(problem or _HINT)
        self.hint.setObjectName("error" if problem else "dim")
        self.hint.style().unpolish(self.hint)
        self.hint.style().polish(self.hint)

    # What the user does

    def _current_name(self) -> str | None:
        """Return the name of the current constant, None where it cannot be changed."""
        index = self.table.currentIndex()
        entry = self.model.constant(index.row()).entry if index.isValid() else None
        return None if entry is None else entry.name

    def _choose_cpu(self) -> None:
        costs = self._document.costs.on_platform(self.cpu.currentData())
        self._document.set_costs(costs)

    def _reset_one(self) -> None:
        name = self._current_name()
        for entry in self._document.costs.entries():
            if entry.name == name:
                values = {entry.name: entry.default.value}
                self._document.set_costs(self._document.costs.with_values(values))
        self._tell("")

    def _reset_all(self) -> None:
        self._document.set_costs(DEFAULT_COSTS)
        self._tell("")


def _cpu_box() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("CPU of memory speeds")
    box.setToolTip(_CPU_TIP)
    for name in platforms():
        box.addItem(name, name)
    return box
