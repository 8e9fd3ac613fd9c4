"""How near a line comes to a known format: how many facts are in it, how many of its words.

Used where a text was cut (two pieces are one line if the whole tells more), and to quote the
line that came nearest when nothing in a text is known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mtrrviz.importers.dumps import dmesg, e820, iomem, proc_mtrr
from mtrrviz.importers.dumps.firmware import coreboot, edk2
from mtrrviz.importers.dumps.msr_tools import chipsec
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.importers.kernel.beginnings import BEGINNING
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.importers.formats import Format

MAX_COUNTED_CHARS = 4000
"""A longer line has no facts for the counter."""

KEPT_LINES, KEPT_CHARS = 8192, 400
"""Lines whose facts are kept from one text to the next, and the longest of them."""

_MEMORY_WORDS = (
    *("820", "BIOS-", "Xen", "modified", "user", "reserve", "mem", "SMAP", "usable", "RAM map"),
    *("ACPI", "NVS"),
)
_MEMORY_START = re.compile(r"\s*(?:\d|[A-Z]{2}_|Avail|Loader|MMIO|Reser|Pal|Persis|Unus|Unacc)")
_TYPE_STARTS = ("UC:", "WC:", "WT:", "WP:", "WB:", "R*:", "{", "=====", "MTRR", "Memory Ranges")
_COREBOOT_WORDS = ("MTRR", "mtrr", "CPU physical address size", "coreboot ", " - 0x", ". ")


def _may_be_e820(line: str) -> bool:
    has_word = any(map(line.__contains__, _MEMORY_WORDS)) or _MEMORY_START.match(line)
    return bool(has_word and e820.KEY.search(line[:300]))


# Formats whose lines mean the same wherever they stand, each with what tells at once that a line is
# not of it: of most texts nearly no line is.
_FORMATS: tuple[tuple[Format, Callable[[str], object]], ...] = (
    (proc_mtrr.FORMAT, lambda line: "base=" in line or "disable=" in line or "reg" in line),
    (e820.FORMAT, _may_be_e820),
    (iomem.FORMAT, lambda line: " : " in line),
    (chipsec.FORMAT, lambda line: "MSR(" in line or line[0] in "[#="),
    (edk2.FORMAT, lambda line: any(map(line.__contains__, _TYPE_STARTS))),
    (
        coreboot.FORMAT,
        lambda line: line.lstrip()[0] == "[" or any(map(line.__contains__, _COREBOOT_WORDS)),
    ),
    (dmesg.FORMAT, BEGINNING.match),
)

_WORDS = re.compile(
    r"\b(?:mtrrs?|pat|e820|bios-e820|msr|rdmsr|base|mask|size|usable|reserved|write-\w+|uncachable"
    r"|variable|fixed|default|type|kvm_\w+|vcpu|IA32_\w+|ram|memory|mem|reg\d\d|0x2[0-9a-f]{2}"
    r"|U[CN]-?|W[BCPT])\b|0x[0-9a-f]{2,16}|\b[0-9a-f]{8,16}\b",
    re.IGNORECASE,
)


class FactCounter:
    """Counts the facts that one line tells by itself, as a function of the line.

    That a format knows the line counts as one more, so that no two known lines are taken for one.
    """

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def __call__(self, line: str) -> int:
        """Return how many facts all formats together find in a line."""
        if len(line) <= KEPT_CHARS:
            return _kept_count(line)
        if len(line) > MAX_COUNTED_CHARS:
            return 0
        if line not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[line] = _count(line)
        return self._known[line]


def _count(line: str) -> int:
    if not line or line.isspace():
        return 0
    return facts_in(line, [known for known, may_be in _FORMATS if may_be(line)])


def facts_in(line: str, formats: Sequence[Format] = tuple(known for known, _ in _FORMATS)) -> int:
    """Return how many facts formats together find in a line, one more if one of them knows it."""
    if not formats:
        return 0
    facts, taken = Facts(), False
    for known in formats:
        parser = known.parser(facts, Context("", is_primary=False))
        try:
            taken = not parser.feed((line,), (1,)) or bool(parser.noise(line))
            parser.finish()
        except ScenarioError:
            return 1
        if taken:
            break
    complaints = [one for one in facts.complaints if one.kind is not ComplaintKind.OTHER]
    found = (facts.registers, facts.ranges, facts.fixed, facts.memory, complaints)
    return sum(map(len, found)) + len(facts.told) + len(facts.signs) + taken


_kept_count = lru_cache(maxsize=KEPT_LINES)(_count)
"""The same for lines that come again: of one log in another, of a text read once more."""


def likeness(line: str) -> int:
    """Return how much a line looks like one of a known format: its words and numbers."""
    return len(set(_WORDS.findall(line[:400].lower())))
