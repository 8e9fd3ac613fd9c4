"""What speaks of zaps, faults and boots steps aside while a real machine is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QDockWidget, QWidget

    from mtrrviz.gui.map.map_panel import MapPanel

#: Menus and, of the others, actions that are about time, policies or the EPT.
GUEST_MENUS = frozenset({"&Playback"})
GUEST_ACTIONS = frozenset(
    {"toggle_dma", "swap_policies", "next_map_mode", "toggle_lookup", "fit_timeline"}
    | {"zoom_to_markers", "show_policy", "show_model", "touch_page", "touch_range"}
    | {"disable_cd_nw_quirk", "disable_ignore_guest_pat"}
)
#: Of those menus, what a real machine has as well: moments to go to, before a fix and after.
HOST_ACTIONS = frozenset({"next_bookmark", "previous_bookmark"})


class GuestOnly:
    """Hides docks, tabs, actions and the transport on a host; brings back those shown before.

    ``front`` is the dock that comes to the front below the map in their place.
    """

    def __init__(
        self,
        docks: Sequence[QDockWidget],
        panel: MapPanel,
        transport: QWidget,
        actions: Sequence[QAction],
        front: QDockWidget,
    ) -> None:
        self._docks = docks
        self._panel = panel
        self._transport = transport
        self._actions = actions
        self._front = front
        self._shown: list[QDockWidget] | None = None

    def may_show(self, dock: QDockWidget) -> bool:
        """Whether a dock has something to say of the machine that is open."""
        return self._shown is None or dock not in self._docks

    def show_for(self, *, is_host: bool) -> None:
        """Show what there is for this kind of machine."""
        self._transport.setVisible(not is_host)
        for action in self._actions:
            action.setVisible(not is_host)  # which also switches its keys off
        for view in (self._panel.tables, self._panel.differences):
            self._panel.tabs.setTabVisible(self._panel.tabs.indexOf(view), not is_host)
        if is_host:
            self._hide_docks()
        else:
            self.bring_back()

    def bring_back(self) -> None:
        """Show the hidden docks again, also before the layout is saved."""
        shown, self._shown = self._shown, None
        for dock in self._docks:
            dock.toggleViewAction().setVisible(True)
        for dock in shown or ():
            dock.show()
        if shown:
            shown[0].raise_()

    def _hide_docks(self) -> None:
        is_first = self._shown is None
        if self._shown is None:
            self._shown = [dock for dock in self._docks if not dock.isHidden()]
        for dock in self._docks:
            dock.hide()
            dock.toggleViewAction().setVisible(False)
        if is_first and not self._front.isHidden():
            # Once the tabs are as they will be.
            QTimer.singleShot(0, self._front, self._front.raise_)
