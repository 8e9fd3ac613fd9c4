"""chipsec's recorded hardware for unit tests: JSON that maps "(cpu,msr)" to "(eax, edx)".

Read as a stream of quoted pairs: the file need not fit into memory or be valid as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.importers.dumps.msr_tools.msr_words import is_relevant
from mtrrviz.importers.formats import Context, LineFormat, LineParser

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts

_TOKEN = re.compile(
    r'"\(\s*(0x[0-9a-fA-F]{1,20}|\d{1,30})\s*,\s*(0x[0-9a-fA-F]{1,20}|\d{1,30})\s*\)"(\s*:)?'
    r'|"(\w{1,40})"\s*:'
)
_PLAIN = re.compile(r'[\s{}\[\],"]*$|\s*"\(?[^"]{0,4096}\)?"\s{0,8}:?\s{0,8}[\[{]?\s{0,8},?\s*$')


class ChipsecJsonParser(LineParser):
    """Keeps the section and the key that the next value belongs to."""

    def __init__(self, facts: Facts, context: Context) -> None:
        super().__init__(facts, context)
        self._section = ""
        self._key: tuple[int, int] | None = None

    def take(self, line: str, number: int) -> bool:
        """Use every key and value of the line."""
        found = False
        for match in _TOKEN.finditer(line):
            found = True
            if match[4]:
                self._section, self._key = match[4], None
            elif match[3]:
                self._key = (_number(match[1]), _number(match[2]))
            else:
                self._value(_number(match[1]), _number(match[2]), number)
        is_inside = bool(self._section) or self.context.is_primary
        return found or (is_inside and bool(_PLAIN.match(line)))

    def _value(self, eax: int, edx: int, number: int) -> None:
        """Record the first value of a key; later ones answer later reads of the test."""
        if self._key is None or self._section != "read_msr":
            return
        (cpu, msr), self._key = self._key, None
        if is_relevant(msr):
            self.facts.add_register(cpu, msr, eax | edx << 32, self.place(number))
        else:
            self.facts.unused["values of other MSRs"] += 1


def _number(text: str) -> int:
    """Return a decimal or 0x number."""
    return int(text, 16 if "x" in text else 10)


FORMAT = LineFormat(
    "chipsec-json",
    "chipsec unit-test recording (JSON)",
    re.compile(r'"read_msr"\s*:|^\s*"\(\d+, ?\d+\)": \[|^\s*"\(\d+, \d+\)",?\s*$'),
    ChipsecJsonParser,
    is_whole_text=True,
)
