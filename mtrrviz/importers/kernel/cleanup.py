"""The kernel's MTRR clean-up, and firmware that sets pairs in the same words.

mtrr_cleanup (arch/x86/kernel/cpu/mtrr/cleanup.c) prints "Setting variable MTRR" for trials that it
throws away; the registers change only where "Found optimal setting" or "New variable MTRRs"
follows. LinuxBIOS and coreboot before 2012 print the same words when they do set a pair.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import PHYSBASE0, VALID_BIT
from mtrrviz.importers.dumps.linux_words import SHORT_TYPES
from mtrrviz.importers.facts import MtrrRange

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts
    from mtrrviz.importers.notes import Place

_SIZES = (
    r"base: {0,8}(\d{1,12})([KMGT]?B), range: {0,8}(\d{1,12})([KMGT]?B), "
    r"type:? (UC|WC|WT|WP|WB)"
)
_LISTED = re.compile(rf"reg (\d{{1,3}}), {_SIZES}\s*$")
_SETTING = re.compile(rf"(?:mtrr: )?Setting variable MTRR (\d{{1,3}}), {_SIZES}\s*$")
_ORIGINAL = re.compile(r"original variable MTRRs")
_NEW = re.compile(r"New variable MTRRs")
_OPTIMUM = re.compile(r"Found optimal setting for mtrr clean up")
_TRIAL = re.compile(
    r"range[X0]?: [0-9a-f]|hole: [0-9a-f]|.{0,40}gran_size: |invalid mtrr_gran_size"
)
_CHOSEN = re.compile(r".{0,40}gran_size: .{0,60}num_reg: {0,4}(\d{1,3})")
# Printed by the clean-up, but of use to others too.
_SIGN = re.compile(r"total RAM covered|mtrr_cleanup: |please specify mtrr_gran_size")
_UNITS = {"B": 0, "KB": 10, "MB": 20, "GB": 30, "TB": 40}


class Cleanup:
    """Follows the lists and trials of one text; at the end it records the resulting pairs."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._listed: list[MtrrRange] | None = None
        self._original: list[MtrrRange] = []
        self._new: list[MtrrRange] = []
        self._set: list[MtrrRange] = []
        self._set_after_optimum: list[MtrrRange] = []
        self._is_linux = False
        self._has_optimum = False
        self._chosen_pairs = 0

    def take(self, text: str, place: Place) -> bool:
        """Use a line of a list, a trial or a setting."""
        if match := _LISTED.match(text):
            if self._listed is None:
                self._facts.add_range(_range(match, place))
            else:
                self._listed.append(_range(match, place))
        elif match := _SETTING.match(text):
            target = self._set_after_optimum if self._has_optimum else self._set
            target.append(_range(match, place))
        elif _ORIGINAL.match(text):
            self._is_linux, self._listed = True, self._original
        elif _NEW.match(text):
            self._is_linux, self._listed = True, self._new
        elif _OPTIMUM.match(text):
            self._is_linux = self._has_optimum = True
        elif _TRIAL.match(text):
            self._is_linux = True
            match = _CHOSEN.match(text)
            if match and self._has_optimum and not self._chosen_pairs:
                self._chosen_pairs = int(match[1])
        else:
            self._is_linux = self._is_linux or bool(_SIGN.match(text))
            return False
        return True

    def finish(self, file: str) -> None:
        """Record the final pairs: new ones replace those printed before."""
        final = self._new or self._set_after_optimum
        if final:
            self._replace(final, file)
        elif self._set and not self._is_linux:
            for found in self._set:
                self._facts.add_range(found)
        elif self._original and not self._printed(file):
            for found in self._original:
                self._facts.add_range(found)

    def _lost(self, final: list[MtrrRange]) -> set[int]:
        """Return the pairs whose lines are lost: new ones are numbered from 0 without a gap."""
        listed = {found.index or 0 for found in final}
        return set(range(max(max(listed) + 1, self._chosen_pairs))) - listed

    def _printed(self, file: str) -> list[int]:
        """Return the values of pairs that this text printed before."""
        return [r.value for r in self._facts.registers if r.place.file == file and _is_pair(r.msr)]

    def _replace(self, final: list[MtrrRange], file: str) -> None:
        """Put new pairs in the place of the old, with masks as wide as theirs."""
        facts, old = self._facts, self._printed(file)
        lost = self._lost(final)
        for number in lost:
            facts.add_cut_pair(number, final[0].place)
        width = max((value.bit_length() for value in old), default=0)
        msrs = {r.msr for r in facts.registers if r.place.file == file and _is_pair(r.msr)}
        facts.registers[:] = [
            r for r in facts.registers if r.place.file != file or not _is_pair(r.msr)
        ]
        if not old:
            for found in final:
                facts.add_range(found)
            return
        for found in final:
            msr, size = PHYSBASE0 + 2 * (found.index or 0), found.size
            mask = (1 << width) - size if size else 0
            facts.add_register(None, msr, found.base | found.type, found.place)
            facts.add_register(None, msr + 1, mask | VALID_BIT if size else 0, found.place)
            msrs -= {msr, msr + 1}
        for msr in sorted(msrs):
            if msr - PHYSBASE0 >> 1 in lost:
                continue
            facts.add_register(None, msr, 0, final[0].place)


def _is_pair(msr: int) -> bool:
    return PHYSBASE0 <= msr < PHYSBASE0 + 0x50


def _range(match: re.Match[str], place: Place) -> MtrrRange:
    """Return the range of a line with a base and a size in units."""
    base = int(match[2]) << _UNITS[match[3]]
    size = int(match[4]) << _UNITS[match[5]]
    return MtrrRange(int(match[1]), base, size, SHORT_TYPES[match[6]], place)
