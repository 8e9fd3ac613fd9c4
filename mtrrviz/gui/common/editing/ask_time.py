"""Asking for a time, or a distance from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.time_text import exact_text, parse_time_ns

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


def ask_time(bridge: Bridge, parent: QWidget, title: str, label: str, at_ns: int) -> int | None:
    """Ask for a time; None if none was given, or none that is one, which is told."""
    text, is_given = QInputDialog.getText(parent, title, label, text=exact_text(at_ns))
    if not is_given:
        return None
    try:
        return parse_time_ns(text, at_ns)
    except MtrrvizError as error:
        bridge.refused.emit(str(error))
        return None
