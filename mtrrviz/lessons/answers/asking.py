"""Asking a question of the model: each kind of question has one function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.lessons.answers import (
    machine_answers,
    moment_answers,
    page_answers,
    run_answers,
)
from mtrrviz.lessons.answers.answer_kind import AnswerValues
from mtrrviz.lessons.situation import Situation

if TYPE_CHECKING:
    from mtrrviz.lessons.answers.questions import ModelQuestion

_Answering = Callable[[Any, Situation], AnswerValues]
_ANSWERS: dict[type[ModelQuestion], _Answering] = {
    **page_answers.ANSWERS,
    **run_answers.ANSWERS,
    **machine_answers.ANSWERS,
    **moment_answers.ANSWERS,
}


def answer_of(question: ModelQuestion, situation: Situation) -> AnswerValues:
    """Return what the model answers now.

    Raises MtrrvizError where the scenario has not what the question names.
    """
    if situation.scenario.machine.is_host and type(question) in run_answers.ANSWERS:
        raise MtrrvizError("a real machine has no leaves and no zaps (expected a guest)")
    return _ANSWERS[type(question)](question, situation)
