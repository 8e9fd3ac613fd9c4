"""Playing a lesson to its end without the window, as a learner who knows the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import format_gpa
from mtrrviz.lessons.judging import judge
from mtrrviz.lessons.keeping import done_in
from mtrrviz.lessons.lesson import DoTask
from mtrrviz.lessons.opening import shown
from mtrrviz.lessons.playing import gone_wrong, solved
from mtrrviz.lessons.progress import LessonProgress

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson, LessonStep


def played(lesson: Lesson, wrong_first: bool = False) -> LessonProgress:
    """Return the progress of a learner who did every step, each wrong turn first if asked to.

    Asserts that no step is done before it was, and that it is then; and that what is still to do
    does not tell a value that is to be worked out.
    """
    progress, now = LessonProgress(lesson=lesson.name, learner="Ann"), None
    for at, step in enumerate(lesson.steps):
        now = shown(step.show, now, lesson.file)
        before = judge(step, now)
        assert step.task is None or not before.is_done, step.name
        assert not gives_away(step, before.lines), step.name
        for turn in step.wrong if wrong_first else ():
            there, answer = gone_wrong(step, turn, now)
            assert judge(step, there, answer).wrong == turn.name
            progress = progress.hinted(step.name)
            progress = progress if answer is None else progress.answered(step.name, answer)
        now, answer = solved(step, now, lesson.file)
        progress = progress if answer is None else progress.answered(step.name, answer)
        assert judge(step, now, answer).is_done, step.name
        progress = done_in(progress.at(at), lesson, step, now)
    return progress


def gives_away(step: LessonStep, lines: tuple[str, ...]) -> bool:
    """Whether lines say what to write, where the text of the step does not."""
    if not isinstance(step.task, DoTask) or step.solution is None:
        return False
    values = {format_gpa(event.value) for event in step.solution.events if event.value > 1}
    told = {value for value in values if f"should be {value}." in " ".join(lines)}
    return any(value not in step.text for value in told)
