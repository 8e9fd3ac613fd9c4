"""Timers that put work off, so that many changes in a row cost one refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject


def one_shot(owner: QObject, interval_ms: int, call: Callable[[], None]) -> QTimer:
    """Return a timer that calls once, so long after its newest start; it lives as ``owner``."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(call)
    return timer
