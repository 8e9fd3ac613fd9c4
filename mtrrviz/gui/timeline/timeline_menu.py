"""The timeline's context menu: edits of what is under the pointer, and of the moment there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from mtrrviz.core.units import format_time_ns
from mtrrviz.gui.common.editing.ask_time import ask_time
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.gui.stops.bookmark_dialog import new_bookmark
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.gui.tables.event_clipboard import copied_events, copy_events
from mtrrviz.gui.tables.event_dialog import EventDialog, new_event
from mtrrviz.gui.timeline.item_dialogs import ask_change
from mtrrviz.gui.timeline.items import (
    Item,
    ItemKind,
    item_words,
    move_item,
    phase_holding,
    remove_item,
)
from mtrrviz.gui.timeline.phase_dialog import PhaseDialog
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import USER, Phase
from mtrrviz.session import edits
from mtrrviz.session.exchange.event_clip import events_from_clip
from mtrrviz.session.stop_targets import event_stops, phase_stops

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.session.edits import Edit

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_MOST_ITEMS = 8
_NAME_CHARS = 60
_CHANGED = "The scenario has changed meanwhile; nothing was changed"


class TimelineMenu(QMenu):
    """What can be done with ``items``, and at ``time_ns``.

    Each edit concerns the scenario as it was when the menu was made, and nothing if that changed.
    """

    def __init__(self, bridge: Bridge, items: list[Item], time_ns: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("timeline_menu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._time_ns = time_ns
        self._view = parent
        self._add_items(items)
        self._add_moment()

    def _add_items(self, items: list[Item]) -> None:
        phase = phase_holding(self._scenario, self._time_ns)
        others = [] if phase is None or phase in items else [phase]
        for item in (*items[:_MOST_ITEMS], *others):
            # a single thing under the pointer is at hand without a menu of its own
            is_alone = len(items) == 1 and item in items
            self._add_actions(self if is_alone else self.addMenu(self._name(item)), item)
        if len(items) > _MOST_ITEMS:
            self.addAction(f"{len(items) - _MOST_ITEMS} more here: zoom in").setEnabled(False)
        self.addSeparator()

    def _name(self, item: Item) -> str:
        words = item_words(self._scenario, item)
        cut = words if len(words) <= _NAME_CHARS else f"{words[:_NAME_CHARS]}{_ELLIPSIS}"
        return menu_text(cut)

    def _add_actions(self, menu: QMenu, item: Item) -> None:
        if menu is self:
            menu.addAction(self._name(item)).setEnabled(False)
        kind = item.kind.value
        menu.addAction(f"Change the {kind}{_ELLIPSIS}", partial(self._change, item))
        menu.addAction(f"Change the time{_ELLIPSIS}", partial(self._retime, item))
        if item.kind is ItemKind.EVENT:
            menu.addAction("Duplicate", partial(self._duplicate, item))
            menu.addAction("Copy", partial(self._copy, item))
        menu.addAction(f"Remove the {kind}", partial(self._remove, item))
        add_stop_actions(menu, self._bridge, self._stops(item))

    def _stops(self, item: Item) -> Sequence[StopCondition]:
        """Return the conditions that a thing suggests to stop at; none for a bookmark."""
        if item.kind is ItemKind.EVENT:
            return event_stops(self._scenario.events[item.index])
        if item.kind is ItemKind.PHASE:
            return phase_stops(self._scenario.phases[item.index])
        return ()

    def _add_moment(self) -> None:
        self.addAction(f"At {format_time_ns(self._time_ns)}:").setEnabled(False)
        self.addAction(f"Add an event here{_ELLIPSIS}", self._add_event)
        self.addAction(f"Add a note here{_ELLIPSIS}", self._add_note)
        self.addAction(f"Begin a phase here{_ELLIPSIS}", self._add_phase)
        self.addAction(f"Add a bookmark here{_ELLIPSIS}", self._add_bookmark)
        paste = self.addAction("Paste events here", self._paste)
        paste.setEnabled(bool(copied_events()))
        self.addAction(f"Shift everything from here on{_ELLIPSIS}", self._shift)

    def _edit(self, make: Callable[[], Edit]) -> None:
        if self._bridge.document.scenario is self._scenario:
            self._bridge.edit(make)
        else:
            self._bridge.refused.emit(_CHANGED)

    # Things

    def _change(self, item: Item) -> None:
        if self._bridge.document.scenario is self._scenario:
            ask_change(self._bridge, item, self._view)
        else:
            self._bridge.refused.emit(_CHANGED)

    def _retime(self, item: Item) -> None:
        words = "Time, or distance such as +10 ms:"
        asked = ask_time(self._bridge, self._view, "Change the time", words, item.time_ns)
        if asked is not None and asked != item.time_ns:
            self._edit(lambda: move_item(self._scenario, item, asked))

    def _duplicate(self, item: Item) -> None:
        self._edit(lambda: edits.duplicate_events(self._scenario, [item.index]))

    def _copy(self, item: Item) -> None:
        words = item_words(self._scenario, item)
        text = f"{format_time_ns(item.time_ns)}\t{words}"
        copy_events([self._scenario.events[item.index]], text)
        self._bridge.message.emit(f"Copied: {words}")

    def _remove(self, item: Item) -> None:
        self._edit(lambda: remove_item(self._scenario, item))

    # The moment

    def _add_event(self) -> None:
        new_event(self._bridge, self._view, self._time_ns).open()

    def _add_note(self) -> None:
        note = Event(self._time_ns, EventKind.NOTE, origin=USER)
        EventDialog(self._bridge, note, None, self._view).open()

    def _add_phase(self) -> None:
        PhaseDialog(self._bridge, Phase(self._time_ns, ""), None, self._view).open()

    def _add_bookmark(self) -> None:
        new_bookmark(self._bridge, self._view, self._time_ns).open()

    def _paste(self) -> None:
        data = copied_events()
        self._edit(
            lambda: edits.paste_events(self._scenario, events_from_clip(data), self._time_ns)
        )

    def _shift(self) -> None:
        at_ns = self._time_ns
        words = "New time, or distance such as +10 ms:"
        asked = ask_time(self._bridge, self._view, "Shift everything from here on", words, at_ns)
        if asked is not None:
            self._edit(lambda: edits.shift_after(self._scenario, at_ns, asked - at_ns))
