"""The choice of what the map shows: one policy, two side by side, or where they differ."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class MapMode(Enum):
    """What the map shows: the words of the button and what they mean."""

    ONE = ("One", "The map of the policy in use")
    SIDE_BY_SIDE = ("Side by side", "The maps of both policies at the same time")
    DIFFERENCE = ("Difference", "Where the two policies' leaves differ")

    @property
    def words(self) -> str:
        """The words of the button."""
        return self.value[0]

    @property
    def meaning(self) -> str:
        """What the mode shows."""
        return self.value[1]


class ModeSwitch(QWidget):
    """A button a mode, one of them down; ``chosen`` carries the mode that the user picks."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons = {mode: self._button(mode) for mode in MapMode}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 3)
        row.setSpacing(2)
        for button in self._buttons.values():
            row.addWidget(button)
        self.setAccessibleName("What the map shows")
        self.show_mode(MapMode.ONE)

    def _button(self, mode: MapMode) -> QToolButton:
        button = QToolButton(self)
        button.setText(mode.words)
        button.setToolTip(f"{mode.meaning} (M goes on to the next)")
        button.setAccessibleName(f"{mode.words}: {mode.meaning}")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the map
        button.clicked.connect(lambda _checked=False: self.chosen.emit(mode))
        self._group.addButton(button)
        return button

    def button(self, mode: MapMode) -> QToolButton:
        """Return the button of a mode."""
        return self._buttons[mode]

    def show_mode(self, mode: MapMode) -> None:
        """Show which mode is on."""
        self._buttons[mode].setChecked(True)
