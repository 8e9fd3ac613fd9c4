"""Values of a scenario file, written as a person would write them.

Each has ``text``, which gets what stands in the file now, if there is something, and follows its
way of writing: hex with or without underscores, a register's name or number, bytes or GiB.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Protocol

import msgspec

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import format_size

_GROUPED_DIGITS = 6
"""Hex numbers of so many digits are grouped; people leave 0xC0000 as it is."""
_ROUND_UNITS = 1024
"""A size of at most so many units reads better than an end does."""


class Spelled(Protocol):
    """A value that can be written in a file."""

    def text(self, old: str | None = None) -> str:
        """Return the value as TOML, in the way of ``old``, the TOML that it replaces."""
        ...


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A value that is written in one way only."""

    value: str | int | float | tuple[str, ...]

    def text(self, old: str | None = None) -> str:
        """Return the value as TOML; a text of several lines as such."""
        del old
        value = self.value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, tuple):
            return f"[{', '.join(map(_quoted, value))}]"
        if not isinstance(value, str):
            return repr(value)
        return _quoted_lines(value) if "\n" in value else _quoted(value)


class Hex(msgspec.Struct, frozen=True, gc=False):
    """A number that is written in hex, with ``digits`` at least where its zeros say something."""

    value: int
    digits: int = 0

    def text(self, old: str | None = None) -> str:
        """Return hex digits, in groups of four if there are many."""
        return _hex_like(self.value, old, self.digits)


class Bytes(msgspec.Struct, frozen=True, gc=False):
    """An address or a size; ``in_units`` as "2 GiB" where nothing else stands there."""

    value: int
    in_units: bool

    def text(self, old: str | None = None) -> str:
        """Return a text with a unit, or hex digits."""
        in_units = self.in_units if old is None else old.startswith(('"', "'"))
        if in_units:
            return f'"{format_size(self.value, exact=True)}"'
        return _hex_like(self.value, old)


class RegisterName(msgspec.Struct, frozen=True, gc=False):
    """An MSR, by its name."""

    msr: int

    def text(self, old: str | None = None) -> str:
        """Return the name, or the number where a number stood, if it has one: CR0 is not an MSR."""
        if self.msr < 0 or old is None or old.startswith(('"', "'")):
            return f'"{REGISTERS[self.msr].name}"'
        return _hex_like(self.msr, old)


class Seconds(msgspec.Struct, frozen=True, gc=False):
    """A time, to the nanosecond."""

    time_ns: int

    def text(self, old: str | None = None) -> str:
        """Return seconds, never with an exponent."""
        del old
        whole, rest = divmod(self.time_ns, 1_000_000_000)
        return f"{whole}.{f'{rest:09}'.rstrip('0') or '0'}"


def is_round(size_bytes: int) -> bool:
    """Whether a size is short in its unit, such as "256 KiB", and "2095360 KiB" is not."""
    return int(format_size(size_bytes, exact=True).split()[0]) <= _ROUND_UNITS


def _hex_like(value: int, old: str | None, least_digits: int = 0) -> str:
    """Return hex in the way of ``old``: its case, whether it is grouped, and its first zeros."""
    digits = (old or "").removeprefix("0x")
    is_hex = old is not None and digits != old
    has_zeros = not is_hex or len(digits.replace("_", "")) >= least_digits
    least = least_digits if has_zeros else 0
    grouped, lower = max(least, len(f"{value:x}")) >= _GROUPED_DIGITS, False
    if is_hex:
        lower = any(c in "abcdef" for c in digits)
        if "_" in digits:
            grouped = True
        elif len(digits) >= _GROUPED_DIGITS:
            grouped = False
    form = ("_" if grouped else "") + ("x" if lower else "X")
    width = least + (least - 1) // 4 if grouped and least else least
    return f"0x{value:0{width}{form}}"


_CONTROL = re.compile(r"[\x7f]")


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    """Return a text in quotes on one line."""
    # JSON escapes as TOML does, but for DEL.
    return _CONTROL.sub(r"\\u007F", json.dumps(text, ensure_ascii=False))


def _quoted_lines(text: str) -> str:
    """Return a text of several lines in triple quotes, a line each."""
    lines = (_quoted(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(lines) + '"""'
