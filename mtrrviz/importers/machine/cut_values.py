"""Values that were cut short when a log was pasted: shorter than all others of their file.

What is left of such a value is a number too, but another one. So it is taken out, and the register
is unknown.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import PAIR_MSRS, PHYSBASE0, REGISTERS
from mtrrviz.importers.notes import Note, NoteKind

if TYPE_CHECKING:
    from mtrrviz.importers.facts import Facts, RegisterValue

_LEAST_DIGITS = 8
"""Numbers shorter than this are not printed with all their digits by any tool."""


def take_out_cut_values(facts: Facts) -> None:
    """Remove values that are shorter than all others of their file, and say so."""
    widths = _padded_widths(facts.registers)
    cut = [one for one in facts.registers if 0 < one.digits < widths.get(one.place.file, 0)]
    for one in cut:
        name = REGISTERS[one.msr].name if one.msr in REGISTERS else f"MSR {one.msr:#x}"
        text = (
            f"the value of {name} is cut: {one.digits} digits where the other lines have"
            f" {widths[one.place.file]}"
        )
        facts.notes.append(Note(NoteKind.WARNING, text, one.place))
        if one.msr in PAIR_MSRS:
            facts.add_cut_pair(one.msr - PHYSBASE0 >> 1, one.place)
    # Half a pair would be another range.
    gone = {(one.place.file, one.vcpu, half) for one in cut for half in _halves(one.msr)}
    facts.registers[:] = [
        one for one in facts.registers if (one.place.file, one.vcpu, one.msr) not in gone
    ]


def _padded_widths(registers: list[RegisterValue]) -> dict[str, int]:
    """Return by file how many digits its values have, if most have as many, with zeros in front."""
    counts: dict[str, Counter[int]] = {}
    padded: set[tuple[str, int]] = set()
    for one in registers:
        if one.digits:
            file = one.place.file
            counts.setdefault(file, Counter())[one.digits] += 1
            if one.value >> 4 * (one.digits - 1) == 0:
                padded.add((file, one.digits))
    found: dict[str, int] = {}
    for file, widths in counts.items():
        width = max(widths)
        is_usual = 2 * widths[width] > widths.total() and widths[width] > 1
        if width >= _LEAST_DIGITS and is_usual and (file, width) in padded:
            found[file] = width
    return found


def _halves(msr: int) -> tuple[int, ...]:
    return (msr & ~1, msr | 1) if msr in PAIR_MSRS else (msr,)
