"""Slips of the hand in commands, names and ids: what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LETTERS_A_SLIP = 4
"""In a word of so many letters more, another slip is likely: "rnu" has one, "polcise" two."""
_LEAST_START = 3
"""So many letters of a name say which is meant."""
_MOST_MEANT = 3
"""Of more names nobody knows which was meant, and all are listed anyway."""
_LONGEST = 100
"""Names are shorter; a longer word is a path."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean lagging-ap? " for a word that is nearly a known one, else "".

    Near are the names that the fewest slips lead to (a letter too many, missing, another, or two
    swapped), at most one in every four letters; without any, those that begin with the word.
    """
    meant = _meant(word.lower(), list(known)) if len(word) <= _LONGEST else []
    if not 0 < len(meant) <= _MOST_MEANT:
        return ""
    *others, last = meant
    return f"did you mean {', '.join(others)} or {last}? " if others else f"did you mean {last}? "


def _meant(word: str, known: Sequence[str]) -> list[str]:
    slips = {name: slips_between(word, name.lower()) for name in known}
    least = min(slips.values(), default=0)
    if least <= (len(word) + 1) // _LETTERS_A_SLIP:
        return [name for name, count in slips.items() if count == least]
    if len(word) < _LEAST_START:
        return []
    return [name for name in known if name.lower().startswith(word)]


def slips_between(one: str, two: str) -> int:
    """Return the fewest slips that make one word of another."""
    before: list[int] = []
    above = list(range(len(two) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, other in enumerate(two, 1):
            cost = min(
                above[column] + 1, here[column - 1] + 1, above[column - 1] + (letter != other)
            )
            if row > 1 and column > 1 and letter == two[column - 2] and one[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, above = above, here
    return above[-1]
