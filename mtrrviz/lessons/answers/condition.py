"""Conditions of a lesson: a question of the model and what its answer is to be."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.lessons.answers.answer_kind import (
    ORDERED,
    AnswerValues,
    is_same,
    one,
    parse_answer,
    parse_tolerance,
)
from mtrrviz.lessons.answers.asking import answer_of
from mtrrviz.lessons.answers.question_words import question_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.lessons.answers.questions import ModelQuestion
    from mtrrviz.lessons.situation import Situation


class Comparing(StrEnum):
    """How the answer is compared. The values are the keys of files."""

    IS = "is"
    """There is an answer, and only this one."""
    IS_NOT = "is_not"
    """The answer is another one, or none."""
    HAS = "has"
    """This is among the answers."""
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    SAME_AS = "same_as"
    """The answer is that of another question."""
    AMONG = "among"
    """There is an answer, and another question has it as well: one of several moments, say."""


_WORDS = {
    Comparing.IS: "should be",
    Comparing.IS_NOT: "should not be",
    Comparing.HAS: "should include",
    Comparing.AT_MOST: "should be at most",
    Comparing.AT_LEAST: "should be at least",
    Comparing.SAME_AS: "should be",
    Comparing.AMONG: "should be one of",
}
QUESTION_OPERATORS = frozenset({Comparing.SAME_AS, Comparing.AMONG})


class Held(Record):
    """Whether a condition holds now, and in words what is and what is to be.

    ``facts`` are what is, alone, each once: what there is to say of a condition that holds.
    """

    holds: bool
    words: str
    facts: tuple[str, ...]


class AskedCondition(Record):
    """A question and what its answer is to be: text as a learner would write it, or a question."""

    question: ModelQuestion
    comparing: Comparing
    operand: str | ModelQuestion
    tolerance: str | float | None = None

    def judged(self, situation: Situation) -> Held:
        """Return whether it holds; MtrrvizError where the scenario lacks what it names."""
        found = answer_of(self.question, situation)
        if isinstance(self.operand, str):
            wanted = parse_answer(found.kind, self.operand)
            words = wanted.words
        else:
            wanted = answer_of(self.operand, situation)
            _check_kinds(found, wanted)
            words = question_words(self.operand, situation)  # the answer is for the learner to find
        holds = self._compare(found, wanted)
        subject = question_words(self.question, situation)
        fact = f"{subject} is {found.words}"
        return Held(holds, f"{fact}; it {_WORDS[self.comparing]} {words}", (fact,))

    def _compare(self, found: AnswerValues, wanted: AnswerValues) -> bool:
        tolerance = (0.0, 0.0)
        if self.tolerance is not None:
            tolerance = parse_tolerance(found.kind, self.tolerance)
        match self.comparing:
            case Comparing.IS | Comparing.SAME_AS:
                return bool(found.values) and is_same(found, wanted, tolerance)
            case Comparing.IS_NOT:
                return not is_same(found, wanted, tolerance)
            case Comparing.HAS:
                return found.values >= wanted.values
            case Comparing.AMONG:
                return bool(found.values) and all(
                    any(is_same(each, other, tolerance) for other in _apart(wanted))
                    for each in _apart(found)
                )
            case Comparing.AT_MOST:
                return max(_numbers(found)) <= min(_numbers(wanted))
            case Comparing.AT_LEAST:
                return min(_numbers(found)) >= max(_numbers(wanted))


def _check_kinds(found: AnswerValues, wanted: AnswerValues) -> None:
    """Refuse to compare answers of two kinds, as a type with a number."""
    if found.kind is not wanted.kind:
        raise MtrrvizError(f"{found.kind} is compared with {wanted.kind} (expected one kind)")


def _apart(answer: AnswerValues) -> list[AnswerValues]:
    return [one(answer.kind, value) for value in answer.values]


def _numbers(answer: AnswerValues) -> Sequence[float]:
    """Return the values to compare by size; MtrrvizError for words and for no value."""
    numbers = [value for value in answer.values if not isinstance(value, str)]
    if answer.kind not in ORDERED or not numbers:
        raise MtrrvizError(f"{answer.words} has no more or less (expected {Comparing.IS} = ...)")
    return numbers


class Combining(StrEnum):
    """How many of several conditions are to hold. The values are the keys of files."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class CombinedCondition(Record):
    """Several conditions of which all, any or none are to hold."""

    combining: Combining
    parts: tuple[Condition, ...]

    def judged(self, situation: Situation) -> Held:
        """Return whether it holds; see :meth:`AskedCondition.judged`."""
        held = [part.judged(situation) for part in self.parts]
        facts = tuple(dict.fromkeys(fact for each in held for fact in each.facts))
        match self.combining:
            case Combining.ALL:
                missing = [each.words for each in held if not each.holds]
                words = "; ".join(missing or [each.words for each in held])
                return Held(not missing, words, facts)
            case Combining.ANY:
                words = "; or ".join(each.words for each in held)
                return Held(any(each.holds for each in held), words, facts)
            case Combining.NONE:
                found = [each.words for each in held if each.holds]
                words = "; ".join(each.words for each in held)
                return Held(not found, f"this is not to be so: {words}", facts)


Condition = AskedCondition | CombinedCondition
