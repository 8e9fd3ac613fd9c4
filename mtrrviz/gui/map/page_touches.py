"""Touches made on a map: keys and the menu of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.session import edits
from mtrrviz.session.stop_targets import range_stops

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.geometry.map.map_layout import MapLayout
    from mtrrviz.gui.shell.bridge import Bridge

_DOES = {Access.READ: "Read", Access.WRITE: "Write to", Access.EXECUTE: "Run code at"}
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class PageTouches:
    """Touches of the selected page, or of the range that is outlined, at the playhead.

    ``layout`` says what the dots of the map are, since a dot may be many pages.
    """

    def __init__(self, bridge: Bridge, layout: Callable[[], MapLayout], parent: QWidget) -> None:
        self._bridge = bridge
        self._layout = layout
        self._parent = parent

    def touch(self, access: Access) -> None:
        """Touch the selected page as the selected vCPU."""
        document = self._bridge.document
        gfn = document.gfn
        if gfn is None:
            self._bridge.message.emit("No page is selected: click one on the map first")
            return
        slots = document.scenario.machine.slots
        if not any(region.first_gfn <= gfn < region.end_gfn for region in slots):
            words = f"{format_gpa(gfn << PAGE_SHIFT)} has no memory slot: a touch makes no leaf"
            self._bridge.message.emit(words)
            return
        sweep = Sweep(document.playhead_ns, document.vcpu, gfn, 1, access)
        self._bridge.edit(lambda: edits.add_touch(document.scenario, sweep))

    def ask_range(self) -> None:
        """Ask which range to touch, beginning with what is outlined or selected on the map."""
        from mtrrviz.gui.touches.touch_dialog import new_touch  # noqa: PLC0415 - when asked for

        new_touch(self._bridge, self._range(), self._parent).open()

    def _range(self) -> tuple[int, int] | None:
        document, layout = self._bridge.document, self._layout()
        selection = document.selection
        if selection is not None and selection.gfns is not None:
            return selection.gfns
        dot = None if document.gfn is None else layout.dot_of(document.gfn)
        return None if dot is None else layout.gfn_range(dot)

    def popup(self, place: QPoint) -> None:
        """Show the menu of the selected page at a place of the screen."""
        self.menu().popup(place)

    def menu(self) -> QMenu:
        """Return the menu of the selected page."""
        document = self._bridge.document
        menu = QMenu(self._parent)
        menu.setObjectName("page_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if document.gfn is None or document.scenario.machine.is_host:
            return menu
        page = format_gpa(document.gfn << PAGE_SHIFT)
        for access, does in _DOES.items():
            keys = "\tX" if access is Access.READ else ""
            self._add(menu, access, f"{does} {page} as vCPU {document.vcpu}{keys}")
        menu.addSeparator()
        menu.addAction(f"Touch a range{_ELLIPSIS}\tShift+X", self.ask_range)
        page_gfns = document.gfn, document.gfn + 1
        add_stop_actions(menu, self._bridge, range_stops(page_gfns, document.vcpu))
        return menu

    def _add(self, menu: QMenu, access: Access, words: str) -> None:
        action = menu.addAction(words, lambda: self.touch(access))
        action.setObjectName(f"touch_{access.name.lower()}")
