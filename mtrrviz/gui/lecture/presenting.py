"""Beginning a lecture from the window, one at a time, and coming back to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from shiboken6 import isValid

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QWidget

    from mtrrviz.gui.lecture.lecture import Lecture
    from mtrrviz.gui.map.map_canvas import MapCanvas
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.session.lecture.twin import Twin
    from mtrrviz.session.runs import Executor


class Presenting(QObject):
    """Shows the open document on a stage; ``canvas`` says which part of the map it begins with."""

    def __init__(
        self,
        window: QMainWindow,
        bridge: Bridge,
        canvas: MapCanvas,
        executor: Executor,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._canvas = window, bridge, canvas
        self._executor, self._settings = executor, settings
        self._focus: QWidget | None = None
        self._was_playing = False
        self.lecture: Lecture | None = None
        self._twin: Twin | None = None

    def begin(self) -> None:
        """Begin a lecture, or go back to the stage of the one that is going on."""
        from mtrrviz.gui.lecture.lecture import Lecture  # noqa: PLC0415 - when asked for
        from mtrrviz.session.lecture.twin import Twin  # noqa: PLC0415 - when asked for

        if self.lecture is not None:
            self.lecture.stage.activateWindow()
            return
        document = self._bridge.document
        self._focus = self._window.focusWidget()
        self._twin = Twin(document, self._executor)
        lecture = Lecture(
            self._twin,
            self._bridge,
            self._settings.lecture_panels,
            self._keep_panels,
            self._come_back,
        )
        self._was_playing = document.playback.playing
        document.playback.pause()
        self.lecture = lecture
        try:
            lecture.stage.map.canvas.set_view(self._canvas.view)
            lecture.begin(self._window.screen)
        except BaseException:
            lecture.end()
            raise

    def end(self) -> None:
        """End the lecture, if there is one."""
        if self.lecture is not None:
            self.lecture.end()

    def _keep_panels(self, titles: list[str]) -> None:
        self._settings.lecture_panels = titles

    def _come_back(self) -> None:
        """Give the keyboard to what had it, and play on if that was interrupted."""
        self.lecture = None
        if self._twin is not None:
            self._twin.leave()
        if self._was_playing:
            self._bridge.document.playback.play()
        self._window.activateWindow()
        focus = self._focus
        if focus is not None and isValid(focus) and focus is not self._window.focusWidget():
            focus.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
