"""How wide physical addresses are (MAXPHYADDR): chosen, told, shown by masks, else assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.importers.facts import Facts, Told
from mtrrviz.importers.machine.dump import address_bits
from mtrrviz.importers.notes import Note, NoteKind
from mtrrviz.scenario.machine_spec import MachineKind, Region, RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mtrrviz.importers.import_options import ImportOptions
    from mtrrviz.importers.traces.timeline import Timeline
    from mtrrviz.scenario.touches import Touches

_DEFAULT_BITS = 46
_LEAST_BITS, _MOST_BITS = 32, 52


def told_width(facts: Facts, options: ImportOptions, timelines: Iterable[Timeline]) -> int | None:
    """Return the width that was chosen, told, or shown by masks; None where it is not known."""
    chosen = options.maxphyaddr or facts.value(Told.MAXPHYADDR)
    bits = chosen or address_bits(_masks(facts, timelines))
    if chosen is None and not _LEAST_BITS <= bits <= _MOST_BITS:
        return None
    return _within(bits)


def assumed_width(
    facts: Facts, kind: MachineKind, regions: Sequence[Region], touches: Touches, notes: list[Note]
) -> int:
    """Return a width that holds all that is there, and note the assumption."""
    bits = _within(max(_DEFAULT_BITS, _needed_bits(facts, kind, regions, touches)))
    text = f"the physical address width is not given: {bits} bits"
    notes.append(Note(NoteKind.ASSUMED, text, option="maxphyaddr"))
    return bits


def _within(bits: int) -> int:
    return min(max(bits, _LEAST_BITS), _MOST_BITS)


def _masks(facts: Facts, timelines: Iterable[Timeline]) -> list[int]:
    """Return all PHYSMASK values that dumps and traces show."""
    dumped = [found for found in facts.registers if found.msr in REGISTERS]
    masks = [found.value for found in dumped if REGISTERS[found.msr].kind == "mask"]
    return masks + [value for line in timelines for value in line.mask_values()]


def _needed_bits(
    facts: Facts, kind: MachineKind, regions: Iterable[Region], touches: Touches
) -> int:
    """Return the width that the highest range, RAM and touch need."""
    ends = [found.base + found.size for found in facts.ranges]
    ends += [region.end for region in regions if region.kind is RegionKind.RAM]
    ends += [int(touches.gfn.max() + 1) << PAGE_SHIFT] if len(touches) else []
    if kind is MachineKind.HOST:
        tops = (Told.FORCED_WB_END, Told.TOM2, Told.LAST_PFN_END)
        ends += [found.end for found in facts.memory]
        ends += [facts.value(what) or 0 for what in tops]
    return max((end - 1).bit_length() for end in [*ends, 1])
