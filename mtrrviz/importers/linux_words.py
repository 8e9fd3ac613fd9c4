"""Words and prefixes that Linux and firmware logs share."""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MemoryType

LINUX_TYPES: dict[str, MemoryType] = {kind.linux_name: kind for kind in MemoryType}
"""Memory types as arch/x86/kernel/cpu/mtrr prints them."""

SHORT_TYPES: dict[str, MemoryType] = {kind.name: kind for kind in MemoryType}
"""Memory types as edk2 and the mtrr sanitiser print them."""

LINUX_TYPE = "|".join(LINUX_TYPES)
"""Alternatives for a pattern."""

# Since boot: dmesg, with -d the time since the line before; printk.caller adds thread or CPU.
_SINCE_BOOT = r"\[ {0,6}\d{1,9}\.\d{1,9}(?: <[ \d.]{1,24}>)?\](?:\[ {0,5}[TC]\d+\])? "
_ISO_TIME = r"\d{4}-\d\d-\d\d[T ][\d:.,+Z-]{8,30} "

LOG_PREFIX = (
    r"(?:<\d{1,3}>|[a-z]{2,9} {0,5}:[a-z]{2,9} {0,5}: )?"  # -r and -x: facility and level
    # journalctl and syslog name the host; -T and --time-format=iso tell the time of day
    rf"(?:(?:\S{{2,5}} [ \d]\d [\d:]{{8}} |{_ISO_TIME}|\[ *\d{{1,9}}\.\d{{1,9}}\] )"
    rf"\S{{1,64}} kernel: (?:{_SINCE_BOOT})?"
    rf"|{_SINCE_BOOT}|\[\S{{2,6}} \S{{2,6}} [ \d]\d [\d:]{{8}} \d{{4}}\] |{_ISO_TIME})"
)
"""What dmesg, journalctl and syslog put before a line of the kernel, for a pattern."""

_LOG_PREFIX = re.compile(LOG_PREFIX)


def without_log_prefix(line: str) -> tuple[str, bool]:
    """Return a line without the time stamp of the kernel's log, and whether it had one."""
    match = _LOG_PREFIX.match(line)
    return (line[match.end() :], True) if match else (line, False)


def c_number(text: str) -> int:
    """Return a number as C reads it: 0x is hexadecimal, a leading 0 octal; -1 if it is none."""
    try:
        if text[:1] == "0" and text.isdecimal():
            return int(text, 8)
        return int(text, 0)
    except ValueError:
        return -1
