"""What stands before a line: quotes, time stamps, names of hosts and processes, line numbers.

Heads come in any order and nest (a quoted mail of a journal of a console), so they are taken off
one by one from the left. Sources: printk (kernel/printk/printk.c), dmesg(1), journalctl(1), syslog
(RFC 3164, RFC 5424), Xen's console (xen/drivers/char/console.c).
"""

from __future__ import annotations

import re
from enum import IntEnum

MAX_HEADS = 16
"""Most heads taken off one line."""

MAX_HEAD_CHARS = 400
"""Only this much of a line is searched for heads."""


class Head(IntEnum):
    """What a head says about its line; a greater one counts where there are several."""

    NONE = 0
    QUOTE = 1
    """Indentation, a quote, a line number: nothing about who printed the line."""
    LOG = 2
    """A time stamp or a level: a line of some log."""
    KERNEL = 3
    """A line of Linux's log."""
    XEN = 4
    """A line of Xen's console."""


_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_DATE = (
    r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]?\d(?: \d{4})? "
    rf"{_CLOCK}(?: (?:[A-Z]{{3,5}} )?\d{{4}})?"
)
_ISO = (
    r"(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"(?:Z| ?[+-]\d\d:?\d\d| (?:UTC|[A-Z]{3,5}))?"
)
# Since boot: dmesg, with -d the time since the line before; uptime of 49 days wraps at 8 digits.
_SINCE_BOOT = r"\[ {0,8}\d{1,10}\.\d{1,9}(?: <[ \d.+]{1,24}>)?\](?=[ \t\[]|$)[ \t]?"
_CALLER = r"\[ {0,8}[TC]\d{1,7}\](?=[ \[]|$) ?"
_NAMES = r"(?:[\w.@-]{1,64} )?(?:kernel|vmunix|unix|klogd|xen)(?:\[\d{1,7}\])?: ?"
_PROCESS = r"[\w.@-]{1,64} [\w./@-]{1,64}(?:\[\d{1,7}\])?: ?"
_LEVEL = (
    r"(?:kern|user|daemon|auth|syslog|lpr|mail|news|cron|local\d) {0,5}"
    r"[:.](?:emerg|alert|crit|err|error|warn|warning|notice|info|debug)(?: {0,5}:)? ?"
)
_BEGINNING = (
    r"(?=[`>|<\"{]|\[ {0,8}[\d+TC]|\[[A-Z][a-z]{2} |[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d|\(XEN\)"
    r"|kernel: |BIOS-|MTRR|reg\d\d: |x86[ /]|e820|(?: *\d{1,2} (?:base|disabled))|Xen|smpboot|mtrr"
    r"|last_pfn|CPU|Hypervisor|DMI|efi|PCI|pci|  ?[0-9A-F]{5}-[0-9A-F]{5} |TOM2|WARNING)"
)

