"""Solve: the wanted map, what may be used, the fewest registers, and applying or exporting them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter
from mtrrviz.gui.common.naming import Naming
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.gui.common.widgets import push_button
from mtrrviz.gui.solve.options import SolveOptionsForm
from mtrrviz.gui.solve.result_view import RegisterList
from mtrrviz.gui.solve.result_words import problem_html, result_html
from mtrrviz.gui.solve.solution_export import ExportSolutionDialog
from mtrrviz.gui.solve.solver_thread import Solving
from mtrrviz.gui.solve.sources import SourceButton
from mtrrviz.gui.solve.wanted_list import WantedList
from mtrrviz.session.changes import Change
from mtrrviz.session.wanted.solution_edit import (
    effect_note,
    now_words,
    register_changes,
    solution_edit_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QShowEvent

    from mtrrviz.analysis.solve import Advice, Solution
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.session.edits import Edit
    from mtrrviz.sim.run import State

#: Pause after the last change of the playhead before the registers are compared.
_SETTLE_MS = 60
#: What changes what the solution is compared with.
_BESIDE = frozenset(
    {Change.RUN, Change.PLAYHEAD, Change.VCPU, Change.SCENARIO, Change.POLICY, Change.PLAYBACK}
)


class SolveView(FollowsDocument):
    """Edits the wanted map, shows its solution, applies it or takes it away.

    ``paint_requested`` asks for the map to be painted on.
    """

    paint_requested = Signal()
    follows = _BESIDE | {Change.WANTED, Change.OPENED}

    def __init__(self, bridge: Bridge, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.solving = Solving(bridge, worker, self)
        self.sources = SourceButton(bridge, worker, self)
        self.wanted = WantedList(bridge, self)
        self.options = SolveOptionsForm(bridge, self)
        self.verdict = QTextBrowser(self)
        self.verdict.setAccessibleName("The solution")
        self._said = ""
        self.registers = RegisterList(self)
        self.vcpus = QComboBox(self)
        Naming(self.vcpus, bridge, "{cpu}s to solve for")
        self.apply_button = push_button(
            "&Apply", "Write the registers at the playhead, as a kernel does", self.apply, self
        )
        self.take_button = push_button(
            "E&xport...", "A script, /proc/mtrr lines, C, edk2 or JSON", self.export_solution, self
        )
        self._lay_out()
        self._settle = one_shot(self, _SETTLE_MS, self._show_solution)
        self.solving.changed.connect(self._show_solution)
        self.vcpus.activated.connect(self._show_solution)
        self._show_vcpus()

    def _lay_out(self) -> None:
        parts = TurningSplitter(self)
        parts.addWidget(_column(self._top(), self.wanted))
        parts.addWidget(_column(self.options, self.verdict))
        bottom = ControlRow(self.vcpus, self.apply_button, None, self.take_button)
        parts.addWidget(_column(self.registers, bottom))
        parts.setSizes([390, 300, 570])
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(parts)
        self.setAccessibleName("Solve for MTRRs")

    def _top(self) -> QWidget:
        self.paint_button = QToolButton(self)
        self.paint_button.setText("Paint")
        self.paint_button.setToolTip("Paint the types you want on the map (W)")
        self.paint_button.clicked.connect(self.paint_requested)
        wanted = self.wanted
        return ControlRow(
            self.sources, self.paint_button, None, wanted.split_button, wanted.remove_button
        )

    # What there is to show

    @property
    def _state(self) -> State | None:
        return self.bridge.document.state

    @property
    def _given(self) -> Solution | None:
        """The solution if it may be given: registers that cache a device are no answer."""
        advice = self.solving.advice if self.solving.is_current else None
        return advice.solution if advice is not None and advice.is_given else None

    @property
    def chosen_vcpus(self) -> Sequence[int]:
        """The vCPUs to solve for: all, or the selected one."""
        document = self.bridge.document
        if self.vcpus.currentIndex() == 0:
            return range(document.scenario.machine.vcpus)
        return (document.vcpu,)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Have another map solved; compare with other registers once they stay as they are."""
        if changes & {Change.VCPU, Change.OPENED, Change.SCENARIO}:
            self._show_vcpus()
        if changes & {Change.WANTED, Change.SCENARIO, Change.OPENED}:
            self.solving.want()
        if changes & _BESIDE and not self.bridge.document.playback.playing:
            self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on solving, and catch up with what changed while hidden."""
        super().showEvent(event)
        self.solving.want()
        self._show_solution()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the worker alone while nobody looks."""
        super().hideEvent(event)
        self.solving.rest()

    def _show_vcpus(self) -> None:
        document = self.bridge.document
        count = document.scenario.machine.vcpus
        noun = document.scenario.machine.cpu_word
        every_vcpu = f"all {count} {noun}s" if count > 1 else f"the one {noun}"
        words = [every_vcpu, f"{noun} {document.vcpu} only"]
        if [self.vcpus.itemText(row) for row in range(self.vcpus.count())] != words:
            chosen = max(0, self.vcpus.currentIndex())
            self.vcpus.clear()
            self.vcpus.addItems(words)
            self.vcpus.setCurrentIndex(chosen)

    def _show_solution(self) -> None:
        """Show the solution beside the registers at the playhead."""
        state, is_given = self._state, self._given is not None
        self.take_button.setEnabled(is_given)
        self.apply_button.setEnabled(is_given and state is not None)
        if not self.solving.is_current:
            self._say("<p>Solving...</p>")
            return
        advice = self.solving.advice
        if advice is None:
            self._say(problem_html(self.solving.problem))
            self.registers.show_rows([], self._now_heading)
        elif state is not None:
            self._show_advice(advice, state)

    def _show_advice(self, advice: Advice, state: State) -> None:
        solution = advice.solution
        vcpu = self.bridge.document.vcpu
        mtrr = state.machine.mtrr(vcpu)
        now = f"{self._now_heading}: {now_words(mtrr, solution.wanted, solution.target)}."
        note = effect_note(state.machine, self.chosen_vcpus)
        self._say(result_html(advice, [now, note]))
        rows = register_changes(mtrr, solution) if advice.is_given else []
        self.registers.show_rows(rows, self._now_heading)

    @property
    def _now_heading(self) -> str:
        """What stands above the registers of now."""
        document = self.bridge.document
        return f"{document.scenario.machine.cpu_word} {document.vcpu} now"

    def _say(self, html: str) -> None:
        """Show words; the same ones again would scroll back."""
        if html != self._said:
            self._said = html
            self.verdict.setHtml(html)

    # Taking it

    def apply(self) -> None:
        """Write the registers at the playhead, one step of undo."""
        solution, state = self._given, self._state
        if solution is not None and state is not None:
            self.bridge.edit(lambda: self._edit(solution, state))

    def _edit(self, solution: Solution, state: State) -> Edit:
        document = self.bridge.document
        time_ns, vcpus = document.playhead_ns, self.chosen_vcpus
        return solution_edit_of(document.scenario, time_ns, state.machine, solution, vcpus)

    def export_solution(self) -> None:
        """Show the registers as a text to copy or save."""
        solution = self._given
        if solution is None:
            return
        document = self.bridge.document
        folder = document.path.parent if document.path else Path.home()
        start = str(folder / f"{document.scenario.name}.mtrr")
        dialog = ExportSolutionDialog(solution, start, self.window())
        dialog.told.connect(self.bridge.message)
        dialog.refused.connect(self.bridge.refused)
        dialog.open()


def _column(*widgets: QWidget) -> QWidget:
    """Return widgets below one another; the last or a list takes what room is left."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 4, 0)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget, 0 if isinstance(widget, SolveOptionsForm | ControlRow) else 1)
    return box


class ControlRow(QWidget):
    """Widgets side by side; None stands for room between them."""

    def __init__(self, *widgets: QWidget | None) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in widgets:
            if widget is None:
                row.addStretch(1)
            else:
                row.addWidget(widget)
