"""What a lesson's file may say: its header, and the tables of its steps.

:mod:`mtrrviz.lessons.reading` turns them into a :class:`~mtrrviz.lessons.lesson.Lesson`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from mtrrviz.scenario.files.schema import EventFile, Number, Register, Seconds, StopFile, Strict
from mtrrviz.scenario.files.schema import Vcpu as VcpuNumber

Line = Annotated[str, Meta(min_length=1, max_length=500)]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,59}$")]
Tables = Annotated[tuple[dict[str, Any], ...], Meta(max_length=20)]


class HeaderFile(Strict, frozen=True):
    """The header of a lesson, between two lines of +++.

    ``needs`` are the names of lessons that come before it; ``order`` is its place in the course,
    or among the quizzes: those are listed apart.
    """

    title: Line
    goal: Line
    minutes: Annotated[int, Meta(ge=1, le=120)]
    needs: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    order: Annotated[int, Meta(ge=0, le=1000)] = 1000
    kind: Literal["lesson", "quiz"] = "lesson"


class ShowFile(Strict, frozen=True):
    """What is open and shown during a step; what is not named stays as it was.

    ``at`` is a time in seconds or "end"; ``bookmark`` and ``phase`` name moments of the scenario,
    ``moment`` is the first time that a stop condition is fulfilled. ``page`` is an address,
    ``region`` the name of a region; ``point`` the object name of the control to outline.
    """

    scenario: Line | None = None
    policy: Line | None = None
    compare: Line | None = None
    at: Seconds | Literal["end"] | None = None
    bookmark: Line | None = None
    phase: Line | None = None
    moment: StopFile | None = None
    page: Number | None = None
    region: Line | None = None
    start: Number | None = None
    size: Number | None = None
    vcpu: VcpuNumber | None = None
    register: Register | None = None
    panel: Line | None = None
    map: Literal["one", "side-by-side", "difference"] | None = None
    point: Line | None = None


class OptionFile(Strict, frozen=True):
    """A statement to choose, right if its condition holds."""

    text: Line
    when: dict[str, Any]


class ChooseFile(Strict, frozen=True):
    """Statements to choose from; ``several`` allows more than one to be right."""

    question: Line
    option: Annotated[tuple[OptionFile, ...], Meta(min_length=2, max_length=10)]
    several: bool = False


class WrongFile(Strict, frozen=True):
    """What to say to one kind of wrong answer.

    It applies if the answer is that of another question (``same_as``), is a value (``answer``), is
    less or more than the right one (``than``), or if conditions hold (``when``). ``play`` are
    events that lead to the latter and ``show`` what is shown then, for tests.
    """

    name: Name
    say: Annotated[str, Meta(min_length=1, max_length=2000)]
    same_as: dict[str, Any] | None = None
    answer: Annotated[str, Meta(max_length=200)] | None = None
    than: Literal["less", "more"] | None = None
    when: Tables | None = None
    play: Annotated[tuple[EventFile, ...], Meta(max_length=200)] = ()
    show: ShowFile | None = None


class SolutionFile(Strict, frozen=True):
    """The author's way to do a step, for checks: events to add, then what to show."""

    event: Annotated[tuple[EventFile, ...], Meta(max_length=200)] = ()
    show: ShowFile | None = None


class StepFile(Strict, frozen=True):
    """The block that ends a step. At most one of the tasks may be there."""

    name: Name
    title: Line | None = None
    show: ShowFile = ShowFile()
    do: Tables | None = None
    predict: dict[str, Any] | None = None
    number: dict[str, Any] | None = None
    address: dict[str, Any] | None = None
    choose: ChooseFile | None = None
    hints: Annotated[tuple[Line, ...], Meta(max_length=10)] = ()
    wrong: Annotated[tuple[WrongFile, ...], Meta(max_length=20)] = ()
    solution: SolutionFile | None = None
    reveal: Annotated[str, Meta(max_length=2000)] = ""


#: The keys of a step of which one may be there.
TASK_KEYS = ("do", "predict", "number", "address", "choose")
