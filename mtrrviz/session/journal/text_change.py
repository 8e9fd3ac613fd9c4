"""How one text becomes the next, in as few characters as its middle has."""

from __future__ import annotations

from typing import NamedTuple

_BLOCK = 4096


class TextChange(NamedTuple):
    """``middle`` stands between the first ``before`` and last ``after`` characters of a text."""

    before: int
    middle: str
    after: int

    def of(self, text: str) -> str:
        """Return the changed text; ValueError if ``text`` is too short for it."""
        if self.before < 0 or self.after < 0 or self.before + self.after > len(text):
            raise ValueError("a change of another text")
        return text[: self.before] + self.middle + text[len(text) - self.after :]


def change_between(old: str, new: str) -> TextChange:
    """Return the change that makes ``new`` of ``old``."""
    before = _common(old, new, min(len(old), len(new)))
    after = _common(old[::-1], new[::-1], min(len(old), len(new)) - before)
    return TextChange(before, new[before : len(new) - after], after)


def _common(one: str, two: str, most: int) -> int:
    """Return how many characters both begin with, at most ``most``."""
    place = 0
    while place < most and one[place : place + _BLOCK] == two[place : place + _BLOCK]:
        place += _BLOCK
    place = min(place, most)
    while place < most and one[place] == two[place]:
        place += 1
    return place
