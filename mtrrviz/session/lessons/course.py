"""The way through the lessons: each with how far the learner is in it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.lessons.lesson_library import shipped_lessons

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson
    from mtrrviz.session.lessons.progress_store import ProgressStore


class CourseStage(Enum):
    """How far a learner is in a lesson; the values are its words."""

    NEW = "not started"
    STARTED = "started"
    DONE = "done"


class CourseEntry(Record):
    """A lesson of the course. ``done`` of its tasks are done; ``touched_ns`` is when, 0 for never.

    ``missing`` are the titles of lessons that should come before it and are not done.
    """

    lesson: Lesson
    stage: CourseStage
    done: int
    missing: tuple[str, ...]
    touched_ns: int

    @property
    def stage_words(self) -> str:
        """How far the learner is: "started, 2 of 5 tasks done"."""
        if self.stage is not CourseStage.STARTED:
            return self.stage.value
        return f"{self.stage.value}, {self.done} of {self.lesson.task_count} tasks done"


def course(store: ProgressStore) -> list[CourseEntry]:
    """Return the lessons that come with the program, in order."""
    lessons = shipped_lessons()
    stages = {lesson.name: _stage(lesson, store) for lesson in lessons}
    titles = {lesson.name: lesson.title for lesson in lessons}
    return [
        CourseEntry(
            lesson,
            *stages[lesson.name],
            tuple(
                titles.get(name, name)
                for name in lesson.needs
                if name not in stages or stages[name][0] is not CourseStage.DONE
            ),
            store.touched_ns(lesson),
        )
        for lesson in lessons
    ]


def next_entry(entries: list[CourseEntry]) -> CourseEntry | None:
    """Return the lesson to go on with: the one left last, else the first that is not done."""
    open_ones = [entry for entry in entries if entry.stage is not CourseStage.DONE]
    started = [entry for entry in open_ones if entry.stage is CourseStage.STARTED]
    if started:
        return max(started, key=lambda entry: entry.touched_ns)
    return next(iter(open_ones), None)


def entry_after(entries: list[CourseEntry], name: str) -> CourseEntry | None:
    """Return the lesson to suggest once a learner went through one, also if tasks of it are left.

    It is the first one after it that is not done; else the one to go on with.
    """
    names = [entry.lesson.name for entry in entries]
    later = entries[names.index(name) + 1 :] if name in names else []
    open_ones = (entry for entry in later if entry.stage is not CourseStage.DONE)
    return next(open_ones, None) or next_entry(entries)


def _stage(lesson: Lesson, store: ProgressStore) -> tuple[CourseStage, int]:
    progress, _problem = store.load(lesson)
    done = sum(progress.of(step.name).is_done for step in lesson.steps if step.task is not None)
    if done == lesson.task_count:
        return CourseStage.DONE, done
    return (CourseStage.STARTED if progress.steps or progress.step else CourseStage.NEW), done
