"""The menu of the stage: every command with its keys, the colours of the pen, the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from mtrrviz.gui.lecture.stage_commands import STAGE_COMMANDS, keys_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from PySide6.QtWidgets import QWidget


def stage_menu(
    parent: QWidget,
    do: Callable[[str], None],
    panels: Sequence[str],
    shown: Collection[str],
    toggle_panel: Callable[[str], None],
) -> QMenu:
    """Return a menu; ``do`` is told the ids of commands, ``toggle_panel`` titles of panels."""
    menu = QMenu(parent)
    menu.setObjectName("stage_menu")
    group = ""
    for command in STAGE_COMMANDS:
        if group and command.group != group:
            menu.addSeparator()
        if command.group != group and command.group == "notes":
            _add_panels(menu, panels, shown, toggle_panel)
        group = command.group
        action = menu.addAction(f"{command.words}\t{keys_in_words(command)}")
        action.setObjectName(command.id)
        action.triggered.connect(_teller(do, command.id))
    return menu


def _add_panels(
    menu: QMenu, panels: Sequence[str], shown: Collection[str], toggle: Callable[[str], None]
) -> None:
    listed = menu.addMenu("Panels")
    listed.setObjectName("stage_panel_menu")
    for title in panels:
        action = listed.addAction(title)
        action.setCheckable(True)
        action.setChecked(title in shown)
        action.triggered.connect(_teller(toggle, title))
    menu.addSeparator()


def _teller(tell: Callable[[str], None], what: str) -> Callable[[bool], None]:
    """Return a slot that tells one thing, whatever Qt sends along."""

    def slot(_checked: bool = False) -> None:
        tell(what)

    return slot
