"""The filter language of the tables: words and ``field:value`` terms, all of which must hold.

Commas separate alternatives: ``vcpu:1,2 msr:2ff`` keeps rows of vCPU 1 or 2 that are about MSR
0x2ff. ``deftype`` keeps rows in which that word occurs anywhere. A leading minus excludes:
``-kind:init``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record

Mask = NDArray[np.bool_]
#: Returns for a value of a field which rows have it.
Matcher = Callable[[str], Mask]


class Term(Record):
    """One condition: any of ``values`` in ``field`` ("" is the whole row), or none if negated."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


def parse_filter(text: str) -> tuple[Term, ...]:
    """Return the terms of a filter; all of them must hold."""
    return tuple(_term(word) for word in text.lower().split())


def _term(word: str) -> Term:
    negated = word.startswith("-") and len(word) > 1
    field, colon, values = word.removeprefix("-" if negated else "").partition(":")
    if not colon:
        field, values = "", field
    return Term(field, tuple(filter(None, values.split(","))), negated)


def check_filter(text: str, known: Collection[str]) -> tuple[Term, ...]:
    """Return the terms of a filter; :class:`MtrrvizError` for a field that is not ``known``."""
    terms = parse_filter(text)
    for term in terms:
        if term.field not in known:
            names = ", ".join(sorted(filter(None, known)))
            raise MtrrvizError(f"{term.field} is not a column to filter by; known are {names}")
    return terms


def filter_mask(text: str, rows: int, fields: Mapping[str, Matcher]) -> Mask:
    """Return which of ``rows`` rows a filter keeps, bool (rows,).

    ``fields`` maps a field's name to its matcher, "" to that of free words. A field without a
    value keeps everything, so that rows do not vanish while a user types.
    Raises :class:`MtrrvizError` on an unknown field.
    """
    kept = np.ones(rows, bool)
    for term in check_filter(text, fields):
        if term.values:
            found = np.logical_or.reduce([fields[term.field](value) for value in term.values])
            kept &= found != term.negated
    return kept


def number_matcher(values: Sequence[Any], base: int = 10) -> Matcher:
    """Return a matcher of whole numbers; what is no number matches nothing."""

    def match(value: str) -> Mask:
        try:
            wanted = int(value, base)
        except ValueError:
            return np.zeros(len(values), bool)
        return np.array([number == wanted for number in values], bool)

    return match


def text_matcher(texts: Sequence[str]) -> Matcher:
    """Return a matcher of a part of a text; ``texts`` must be in lower case."""
    return lambda value: np.array([value in text for text in texts], bool)
