"""Which screen the stage is shown on and which the notes, also when a screen comes or goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from mtrrviz.gui.common.pacing import one_shot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QScreen
    from PySide6.QtWidgets import QWidget

#: A desktop tells of a screen that went in several steps, and moves windows meanwhile.
_PATIENCE_MS = 100


class HasPlace(Protocol):
    """What there is to know of a screen: the part of the desktop that it shows."""

    def geometry(self) -> QRect:
        """Return its place on the desktop, in pixels."""
        ...


_Screen = TypeVar("_Screen", bound=HasPlace)


def other_screen(screen: _Screen, screens: Sequence[_Screen]) -> _Screen | None:
    """Return the first screen beside one that shows something else, or None."""
    beside = (each for each in screens if each.geometry() != screen.geometry())
    return next(beside, None)


class StageScreens(QObject):
    """Places the stage on the screen that the main window is not on, and the notes on the other.

    ``home`` is the main window's screen, which the stage covers where there is only one, or when
    the two were swapped. ``said`` carries words for the speaker.
    """

    said = Signal(str)

    def __init__(self, stage: QWidget, notes: QWidget, home: Callable[[], QScreen]) -> None:
        super().__init__(stage)
        self._stage, self._notes, self._home = stage, notes, home
        self._is_swapped = False
        self._has_two = False
        self._later = one_shot(self, _PATIENCE_MS, self._follow)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            for change in (app.screenAdded, app.screenRemoved):
                change.connect(self._later.start)

    @property
    def _other(self) -> QScreen | None:
        """The screen that the main window is not on, or None."""
        return other_screen(self._home(), QGuiApplication.screens())

    @property
    def of_stage(self) -> QScreen:
        """The screen that the stage belongs on."""
        return self._home() if self._is_swapped else self._other or self._home()

    def place(self) -> None:
        """Show the stage, and the notes where they cover nothing of it."""
        other = self._other
        self._has_two = other is not None
        if other is not None:
            self._show_notes(other if self._is_swapped else self._home())
        self._show_stage(self.of_stage)

    def swap(self) -> None:
        """Let stage and notes change places."""
        if self._other is None:
            self.said.emit("There is only one screen")
            return
        self._is_swapped = not self._is_swapped
        self.place()

    def toggle_notes(self) -> None:
        """Show the notes, over the stage if need be, or hide them."""
        if self._notes.isVisible():
            self._notes.hide()
        else:
            screen = self._stage.screen()
            self._show_notes(other_screen(screen, QGuiApplication.screens()) or screen)

    def _follow(self) -> None:
        """Go on with the screens that there are now."""
        had_two, has_two = self._has_two, self._other is not None
        if has_two and not had_two:
            self._is_swapped = False
            self.place()
            self.said.emit("The lecture is on the second screen now. S: swap the two")
        elif had_two and not has_two:
            self._notes.hide()
            self.place()
            self.said.emit("There is only one screen now. N: speaker notes")
        elif has_two and self._stage.screen() is self._notes.screen():
            self.place()  # of three screens one went

    def _show_stage(self, screen: QScreen) -> None:
        stage = self._stage
        if stage.isFullScreen() and stage.screen() is not screen:
            stage.showNormal()  # window managers keep a full screen where it is
        stage.setScreen(screen)
        stage.setGeometry(screen.geometry())
        stage.showFullScreen()
        stage.activateWindow()
        stage.setFocus()

    def _show_notes(self, screen: QScreen) -> None:
        notes, room = self._notes, screen.availableGeometry()
        notes.setScreen(screen)
        notes.resize(notes.size().boundedTo(room.size()))
        notes.move(room.center() - notes.rect().center())
        notes.show()
        notes.raise_()
