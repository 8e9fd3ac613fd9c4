"""The panel of lessons: a step at a time, what to answer with, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.gui.common.announcing import announce
from mtrrviz.gui.common.follows_document import FollowsDocument
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim, Heading, push_button
from mtrrviz.gui.lessons.answer_field import AnswerField, field_for
from mtrrviz.gui.lessons.page_browser import PageBrowser
from mtrrviz.gui.lessons.step_page import RESULT, step_html
from mtrrviz.lessons.lesson import DoTask
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.lessons.open_lesson import OpenLesson

_NOTHING = (
    "Lessons explain memory types, and the registers that choose them, a step at a time. Each has "
    "tasks that you do in this window; the program checks them. Choose one in the course."
)


class LessonPanel(FollowsDocument):
    """Shows the lesson that is open, and judges what is to be done while it can be seen.

    ``course_requested`` and ``finished`` follow the buttons of these names.
    """

    course_requested = Signal()
    finished = Signal()

    follows = frozenset(Change) - {Change.COSTS, Change.FIGURES, Change.DIFFERENCES}
    pace_ms = 150

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._lesson: OpenLesson | None = None
        self._field: AnswerField | None = None
        self._page = ""
        self._fielded: tuple[object, ...] = ()
        self._has_checked = False
        self.setAccessibleName("Lesson")
        self.title = Heading("", self)
        self.title.setWordWrap(True)
        self.place = Dim("", self)
        self.page = PageBrowser("The step", self)
        self.page.setObjectName("lesson_page")
        self.page.entered.connect(self.check_answer)
        self.check = self._button("Check", "Check the answer (Enter)", self.check_answer)
        self.hint = self._button("Hint", "Give a hint, then another one", self.give_hint)
        self.again = self._button(
            "Show Again", "Open what this step shows as it was at first", self.show_again
        )
        self.back = self._button("Back", "Show the step before (Alt+Left)", self.go_back)
        self.next = self._button("Next", "Show the next step (Alt+Right)", self.go_on)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._step_page())
        self.setMinimumWidth(230)
        bridge.theme_changed.connect(self._recolour)

    def _button(self, text: str, tip: str, act: object) -> QPushButton:
        button = push_button(text, tip, act, self)  # type: ignore[arg-type]
        button.setObjectName(f"lesson_{text.lower().replace(' ', '_')}")
        button.setAutoDefault(True)  # Enter presses it
        return button

    def _empty_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        words = Label(_NOTHING, page)
        words.setObjectName("empty")
        words.setWordWrap(True)
        self.course = push_button("Course...", "Choose a lesson", self.course_requested.emit, page)
        self.course.setObjectName("lesson_course")
        column.addWidget(words)
        column.addWidget(self.course)
        column.addStretch(1)
        return page

    def _step_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 6, 8, 8)
        column.setSpacing(6)
        self._answer_row = QVBoxLayout()
        row = QHBoxLayout()
        row.addWidget(self.back)
        for button in (self.check, self.hint):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.next)
        column.addWidget(self.title)
        column.addWidget(self.place)
        column.addWidget(self.page, 1)
        column.addWidget(self.again)
        for line in (self._answer_row, row):
            column.addLayout(line)
        return page

    # What is shown

    @property
    def lesson(self) -> OpenLesson | None:
        """The lesson that is shown."""
        return self._lesson

    @property
    def field(self) -> AnswerField | None:
        """What to answer with; None where nothing is to be answered."""
        return self._field

    def show_lesson(self, lesson: OpenLesson | None) -> None:
        """Show another lesson, or none."""
        self._lesson = lesson
        self._page, self._fielded = "", ()
        self.show_step("")

    def show_document(self, changes: frozenset[Change]) -> None:  # noqa: ARG002
        """Judge what is to be done as things are now."""
        if self._lesson is not None:
            self._lesson.look_again()
            self._offer_again(self._lesson)

    def show_step(self, said: str) -> None:
        """Show the step as it is now, and let a screen reader say ``said``."""
        lesson = self._lesson
        self._stack.setCurrentIndex(0 if lesson is None else 1)
        if lesson is None:
            return
        self.title.setText(lesson.lesson.title)
        tasks = lesson.lesson.task_count
        done = f" \N{MIDDLE DOT} {lesson.done_count} of {tasks} tasks done" if tasks else ""
        self.place.setText(lesson.place_words + done)
        self._show_page(lesson)
        self._show_field(lesson)
        self._show_buttons(lesson)
        if said:
            announce(self, said)
        if self._has_checked and lesson.is_done:
            self._has_checked = False
            self.next.setFocus()

    def _show_page(self, lesson: OpenLesson) -> None:
        """Show the page if it is another one; what came of the step is brought into sight."""
        page = step_html(lesson, self.bridge.theme)
        if page == self._page:
            return
        is_same_step = self._fielded[:2] == (lesson, lesson.index)
        before, self._page = self.page.verticalScrollBar().value(), page
        self.page.show_page(page, self.bridge.theme)
        if is_same_step:
            self.page.verticalScrollBar().setValue(before)
        verdict = lesson.verdict
        if lesson.hints or (verdict is not None and (verdict.is_done or verdict.wrong)):
            self.page.scrollToAnchor(RESULT)

    def _show_field(self, lesson: OpenLesson) -> None:
        """Show what to answer with, an empty one for another step."""
        fielded = (lesson, lesson.index, lesson.answer_kind)
        if fielded == self._fielded:
            return
        self._fielded = fielded
        if self._field is not None:
            self._answer_row.removeWidget(self._field)
            self._field.hide()
            self._field.deleteLater()
        task, kind = lesson.step.task, lesson.answer_kind
        self._field = field_for(task, kind, self, several=not lesson.asks_for_one)
        if self._field is not None:
            self._answer_row.addWidget(self._field)
            self._field.show()  # at once, so that Tab finds it
            self._field.entered.connect(self.check_answer)

    def _show_buttons(self, lesson: OpenLesson) -> None:
        task, is_shown = lesson.step.task, not lesson.is_opening
        self.check.setVisible(task is not None)
        self.check.setEnabled(is_shown)
        left = len(lesson.step.hints) - len(lesson.hints)
        self.hint.setVisible(bool(lesson.step.hints))
        self.hint.setEnabled(left > 0)
        self._offer_again(lesson)
        self.back.setEnabled(lesson.index > 0)
        self.next.setText(_next_word(lesson))
        self.next.setDefault(lesson.is_done)

    def _offer_again(self, lesson: OpenLesson) -> None:
        """Offer the step as it was at first where it cannot be done any more, or no longer so."""
        is_astray = lesson.is_changed and not lesson.is_done
        self.again.setVisible(lesson.is_elsewhere or is_astray)

    def _recolour(self) -> None:
        if self._lesson is not None:
            self._page = ""
            self._show_page(self._lesson)

    # What the learner does

    def check_answer(self) -> None:
        """Check the answer that stands in the field, or what was done."""
        lesson = self._lesson
        if lesson is None or lesson.is_opening or lesson.step.task is None:
            return
        self._has_checked = True
        if isinstance(lesson.step.task, DoTask):
            lesson.check()
        elif self._field is not None:
            lesson.check(self._field.answer)
        self.page.scrollToAnchor(RESULT)  # which may be there already, below the text

    def give_hint(self) -> None:
        """Give the next hint."""
        if self._lesson is not None:
            announce(self, self._lesson.give_hint())

    def go_back(self) -> None:
        """Show the step before."""
        if self._lesson is not None and self._lesson.back():
            self.begin_step()

    def go_on(self) -> None:
        """Show the next step, or finish after the last one."""
        if self._lesson is None:
            return
        if self._lesson.is_last:
            self.finished.emit()
        elif self._lesson.next():
            self.begin_step()

    def show_again(self) -> None:
        """Open what the step shows as it was at first."""
        if self._lesson is not None:
            self._lesson.show_again()

    def begin_step(self) -> None:
        """Let a step be read from its top with the keys."""
        self._has_checked = False
        self.page.setFocus()


def _next_word(lesson: OpenLesson) -> str:
    if lesson.is_last:
        return "Finish"
    return "Next" if lesson.is_done else "Skip"
