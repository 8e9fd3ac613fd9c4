"""The sweep panel: what to sweep, plots of what comes out, and the same rows as a table."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.sweep import LARGEST_MEASURED, sweep_cells, sweep_header, write_csv
from mtrrviz.analysis.sweep_curves import AXES, FIGURES
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import plural
from mtrrviz.exporters.output import write_parts
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.tables.copy_table import CopyTable
from mtrrviz.gui.common.widgets import Dim, Empty
from mtrrviz.gui.sweep.sweep_form import SweepForm
from mtrrviz.gui.sweep.sweep_job import SweepJob
from mtrrviz.gui.sweep.sweep_plots import SweepPlots
from mtrrviz.session.changes import Change
from mtrrviz.sim.cost_model import DEFAULT_COSTS

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from mtrrviz.analysis.sweep import SweepRow
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.sim.cost_model import CostModel

_HINT = (
    "No rows yet. Press Start to generate a boot for each number of vCPUs and size, and to replay "
    "it under each policy."
)
_WORD_COLUMNS = 1
_ALL = "all three"


class SweepPanel(QWidget):
    """Sweeps at the document's constants; ``rows`` are those of the last one."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._document = bridge.document
        self._plots: SweepPlots | None = None
        self._costs: CostModel = DEFAULT_COSTS
        self.rows: list[SweepRow] = []
        chosen = (self._document.policy, self._document.compared_policy)
        self.form = SweepForm(policy.partition(":")[0] for policy in chosen)  # without switches
        self.job = SweepJob(self)
        self.axis = _choice("Draw against", {words: axis for axis, words in AXES.items()})
        all_figures = {_ALL: tuple(FIGURES)}
        self.figures = _choice(
            "Plots shown", {**all_figures, **{words: (key,) for key, words in FIGURES.items()}}
        )
        self.words = _line()
        self._empty = Empty(_HINT, self)
        self.table = CopyTable(_header(DEFAULT_COSTS), _WORD_COLUMNS, "Rows of the sweep")
        self.copy = QPushButton("Copy")
        self.save = QPushButton("Save CSV...")
        self._drawn = QVBoxLayout()
        self._lay_out()
        self._connect()
        self.setAccessibleName("Sweep")

    def _lay_out(self) -> None:
        parts = TurningSplitter()
        parts.addWidget(self._plot_side())
        parts.addWidget(self._table_side())
        parts.setSizes([640, 400])
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.form)
        row.addWidget(parts, 1)

    def _plot_side(self) -> QWidget:
        choices = QHBoxLayout()
        for words, box in (("&Against", self.axis), ("Sh&ow", self.figures)):
            label = Label(words)
            label.setBuddy(box)
            choices.addWidget(label)
            choices.addWidget(box)
        choices.addStretch(1)
        side = QWidget(self)
        self._drawn.setContentsMargins(0, 0, 0, 0)
        self._drawn.setSpacing(2)
        self._drawn.addLayout(choices)
        self._drawn.addWidget(self.words)
        self._drawn.addWidget(self._empty, 1)
        side.setLayout(self._drawn)
        return side

    def _table_side(self) -> QWidget:
        self.copy.setToolTip("Copy the selected rows, or all of them, as text (Ctrl+C)")
        self.save.setToolTip("Save all rows with the columns that `mtrrviz sweep -o` writes")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.save)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(buttons)
        column.addWidget(self.table, 1)
        return side

    def _connect(self) -> None:
        self.form.started.connect(self.start)
        self.form.cancelled.connect(self.cancel)
        self.job.progressed.connect(self.form.show_progress)
        self.job.finished.connect(self._finish)
        self.job.failed.connect(self._fail)
        self.axis.currentIndexChanged.connect(self._draw)
        self.figures.currentIndexChanged.connect(self._draw)
        self.copy.clicked.connect(self.table.copying.copy)
        self.table.copying.done.connect(self._bridge.message)
        self.save.clicked.connect(self._ask_file)
        self.table.currentCellChanged.connect(self._mark)
        self._bridge.theme_changed.connect(self._recolour)
        self._bridge.changed.connect(self._document_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Load the plotting library the first time."""
        super().showEvent(event)
        if self._plots is None:
            self._plots = SweepPlots(self._bridge, self._pick)
            self._plots.widget.hide()
            self._drawn.addWidget(self._plots.widget, 1)
            self.form.show_marks(self._bridge.theme)
        self._show_buttons()

    # Sweeping

    def start(self) -> None:
        """Begin the sweep that the form asks for, or say what is wrong with it."""
        if self.job.is_running:
            return
        try:
            request = self.form.request(self._document.costs)
        except MtrrvizError as error:
            self._say(str(error), wrong=True)
            return
        self._costs = request.costs
        self.form.show_running(running=True)
        self._say("Sweeping; you can go on working meanwhile.")
        self.job.start(request)

    def cancel(self) -> None:
        """End the sweep; what is done already will be shown."""
        self.job.cancel()
        self.form.cancel.setEnabled(False)
        self._say("Cancelling\N{HORIZONTAL ELLIPSIS}")

    def stop(self) -> None:
        """End a sweep that is under way, before the window goes."""
        self.job.stop()

    def _finish(self, rows: list[SweepRow]) -> None:
        self.form.show_running(running=False)
        self.rows = rows
        self.table.setHorizontalHeaderLabels(_header(self._costs))
        with self.table.filling():
            self.table.setRowCount(len(rows))
            for number, cells in enumerate(sweep_cells(rows)):
                self.table.fill(number, cells)
        self._say(self._outcome())
        self._draw()
        self._show_buttons()

    def _fail(self, error: Exception) -> None:
        self.form.show_running(running=False)
        self._say(f"The sweep failed: {error}", wrong=True)

    def _outcome(self) -> str:
        """Return what there is, and what to make of it."""
        points = plural(len(self.rows), "point")
        words = f"Cancelled after {points}." if self.job.is_cancelled else f"{points}."
        if any(row.extrapolated for row in self.rows):
            words += f" Dashed: extrapolated, beyond {LARGEST_MEASURED} vCPUs."
        words += " Rings: published."
        if not self._costs.is_default:
            words += f" Constants changed: {self._costs.changes_text}."
        return words

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.COSTS in changes and self.rows and not self.job.is_running:
            old = self._document.costs != self._costs
            self._say("Constants have changed since: start again." if old else self._outcome())

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.words.setText(words)
        self.words.setToolTip(plain_tip(words))
        self.words.setObjectName("error" if wrong else "dim")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)

    # What is shown

    def _draw(self) -> None:
        self._empty.setVisible(not self.rows)
        if self._plots is not None:
            self._plots.widget.setVisible(bool(self.rows))
            self._plots.show_figures(self.figures.currentData())
            self._plots.show_rows(self.rows, self.axis.currentData(), self._costs.label)
            self._mark()

    def _mark(self) -> None:
        """Show where the current row is in the plots."""
        number = self.table.currentRow()
        if self._plots is not None:
            self._plots.mark(self.rows[number] if 0 <= number < len(self.rows) else None)

    def _pick(self, row: SweepRow) -> None:
        """Select the row of a point."""
        self.table.selectRow(self.rows.index(row))

    def _recolour(self) -> None:
        if self._plots is not None:
            self._plots.recolour()
            self.form.show_marks(self._bridge.theme)
            self._mark()

    # Taking it away

    def _show_buttons(self) -> None:
        self.copy.setEnabled(bool(self.rows))
        self.save.setEnabled(bool(self.rows))

    def _ask_file(self) -> None:
        start = str(Path.home() / "sweep.csv")
        name, _ = QFileDialog.getSaveFileName(self, "Save the sweep", start, "CSV (*.csv)")
        if name:
            self.save_csv(name)

    def save_csv(self, path: str) -> None:
        """Write the rows, or say why not."""
        text = io.StringIO(newline="")
        write_csv(self.rows, text, self._costs)
        try:
            write_parts([text.getvalue()], path)
        except OSError as error:
            self._bridge.refused.emit(str(error))
        else:
            self._bridge.message.emit(f"Saved: {path}")


def _choice(name: str, choices: dict[str, object]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(plain_tip(name))
    for words, data in choices.items():
        box.addItem(words, data)
    return box


def _line() -> Dim:
    """Return a line of words that never takes height from the plots; the tooltip has all of it."""
    words = Dim()
    words.setWordWrap(False)
    words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return words


def _header(costs: CostModel) -> list[str]:
    """Return the names of the columns, narrow: what is in brackets stands below."""
    return [name.replace(" (", "\n(") for name in sweep_header(costs.label)]
