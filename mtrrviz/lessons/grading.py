"""Grading: what a learner did is judged again by the model, whatever the file says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.lessons.judging import Verdict, judge
from mtrrviz.lessons.keeping import kept_scenario, situation_of
from mtrrviz.lessons.lesson import DoTask
from mtrrviz.lessons.opening import scenario_of, shown

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import Lesson, LessonStep
    from mtrrviz.lessons.progress import LessonProgress, StepProgress
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.scenario.model import Scenario


class StepGrade(Record):
    """What a step of a learner's comes to.

    ``tries`` are the answers up to the right one, or all; ``note`` says why it is not done, or
    what a teacher should know of it.
    """

    step: str
    is_done: bool
    tries: int
    hints: int
    answer: str = ""
    note: str = ""


class LessonGrade(Record):
    """What a learner's result comes to: the steps that ask for something, in order."""

    learner: str
    lesson: str
    steps: tuple[StepGrade, ...]

    @property
    def done(self) -> int:
        """The number of steps that are done."""
        return sum(step.is_done for step in self.steps)


def grade(progress: LessonProgress, lesson: Lesson) -> LessonGrade:
    """Return what a learner's result comes to, computed again from what was done.

    MtrrvizError if the result is that of another lesson, or the lesson does not hold.
    """
    if progress.lesson != lesson.name:
        raise MtrrvizError(
            f"this is a result of the lesson {progress.lesson!r} (expected {lesson.name!r})"
        )
    scenarios: dict[int, Scenario] = {}
    opened: Scenario | None = None
    steps: list[StepGrade] = []
    for step in lesson.steps:
        if step.show.scenario is not None:
            opened = scenario_of(step.show.scenario, lesson.file)
        if step.task is None or opened is None:
            continue
        done = progress.of(step.name)
        try:
            learners = _learners(step, done, progress, lesson, scenarios, opened)
            steps.append(_graded(step, done, learners))
        except MtrrvizError as error:
            steps.append(_not_done(step, done, str(error)))
    return LessonGrade(progress.learner, lesson.name, tuple(steps))


def _learners(
    step: LessonStep,
    done: StepProgress,
    progress: LessonProgress,
    lesson: Lesson,
    scenarios: dict[int, Scenario],
    opened: Scenario,
) -> Situation:
    """Return the situation that a learner was in; MtrrvizError if it is not of the lesson.

    For an answer what the step shows is shown again: nobody is to answer another question.
    """
    if done.situation is None:
        raise MtrrvizError("not done")
    number = done.situation.scenario
    if number not in scenarios:
        scenarios[number] = kept_scenario(progress, number, lesson)
    scenario = scenarios[number]
    _check_same_machine(scenario, opened)
    situation = situation_of(done.situation, scenario)
    if isinstance(step.task, DoTask):
        return situation
    return shown(structs.replace(step.show, scenario=None), situation, lesson.file)


def _check_same_machine(scenario: Scenario, opened: Scenario) -> None:
    """Refuse a scenario that is not the lesson's own, however it was edited."""
    found, wanted = scenario.machine, opened.machine
    same = (found.vcpus, found.regions, found.maxphyaddr, found.kind)
    if same != (wanted.vcpus, wanted.regions, wanted.maxphyaddr, wanted.kind):
        raise MtrrvizError(f"another machine than that of {opened.name} (expected the lesson's)")


def _graded(step: LessonStep, done: StepProgress, situation: Situation) -> StepGrade:
    if isinstance(step.task, DoTask):
        verdict = judge(step, situation)
        return StepGrade(step.name, verdict.is_done, 0, done.hints, note=_missing(verdict))
    for tries, answer in enumerate(done.answers, 1):
        verdict = judge(step, situation, answer)
        if verdict.is_done:
            return StepGrade(step.name, True, tries, done.hints, answer)
    return _not_done(step, done, "no answer is right" if done.answers else "no answer")


def _missing(verdict: Verdict) -> str:
    return "" if verdict.is_done else "; ".join(verdict.lines)


def _not_done(step: LessonStep, done: StepProgress, note: str) -> StepGrade:
    last = done.answers[-1] if done.answers else ""
    return StepGrade(step.name, False, len(done.answers), done.hints, last, note)


def grade_cells(graded: LessonGrade) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a table of a learner's steps."""
    header = ["step", "done", "tries", "hints", "answer", "note"]
    rows = [
        [
            step.step,
            "yes" if step.is_done else "no",
            str(step.tries) if step.tries else "",
            str(step.hints) if step.hints else "",
            step.answer,
            step.note,
        ]
        for step in graded.steps
    ]
    return header, rows
