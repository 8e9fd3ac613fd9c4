"""Values given in code: each is of its kind and in its range, or refused with what was expected.

A number of another library's integer type (numpy's) and the word of an enumeration become what
they mean; a float never becomes an integer, since 0.5 would silently be 0.
"""

from __future__ import annotations

import operator
from enum import Enum
from typing import TypeVar

from mtrrviz.scenario.scenario_error import ScenarioError, shown

_Choice = TypeVar("_Choice", bound=Enum)
#: Largest 64-bit register value.
U64_MAX = (1 << 64) - 1
#: Latest time that a column of int64 can hold, with room for a sum of two.
LAST_NS = (1 << 62) - 1
#: What to write for a time.
TIME_NS = f"a whole number of nanoseconds, 0 to {LAST_NS:.1e}"

#: What to write for a vCPU; which there are is for the machine to say.
A_VCPU = "the number of a vCPU, 0 or more"


def refused(place: str, value: object, expected: str) -> ScenarioError:
    """Return the error for a value at a place such as ``event.time_ns``."""
    return ScenarioError("", place, f"{shown(value)} is not possible here", expected, value=value)


def whole(value: object, place: str, most: int, expected: str = "", *, least: int = 0) -> int:
    """Return an integer from ``least`` to ``most``; ScenarioError otherwise."""
    expected = expected or f"an integer, {least} to {most}"
    if isinstance(value, bool):
        raise refused(place, value, expected)
    try:
        number = operator.index(value)  # pyright: ignore[reportArgumentType]
    except TypeError as error:
        raise refused(place, value, expected) from error
    if not least <= number <= most:
        raise refused(place, value, expected)
    return number


def time_ns(value: object, place: str) -> int:
    """Return a time in nanoseconds; ScenarioError for a fraction or what is no time."""
    return whole(value, place, LAST_NS, TIME_NS)


def choice(value: object, kinds: type[_Choice], place: str) -> _Choice:
    """Return the member that a value is, by its word or number; ScenarioError otherwise."""
    try:
        return kinds(value)
    except ValueError as error:
        known = ", ".join(str(kind.value) for kind in kinds)
        raise refused(place, value, f"one of {known}") from error


def text(value: object, place: str) -> str:
    """Return a text; ScenarioError for anything else."""
    if not isinstance(value, str):
        raise refused(place, value, "text")
    return value
