"""Every lesson that comes with the program holds: it is played to its end."""

from __future__ import annotations

import pytest

from mtrrviz.lessons.checking_lesson import check_lesson
from mtrrviz.lessons.lesson import AnswerTask, ChooseTask, DoTask, LessonKind
from mtrrviz.lessons.lesson_library import lesson_paths, shipped_lessons
from mtrrviz.lessons.reading.read_lesson import read_lesson

WORDS_A_MINUTE = 200
#: Minutes for an answer, and for something to do. In a quiz nobody tells where to look.
TASK_MINUTES = {LessonKind.LESSON: (0.6, 1.5), LessonKind.QUIZ: (1.0, 2.0)}


@pytest.mark.parametrize("name", lesson_paths())
def test_a_lesson_holds_to_its_end_and_in_each_wrong_turn(name):
    lesson = read_lesson(lesson_paths()[name])
    assert check_lesson(lesson) == ()
    assert lesson.task_count >= 2


def test_lessons_need_lessons_that_come_before_them():
    order = [lesson.name for lesson in shipped_lessons()]
    for at, lesson in enumerate(shipped_lessons()):
        assert set(lesson.needs) <= set(order[:at]), lesson.name


@pytest.mark.parametrize("lesson", shipped_lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_takes_about_as_long_as_it_says(lesson):
    tasks = [step.task for step in lesson.steps if step.task is not None]
    asked = [task.text for task in tasks if isinstance(task, AnswerTask | ChooseTask)]
    texts = [*(step.text for step in lesson.steps), lesson.closing, *asked]
    answer, do = TASK_MINUTES[lesson.kind]
    doing = answer * len(asked) + do * (len(tasks) - len(asked))
    reading = sum(len(text.split()) for text in texts) / WORDS_A_MINUTE
    assert lesson.minutes == pytest.approx(reading + doing, abs=2)
    assert lesson.minutes <= 10


@pytest.mark.parametrize("lesson", shipped_lessons(), ids=lambda lesson: lesson.name)
def test_what_is_to_be_done_is_pointed_at_and_has_wrong_turns(lesson):
    for step in lesson.steps:
        if isinstance(step.task, DoTask):
            assert step.show.point or step.show.register or step.show.panel, step.name
            assert step.wrong, step.name
