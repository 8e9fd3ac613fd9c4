"""Judging what a learner did or answered, by the model alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.lessons.answers.answer_kind import (
    ORDERED,
    AnswerValues,
    is_same,
    parse_answer,
    parse_tolerance,
)
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.lesson import AnswerTask, ChooseTask, DoTask
from mtrrviz.lessons.revealing import reasons

if TYPE_CHECKING:
    from mtrrviz.lessons.lesson import LessonStep, WrongTurn
    from mtrrviz.lessons.situation import Situation

UNREADABLE = "unreadable"
"""The kind of an answer that is none: a word where a number was asked for."""
OTHER = "other"
"""The kind of a wrong answer for which the lesson has no advice."""


class Verdict(Record):
    """What came of a step.

    ``wrong`` is the kind of wrong answer or turn, "" if there is none (done, or nothing done yet);
    ``advice`` what the lesson says to it. ``lines`` explain: what a condition still lacks, or once
    it is done, why the answer is right. ``right`` is the model's answer, "" until it is done.
    """

    is_done: bool
    wrong: str = ""
    advice: str = ""
    lines: tuple[str, ...] = ()
    right: str = ""


def judge(step: LessonStep, situation: Situation, answer: str | None = None) -> Verdict:
    """Return what came of a step in a situation.

    ``answer`` is the learner's text; for a choice the numbers of options from 1, with commas. It
    does not count where something is to be done. A step that asks for nothing is done.

    Raises MtrrvizError where the scenario lacks what the lesson names.
    """
    if step.task is None:
        return Verdict(is_done=True)
    if isinstance(step.task, DoTask):
        return _judged_state(step, step.task, situation)
    if answer is None:
        return Verdict(is_done=False)
    if isinstance(step.task, AnswerTask):
        return _judged_answer(step, step.task, situation, answer)
    return _judged_choice(step, step.task, situation, answer)


def right_answer(step: LessonStep, situation: Situation) -> str:
    """Return the answer that the model gives, as a learner may write it; "" if none is asked for.

    For a choice these are the numbers of the right options.
    """
    match step.task:
        case AnswerTask():
            return answer_of(step.task.question, situation).words
        case ChooseTask():
            return ", ".join(map(str, right_options(step.task, situation)))
        case _:
            return ""


def right_options(task: ChooseTask, situation: Situation) -> list[int]:
    """Return the numbers of the options that are right, from 1."""
    return [
        number
        for number, option in enumerate(task.options, 1)
        if option.condition.judged(situation).holds
    ]


def _judged_state(step: LessonStep, task: DoTask, situation: Situation) -> Verdict:
    held = [condition.judged(situation) for condition in task.conditions]
    if all(each.holds for each in held):
        return Verdict(is_done=True, lines=_lines(step.reveal))
    missing = tuple(_sentence(each.words) for each in held if not each.holds)
    turn = next((turn for turn in step.wrong if _is_state(turn, situation)), None)
    if turn is None:
        return Verdict(is_done=False, lines=missing)
    return Verdict(is_done=False, wrong=turn.name, advice=turn.say, lines=missing)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _is_state(turn: WrongTurn, situation: Situation) -> bool:
    """Whether a wrong turn is one that was taken: its conditions hold."""
    conditions = turn.conditions
    return bool(conditions) and all(each.judged(situation).holds for each in conditions)


def _judged_answer(
    step: LessonStep, task: AnswerTask, situation: Situation, answer: str
) -> Verdict:
    right = answer_of(task.question, situation)
    try:
        given = parse_answer(right.kind, answer)
    except MtrrvizError as error:
        return Verdict(is_done=False, wrong=UNREADABLE, advice=str(error))
    tolerance = (0.0, 0.0)
    if task.tolerance is not None:
        tolerance = parse_tolerance(right.kind, task.tolerance)
    if right.values and is_same(given, right, tolerance):
        lines = (*_lines(step.reveal), *reasons(task.question, situation))
        return Verdict(is_done=True, lines=lines, right=right.words)
    turn = next((turn for turn in step.wrong if _is_turn(turn, given, right, situation)), None)
    if turn is None:
        return Verdict(is_done=False, wrong=OTHER, advice=_OTHER_ADVICE)
    return Verdict(is_done=False, wrong=turn.name, advice=turn.say)


_OTHER_ADVICE = "That is not it. Look again, or ask for a hint."


def _is_turn(
    turn: WrongTurn, given: AnswerValues, right: AnswerValues, situation: Situation
) -> bool:
    """Whether a wrong answer is of the kind that a turn describes."""
    if turn.same_as is not None:
        other = answer_of(turn.same_as, situation)
        return other.kind is given.kind and is_same(given, other)
    if turn.answer is not None:
        return is_same(given, parse_answer(right.kind, turn.answer))
    if turn.than is not None and given.kind in ORDERED:
        more = sorted(map(float, given.values)) > sorted(map(float, right.values))
        return more is (turn.than == "more")
    return _is_state(turn, situation)


def _judged_choice(
    step: LessonStep, task: ChooseTask, situation: Situation, answer: str
) -> Verdict:
    try:
        chosen = chosen_options(task, answer)
    except MtrrvizError as error:
        return Verdict(is_done=False, wrong=UNREADABLE, advice=str(error))
    right = right_options(task, situation)
    if chosen == right:
        held = [task.options[number - 1].condition.judged(situation) for number in right]
        words = tuple(_sentence(fact) for each in held for fact in each.facts)
        said = ", ".join(map(str, right))
        return Verdict(is_done=True, lines=(*_lines(step.reveal), *words), right=said)
    turn = next((turn for turn in step.wrong if _is_choice(turn, task, chosen, situation)), None)
    if turn is None:
        return Verdict(is_done=False, wrong=OTHER, advice=_OTHER_ADVICE)
    return Verdict(is_done=False, wrong=turn.name, advice=turn.say)


def chosen_options(task: ChooseTask, answer: str) -> list[int]:
    """Return the numbers of the options that an answer names, ascending.

    MtrrvizError if it names none, one that is not there, or several where one is asked for.
    """
    count = len(task.options)
    parts = {part.strip() for part in answer[:200].split(",")}
    numbers = sorted(int(part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) != len(parts) or not all(1 <= number <= count for number in numbers):
        raise MtrrvizError(f"this is no choice (expected numbers from 1 to {count})")
    if len(numbers) > 1 and not task.several:
        raise MtrrvizError("these are several choices (expected one)")
    return numbers


def _is_choice(turn: WrongTurn, task: ChooseTask, chosen: list[int], situation: Situation) -> bool:
    """Whether a wrong choice is of the kind that a turn describes: by its option's number."""
    if turn.answer is None:
        return _is_state(turn, situation)
    return chosen_options(task, turn.answer) == chosen


def _lines(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
