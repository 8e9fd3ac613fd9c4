"""A guest or a real machine? Found out from what the files show, and said with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import DRAM_BITS, FIXED_MSRS
from mtrrviz.importers.facts import Facts, Sign, Told
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.scenario.machine_spec import MachineKind, Maker

if TYPE_CHECKING:
    from mtrrviz.importers.import_options import ImportOptions

_WORDS = {MachineKind.GUEST: "a guest", MachineKind.HOST: "a real machine"}


def machine_kind(facts: Facts, options: ImportOptions, notes: list[Note]) -> MachineKind:
    """Return the kind of machine: chosen, told, or a host where nothing tells."""
    if options.machine is not None:
        return options.machine
    told = _told(facts)
    if told is None:
        text = f"nothing tells a real machine from a guest: taken for {_WORDS[MachineKind.HOST]}"
        notes.append(Note(NoteKind.ASSUMED, text, option="machine"))
        return MachineKind.HOST
    kind, reason, place = told
    text = f"taken for {_WORDS[kind]}: {reason}"
    notes.append(Note(NoteKind.INFO, text, place, option="machine"))
    return kind


def _told(facts: Facts) -> tuple[MachineKind, str, Place | None] | None:
    """Return the kind that something tells, with the reason; what only a guest has counts first."""
    if any(len(table) for trace in facts.traces for table in trace.tables()):
        return MachineKind.GUEST, "the trace shows what KVM does", None
    for found in facts.memory:
        if found.source == "mtree":
            return MachineKind.GUEST, "QEMU shows its memory tree", found.place
    kinds = {Sign.GUEST: MachineKind.GUEST, Sign.BLANK: MachineKind.GUEST}
    for wanted in (Sign.GUEST, Sign.HOST, Sign.FIRMWARE, Sign.BLANK):
        for sign in facts.signs:
            if sign.sign is wanted:
                kind = kinds.get(wanted, MachineKind.HOST)
                return kind, f"the log says {sign.reason!r}", sign.place
    return None


def maker_of(facts: Facts, notes: list[Note]) -> Maker:
    """Return who made the CPUs: told, or shown by what only CPUs of AMD have."""
    makers = {Sign.INTEL: Maker.INTEL, Sign.AMD: Maker.AMD}
    told = [makers[sign.sign] for sign in facts.signs if sign.sign in makers]
    if told:
        return told[-1]
    if facts.told.keys() & {Told.FORCED_WB, Told.FORCED_WB_END}:
        return Maker.AMD
    for found in facts.registers:
        if found.msr in FIXED_MSRS and found.value & DRAM_BITS:
            text = "the CPUs are AMD's: a fixed register has RdMem and WrMem bits"
            notes.append(Note(NoteKind.ASSUMED, text, found.place))
            return Maker.AMD
    return Maker.UNKNOWN
