"""What the CPUs of an imported machine have: pairs, address width, and what they refuse."""

from __future__ import annotations

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.msr.registers import (
    MAX_PAIRS,
    MTRRCAP,
    PAIR_MSRS,
    PHYSBASE0,
    VALID_BIT,
    VARIABLE_PAIRS,
)
from mtrrviz.core.record import Record
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.notes import Note, NoteKind
from mtrrviz.scenario.machine_spec import Maker


class CpuModel(Record):
    """The CPUs of a host, or those that KVM gives a guest."""

    is_host: bool
    maxphyaddr: int
    pairs: int = VARIABLE_PAIRS
    maker: Maker = Maker.UNKNOWN

    @property
    def pair_msrs(self) -> range:
        """The registers of all pairs: base and mask in turn."""
        return range(PHYSBASE0, PHYSBASE0 + 2 * self.pairs)

    @property
    def owner(self) -> str:
        """Who has the registers, in words."""
        return "the CPU" if self.is_host else "KVM"

    def refusal(self, msr: int, value: int) -> str:
        """Return why a register refuses a value, "" if it does not."""
        has_dram_bits = self.is_host and self.maker is Maker.AMD
        try:
            check_write(msr, value, self.maxphyaddr, self.pairs, has_dram_bits=has_dram_bits)
        except GeneralProtectionFault as error:
            return str(error)
        return ""


def pairs_of(facts: Facts, notes: list[Note]) -> int:
    """Return how many variable pairs the CPUs of a host have: told, or shown by what is printed.

    The kernel and most tools print every pair, used or not; others print those in use only, so that
    a pair in use at the end of a short list need not be the last.
    """
    shown = shown_pairs(facts)
    listed = [found.index for found in facts.ranges if found.index is not None]
    least = max([-1, *shown, *listed]) + 1
    told = told_pairs(facts)
    if told is None:
        is_whole = bool(shown) and (least > VARIABLE_PAIRS or not shown[max(shown)])
        told = least if is_whole else max(VARIABLE_PAIRS, least)
        reason = ", as many as are printed" if is_whole else ""
        text = f"the number of variable pairs is not given: {told}{reason}"
        notes.append(Note(NoteKind.ASSUMED, text))
    return min(max(told, least), MAX_PAIRS)


def shown_pairs(facts: Facts) -> dict[int, bool]:
    """Return the pairs that are printed by number, and whether each is in use.

    One whose line is cut may be in use.
    """
    shown = dict.fromkeys(facts.cut_pairs, True)
    for found in facts.registers:
        if found.msr in PAIR_MSRS:
            number = found.msr - PHYSBASE0 >> 1
            is_valid_mask = bool(found.msr & 1 and found.value & VALID_BIT)
            shown[number] = shown.get(number, False) or is_valid_mask
    return shown


def told_pairs(facts: Facts) -> int | None:
    """Return the number that something states: IA32_MTRRCAP, or the kernel."""
    caps = [found.value & 0xFF for found in facts.registers if found.msr == MTRRCAP]
    told = [facts.value(what) for what in (Told.PAIRS, Told.MAP_PAIRS)]
    counts = [*caps[-1:], *(count for count in told if count is not None)]
    return max(counts, default=None)
