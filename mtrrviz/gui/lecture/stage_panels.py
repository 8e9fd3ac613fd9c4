"""The panels that a teacher may want on the stage beside map and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.tables.fault_table_view import FaultTableView
from mtrrviz.gui.tables.zap_table_view import ZapTableView

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge

#: How each panel is made, by the title that it has in the window.
STAGE_PANELS: dict[str, Callable[[Bridge], QWidget]] = {
    "Registers": RegisterPanel,
    "Inspector": Inspector,
    "Events": EventTableView,
    "Zaps": ZapTableView,
    "Faults": FaultTableView,
    "History": HistoryPanel,
}
#: Those that have nothing to say of a real machine.
_GUEST_ONLY = frozenset({"Zaps", "Faults", "History"})


def offered_panels(*, is_host: bool) -> list[str]:
    """Return the titles of the panels that there are for a machine."""
    return [title for title in STAGE_PANELS if not (is_host and title in _GUEST_ONLY)]
