"""The Lessons menu: what its actions do, its lists, and when they can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from mtrrviz.gui.common.plain_text import menu_text
from mtrrviz.lessons.lesson_library import shipped_lessons

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QAction

    from mtrrviz.gui.lessons.lesson_desk import LessonDesk
    from mtrrviz.gui.lessons.lesson_panel import LessonPanel
    from mtrrviz.gui.shell.parts import Parts
    from mtrrviz.gui.shell.worker import Worker

#: Actions that need an open lesson.
_OF_LESSON = (
    *("previous_step", "next_step", "give_hint", "show_step_again", "restart_lesson"),
    *("save_result", "leave_lesson"),
)


def lesson_handlers(parts: Parts) -> dict[str, Callable[[], None]]:
    """Return what each action of the Lessons menu does."""
    desk = parts.lessons
    return {
        "show_course": desk.show_course,
        "continue_course": desk.go_on,
        "open_lesson": desk.ask_open,
        "previous_step": _of_panel(desk, lambda panel: panel.go_back()),
        "next_step": _of_panel(desk, lambda panel: panel.go_on()),
        "give_hint": _of_panel(desk, lambda panel: panel.give_hint()),
        "show_step_again": _of_panel(desk, lambda panel: panel.show_again()),
        "restart_lesson": desk.ask_restart,
        "save_result": desk.save_result,
        "leave_lesson": desk.leave,
    }


def _of_panel(desk: LessonDesk, act: Callable[[LessonPanel], None]) -> Callable[[], None]:
    """Return what the panel of lessons does, which is made only when it is asked to."""
    return lambda: act(desk.panel)


class LessonMenu(QObject):
    """Adds the lessons and the worksheets to the menu, and follows whether a lesson is open."""

    def __init__(
        self, menu: QMenu, actions: Mapping[str, QAction], desk: LessonDesk, worker: Worker
    ) -> None:
        super().__init__(menu)
        self._actions = actions
        self._desk = desk
        self._lessons = QMenu("&Lesson", menu)
        self._lessons.setObjectName("lesson_menu")
        self._lessons.aboutToShow.connect(self._fill)
        menu.insertMenu(actions["open_lesson"], self._lessons)
        self._sheets = QMenu("&Worksheet", menu)
        self._sheets.setObjectName("worksheet_menu")
        for text, answers in (("&Without answers...", False), ("With &answers...", True)):
            self._sheets.addAction(text).triggered.connect(_asker(desk, worker, answers))
        menu.insertMenu(actions["save_result"], self._sheets)
        desk.changed.connect(self._enable)
        self._enable()

    def _fill(self) -> None:
        """List the lessons; reading them waits until they are asked for."""
        if not self._lessons.isEmpty():
            return
        for number, lesson in enumerate(shipped_lessons(), 1):
            action = self._lessons.addAction(menu_text(f"{number}. {lesson.title}"))
            action.setStatusTip(lesson.goal)
            action.triggered.connect(_opener(self._desk, lesson.name))

    def _enable(self) -> None:
        is_open = self._desk.lesson is not None
        for name in _OF_LESSON:
            self._actions[name].setEnabled(is_open)
        self._sheets.setEnabled(is_open)


def _opener(desk: LessonDesk, name: str) -> Callable[[], None]:
    return lambda: desk.open_named(name)


def _asker(desk: LessonDesk, worker: Worker, with_answers: bool) -> Callable[[], None]:
    def ask() -> None:
        from mtrrviz.gui.lessons.worksheets import ask_worksheet  # noqa: PLC0415 - when asked for

        ask_worksheet(desk, worker, with_answers=with_answers)

    return ask
