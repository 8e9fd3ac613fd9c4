"""A lecture on the open document: from Present to Escape, leaving everything as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QCursor
from shiboken6 import isValid

from mtrrviz.gui.common.looks.text_size import TextSize
from mtrrviz.gui.lecture.lecture_stage import LectureStage
from mtrrviz.gui.lecture.notes_window import NotesWindow
from mtrrviz.gui.lecture.stage_input import CommandKeys, StagePointer
from mtrrviz.gui.lecture.stage_menu import stage_menu
from mtrrviz.gui.lecture.stage_screens import StageScreens
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.session.changes import Change
from mtrrviz.session.lecture.lecture_course import LectureCourse
from mtrrviz.session.lecture.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QScreen
    from PySide6.QtWidgets import QWidget

    from mtrrviz.session.document import Document

#: How large text is at first, as part of the window's, on a screen and on one of so many pixels.
_FIRST_TEXT, _FIRST_TEXT_TALL, _TALL_PX = TextSize.P150, TextSize.P175, 1000
_WELCOME = "PgDown or Space: next moment. M: all keys. Esc: end the lecture"


class Lecture(QObject):
    """One lecture: a twin of the document on a stage of its own, and the speaker's notes.

    Nothing of the window takes part, so that nothing needs to be put back. ``ended`` is called
    once, however it ends; ``keep_panels`` is told the panels that were chosen.
    """

    def __init__(
        self,
        document: Document,
        bridge: Bridge,
        panels: list[str],
        keep_panels: Callable[[list[str]], None],
        ended: Callable[[], None],
    ) -> None:
        super().__init__()
        self._document = document
        self._panels, self._keep_panels, self._ended = panels, keep_panels, ended
        self._is_over = False
        self._screens: StageScreens | None = None
        self._windows_bridge = bridge
        self._bridge = Bridge(document, self)
        self._bridge.set_theme(bridge.theme)
        self._course = LectureCourse(document)
        self._stopwatch = Stopwatch()
        self.stage = LectureStage(self._bridge, lambda: self._course.speech.where)
        self.notes = NotesWindow(self._bridge, self._course, self._stopwatch, self.do)
        self._commands = self._make_commands()
        self._bridge.changed.connect(self._document_changed)
        self._bridge.message.connect(self.stage.say)
        self._bridge.refused.connect(self.stage.say)
        bridge.theme_changed.connect(self._follow_theme)
        CommandKeys(self.stage, self.do)
        CommandKeys(self.notes, self.do)
        StagePointer(self.stage, self.stage.ring, self.stage.pen, self.do)
        self.stage.closed.connect(self.end)

    def _make_commands(self) -> dict[str, Callable[[], None]]:
        return {
            "go_on": lambda: self._go(self._course.go_on),
            "go_back": lambda: self._go(self._course.go_back),
            "toggle_play": self.stage.toggle_play,
            "blacken": lambda: self._blank(Qt.GlobalColor.black),
            "whiten": lambda: self._blank(Qt.GlobalColor.white),
            "toggle_pen": self._toggle_pen,
            "next_colour": self._next_colour,
            "undo_stroke": self.stage.pen.undo,
            "clear_strokes": self.stage.pen.clear,
            "toggle_ring": self._toggle_ring,
            "larger": lambda: self._step_text(1),
            "smaller": lambda: self._step_text(-1),
            "toggle_notes": self._toggle_notes,
            "reset_clock": self._reset_clock,
            "swap_screens": self._swap_screens,
            "show_menu": self._show_menu,
            "leave": self.end,
        }

    def begin(self, home: Callable[[], QScreen]) -> None:
        """Show the stage and the notes; ``home`` is the screen of the main window."""
        screens = self._screens = StageScreens(self.stage, self.notes, home)
        screens.said.connect(self.stage.say)
        is_tall = screens.of_stage.geometry().height() >= _TALL_PX
        self.stage.set_text_size(_FIRST_TEXT_TALL if is_tall else _FIRST_TEXT)
        self.stage.show_panels(self._panels)
        screens.place()
        present = self._course.present
        self.stage.say(_WELCOME if present is None else f"{self._course.speech.where}. {_WELCOME}")

    def do(self, command: str) -> None:
        """Do what a command of the table says."""
        self._commands[command]()

    def end(self) -> None:
        """End the lecture: both windows go, and the window has the keyboard again."""
        if self._is_over:
            return
        self._is_over = True
        try:
            self._document.playback.pause()
            self._bridge.close()
        finally:
            for window in (self.notes, self.stage):
                window.hide()
                window.deleteLater()
            self.deleteLater()
            self._ended()

    def _go(self, move: Callable[[], str]) -> None:
        if self.stage.curtain.is_drawn:
            self.stage.curtain.hide()
        self.stage.pen.clear()
        words = move()
        self.notes.refresh()  # of two moments at one time the document does not tell
        self.stage.say(words)

    def _blank(self, colour: Qt.GlobalColor) -> None:
        is_drawn = self.stage.curtain.toggle(colour)
        self.stage.say("The screen is blank" if is_drawn else "The screen shows the lecture again")

    def _toggle_pen(self) -> None:
        pen = self.stage.pen
        pen.is_on = not pen.is_on
        on = f"The mouse draws in {pen.colour_name}. K: colour, U: undo, C: clear, D: no longer"
        self.stage.say(on if pen.is_on else "The mouse no longer draws")

    def _next_colour(self) -> None:
        self.stage.pen.next_colour()
        self.stage.say(f"The pen is {self.stage.pen.colour_name}")

    def _toggle_ring(self) -> None:
        is_wanted = self.stage.ring.toggle()
        self.stage.say(f"The ring around the pointer is {'on' if is_wanted else 'off'}")

    def _step_text(self, steps: int) -> None:
        self.stage.set_text_size(self.stage.text_size.stepped(steps))
        self.stage.say(f"Text size: {self.stage.text_size}")

    def _toggle_notes(self) -> None:
        if self._screens is not None:
            self._screens.toggle_notes()

    def _reset_clock(self) -> None:
        self._stopwatch.reset()
        self.notes.show_clocks()

    def _swap_screens(self) -> None:
        if self._screens is not None:
            self._screens.swap()

    def _show_menu(self) -> None:
        stage = self.stage
        shown = [title for title, panel in stage.panels.items() if not panel.isHidden()]
        menu = stage_menu(stage, self.do, stage.offered, shown, self._toggle_panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(_menu_place(stage))

    def _toggle_panel(self, title: str) -> None:
        chosen = [each for each in self._panels if each != title]
        self._panels = chosen if title in self._panels else [*self._panels, title]
        self.stage.show_panels(self._panels)
        self._keep_panels(self._panels)

    def _document_changed(self, changes: frozenset[Change]) -> None:
        """Show the panels that the new machine has, and say which scenario it is."""
        if Change.OPENED in changes:
            self.stage.show_panels(self._panels)
            self.stage.say(self._document.scenario.title)

    def _follow_theme(self) -> None:
        if isValid(self):
            self._bridge.set_theme(self._windows_bridge.theme)


def _menu_place(stage: QWidget) -> QPoint:
    """Return where a menu goes: at the pointer, or in the middle if that is elsewhere."""
    pointer = QCursor.pos()
    return pointer if stage.frameGeometry().contains(pointer) else stage.geometry().center()
