"""The published rows beside ours, worked out in the worker for the panels that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from mtrrviz.analysis.published import published_rows
from mtrrviz.analysis.validation import Misfit, ValidationRow, misfit, validate, validated
from mtrrviz.core.wording.words import plural
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker


class PublishedRows(QObject):
    """All rows at the document's constants, and how far the model's own constants are off.

    The replays take seconds, so rows come one by one, with runs the user waits for in between,
    and only while a panel that wants them is in sight. From then on other constants take
    milliseconds. ``grown`` is emitted for each row more, ``renewed`` once all rows are new, and
    ``failed`` with the reason if no more rows will come.
    """

    grown = Signal(object)
    renewed = Signal()
    failed = Signal(str)

    def __init__(self, bridge: Bridge, worker: Worker) -> None:
        super().__init__(bridge)
        self._document = bridge.document
        self._worker = worker
        self._source = validated()
        self._busy = False
        self._panels: list[QWidget] = []
        self.rows: list[ValidationRow] = []
        self.default_misfit: Misfit | None = None
        bridge.changed.connect(self._document_changed)

    @property
    def total(self) -> int:
        """How many rows there will be."""
        return len(published_rows())

    @property
    def is_complete(self) -> bool:
        """Whether all rows are there, be it at older constants."""
        return len(self.rows) == self.total

    @property
    def is_current(self) -> bool:
        """Whether all rows are there at the constants in force."""
        return self.is_complete and self.rows[0].costs == self._document.costs

    def want(self, panel: QWidget) -> None:
        """Work rows out while ``panel`` is in sight; to be called again when it is shown."""
        if panel not in self._panels:
            self._panels.append(panel)
        self._go_on()

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if Change.COSTS in changes:
            self._go_on()

    def _go_on(self) -> None:
        """Have the next thing done that is missing."""
        if self._busy or self.is_current or not any(map(_is_seen, self._panels)):
            return
        self._busy = True
        if self.is_complete:
            costs = self._document.costs
            self._worker.run(lambda: validate(costs), self._renew, self._fail)
        else:
            self._worker.run(lambda: next(self._source), self._add, self._fail)

    def _add(self, row: ValidationRow) -> None:
        self._busy = False
        self.rows.append(row)
        self.grown.emit(row)
        if self.is_complete:
            self.default_misfit = misfit(self.rows)
            self.renewed.emit()
        self._go_on()

    def _renew(self, rows: list[ValidationRow]) -> None:
        self._busy = False
        self.rows = rows
        self.renewed.emit()
        self._go_on()

    def _fail(self, error: Exception) -> None:
        """Report what went wrong; the rows so far stay, and no more are tried."""
        self.failed.emit(f"Stopped after {plural(len(self.rows), 'row')}: {error}")


def _is_seen(panel: QWidget) -> bool:
    """Whether a panel can be seen; one that was closed since then is gone."""
    return isValid(panel) and panel.isVisible()
