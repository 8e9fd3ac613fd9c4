"""Which term of the glossary stands at a place of a text, as a reader points at it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mtrrviz.handbook.handbook import the_handbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.handbook.help_page import HelpPage

#: Words for a term that are not its name, by the address of the term.
_OTHER_WORDS = {
    "effective-memory-type": ("effective type",),
    "ept-violation": ("fault",),
    "huge-page": ("large leaf",),
    "leaf": ("leaves",),
    "overlap": ("overlapping",),
    "stale-leaf": ("stale",),
    "variable-range": ("variable pair",),
}
#: Names that are everyday words as well, and seldom mean the term in a text.
_EVERYDAY = frozenset({"run", "level", "E"})
_ENDING = r"(?:'s|s|es|ing|ped)?"


def term_at(text: str, place: int) -> HelpPage | None:
    """Return the term whose name covers a place of a text, None if there is none; long names win.

    ``place`` counts characters; that before the first one of a name counts as on it.
    """
    found = next((m for m in _names().finditer(text) if m.start() <= place <= m.end()), None)
    return None if found is None else _terms()[_folded(found["name"])]


@cache
def _terms() -> dict[str, HelpPage]:
    """Return the terms by what they may be called in a text."""
    return {_folded(word): term for term in the_handbook().terms for word in _words_for(term)}


def _words_for(term: HelpPage) -> Iterator[str]:
    for name in (*term.names, *_OTHER_WORDS.get(term.address.rpartition("/")[2], ())):
        for word in (name, *name.split(" and ")):
            if "(" not in word and word not in _EVERYDAY and _folded(word) not in _EVERYDAY:
                yield word


def _folded(word: str) -> str:
    """Return a word as it is looked up: short forms such as PAT keep their capitals."""
    return word if word.isupper() else word.lower()


@cache
def _names() -> re.Pattern[str]:
    ordered = sorted(_terms(), key=len, reverse=True)
    parts = (re.escape(word) if word.isupper() else f"(?i:{re.escape(word)})" for word in ordered)
    return re.compile(rf"(?<![\w-])(?P<name>{'|'.join(parts)}){_ENDING}(?![\w-])")
