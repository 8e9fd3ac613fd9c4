"""Telling screen readers what was done, without moving the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say ``text``, which ``widget`` shows."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
