"""Events on the clipboard of the desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from mtrrviz.session.exchange.event_clip import MIME_TYPE, events_to_clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.events import Event


def copied_events() -> bytes:
    """Return the events on the clipboard as they lie there; nothing if there are none."""
    # where the desktop has no clipboard there is no content, whatever the type hints say
    content = QGuiApplication.clipboard().mimeData() or QMimeData()
    return bytes(content.data(MIME_TYPE).data())


def copy_events(events: Iterable[Event], text: str) -> None:
    """Put events on the clipboard, and text for other programs."""
    content = QMimeData()
    content.setText(text)
    content.setData(MIME_TYPE, events_to_clip(events))
    QGuiApplication.clipboard().setMimeData(content)
