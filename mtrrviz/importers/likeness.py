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
from mtrrviz.scenario.complaints import ComplaintKind
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from mtrrviz.importers.formats import Parser

MAX_COUNTED_CHARS = 4000
"""A longer line has no facts for the counter."""

KEPT_LINES, KEPT_CHARS = 8192, 400
"""Lines whose facts are kept from one text to the next, and the longest of them."""

# Formats whose lines mean the same wherever they stand.
_FORMATS = (proc_mtrr, e820, iomem, chipsec, edk2, coreboot, dmesg)

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
    if line.isspace():
        return 0
    facts, taken = Facts(), False
    for module in _FORMATS:
        parser: Parser = module.FORMAT.parser(facts, Context("", is_primary=False))
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
