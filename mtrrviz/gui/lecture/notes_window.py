"""The speaker's window: what to say now, what comes next, and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTime, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim, Heading, push_button, scrolling
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.lecture.lecture_course import LectureCourse
    from mtrrviz.session.lecture.stopwatch import Stopwatch

_SIZE = (720, 520)
_TICK_MS = 200
_SAID_PERCENT, _NEXT_PERCENT, _CLOCK_PERCENT = 170, 130, 200
_CLOCKS_APART_PX = 24


class NotesWindow(FollowsDocument):
    """Shows the speech of a lecture and its clocks; ``do`` is told the commands of its buttons."""

    follows: ClassVar[frozenset[Change]] = frozenset({Change.PLAYHEAD, Change.SCENARIO})

    def __init__(
        self,
        bridge: Bridge,
        course: LectureCourse,
        stopwatch: Stopwatch,
        do: Callable[[str], None],
    ) -> None:
        super().__init__(bridge)
        self.setObjectName("speaker_notes")
        self.setWindowTitle("Speaker notes - mtrrviz")
        self._course, self._stopwatch, self._do = course, stopwatch, do
        self.where = Heading("")
        self.where.setWordWrap(True)
        self.said = Label()
        self.said.setObjectName("notes_said")
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What to say")
        self.following = Label()
        self.following.setObjectName("notes_next")
        self.following.setWordWrap(True)
        self.following.setAccessibleName("Next moment")
        self.clock, self.elapsed = Label(), Label()
        for label, name in ((self.clock, "Time of day"), (self.elapsed, "Elapsed time")):
            label.setObjectName("notes_clock")
            label.setAccessibleName(name)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.show_clocks)
        self._timer.start(_TICK_MS)
        self.show_clocks()
        self.resize(*_SIZE)

    def _lay_out(self) -> None:
        body = QWidget()
        words = QVBoxLayout(body)
        words.addWidget(self.said)
        words.addStretch(1)
        area = scrolling(body, self, "Speaker's notes")
        area.setAccessibleName("Notes")
        clocks = QGridLayout()
        clocks.setHorizontalSpacing(_CLOCKS_APART_PX)
        for column, (caption, clock) in enumerate(
            (("Time of day", self.clock), ("Elapsed", self.elapsed))
        ):
            clocks.addWidget(Dim(caption), 0, column)
            clocks.addWidget(clock, 1, column)
        buttons = QHBoxLayout()
        buttons.addLayout(clocks)
        buttons.addStretch(1)
        buttons.addWidget(self._button("&Reset", "Begin again at zero (R)", "reset_clock"))
        buttons.addWidget(self._button("&Previous", "Previous moment (PgUp)", "go_back"))
        buttons.addWidget(self._button("&Next", "Next moment (PgDown)", "go_on"))
        column = QVBoxLayout(self)
        column.addWidget(self.where)
        column.addWidget(area, 1)
        column.addWidget(Dim("Next"))
        column.addWidget(self.following)
        column.addLayout(buttons)
        base_pt = self.font().pointSizeF()
        self.setStyleSheet(
            f"QLabel#notes_said {{ font-size: {base_pt * _SAID_PERCENT / 100:g}pt; }}"
            f"QLabel#notes_next {{ font-size: {base_pt * _NEXT_PERCENT / 100:g}pt; }}"
            f"QLabel#notes_clock {{ font-size: {base_pt * _CLOCK_PERCENT / 100:g}pt; }}"
        )

    def _button(self, text: str, tip: str, command: str) -> QPushButton:
        return push_button(text, tip, lambda: self._do(command), self)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show what is to be said now."""
        del changes
        speech = self._course.speech
        self.where.setText(speech.where)
        self.said.setText("\n\n".join(speech.paragraphs) or "There are no notes for this moment.")
        self.following.setText(speech.following)

    def show_clocks(self) -> None:
        """Show the time of day and how long the lecture has lasted."""
        self.clock.setText(QTime.currentTime().toString("HH:mm:ss"))
        self.elapsed.setText(self._stopwatch.words)
