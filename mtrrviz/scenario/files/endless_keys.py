"""Finding TOML keys of very many parts, which would keep the TOML reader busy for hours.

``a.b.c`` is a key of three parts. The standard library takes time and memory by the square of
their number. The text is read here as TOML reads it, comments and strings apart from keys, so that
no spelling of a key is missed and no prose in a string is taken for one.
"""

from __future__ import annotations

import re

#: Most parts of a key. No file of this program needs more than three.
MAX_KEY_PARTS = 8

_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_MORE = rf"[ \t]*+\.[ \t]*+{_PART}"
TOKENS = (
    r"#[^\n]*+",
    # A string of several lines may end in one or two quotes of its own.
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:"{3,5}+|\Z)',
    r"'''(?:[^']|'(?!''))*+(?:'{3,5}+|\Z)",
    rf"{_PART}(?:{_MORE}){{0,{MAX_KEY_PARTS - 1}}}+(?!{_MORE})",
    # Strings without an end, which are for the TOML reader to refuse.
    r'"(?!(?:[^"\\\n]|\\.)*+")[^\n]*+',
    r"'(?![^'\n]*+')[^\n]*+",
)
"""Patterns of comments, strings and keys; between two of them is no quote and no letter."""
_BETWEEN = r"[^\w\-\"'#]++"

# A key ends with its line: nearly every file can be passed by its dots alone.
_FEW_DOTS = re.compile(rf"(?:[^.\n]*+(?:\.[^.\n]*+){{0,{MAX_KEY_PARTS - 1}}}+(?:\n|\Z))*+\Z")
# Each character is looked at a few times at most, and what was passed is never tried again.
_WITHOUT_ENDLESS_KEYS = f"(?:{'|'.join((_BETWEEN, *TOKENS))})*+"


def endless_key_line(text: str) -> int | None:
    """Return the line, from 1, of the first key of more than MAX_KEY_PARTS parts, else None."""
    if _FEW_DOTS.match(text):
        return None
    passed = re.match(_WITHOUT_ENDLESS_KEYS, text)  # compiled only for the few that need it
    end = 0 if passed is None else passed.end()
    return None if end == len(text) else text.count("\n", 0, end) + 1