# In each group the kinds that begin with one of these characters; all others begin with none.
_KINDS: tuple[tuple[str, str, Head], ...] = (
    (">", r">(?:[> ]{0,19}>)? ?", Head.QUOTE),
    ("|", r"\|{1,9} ?", Head.QUOTE),
    ("(", r"\(XEN\) ?", Head.XEN),
    ("(", r"\(early\) (?=\[)", Head.KERNEL),
    ("<", r"<\d{1,3}>(?:1 (?=\d{4}-))?", Head.KERNEL),
    ("[", _SINCE_BOOT, Head.KERNEL),
    ("[", _CALLER, Head.KERNEL),
    ("[", r"\[ {0,12}\+\d{1,9}\.\d{1,9}\](?=[ \[]|$) ?", Head.KERNEL),
    ("[", r"\[[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d\](?=[ \[]|$) ?", Head.KERNEL),
    ("[", rf"\[(?:{_DATE}|{_ISO})\](?=[ \[]|$) ?", Head.KERNEL),
    ("[", rf"\[{_CLOCK}\](?=[ \[]|$) ?", Head.LOG),
    ("`", r"`{1,3}", Head.QUOTE),
    ("*•-", rf"[*•-] {{1,4}}(?=`|{_BEGINNING[3:]}", Head.QUOTE),
    ("+-", r"[+-](?=\[ {0,8}\d)", Head.QUOTE),
)
_DATED = (
    (rf"{_DATE} {_NAMES}", Head.KERNEL),
    (rf"{_ISO} {_NAMES}", Head.KERNEL),
    (rf"{_DATE} (?:[\w.@-]{{1,64}} )?{_LEVEL}", Head.KERNEL),
    (rf"{_ISO} (?:[\w.@-]{{1,64}} )?{_LEVEL}", Head.KERNEL),
    (r"\d{9,10}\.\d{3,9} " + _NAMES, Head.KERNEL),
    (rf"{_ISO} [\w.-]{{1,64}} kernel - - - ", Head.KERNEL),
    (rf"(?:{_DATE}|{_ISO}) {_PROCESS}", Head.LOG),
    (rf"{_ISO}[ \t]", Head.LOG),
    (rf"{_CLOCK}[ \t]+(?:(?=\[|<|{_NAMES})|{_BEGINNING})", Head.LOG),
    # /dev/kmsg, and netconsole's extended format.
    (r"\d{1,4},\d{1,19},\d{1,19},[-c+](?:,[\w=/-]{1,40}){0,4};", Head.KERNEL),
    (r"MESSAGE=", Head.KERNEL),
    (_LEVEL, Head.KERNEL),
    (_NAMES, Head.KERNEL),
    (r"[A-Za-z]{1,3}>(?=[ >])(?:[> ]{0,19}>)? ?", Head.QUOTE),
    (
        rf"(?!x86)[\w-]{{0,60}}[./][\w./-]{{0,80}}(?::(?:\d{{1,7}}:)?|-\d{{1,7}}-)\s{{0,12}}{_BEGINNING}",
        Head.QUOTE,
    ),
    # A row of a table has one word or number in its next column, a line of a text has more.
    (r"(?!/sys/)/[\w./-]{1,120}:\d{1,7}:", Head.QUOTE),
    (r"\d{1,7}\t(?!\w{1,40}(?:[\t,;]|\s{0,9}(?:\w{1,40}\s{0,9})?$))", Head.QUOTE),
    (rf"\d{{1,7}}(?:[:\t-]| {{1,4}}(?=[\[(<])){_BEGINNING}", Head.QUOTE),
)

Kinds = tuple[tuple[re.Pattern[str], Head], ...]
"""Patterns to try in turn, and what they say."""


def _by_first_character() -> dict[str, Kinds]:
    """Return the patterns to try for each first character."""
    table: dict[str, Kinds] = {}
    for characters, pattern, head in _KINDS:
        for character in characters:
            table[character] = (*table.get(character, ()), (re.compile(pattern), head))
    return table


_BY_CHARACTER = _by_first_character()
_BY_WORD: Kinds = tuple((re.compile(pattern), head) for pattern, head in _DATED)
_WORD_START = re.compile(
    r"[A-Z][a-z]{2} [ \dA-Z]|\d{4}-\d\d-|\d{9,10}\.\d|\d{1,2}:\d\d[: ]"
    r"|\d{1,4},\d{1,19},\d|MESSAGE=|[A-Za-z]{1,3}>"
    r"|(?:kern|user|daemon|auth|syslog|lpr|mail|news|cron|local\d) {0,5}[:.]"
    r"|(?:[\w.@-]{1,64} )?(?:kernel|vmunix|unix|klogd|xen)[\[:]|[\w./-]{1,80}[:\t-]"
    r"|\d{1,7} {1,4}[\[(<]"
)
_NAME_START = re.compile(
    r"(?:[\w.@-]{1,64} )?(?:kernel|vmunix|unix|klogd|xen|kern)[\[:. ]"
    r"|[A-Z][a-z]{2} {1,2}\d|\d{4}-\d\d-\d\d[T ]|\d{9,10}\.\d|MESSAGE="
)


def take_off_heads(line: str) -> tuple[str, Head]:
    """Return a line without its heads, and the greatest of them.

    White space after the last head stays: lists are indented. Before a head it goes with it.
    """
    rest, told = line, Head.NONE
    for _ in range(MAX_HEADS):
        text = rest.lstrip()
        match, head = _first_head(text, told)
        if match is None:
            break
        rest, told = text[match.end() :], max(told, head)
    return rest, told


def _first_head(text: str, told: Head) -> tuple[re.Match[str] | None, Head]:
    """Return the head that a text without indentation begins with, if any.

    After a time stamp the name of a file or a line number is none.
    """
    kinds = _BY_CHARACTER.get(text[:1])
    if kinds is None:
        start = _WORD_START if told < Head.LOG else _NAME_START
        kinds = _BY_WORD if start.match(text) else ()
    for pattern, head in kinds:
        if match := pattern.match(text, 0, MAX_HEAD_CHARS):
            return match, head
    return None, Head.NONE
