"""From a step's block to the step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mtrrviz.lessons.lesson import (
    AnswerTask,
    ChooseTask,
    DoTask,
    LessonStep,
    Option,
    StepSolution,
    WrongTurn,
)
from mtrrviz.lessons.lesson_schema import TASK_KEYS, StepFile
from mtrrviz.lessons.reading.conditions import build_condition, build_question, build_tolerance
from mtrrviz.lessons.reading.part_source import PlaceError, converted
from mtrrviz.scenario.files.checking.scenario_building import Builder
from mtrrviz.scenario.files.source import ScenarioSource
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.lessons.lesson import Task
    from mtrrviz.lessons.lesson_schema import ChooseFile, SolutionFile, WrongFile
    from mtrrviz.lessons.reading.blocks import StepBlock
    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.files.schema import EventFile


def build_step(block: StepBlock, data: dict[str, Any]) -> LessonStep:
    """Return the step of a block; PlaceError for what is wrong with it."""
    content = converted(data, StepFile)
    tasks = [key for key in TASK_KEYS if getattr(content, key) is not None]
    if len(tasks) > 1:
        raise PlaceError(tasks[1], f"the step has the task {tasks[0]!r} already", "one task a step")
    _check_keys(content, tasks)
    return LessonStep(
        name=content.name,
        title=content.title or block.heading or content.name,
        text=block.prose,
        line=block.toml.line - 1,
        show=content.show,
        task=_task(content, tasks[0]) if tasks else None,
        hints=tuple(content.hints),
        wrong=tuple(_wrong(one, f"wrong[{at}]") for at, one in enumerate(content.wrong)),
        solution=content.solution and _solution(content.solution),
        reveal=content.reveal,
    )


def _check_keys(content: StepFile, tasks: list[str]) -> None:
    """Refuse what says nothing without the task that it belongs to, and a do without a solution."""
    if not tasks:
        for key in ("hints", "wrong", "solution"):
            if getattr(content, key):
                raise PlaceError(key, "the step asks for nothing", f"one of {', '.join(TASK_KEYS)}")
    elif tasks[0] == "do" and content.solution is None:
        raise PlaceError("do", "there is no solution to check it by", "[solution]")
    elif tasks[0] != "do" and content.solution is not None:
        raise PlaceError("solution", "the model knows the answer", "a solution only beside 'do'")
    if tasks == ["do"]:
        for at, one in enumerate(content.wrong):
            if one.when is None:
                raise PlaceError(f"wrong[{at}]", "nothing is answered here", "when = [...]")


def _task(content: StepFile, key: str) -> Task:
    if content.do is not None:
        if not content.do:
            raise PlaceError("do", "there is no condition", "[[do]]")
        return DoTask(tuple(build_condition(one, f"do[{at}]") for at, one in enumerate(content.do)))
    if content.choose is not None:
        return _choose(content.choose)
    table: dict[str, Any] = getattr(content, key)
    text = table.get("question")
    if not isinstance(text, str) or not text.strip() or len(text) > 500:
        raise PlaceError(key, "the key 'question' is missing", "question = '...'")
    asked = {k: v for k, v in table.items() if k not in ("question", "tolerance")}
    kind = cast("Any", key)
    return AnswerTask(kind, text, build_question(asked, key), build_tolerance(table, key))


def _choose(content: ChooseFile) -> ChooseTask:
    options = tuple(
        Option(one.text, build_condition(one.when, f"choose.option[{at}].when"))
        for at, one in enumerate(content.option)
    )
    return ChooseTask(content.question, options, content.several)


def _wrong(content: WrongFile, place: str) -> WrongTurn:
    tests = [key for key in ("same_as", "answer", "than", "when") if getattr(content, key)]
    if len(tests) != 1:
        problem = "it does not say which answer is meant" if not tests else "it means two answers"
        raise PlaceError(place, problem, "one of same_as, answer, than, when")
    if content.when and not content.play and content.show is None:
        expected = "[[wrong.play]] events or [wrong.show] beside 'when'"
        raise PlaceError(place, "nothing leads there", expected)
    if content.show is not None and content.show.scenario is not None:
        problem = "a wrong turn opens no scenario"
        raise PlaceError(f"{place}.show.scenario", problem, "what the open one has")
    when = enumerate(content.when or ())
    return WrongTurn(
        name=content.name,
        say=content.say,
        same_as=build_question(content.same_as, f"{place}.same_as") if content.same_as else None,
        answer=content.answer,
        than=content.than,
        conditions=tuple(build_condition(one, f"{place}.when[{at}]") for at, one in when),
        play=_events(content.play, f"{place}.play"),
        show=content.show,
    )


def _solution(content: SolutionFile) -> StepSolution:
    return StepSolution(_events(content.event, "solution.event"), content.show)


def _events(content: Sequence[EventFile], place: str) -> tuple[Event, ...]:
    """Return events in the language of scenario files; PlaceError for what is wrong with one."""
    builder = Builder(ScenarioSource(""), Path())
    events: list[Event] = []
    for at, one in enumerate(content):
        where = f"{place}[{at}]"
        try:
            events.append(builder.event(one, where))
        except ScenarioError as error:
            raise PlaceError(error.place, error.problem, error.expected) from error
    return tuple(events)
