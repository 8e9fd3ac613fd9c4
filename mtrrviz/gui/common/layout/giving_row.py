"""A row that leaves out what matters least where it is too narrow, and never squeezes the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

_SPACE_PX = 6


class GivingRow(QWidget):
    """Widgets side by side; those of the highest ``rank`` go first, those of rank 0 stay.

    Whether a widget is wanted at all is told with :meth:`want`, as the row shows and hides them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ranks: dict[QWidget, int] = {}
        self._unwanted: set[QWidget] = set()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACE_PX)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.installEventFilter(self)

    def add(self, widget: QWidget, rank: int = 0, stretch: int = 0) -> None:
        """Add a widget at the right end; one that ``stretch``es takes what room is left."""
        self._ranks[widget] = rank
        self._row.addWidget(widget, stretch)

    def want(self, widget: QWidget, *, wanted: bool) -> None:
        """Say whether a widget is to be there, if it has room."""
        (self._unwanted.discard if wanted else self._unwanted.add)(widget)
        self._choose()

    def sizeHint(self) -> QSize:
        """Return the size with everything wanted."""
        return QSize(self._needed(99), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the size with what is never given up."""
        return QSize(self._needed(0), self._height())

    def _height(self) -> int:
        return max((widget.sizeHint().height() for widget in self._ranks), default=0)

    def _needed(self, rank: int) -> int:
        """Return the width of all wanted widgets up to a rank."""
        widths = [
            0
            if widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored
            else max(widget.sizeHint().width(), widget.minimumWidth())
            for widget, own in self._ranks.items()
            if own <= rank and widget not in self._unwanted
        ]
        return sum(widths) + _SPACE_PX * max(0, len(widths) - 1)

    def _choose(self) -> None:
        """Show as many ranks as there is room for."""
        ranks = sorted(set(self._ranks.values()), reverse=True)
        rank = next((rank for rank in ranks if self._needed(rank) <= self.width()), 0)
        for widget, own in self._ranks.items():
            shown = own <= rank and widget not in self._unwanted
            if widget.isHidden() is shown:
                widget.setVisible(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose anew at another width."""
        super().resizeEvent(event)
        self._choose()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose anew when what is in the row needs another width."""
        if watched is self and event.type() is QEvent.Type.LayoutRequest:
            self._choose()
        return False
