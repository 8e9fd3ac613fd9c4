"""One phase to add or to change: when it begins, its name, what the APs do, and words on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.time_text import parse_time_ns
from mtrrviz.gui.common.ask_time import seconds_text
from mtrrviz.gui.common.widgets import Dim
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_APS_WORDS = {
    Aps.NONE: "none: the boot processor works alone",
    Aps.CONCURRENT: "concurrent: all at once, their zaps contend",
    Aps.SERIALISED: "serialised: one after the other",
}


class PhaseDialog(QDialog):
    """Adds ``phase``, or with ``index`` changes the phase there. OK makes one edit."""

    def __init__(
        self, bridge: Bridge, phase: Phase, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._phase, self._index = phase, index
        self.setWindowTitle("Add a phase" if index is None else "Change the phase")
        self._make_fields()
        self.words = Dim()
        self.words.setObjectName("phase_words")
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        self.buttons.button(kinds.Ok).setText("Add" if index is None else "Change")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        for field in (self.name, self.time):
            field.textChanged.connect(self._check)
        self._check()
        self.resize(self.fontMetrics().averageCharWidth() * 64, self.sizeHint().height())
        self.name.setFocus()
        self.name.selectAll()

    def _make_fields(self) -> None:
        self.name = QLineEdit(self._phase.name, self)
        self.name.setObjectName("name")
        self.time = QLineEdit(seconds_text(self._phase.start_ns), self)
        self.time.setObjectName("time")
        self.time.setToolTip("When it begins: 0.14 s, 850 ms, or +10 us from where it was")
        self.aps = QComboBox(self)
        self.aps.setObjectName("aps")
        self.aps.setToolTip("What the application processors do in this phase")
        for aps, words in _APS_WORDS.items():
            self.aps.addItem(words, aps)
        self.aps.setCurrentIndex(self.aps.findData(self._phase.aps))
        self.text = QLineEdit(self._phase.text, self)
        self.text.setObjectName("text")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Name", self.name)
        form.addRow("&Begins", self.time)
        form.addRow("&APs", self.aps)
        form.addRow("&Text", self.text)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def phase_typed(self) -> Phase:
        """Return the phase as typed; MtrrvizError says what is wrong with it."""
        return Phase(
            parse_time_ns(self.time.text(), self._phase.start_ns),
            self.name.text(),
            Aps(self.aps.currentData()),
            self.text.text(),
        )

    def _check(self) -> None:
        """Say what is wrong with what was typed."""
        wrong = "" if self.name.text().strip() else "A phase needs a name"
        try:
            self.phase_typed()
        except MtrrvizError as error:
            wrong = str(error)
        self.words.setText(wrong)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def accept(self) -> None:
        """Make the edit, if the scenario is still the one that was asked about."""
        scenario, phase, index = self._scenario, self.phase_typed(), self._index
        if self._bridge.document.scenario is not scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was changed")
        elif index is None:
            self._bridge.edit(lambda: edits.add_phase(scenario, phase))
        elif phase != self._phase:
            self._bridge.edit(lambda: edits.change_phase(scenario, index, phase))
        super().accept()
