"""From the tables of a step to questions and conditions."""

from __future__ import annotations

from typing import Any, cast

from mtrrviz.lessons.answers.condition import (
    QUESTION_OPERATORS,
    AskedCondition,
    CombinedCondition,
    Combining,
    Comparing,
    Condition,
)
from mtrrviz.lessons.answers.questions import QUESTIONS, ModelQuestion
from mtrrviz.lessons.reading.part_source import PlaceError, converted

_DEEPEST = 4


def build_question(table: dict[str, Any], place: str) -> ModelQuestion:
    """Return the question of a table; PlaceError for what is wrong with it."""
    word = table.get("ask")
    if not isinstance(word, str) or word not in QUESTIONS:
        problem = f"there is no question {word!r}" if word else "the key 'ask' is missing"
        raise PlaceError(f"{place}.ask" if word else place, problem, ", ".join(QUESTIONS))
    kind = QUESTIONS[word]
    known = [*kind.__struct_fields__, "ask"]
    for key in table:
        if key not in known:
            expected = ", ".join(sorted(known))
            raise PlaceError(f"{place}.{key}", f"{word!r} has no such key", expected)
    return converted(table, kind, place)


def build_condition(table: dict[str, Any], place: str, depth: int = 0) -> Condition:
    """Return the condition of a table; PlaceError for what is wrong with it."""
    for combining in Combining:
        if combining in table:
            return CombinedCondition(combining, _parts(table, combining, place, depth))
    found = [word for word in Comparing if word in table]
    if len(found) != 1:
        problem = "there is nothing to compare with" if not found else "it compares twice"
        raise PlaceError(place, problem, f"one of {', '.join((*Comparing, *Combining))}")
    comparing = found[0]
    question = {k: v for k, v in table.items() if k not in (comparing, "tolerance")}
    return AskedCondition(
        build_question(question, place),
        comparing,
        _operand(table[comparing], comparing, f"{place}.{comparing}"),
        build_tolerance(table, place),
    )


def build_tolerance(table: dict[str, Any], place: str) -> str | float | None:
    """Return the tolerance of a table, None if it has none."""
    tolerance = table.get("tolerance")
    if tolerance is None or (isinstance(tolerance, (int, float, str)) and tolerance is not True):
        return tolerance
    raise PlaceError(f"{place}.tolerance", "this is no tolerance", "'5%', '1 ms' or a number")


def _operand(value: Any, comparing: Comparing, place: str) -> str | ModelQuestion:
    if comparing in QUESTION_OPERATORS:
        return build_question(as_table(value, place), place)
    if isinstance(value, (int, float, str)):
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    raise PlaceError(place, "this is no answer", "a number or text")


def _parts(table: dict[str, Any], key: str, place: str, depth: int) -> tuple[Condition, ...]:
    tables: list[Any] | Any = table[key]
    if len(table) > 1:
        raise PlaceError(place, f"{key!r} stands beside other keys", f"{key} = [...] alone")
    if depth >= _DEEPEST:
        raise PlaceError(place, "it is nested too deeply", f"at most {_DEEPEST} levels")
    rows = cast("list[Any]", tables) if isinstance(tables, list) else []
    if not 1 <= len(rows) <= 20:
        raise PlaceError(f"{place}.{key}", "this is no list of conditions", "1 to 20 tables")
    return tuple(
        build_condition(as_table(one, f"{place}.{key}[{at}]"), f"{place}.{key}[{at}]", depth + 1)
        for at, one in enumerate(rows)
    )


def as_table(value: Any, place: str) -> dict[str, Any]:
    """Return a value that is to be a table; PlaceError if it is none."""
    if not isinstance(value, dict):
        raise PlaceError(place, "this is no table", "{ ask = ... }")
    return cast("dict[str, Any]", value)
