"""The course: the way through all lessons, with how far the learner is in each."""

from __future__ import annotations

from html import escape
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.lessons.page_browser import PageBrowser
from mtrrviz.lessons.lesson import LessonKind
from mtrrviz.session.lessons.course import CourseEntry, CourseStage

if TYPE_CHECKING:
    from mtrrviz.gui.common.looks.theme import Theme

_MARKS = {
    CourseStage.NEW: "\N{WHITE CIRCLE}",
    CourseStage.STARTED: "\N{CIRCLE WITH LEFT HALF BLACK}",
}
_DONE_MARK = "\N{BLACK CIRCLE}"
_WORDS = {CourseStage.NEW: "Start", CourseStage.STARTED: "Continue", CourseStage.DONE: "Open Again"}


class CoursePage(QDialog):
    """Lets a learner choose a lesson; ``chosen`` carries its name.

    ``suggested`` is selected at first, the first one if it is None.
    """

    chosen = Signal(str)

    def __init__(
        self,
        entries: list[CourseEntry],
        suggested: CourseEntry | None,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Course")
        self.entries = entries
        self._theme = theme
        self.list = QListWidget(self)
        self.list.setObjectName("course_list")
        self.list.setAccessibleName("Lessons")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.about = PageBrowser("About the lesson", self)
        self.about.setObjectName("course_about")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.start = QPushButton("Start", self)
        self.start.setObjectName("course_start")
        self.buttons.addButton(self.start, QDialogButtonBox.ButtonRole.AcceptRole)
        self.start.setDefault(True)
        self.buttons.accepted.connect(self._choose)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        numbers = count(1)
        for entry in entries:
            self._add(entry, "" if entry.lesson.kind is LessonKind.QUIZ else f"{next(numbers)}. ")
        self.list.currentRowChanged.connect(self._show)
        self.list.itemActivated.connect(self._choose)
        self.list.setCurrentRow(0 if suggested is None else entries.index(suggested))
        self._show(self.list.currentRow())
        self.list.setFocus()

    def _lay_out(self) -> None:
        halves = QHBoxLayout()
        halves.addWidget(self.list, 3)
        halves.addWidget(self.about, 2)
        column = QVBoxLayout(self)
        column.addLayout(halves)
        column.addWidget(self.buttons)
        open_as_large_as(self, 140, 30)

    def _add(self, entry: CourseEntry, number: str) -> None:
        lesson = entry.lesson
        mark = _MARKS.get(entry.stage, _DONE_MARK)
        item = QListWidgetItem(f"{mark}  {number}{lesson.title}", self.list)
        words = f"{number}{lesson.title}, {entry.stage_words}, {lesson.minutes} minutes"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)

    def _show(self, row: int) -> None:
        """Show what the chosen lesson is about."""
        self.start.setEnabled(row >= 0)
        if row < 0:
            return
        entry = self.entries[row]
        self.start.setText(_WORDS[entry.stage])
        self.about.show_page(_about(entry), self._theme)

    def _choose(self, _item: object = None) -> None:
        """Close, then let the lesson be opened."""
        row = self.list.currentRow()
        if row >= 0:
            self.accept()
            self.chosen.emit(self.entries[row].lesson.name)


def _about(entry: CourseEntry) -> str:
    """Return the goal of a lesson, how long it takes, and what should come before."""
    lesson = entry.lesson
    parts = [
        f"<h2>{escape(lesson.title)}</h2>",
        f"<p>{escape(lesson.goal)}</p>",
        (
            f"<p>About {lesson.minutes} minutes, {lesson.task_count} tasks. "
            f"{escape(entry.stage_words.capitalize())}.</p>"
        ),
    ]
    if entry.missing:
        titles = "".join(f"<li>{escape(title)}</li>" for title in entry.missing)
        parts.append(f"<p>Better do these first:</p><ul>{titles}</ul>")
    return "".join(parts)
