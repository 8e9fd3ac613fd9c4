"""Asking for all of an item of the timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from mtrrviz.gui.tables.event_dialog import EventDialog
from mtrrviz.gui.timeline.items import Item, ItemKind
from mtrrviz.gui.timeline.phase_dialog import PhaseDialog
from mtrrviz.session import edits

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


def ask_change(bridge: Bridge, item: Item, parent: QWidget) -> None:
    """Let the user change an item of the open scenario, as one edit."""
    scenario, index = bridge.document.scenario, item.index
    match item.kind:
        case ItemKind.EVENT:
            EventDialog(bridge, scenario.events[index], index, parent).open()
        case ItemKind.PHASE:
            PhaseDialog(bridge, scenario.phases[index], index, parent).open()
        case ItemKind.BOOKMARK:
            old = scenario.bookmarks[index]
            name = ask_name(parent, "Change the bookmark", old.name)
            if name is not None and bridge.document.scenario is scenario:
                new = replace(old, name=name)
                bridge.edit(lambda: edits.change_bookmark(scenario, index, new))


def ask_name(parent: QWidget, title: str, name: str) -> str | None:
    """Ask for a name; None if none was given."""
    text, is_given = QInputDialog.getText(parent, title, "Name:", text=name)
    return text if is_given else None
