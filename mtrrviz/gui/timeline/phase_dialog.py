"""One phase to add or to change: when it begins, its name, what the APs do, and words on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.editing.item_dialog import ItemDialog, ItemEdits
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.session import edits

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge

_APS_WORDS = {
    Aps.NONE: "none: the boot processor works alone",
    Aps.CONCURRENT: "concurrent: all at once, their zaps contend",
    Aps.SERIALISED: "serialised: one after the other",
}


_EDITS = ItemEdits[Phase]("phase", "Add a phase", edits.add_phase, edits.change_phase)


class PhaseDialog(ItemDialog[Phase]):
    """Asks when a phase begins, for its words, and what the application processors do in it."""

    def __init__(
        self, bridge: Bridge, phase: Phase, index: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(bridge, _EDITS, phase, index, parent)
        self.name = self.line("name", phase.name)
        self.time = self.line(
            "time",
            exact_text(phase.start_ns),
            "When it begins: 0.14 s, 850 ms, or +10 us from where it was",
        )
        self.aps = QComboBox(self)
        self.aps.setObjectName("aps")
        self.aps.setToolTip("What the application processors do in this phase")
        for aps, words in _APS_WORDS.items():
            self.aps.addItem(words, aps)
        self.aps.setCurrentIndex(self.aps.findData(phase.aps))
        self.text = self.line("text", phase.text)
        self.form.addRow("&Name", self.name)
        self.form.addRow("&Begins", self.time)
        self.form.addRow("&APs", self.aps)
        self.form.addRow("&Text", self.text)
        self.begin(self.phase_typed)
        self.name.setFocus()
        self.name.selectAll()

    def phase_typed(self) -> Phase:
        """Return the phase as typed; MtrrvizError says what is wrong with its time."""
        return Phase(
            parse_time_ns(self.time.text(), self.item.start_ns),
            self.name.text(),
            Aps(self.aps.currentData()),
            self.text.text(),
        )
