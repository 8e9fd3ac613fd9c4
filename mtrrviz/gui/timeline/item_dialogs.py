"""Asking for all of an item of the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.gui.timeline.items import Item, ItemKind
from mtrrviz.gui.timeline.phase_dialog import PhaseDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


def ask_change(bridge: Bridge, item: Item, parent: QWidget) -> None:
    """Let the user change an item of the open scenario, as one edit."""
    from mtrrviz.gui.stops.bookmark_dialog import BookmarkDialog  # noqa: PLC0415 - when asked for
    from mtrrviz.gui.tables.event_dialog import EventDialog  # noqa: PLC0415 - when asked for
    from mtrrviz.gui.touches.touch_dialog import TouchDialog  # noqa: PLC0415 - when asked for

    scenario, index = bridge.document.scenario, item.index
    match item.kind:
        case ItemKind.EVENT:
            EventDialog(bridge, scenario.events[index], index, parent).open()
        case ItemKind.PHASE:
            PhaseDialog(bridge, scenario.phases[index], index, parent).open()
        case ItemKind.TOUCH:
            TouchDialog(bridge, scenario.sweeps[index], index, parent).open()
        case ItemKind.BOOKMARK:
            BookmarkDialog(bridge, scenario.bookmarks[index], index, parent).open()
