"""The choice of how fast to play: time runs at a speed, or goes from moment to moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from mtrrviz.session.playing.playback import PACES, SPEEDS

if TYPE_CHECKING:
    from mtrrviz.session.playing.playback import Playback

#: The pace at first: slow enough to read what happened.
USUAL_PACE = PACES[1]
_HELP = (
    "How fast to play: scenario seconds per second,\n"
    "or so many events and faults per second, one after the other"
)


class SpeedBox(QComboBox):
    """Speeds, and below a line the paces."""

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("speed")
        self._playback = playback
        for speed in SPEEDS:
            self.addItem(f"\N{MULTIPLICATION SIGN}{speed:g}", (speed, None))
        self.insertSeparator(len(SPEEDS))
        for pace in PACES:
            self.addItem(f"{pace} per s", (None, pace))
            words = "event or fault" if pace == 1 else "events or faults"
            tip = f"{pace} {words} per second, one after the other"
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(_HELP)
        self.setAccessibleName("Speed")
        self.setAccessibleDescription(_HELP)
        self.activated.connect(self._choose)

    def _choose(self, index: int) -> None:
        speed, pace = self.itemData(index)
        if speed is not None:
            self._playback.set_speed(speed)
        self._playback.set_pace(pace)

    def show_speed(self) -> None:
        """Show how fast the playback plays."""
        pace = self._playback.pace
        if pace is None:
            self.setCurrentIndex(SPEEDS.index(self._playback.speed))
        else:
            self.setCurrentIndex(len(SPEEDS) + 1 + PACES.index(pace))
