"""Lists of numbers as people write them: 1,2,4,...,255."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Longest list that is read.
_MOST_VALUES = 1000


def vcpu_list(text: str) -> list[int]:
    """Return numbers of vCPUs from "1,2,4,...,255"; MtrrvizError says what is wrong with a list."""
    values = number_list(text)
    if not all(value.is_integer() for value in values):
        raise MtrrvizError(f"{text!r}: a number of vCPUs is a whole number")
    return [int(value) for value in values]


def memory_list(text: str) -> list[float]:
    """Return sizes in GiB from "2,16" or "2GiB,16GiB"; MtrrvizError as for any list."""
    return number_list(text.replace("GiB", ""))


def number_list(text: str) -> list[float]:
    """Return the numbers of a list, with those that "..." stands for.

    "..." goes on as the two numbers before it do: by a whole factor, or else by their difference.
    MtrrvizError for what is no such list, or one that is too long.
    """
    values: list[float] = []
    going_on = False
    for word in text.split(","):
        if word.strip() == "...":
            going_on = _can_go_on(values, text)
        else:
            value = _number(word, text)
            if going_on:
                values += _between(values[-2], values[-1], value, text)
            values.append(value)
            going_on = False
    if going_on:
        raise MtrrvizError(f"{text!r}: a number must come after ...")
    return values


def _can_go_on(values: Sequence[float], text: str) -> bool:
    if len(values) < 2 or values[-2] >= values[-1]:
        raise MtrrvizError(f"{text!r}: two growing numbers must come before ...")
    return True


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        message = f"{text!r}: {word.strip()!r} is not a number above 0 (expected 1,2,4)"
        raise MtrrvizError(message)
    return value


def _between(before: float, last: float, end: float, text: str) -> list[float]:
    """Return what comes after ``last`` and before ``end``, by the factor or the step so far."""
    if end <= last:
        raise MtrrvizError(f"{text!r}: the number after ... must be larger")
    factor = last / before
    grows = factor.is_integer()
    found: list[float] = []
    value = last * factor if grows else 2 * last - before
    while value < end:
        found.append(value)
        if len(found) > _MOST_VALUES:
            raise MtrrvizError(f"{text!r} is more than {_MOST_VALUES} numbers")
        value = value * factor if grows else value + last - before
    return found
