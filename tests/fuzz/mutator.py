"""Changes to an input that fit texts of numbers: other numbers, lines moved, doubled, cut, mixed.

Bytes changed at random seldom get past the first test of a parser; these do.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ODD = (
    b"-1", b"0", b"08", b"f" * 16, b"f" * 17, b"0x" + b"f" * 40, b"9" * 25, b"9" * 5000, b"", b" ",
    b"\t", b": ", b"\0", b"]", "\u0663".encode(), b"1_0", b"1e5", b"nan", b"-inf", b"," * 50, b"0x",
    b"(", b"\\", b"\x1b[", b"\xff", b"\r\n", b"\xe2\x80\xa8", b"\x1c", b"0x8000000000000000",
    b"18446744073709551615", b"18446744073709551616", b"9223372036854775808", b"4294967296",
    b"\xef\xbb\xbf", b"%%%% next file\n", b'"', b"'", b"=", b"#", b"{", b"[",
)  # fmt: skip
"""Words that readers of numbers and lines trip over."""

_LINES_TRIED = 4
_NUMBER = re.compile(rb"(?:0x)?[0-9a-fA-F]+")
_WHOLE_NUMBER = re.compile(rb"\b(?=[a-fA-F]*+\d)(?:0x)?[0-9a-fA-F]++\b")


def mutate(data: bytes, seed: int, others: Sequence[bytes], max_size: int) -> bytes:
    """Return ``data`` changed in a few places; ``others`` are lines that may be mixed in."""
    chance = random.Random(seed)
    lines = data.split(b"\n")
    keeping = _KEEPING_BINARIES if b"\0" in data else _KEEPING_TEXTS
    changes = chance.choice((_CHANGES, _CHANGES, keeping))
    for _ in range(chance.randint(1, 4)):
        chance.choice(changes)(chance, lines, others)
    return b"\n".join(lines)[:max_size]


def grown(data: bytes, seed: int, max_size: int) -> bytes:
    """Return ``data`` with a piece of it repeated, up to any size below ``max_size``."""
    chance = random.Random(seed)
    size = int(2 ** chance.uniform(12, max_size.bit_length() - 1))
    start = chance.randint(0, len(data))
    line_end = data.find(b"\n", start) + 1 or len(data)
    ends = (start + 1, start + chance.randint(1, 12), line_end, len(data))
    piece = data[start : max(start + 1, chance.choice(ends))] or chance.choice(ODD) or b"a"
    longer = data[:start] + piece * (size // len(piece)) + data[start:]
    return longer[:max_size]


def _at(chance: random.Random, lines: list[bytes]) -> int:
    return chance.randrange(len(lines))


def _number(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Put another number in the place of one."""
    at = _at(chance, lines)
    found = list(_NUMBER.finditer(lines[at]))
    if found:
        one = chance.choice(found)
        new = chance.choice((_other_number(chance, one.group()), chance.choice(ODD)))
        lines[at] = lines[at][: one.start()] + new + lines[at][one.end() :]


def _value(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Put a number in the place of one, if a few lines have any: the text keeps its form."""
    for _ in range(_LINES_TRIED):
        at = _at(chance, lines)
        if found := list(_WHOLE_NUMBER.finditer(lines[at])):
            one = chance.choice(found)
            new = _other_number(chance, one.group())
            lines[at] = lines[at][: one.start()] + new + lines[at][one.end() :]
            return


def _overwrite(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Write other bytes over a few: what follows stays where it is."""
    at = _at(chance, lines)
    line = bytearray(lines[at])
    start = chance.randint(0, len(line))
    for index in range(start, min(len(line), start + chance.choice((1, 1, 2, 8)))):
        line[index] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.getrandbits(8)))
    lines[at] = bytes(line)


def _other_number(chance: random.Random, old: bytes) -> bytes:
    """Return a number near an old one, a power of two, or any, written in the same way."""
    is_hex = old.startswith(b"0x") or not old.isdigit()
    value = int(old.removeprefix(b"0x"), 16) if is_hex else int(old[:4000])
    kinds = (
        value + chance.choice((-1, 1)),
        (1 << chance.randint(0, 66)) - chance.randint(0, 1),
        chance.getrandbits(64),
        chance.randint(0, 300),
        value ^ 1 << chance.randint(0, 63),
    )
    new = abs(chance.choice(kinds)) & ((1 << 80) - 1)
    text = f"{new:x}" if is_hex else str(new)
    return (b"0x" if old.startswith(b"0x") else b"") + text.encode()


def _word(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Put an odd word somewhere, over some bytes or between them."""
    at = _at(chance, lines)
    start = chance.randint(0, len(lines[at]))
    end = start + chance.choice((0, 0, 1, 8))
    lines[at] = lines[at][:start] + chance.choice(ODD) + lines[at][end:]


def _drop(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    if len(lines) > 1:
        del lines[_at(chance, lines)]


def _double(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    at = _at(chance, lines)
    lines[at:at] = lines[at : at + chance.randint(1, 4)] * chance.choice((1, 1, 1, 20))


def _move(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    line = lines.pop(_at(chance, lines))
    lines.insert(chance.randint(0, len(lines)), line)


def _cut(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    at = _at(chance, lines)
    lines[at] = lines[at][: chance.randint(0, len(lines[at]))]


def _join(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    at = _at(chance, lines)
    lines[at : at + 2] = [b" ".join(lines[at : at + 2])]


def _mix(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Put in a few lines that follow each other in another input."""
    if others:
        start = chance.randrange(len(others))
        at = chance.randint(0, len(lines))
        lines[at:at] = others[start : start + chance.randint(1, 5)]


def _shuffle_words(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    at = _at(chance, lines)
    words = lines[at].split(b" ")
    chance.shuffle(words)
    lines[at] = b" ".join(words)


def _few(chance: random.Random, lines: list[bytes], others: Sequence[bytes]) -> None:
    """Keep only a few lines that follow each other: what is short is tried fast."""
    start = _at(chance, lines)
    lines[:] = lines[start : start + chance.randint(1, 12)]


_CHANGES = (
    *(_number,) * 4,
    *(_word,) * 3,
    *(_mix,) * 2,
    *(_few,) * 2,
    *(_drop, _double, _move, _cut, _join, _shuffle_words),
)

_KEEPING_TEXTS = (_value,)
_KEEPING_BINARIES = (_overwrite,)
"""Changes that get past what looks at the form alone; a third of all inputs has no others."""
