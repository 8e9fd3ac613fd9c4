"""Tips that end with the sentence of the glossary on what is under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QChildEvent, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QHeaderView, QToolTip, QWidget

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.help.pointed_at import handles, header_page, page_at
from mtrrviz.gui.help.tips import tip_with
from mtrrviz.gui.help.topics import field_page, speaks_of_guests
from mtrrviz.gui.inspector.fact_list import FactList
from mtrrviz.gui.inspector.step_list import StepList
from mtrrviz.gui.registers.row import RegisterRow
from mtrrviz.gui.registers.vcpu_picker import VcpuPicker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.gui.common.layout.panel import AnyPanel
    from mtrrviz.gui.shell.bridge import Bridge


#: Lists that come and go with what they show.
_GROWING = FactList | StepList | VcpuPicker


@runtime_checkable
class TellsPlaces(Protocol):
    """A widget whose tip depends on the place in it."""

    def tip_at(self, position: QPoint, /) -> str:
        """Return the words on a place."""
        ...


class HoverHelp(QObject):
    """Answers for the fields and headers of views when the pointer rests on them.

    Fields that come later, such as those of a register's form, are answered for by their view
    unless they have a tip of their own; the lists below answer for all that is added to them.
    """

    def __init__(
        self, views: Iterable[QWidget], panels: Iterable[AnyPanel], bridge: Bridge
    ) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        for view in views:
            self.watch(view)
        for panel in panels:
            panel.when_made(self.watch)

    def watch(self, view: QWidget) -> None:
        """Answer for a view and all that is in it now."""
        view.installEventFilter(self)
        for widget in view.findChildren(QWidget):
            self._watch(widget)

    def _watch(self, widget: QWidget) -> None:
        if isinstance(widget, QHeaderView):
            widget.viewport().installEventFilter(self)
        elif isinstance(widget, _GROWING | RegisterRow) or any(map(field_page, handles(widget))):
            widget.installEventFilter(self)
            if isinstance(widget, _GROWING):
                for child in widget.findChildren(QWidget):
                    child.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the tip with the sentence, if there is one; watch lines that come later."""
        if isinstance(event, QChildEvent):
            if event.polished() and isinstance(watched, _GROWING):
                event.child().installEventFilter(self)
            return False
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        if not isinstance(watched, QWidget):
            return False
        words = self._words(watched, event)
        if words:
            QToolTip.showText(event.globalPos(), words, watched)
        return bool(words)

    def _words(self, watched: QWidget, event: QHelpEvent) -> str:
        header = watched.parentWidget()
        if isinstance(header, QHeaderView):
            column = header.logicalIndexAt(event.pos())
            role = Qt.ItemDataRole.ToolTipRole
            tip = header.model().headerData(column, Qt.Orientation.Horizontal, role)
            return self._with(str(tip or ""), header_page(header, column))
        child = watched.childAt(event.pos())
        if child is None:
            return self._with(_tip(watched, event.pos()), page_at(watched))
        place = child.mapFrom(watched, event.pos())
        return self._with(_tip(child, place), page_at(child, place))

    def _with(self, tip: str, page: str | None) -> str:
        is_host = self._bridge.document.scenario.machine.is_host
        is_foreign = page is not None and is_host and speaks_of_guests(page)
        return "" if is_foreign else tip_with(tip, page)


def _tip(widget: QWidget, place: QPoint) -> str:
    """Return what a widget itself says of a place."""
    return plain_tip(widget.tip_at(place)) if isinstance(widget, TellsPlaces) else widget.toolTip()
