"""From a text to TOML data, or to what is wrong with the text and where."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mtrrviz.scenario.files.broad_text import too_broad
from mtrrviz.scenario.files.endless_keys import endless_key_line


class TomlError(Exception):
    """A text is no TOML; ``place`` is such as "line 3, column 1", or "" for the whole of it."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place, self.problem = place, problem


def toml_data(text: str) -> dict[str, Any]:
    """Return the data of a TOML text; TomlError if it is none, or would keep the reader busy."""
    line = endless_key_line(text)
    if line is not None:
        raise TomlError(f"line {line}", "a key has too many parts")
    broad = too_broad(text)
    if broad is not None:
        line, problem = broad
        raise TomlError(f"line {line}", problem)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TomlError(*_syntax_place(str(error))) from error
    except RecursionError as error:
        raise TomlError("", "it is nested too deeply") from error
    except ValueError as error:
        # tomllib passes on what int() says of a number with thousands of digits.
        raise TomlError("", "a number in it is far too long") from error


def _syntax_place(message: str) -> tuple[str, str]:
    """Split tomllib's message into a place and a problem."""
    problem, _, place = message.rpartition(" (at ")
    match = re.fullmatch(r"(line \d+, column \d+|end of document)\)", place)
    if match is None:
        return "", message or "this cannot be read"
    return match[1], problem
