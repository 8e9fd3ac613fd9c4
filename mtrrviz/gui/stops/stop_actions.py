"""Menu entries that stop playing at what happens to the thing that was clicked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mtrrviz.analysis.stops import stop_words
from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.session import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.scenario.stop_condition import StopCondition


def stop_actions(bridge: Bridge, stops: Iterable[StopCondition], parent: QObject) -> list[QAction]:
    """Return an action for each condition, checked if playing stops at it; it switches that.

    Which conditions a thing suggests is said by :mod:`mtrrviz.session.stop_targets`.
    """
    return [_action(bridge, stop, parent) for stop in stops]


def _action(bridge: Bridge, stop: StopCondition, parent: QObject) -> QAction:
    scenario = bridge.document.scenario
    index = edits.stop_index(scenario, stop)
    action = QAction(menu_text(f"Stop when {stop_words(stop)}"), parent)
    action.setCheckable(True)
    action.setChecked(index is not None and scenario.stops[index].is_on)
    action.triggered.connect(partial(_switch, bridge, stop))
    return action


def _switch(bridge: Bridge, stop: StopCondition) -> None:
    """Add the condition or, where it is there already, switch it on or off."""
    scenario = bridge.document.scenario
    index = edits.stop_index(scenario, stop)
    if index is None:
        bridge.edit(lambda: edits.add_stop(scenario, stop))
    else:
        is_on = not scenario.stops[index].is_on
        bridge.edit(lambda: edits.switch_stop(scenario, index, is_on=is_on))


def add_stop_actions(menu: QMenu, bridge: Bridge, stops: Iterable[StopCondition]) -> None:
    """Add the actions to a menu below a line; nothing for a real machine, which does not play."""
    actions = [] if bridge.document.scenario.machine.is_host else stop_actions(bridge, stops, menu)
    if actions:
        menu.addSeparator()
        menu.addActions(actions)


def stop_menu(
    widget: QWidget, bridge: Bridge, stops: Iterable[StopCondition], event: QContextMenuEvent
) -> None:
    """Answer the request for a menu of a thing that has no others: pop the actions up, if any."""
    menu = QMenu(widget)
    menu.setObjectName("stop_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_stop_actions(menu, bridge, stops)
    if menu.isEmpty():
        menu.deleteLater()
    else:
        menu.popup(event.globalPos())
    event.accept()
