"""Colour on terminals: how severe a problem is, and memory types, as the window tells them apart.

``--color`` decides; with "auto" a terminal gets colour unless NO_COLOR (no-color.org) is set or
the terminal calls itself dumb.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from typing import TextIO

_RESET = "\x1b[0m"
_BOLD_RED, _BOLD_YELLOW, _BOLD_CYAN = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"
_SEVERITIES = {"error": _BOLD_RED, "warning": _BOLD_YELLOW, "note": _BOLD_CYAN}
_TYPES = {
    "UC": "\x1b[31m",
    "UC-": "\x1b[31m",
    "WC": "\x1b[33m",
    "WT": "\x1b[36m",
    "WP": "\x1b[35m",
    "WB": "\x1b[32m",
}
_SEVERITY = re.compile(rf"^({'|'.join(_SEVERITIES)})(?=: )", re.MULTILINE)
_TYPE = re.compile(r"(?<![\w-])(UC-(?!\w)|(?:UC|WC|WT|WP|WB)(?![\w-]))")


class ColourWhen(StrEnum):
    """When to use colour. The values are the words of ``--color``."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _ColourChoice:
    """What the command line that runs asked for."""

    when = ColourWhen.AUTO


def choose(when: ColourWhen) -> None:
    """Decide for all that is printed from now on."""
    _ColourChoice.when = when


def is_coloured(stream: TextIO | None) -> bool:
    """Whether a stream gets colour."""
    if stream is None or _ColourChoice.when is not ColourWhen.AUTO:
        return _ColourChoice.when is ColourWhen.ALWAYS
    is_wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return is_wanted and stream.isatty()


def painted(text: str) -> str:
    """Return text with severities at the start of lines, and memory types, in their colours."""
    text = _TYPE.sub(lambda found: f"{_TYPES[found[0]]}{found[0]}{_RESET}", text)
    return _SEVERITY.sub(lambda found: f"{_SEVERITIES[found[0]]}{found[0]}{_RESET}", text)


def alarming(text: str) -> str:
    """Return text in the colour of errors."""
    return f"{_BOLD_RED}{text}{_RESET}"
