"""Kinds of answers: how each is written by a learner, shown, and compared."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.units import format_gpa, format_size, parse_address, parse_size
from mtrrviz.facts.time_text import parse_time_ns, short_clock_text

if TYPE_CHECKING:
    from collections.abc import Callable

Value = int | float | str
"""A memory type's name or a word; a number, an address or bytes; nanoseconds."""

UC_MINUS = "UC-"
"""The type that only the PAT has."""
LONGEST_ANSWER = 200
"""Characters of an answer that are read at most."""


class AnswerKind(StrEnum):
    """What an answer is. The values are the words of messages."""

    TYPE = "a memory type"
    NUMBER = "a number"
    SIZE = "a size"
    ADDRESS = "an address or a register's value"
    TIME = "a time"
    VCPU = "a vCPU"
    WORD = "a word"
    YES_NO = "yes or no"


#: Kinds of which less and more make sense.
ORDERED = frozenset({AnswerKind.NUMBER, AnswerKind.SIZE, AnswerKind.ADDRESS, AnswerKind.TIME})
#: Kinds of which an answer may name several, with commas between them.
LISTED = frozenset({AnswerKind.TYPE, AnswerKind.VCPU, AnswerKind.WORD})
_EXAMPLES = {
    AnswerKind.TYPE: "WB, WT, WP, WC or UC",
    AnswerKind.NUMBER: "a number such as 84",
    AnswerKind.SIZE: "a size such as 2 MiB",
    AnswerKind.ADDRESS: "hex such as 0x8000_0000, or e.g. 2 GiB",
    AnswerKind.TIME: "a time such as 6.9 s or 850 ms",
    AnswerKind.VCPU: "the number of a vCPU, such as 0",
    AnswerKind.WORD: "a word",
    AnswerKind.YES_NO: "yes or no",
}
_NUMBER = re.compile(
    r"(?P<number>[+-]?\d{1,18}(?:\.\d{1,9})?)\s*(?:zaps?|leaves|leaf|Mcycles)?", re.I
)


class AnswerValues(Record):
    """What the model or a learner answers: one value, several, or none."""

    kind: AnswerKind
    values: frozenset[Value]

    @property
    def words(self) -> str:
        """The values as the program writes them, in order; "none" for no value."""
        ordered = sorted(self.values, key=lambda value: (isinstance(value, str), value))
        shown = [value_words(self.kind, value) for value in ordered[:_MOST_SHOWN]]
        more = len(ordered) - len(shown)
        return ", ".join([*shown, *([f"{more} more"] if more else [])]) or "none"


_MOST_SHOWN = 8


def one(kind: AnswerKind, value: Value) -> AnswerValues:
    """Return an answer of one value."""
    return AnswerValues(kind, frozenset({value}))


def value_words(kind: AnswerKind, value: Value) -> str:
    """Return one value as the program writes it."""
    if isinstance(value, str):
        return value
    match kind:
        case AnswerKind.SIZE:
            return format_size(int(value), exact=True)
        case AnswerKind.ADDRESS:
            return format_gpa(int(value))
        case AnswerKind.TIME:
            return short_clock_text(int(value))
        case _:
            return (
                f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
            )


def example(kind: AnswerKind) -> str:
    """Return how an answer of this kind is written."""
    return _EXAMPLES[kind]


def parse_answer(kind: AnswerKind, text: str) -> AnswerValues:
    """Return the answer that a text means; MtrrvizError, with an example, if it means none."""
    short = " ".join(text.split())
    if not short or len(short) > LONGEST_ANSWER:
        raise MtrrvizError(f"this is no answer (expected {example(kind)})")
    parts = short.split(",") if kind in LISTED else [short]
    try:
        return AnswerValues(kind, frozenset(_PARSERS[kind](part.strip()) for part in parts))
    except (ValueError, InvalidOperation, MtrrvizError):
        raise MtrrvizError(f"{short!r} is not {kind} (expected {example(kind)})") from None


def _memory_type(text: str) -> str:
    """Return a type's name; "none" is what pages without a leaf have.

    "undefined" is what the SDM says where it has no rule for an overlap.
    """
    if text.lower() in ("none", "undefined"):
        return text.lower()
    if text.upper() == UC_MINUS:
        return UC_MINUS
    for one_type in MemoryType:
        names = (one_type.name, one_type.long_name, one_type.linux_name)
        if text.lower().replace("-", " ") in {name.lower().replace("-", " ") for name in names}:
            return one_type.name
    return _refuse(text)


def _vcpu(text: str) -> int:
    match = re.fullmatch(r"(?:v?CPU\s*)?(\d{1,3})", text, re.IGNORECASE)
    return int(match[1]) if match else int(_refuse(text))


def _number(text: str) -> Value:
    plain = text.replace(",", "").replace("_", "")
    if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", plain):
        return int(plain, 16)
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return _refuse(text)
    number = Decimal(match["number"])
    return int(number) if number == int(number) else float(number)


def _refuse(text: str) -> str:
    raise ValueError(text)


_YES_NO = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}
_PARSERS: dict[AnswerKind, Callable[[str], Value]] = {
    AnswerKind.TYPE: _memory_type,
    AnswerKind.NUMBER: _number,
    AnswerKind.SIZE: parse_size,
    AnswerKind.ADDRESS: parse_address,
    AnswerKind.TIME: lambda text: parse_time_ns(text, takes_distance=False),
    AnswerKind.VCPU: _vcpu,
    AnswerKind.WORD: lambda text: text or _refuse(text),
    AnswerKind.YES_NO: lambda text: _YES_NO.get(text.lower()) or _refuse(text),
}


def parse_tolerance(kind: AnswerKind, tolerance: str | float) -> tuple[float, float]:
    """Return (absolute, relative) tolerance: "5%", "1 ms", "4 KiB", 0.5.

    MtrrvizError for anything else, and for kinds that have no more or less.
    """
    if kind not in ORDERED:
        raise MtrrvizError(f"{kind} has no tolerance (expected no tolerance)")
    text = str(tolerance).strip()
    if text.endswith("%"):
        return 0.0, float(_plain(text[:-1])) / 100
    if isinstance(tolerance, (int, float)):
        return float(_plain(text)), 0.0
    (value,) = parse_answer(kind, text).values
    return float(value), 0.0


def _plain(text: str) -> str:
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text.strip()) is None:
        raise MtrrvizError(f"{text!r} is no tolerance (expected e.g. '5%', 0.5 or '1 ms')")
    return text


def is_same(
    given: AnswerValues, right: AnswerValues, tolerance: tuple[float, float] = (0.0, 0.0)
) -> bool:
    """Return whether two answers of one kind are the same, numbers within a tolerance."""
    if given.kind is AnswerKind.WORD:
        return _folded(given) == _folded(right)
    if len(given.values) == len(right.values) == 1 and given.kind in ORDERED:
        return _is_near(next(iter(given.values)), next(iter(right.values)), tolerance)
    return given.values == right.values


def _folded(answer: AnswerValues) -> set[str]:
    return {str(value).casefold() for value in answer.values}


def _is_near(given: Value, right: Value, tolerance: tuple[float, float]) -> bool:
    """Return whether two numbers are as near as a tolerance allows; exact without one."""
    if given == right or isinstance(given, str) or isinstance(right, str):
        return given == right
    absolute, relative = tolerance
    return abs(given - right) <= max(absolute, relative * abs(right)) > 0
