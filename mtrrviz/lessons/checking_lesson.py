"""Whether a lesson holds: it is played to its end, and into each wrong turn that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers.answer_kind import AnswerKind
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.judging import judge, right_options
from mtrrviz.lessons.lesson import AnswerTask, ChooseTask, DoTask
from mtrrviz.lessons.lesson_fault import LessonFault
from mtrrviz.lessons.opening import shown
from mtrrviz.lessons.playing import gone_wrong, solved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.lessons.situation import Situation

_FITTING = {
    "number": {AnswerKind.NUMBER, AnswerKind.SIZE, AnswerKind.TIME, AnswerKind.VCPU},
    "address": {AnswerKind.ADDRESS},
    "predict": set(AnswerKind),
}


def check_lesson(lesson: Lesson) -> tuple[LessonFault, ...]:
    """Return what is wrong with a lesson that can be read, by line; nothing if it holds.

    Every name is looked up in the scenario, no task is done before anything was done, each has a
    solution or an answer that the model gives, and each wrong turn is recognised as itself.
    """
    faults: list[LessonFault] = []
    now: Situation | None = None
    for step in lesson.steps:
        try:
            now = shown(step.show, now, lesson.file)
            faults += _step_faults(step, now, lesson.file)
            now, _ = solved(step, now, lesson.file)
        except MtrrvizError as error:
            faults.append(LessonFault(step.line, f"step {step.name!r}: {error}"))
            if now is None:
                break
    return tuple(faults)


def _step_faults(step: LessonStep, now: Situation, file: str) -> Iterator[LessonFault]:
    """Yield what is wrong with one step."""
    for problem, expected in (*_task_problems(step, now), *_turn_problems(step, now, file)):
        yield LessonFault(step.line, f"step {step.name!r}: {problem}", expected)


def _task_problems(step: LessonStep, now: Situation) -> Iterator[tuple[str, str]]:
    if isinstance(step.task, DoTask) and judge(step, now).is_done:
        yield "it is done before anything was done", "a condition that does not hold at first"
    if isinstance(step.task, AnswerTask):
        right = answer_of(step.task.question, now)
        if not right.values:
            yield "the model has no answer", "a question that has one here"
        elif right.kind not in _FITTING[step.task.kind]:
            yield f"the answer is {right.kind}", f"a question for '{step.task.kind}'"
    if isinstance(step.task, ChooseTask):
        right_numbers = right_options(step.task, now)
        if not right_numbers or (len(right_numbers) > 1 and not step.task.several):
            found = f"{len(right_numbers)} options are right"
            yield found, "one, or more with several = true"


def _turn_problems(step: LessonStep, now: Situation, file: str) -> Iterator[tuple[str, str]]:
    """Yield where the solution does not do it, or a wrong turn is taken for something else."""
    if step.task is None:
        return
    after, answer = solved(step, now, file)
    verdict = judge(step, after, answer)
    if not verdict.is_done:
        found = "; ".join(verdict.lines) or verdict.advice
        yield f"the solution does not do it: {found}", "a solution after which it is done"
    for turn in step.wrong:
        wrong, answer = gone_wrong(step, turn, now)
        verdict = judge(step, wrong, answer)
        if verdict.is_done:
            yield f"the wrong turn {turn.name!r} is right", "one that is wrong here"
        elif verdict.wrong != turn.name:
            found = verdict.wrong or "no wrong turn"
            yield f"the wrong turn {turn.name!r} is taken for {found!r}", "turns that differ"
