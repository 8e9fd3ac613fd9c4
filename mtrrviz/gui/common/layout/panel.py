"""A view in a dock that is made when it is first seen or asked for: most stay covered by tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mtrrviz.gui.common.late_errors import raised_later
from mtrrviz.gui.common.layout.turning_splitter import TurningSplitter

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QShowEvent

View = TypeVar("View", bound=QWidget)
#: A panel that needs to be wider than this is scrolled where there is less room.
_WIDEST_PX = 340


class Panel(Generic[View]):
    """A view with a name and a title; with ``is_guest_only`` it says nothing of a real machine.

    ``body`` is where the view is, or will be; it is there from the start and goes into a dock.
    """

    def __init__(
        self, name: str, title: str, make: Callable[[], View], *, is_guest_only: bool = False
    ) -> None:
        self.name = name
        self.title = title
        self.is_guest_only = is_guest_only
        self.body = PanelBody(lambda: self.view)
        self._make = make
        self._view: View | None = None
        self._waiting: list[Callable[[View], object]] = []

    @property
    def is_made(self) -> bool:
        """Whether the view is there already."""
        return self._view is not None

    @property
    def view(self) -> View:
        """The view, made now if nothing needed it before."""
        return self.make() if self._view is None else self._view

    def make(self) -> View:
        """Make the view, which is not there yet, and put it in its place."""
        self._view = view = self._make()
        self.body.hold(view)
        for call in self._waiting:
            call(view)
        self._waiting.clear()
        return view

    def when_made(self, call: Callable[[View], object]) -> None:
        """Call with the view, at once if it is there and otherwise as soon as it is."""
        if self._view is None:
            self._waiting.append(call)
        else:
            call(self._view)


#: A panel of whatever view.
AnyPanel: TypeAlias = Panel[Any]


class PanelBody(QWidget):
    """An empty place that asks for its view when it is first shown."""

    def __init__(self, wanted: Callable[[], QWidget]) -> None:
        super().__init__()
        self._wanted = wanted
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @property
    def view(self) -> QWidget:
        """The view that is here, or is made now."""
        return self._wanted()

    def hold(self, view: QWidget) -> None:
        """Give all the room to a view, at once and not only when the event loop runs again."""
        filling = _in_little_room(view, self)
        self._column.addWidget(filling)
        filling.setGeometry(self.contentsRect())  # what it scrolls to when shown depends on it
        filling.show()
        self._column.activate()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the view made, the first time."""
        with raised_later():
            self._wanted()
        super().showEvent(event)


def view_at(place: QWidget) -> QWidget:
    """Return the view of a panel, or a widget itself if it is not where a panel goes."""
    return place.view if isinstance(place, PanelBody) else place


def _in_little_room(view: QWidget, parent: QWidget) -> QWidget:
    """Return a view, one that needs much room in an area that scrolls it: a window may be small."""
    needed_px = view.minimumSizeHint().width()
    turns = view.findChild(TurningSplitter) is not None  # and is high where it is narrow
    if 0 < needed_px <= _WIDEST_PX and not turns:  # 0: one that is filled when first shown
        return view
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(view)
    return area
