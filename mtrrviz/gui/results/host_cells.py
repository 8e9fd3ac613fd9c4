"""The results of a real machine: RAM that is not write-back, cached devices, pairs, other CPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from mtrrviz.facts.hosts.host_words import FIGURES, figure_words
from mtrrviz.gui.common.plain_text import Label, plain_tip

if TYPE_CHECKING:
    from mtrrviz.facts.hosts.hardware_types import HostFigures


class HostCells(QWidget):
    """One cell a figure: caption and value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        self.values: dict[str, Label] = {}
        for key, caption, meaning in FIGURES:
            row.addLayout(self._cell(key, caption, meaning))
        row.addStretch(1)

    def _cell(self, key: str, caption: str, meaning: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        name, value = Label(caption, self), Label("", self)
        name.setObjectName("dim")
        value.setObjectName("value")
        value.setAccessibleName(caption)
        font = value.font()
        font.setBold(True)
        value.setFont(font)
        for label in (name, value):
            label.setToolTip(plain_tip(meaning))
        grid.addWidget(name, 0, 0)
        grid.addWidget(value, 1, 0)
        self.values[key] = value
        return grid

    def show_figures(self, figures: HostFigures) -> None:
        """Show the figures."""
        for key, words in figure_words(figures).items():
            if self.values[key].text() != words:
                self.values[key].setText(words)
