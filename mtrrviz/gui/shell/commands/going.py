"""The palette of a window: what can be found in it, and going there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction

from mtrrviz.gui.shell.commands.actions import ACTIONS, key_words, plain_text
from mtrrviz.gui.shell.commands.panel_commands import PanelCommand, PanelCommands
from mtrrviz.session.playing.going_to import go_to_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.gui.shell.parts import Parts
    from mtrrviz.session.palette import FoundEntry

#: What opens the palette itself.
PALETTE = "show_palette"


def show_palette(parts: Parts) -> None:
    """Let the user find a command or place by a few letters, and go there."""
    from mtrrviz.gui.palette.palette_dialog import PaletteDialog  # noqa: PLC0415 - when asked for
    from mtrrviz.session.palette import FoundKind, places_in, scenario_entries  # noqa: PLC0415 - when asked for

    scenario = parts.document.scenario
    panels = PanelCommands(parts)
    steps = panels.gather()
    has_more = next(steps, "last") is None
    before, after = [*_commands(parts)], [*scenario_entries(), *places_in(scenario)]

    def entries() -> list[FoundEntry]:
        return [*before, *map(_panel_entry, panels.commands.values()), *after]

    dialog = PaletteDialog(entries(), scenario, parts.window)

    def go_on() -> None:
        """Ask the next panel, whose view is made for that, in a turn of the event loop."""
        QTimer.singleShot(0, dialog, offer_more)

    def offer_more() -> None:
        has_more = next(steps, "last") is None
        dialog.offer(entries())
        if has_more:
            go_on()

    if has_more:
        go_on()

    def take(entry: FoundEntry) -> None:
        if entry.kind is FoundKind.PANEL:
            # Once the palette is gone: some commands ask a question in an event loop of their own.
            QTimer.singleShot(0, parts.window, lambda: _do(panels, entry.name or ""))
        else:
            panels.drop()
            go(parts, entry)

    dialog.taken.connect(take)
    dialog.rejected.connect(panels.drop)
    dialog.open()


def _do(panels: PanelCommands, name: str) -> None:
    panels.do(name)
    panels.drop()


def _panel_entry(command: PanelCommand) -> FoundEntry:
    from mtrrviz.session.palette import FoundEntry, FoundKind  # noqa: PLC0415 - when asked for

    text = f"{command.title}: {command.text}"
    return FoundEntry(FoundKind.PANEL, text, command.keys, name=command.name)


def _commands(parts: Parts) -> Iterator[FoundEntry]:
    """Yield the actions that can be used now."""
    from mtrrviz.session.palette import FoundEntry, FoundKind  # noqa: PLC0415 - when asked for

    for spec in ACTIONS:
        action = parts.window.findChild(QAction, spec.id)
        if not isinstance(action, QAction) or spec.id == PALETTE:
            continue
        if action.isEnabled() and action.isVisible():
            text = plain_text(spec, parts.bridge.terms)
            yield FoundEntry(FoundKind.COMMAND, text, key_words(spec), name=spec.id)


def go(parts: Parts, entry: FoundEntry) -> None:
    """Do the command, open the scenario, or go to the place that an entry leads to."""
    from mtrrviz.session.palette import FoundKind  # noqa: PLC0415 - when asked for

    if entry.kind is FoundKind.COMMAND:
        action = parts.window.findChild(QAction, entry.name or "")
        if isinstance(action, QAction):
            action.trigger()
    elif entry.kind is FoundKind.SCENARIO and entry.name is not None:
        parts.files.open(entry.name)
    elif entry.msr is not None:
        parts.bring_up("registers")
        parts.views.registers.open_register(entry.msr)
    else:
        _go_to_place(parts, entry)


def _go_to_place(parts: Parts, entry: FoundEntry) -> None:
    document = parts.document
    if entry.time_ns is not None:
        go_to_moment(document, entry.time_ns, entry.gfn)
    elif entry.gfn is not None:
        document.select_page(entry.gfn)
    if entry.gfn is not None:
        parts.bring_up("inspector")
    parts.say(f"{entry.kind.value.capitalize()}: {entry.text}")
