"""How large a dialog opens: by its text, and never larger than the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

#: What the desktop draws around a dialog, at most.
_FRAME = QSize(16, 48)


def open_as_large_as(dialog: QDialog, chars: int, lines: int = 0) -> None:
    """Let a dialog open with a width in average characters and a height in lines of text.

    Without ``lines`` it is as high as what is in it. What does not fit on the screen scrolls.
    """
    metrics = dialog.fontMetrics()
    width = metrics.averageCharWidth() * chars
    height = metrics.height() * lines if lines else dialog.sizeHint().height()
    wanted = QSize(width, height).expandedTo(dialog.minimumSizeHint())
    dialog.resize(wanted.boundedTo(dialog.screen().availableSize() - _FRAME))
