"""Lines that a web page or a program put on one line, taken apart."""

from __future__ import annotations

import re

MIN_JOINED_CHARS = 100
"""A shorter line is never two."""

_START = re.compile(r"(?<=\S)\s{1,4}(?=reg\d\d: base=0x|\[ {0,4}\d{1,5}\.\d{6}\] \S)")
_REGISTER = re.compile(
    r"(reg\d\d: base=0x.{1,80}?"
    r"(?:: [\w-]{4,16}, count=\d{1,9}|count=\d{1,9}: [\w-]{4,16}))\s+(\S.*)"
)


def taken_apart(line: str) -> list[str]:
    """Return the lines of /proc/mtrr or of dmesg that a line is made of, itself if it is one."""
    if len(line) < MIN_JOINED_CHARS:
        return [line]
    parts = _START.split(line)
    if len(parts) == 1:
        return parts
    return [text for part in parts for text in _apart_from_prose(part)]


def _apart_from_prose(part: str) -> list[str]:
    """Return a register of /proc/mtrr and the words behind it, any other line as it is."""
    match = _REGISTER.match(part)
    return [match[1], match[2]] if match else [part]
