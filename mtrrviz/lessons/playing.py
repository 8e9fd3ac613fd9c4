"""Playing a lesson without a window: to its end as its author does, and into its wrong turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers.answer_kind import ORDERED, AnswerValues, parse_tolerance
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.judging import right_answer
from mtrrviz.lessons.lesson import AnswerTask, DoTask
from mtrrviz.lessons.names_of_scenario import vcpu_of
from mtrrviz.lessons.opening import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.lessons.lesson import LessonStep, WrongTurn
    from mtrrviz.lessons.situation import Situation
    from mtrrviz.scenario.events import Event


def with_events(situation: Situation, events: Sequence[Event]) -> Situation:
    """Return the situation after an author's events, in the order of the file.

    MtrrvizError for a vCPU that the machine does not have.
    """
    scenario = situation.scenario
    for event in events:
        vcpu_of(event.vcpu, scenario.machine)
        scenario = scenario.inserting(event)
    return situation.of(scenario)


def solved(step: LessonStep, situation: Situation, file: str) -> tuple[Situation, str | None]:
    """Return the situation in which a step is done, and the answer to give there if there is one.

    ``file`` is the lesson's. MtrrvizError for what the scenario does not have.
    """
    if not isinstance(step.task, DoTask):
        return situation, right_answer(step, situation) or None
    if step.solution is None:
        raise MtrrvizError("there is no solution (expected [solution])")
    after = with_events(situation, step.solution.events)
    if step.solution.show is not None:
        after = shown(step.solution.show, after, file)
    return after, None


def gone_wrong(
    step: LessonStep, turn: WrongTurn, situation: Situation
) -> tuple[Situation, str | None]:
    """Return the situation and the answer that take a wrong turn of a step."""
    if turn.conditions:
        there = with_events(situation, turn.play)
        if turn.show is not None:
            there = shown(turn.show, there, "")
        return there, None if isinstance(step.task, DoTask) else "1"
    if turn.answer is not None:
        return situation, turn.answer
    if turn.same_as is not None:
        return situation, answer_of(turn.same_as, situation).words
    return situation, _off(step, turn, situation)


def _off(step: LessonStep, turn: WrongTurn, situation: Situation) -> str:
    """Return an answer that is less or more than the right one, beyond its tolerance."""
    if not isinstance(step.task, AnswerTask):
        raise MtrrvizError("a choice is not less or more (expected answer = '2')")
    right = answer_of(step.task.question, situation)
    if right.kind not in ORDERED or len(right.values) != 1:
        raise MtrrvizError(f"{right.words} has no less or more (expected answer or same_as)")
    (value,) = right.values
    absolute, relative = (
        (0.0, 0.0)
        if step.task.tolerance is None
        else parse_tolerance(right.kind, step.task.tolerance)
    )
    number = float(value)
    distance = int(max(absolute, relative * abs(number))) + 1
    off = int(number) + distance + 1 if turn.than == "more" else max(0, int(number) - distance)
    return AnswerValues(right.kind, frozenset({off})).words
