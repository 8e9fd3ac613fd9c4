"""Words that Linux and firmware logs share."""

from __future__ import annotations

from mtrrviz.core.memtype import MemoryType

LINUX_TYPES: dict[str, MemoryType] = {kind.linux_name: kind for kind in MemoryType}
"""Memory types as arch/x86/kernel/cpu/mtrr prints them."""

SHORT_TYPES: dict[str, MemoryType] = {kind.name: kind for kind in MemoryType}
"""Memory types as edk2 and the mtrr sanitiser print them."""

LINUX_TYPE = "|".join(LINUX_TYPES)
"""Alternatives for a pattern."""


def c_number(text: str) -> int:
    """Return a number as C reads it: 0x is hexadecimal, a leading 0 octal; -1 if it is none."""
    try:
        if text[:1] == "0" and text.isdecimal():
            return int(text, 8)
        return int(text, 0)
    except ValueError:
        return -1
