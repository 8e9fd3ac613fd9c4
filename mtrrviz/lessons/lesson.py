"""A lesson as a value: its steps, what each shows, and the task that each sets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.lessons.answers.condition import Condition
    from mtrrviz.lessons.answers.questions import ModelQuestion
    from mtrrviz.lessons.lesson_schema import ShowFile
    from mtrrviz.scenario.events import Event


class LessonKind(StrEnum):
    """What a lesson is for. The values are the words of files."""

    LESSON = "lesson"
    """A part of the course."""
    QUIZ = "quiz"
    """Tasks about an incident, to be solved before its story is told."""


class DoTask(Record):
    """Reach a state in which all conditions hold, in whatever way."""

    conditions: tuple[Condition, ...]


class AnswerTask(Record):
    """Answer a question that the model knows the answer to.

    ``kind`` is the key of the file: "predict", "number" or "address". ``tolerance`` is as in the
    file, None for exact answers.
    """

    kind: Literal["predict", "number", "address"]
    text: str
    question: ModelQuestion
    tolerance: str | float | None = None


class Option(Record):
    """A statement that is right if the condition holds."""

    text: str
    condition: Condition


class ChooseTask(Record):
    """Choose the statements that are right: one, or with ``several`` any number from one."""

    text: str
    options: tuple[Option, ...]
    several: bool = False


Task = DoTask | AnswerTask | ChooseTask


class WrongTurn(Record):
    """One kind of wrong answer, and what to say to it; exactly one of the four tests is there.

    ``play`` are events that lead to a state in which ``conditions`` hold, once ``show`` is shown.
    """

    name: str
    say: str
    same_as: ModelQuestion | None = None
    answer: str | None = None
    than: Literal["less", "more"] | None = None
    conditions: tuple[Condition, ...] = ()
    play: tuple[Event, ...] = ()
    show: ShowFile | None = None


class StepSolution(Record):
    """The author's way to do a step: events to add, then what to show."""

    events: tuple[Event, ...]
    show: ShowFile | None = None


class LessonStep(Record):
    """One step: ``text`` is its Markdown, ``line`` that of its block in the file, from 1."""

    name: str
    title: str
    text: str
    line: int
    show: ShowFile
    task: Task | None = None
    hints: tuple[str, ...] = ()
    wrong: tuple[WrongTurn, ...] = ()
    solution: StepSolution | None = None
    reveal: str = ""


class Lesson(Record):
    """A lesson. ``name`` is the name of its file; ``closing`` is the text after the last step."""

    name: str
    file: str
    title: str
    goal: str
    minutes: int
    order: int
    needs: tuple[str, ...]
    steps: tuple[LessonStep, ...]
    closing: str = ""
    kind: LessonKind = LessonKind.LESSON

    @property
    def task_count(self) -> int:
        """The number of steps that ask for something."""
        return sum(step.task is not None for step in self.steps)
