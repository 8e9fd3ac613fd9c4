"""What a menu offers for all chosen events together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mtrrviz.core.units import format_time_ns
from mtrrviz.facts.event_words import event_words
from mtrrviz.gui.common.editing.ask_time import ask_time
from mtrrviz.gui.common.tables.copying import MOST_ROWS
from mtrrviz.gui.tables.event_clipboard import copy_events
from mtrrviz.session import edits

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu, QWidget

    from mtrrviz.gui.shell.bridge import Bridge

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class ChosenActions:
    """Edits of the events that were chosen when the menu was made, each one step."""

    def __init__(self, bridge: Bridge, view: QWidget) -> None:
        self._bridge = bridge
        self._view = view
        self._scenario = bridge.document.scenario
        self._chosen = bridge.document.chosen_events

    def add_to(self, menu: QMenu) -> None:
        """Add the actions to a menu, if several events are chosen."""
        if len(self._chosen) < 2:
            return
        # each action holds these edits, which nothing else does, by a partial
        own = menu.addMenu(f"{len(self._chosen)} chosen events")
        own.addAction(f"Change the time{_ELLIPSIS}", partial(self._retime))
        own.addAction("Duplicate", partial(self._duplicate))
        own.addAction("Copy", partial(self._copy))
        own.addAction("Remove\tDel", partial(self._remove))
        menu.addSeparator()

    def _retime(self) -> None:
        first_ns = self._scenario.events[min(self._chosen)].time_ns
        words = "Time of the first, or distance such as +10 ms:"
        asked = ask_time(self._bridge, self._view, "Change the time", words, first_ns)
        if asked is not None and asked != first_ns:
            by_ns = asked - first_ns
            self._bridge.edit(lambda: edits.move_events(self._scenario, self._chosen, by_ns))

    def _duplicate(self) -> None:
        self._bridge.edit(lambda: edits.duplicate_events(self._scenario, self._chosen))

    def _copy(self) -> None:
        chosen = sorted(self._chosen)
        events = [self._scenario.events[index] for index in chosen[:MOST_ROWS]]
        lines = (f"{format_time_ns(event.time_ns)}\t{event_words(event)}" for event in events)
        copy_events(events, "\n".join(lines))
        left = f" of {len(chosen):,}" if len(chosen) > len(events) else ""
        self._bridge.message.emit(f"Copied {len(events):,}{left} events")

    def _remove(self) -> None:
        self._bridge.edit(lambda: edits.remove_events(self._scenario, self._chosen))
