"""Parts of a panel side by side where there is room, else below each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

#: What a part should have at least to stand beside another one, in average characters.
_LEAST_CHARS = 24


class TurningSplitter(QSplitter):
    """A splitter that turns by its width, and keeps the user's sizes of both ways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setChildrenCollapsible(False)
        self._sizes: dict[Qt.Orientation, list[int]] = {}
        self.splitterMoved.connect(self._remember)

    def setSizes(self, sizes: Sequence[int]) -> None:
        """Give the parts sizes, and again whenever they stand as they do now."""
        self._sizes[self.orientation()] = list(sizes)
        super().setSizes(sizes)

    def _remember(self) -> None:
        self._sizes[self.orientation()] = self.sizes()

    def minimumSizeHint(self) -> QSize:
        """Need the width of the widest part only, and the height of the parts as they stand."""
        needs = self._needs()
        if not needs:
            return super().minimumSizeHint()
        heights = [need.height() for need in needs]
        is_row = self.orientation() is Qt.Orientation.Horizontal
        height = max(heights) if is_row else sum(heights) + self._handles_px
        return QSize(max(need.width() for need in needs), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn to what the width has room for."""
        super().resizeEvent(event)
        row, column = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        wanted = row if self.width() >= self._row_px else column
        before = self.orientation()
        if wanted is before:
            return
        self.setOrientation(wanted)
        self.setSizes(self._sizes.get(wanted, [self.height()] * self.count()))
        self.updateGeometry()

    @property
    def _row_px(self) -> int:
        """The width that the parts need side by side."""
        least = _LEAST_CHARS * self.fontMetrics().averageCharWidth()
        return sum(max(least, need.width()) for need in self._needs()) + self._handles_px

    @property
    def _handles_px(self) -> int:
        return max(0, self.count() - 1) * self.handleWidth()

    def _needs(self) -> list[QSize]:
        """Return what each part needs."""
        parts = (self.widget(index) for index in range(self.count()))
        return [
            part.minimumSizeHint().expandedTo(part.minimumSize())
            for part in parts
            if part is not None and not part.isHidden()
        ]
