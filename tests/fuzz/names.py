"""Names of files that trip over something: markup, escapes, formulas, bytes that are no text."""

from __future__ import annotations

import os
import zlib

PLAIN = "fuzz"
ODD_NAMES = (
    "<img src='x'> & <b>", "a\nb", "\x1b[31mred", os.fsdecode(b"caf\xe9"), "=1+1", "-o", " ",
    "%s{0}", "n" * 180, "msr-0x2ff.txt", "cpu3 0x200", "\u202egnp.exe", "\U0001f600" * 40,
    "a.b.c..", "x[*]", "'",
)  # fmt: skip


def name_for(content: bytes) -> str:
    """Return the name of the file that holds ``content``: always the same, every other one odd."""
    number = zlib.crc32(content) % (2 * len(ODD_NAMES))
    return ODD_NAMES[number] if number < len(ODD_NAMES) else PLAIN
