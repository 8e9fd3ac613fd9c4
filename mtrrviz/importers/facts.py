"""Facts: what the lines of dumps and logs say, before anyone concludes anything from them.

Importers write facts; :mod:`mtrrviz.importers.machine.assemble` alone makes a machine of them.
So files of different formats add up, and a new format needs to know no other one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import MAX_PAIRS, PAIR_MSRS, PHYSBASE0, REGISTERS
from mtrrviz.core.record import Record
from mtrrviz.importers.notes import Note, NoteKind, Place
from mtrrviz.importers.traces.trace_columns import Trace
from mtrrviz.scenario.complaints import KernelComplaint
from mtrrviz.scenario.files.checking.numbers import MAX_ADDRESS_BITS
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.scenario.complaints import ComplaintKind

MAX_FACTS = 20_000
"""Most facts of one kind; no machine prints so many."""

MAX_WORDS = 400
"""Most of a kernel's words that are kept; its lines are not longer."""

WORD = (1 << 64) - 1


class Told(StrEnum):
    """Single values that a file may tell."""

    DEFAULT_TYPE = "default type"
    FIXED_ENABLED = "fixed ranges enabled"
    MTRR_ENABLED = "MTRRs enabled"
    VCPUS = "number of vCPUs"
    MAXPHYADDR = "physical address bits"
    IMPLIED_DEFAULT = "default type that a kernel line implies"
    """For lines that the kernel prints only if the default type is this one."""
    PAIRS = "number of variable pairs"
    MAP_PAIRS = "variable pairs of the MTRR map line"
    """The line is printed only if MTRRs are on (Linux 6.5 and later); it shows no values."""
    FORCED_WB_END = "end of AMD's forced WB"
    """TOM2 of a CPU with SYSCFG bits 21 and 22: WB is the default for [4 GiB, this)."""
    FORCED_WB = "whether AMD's TOM2 forces WB"
    """Told as 1 without its end by a kernel's MTRR map line that counts TOM2."""
    TOM2 = "AMD's top of memory above 4 GiB"
    """TOM2 as the PCI code prints it, which says nothing about the default type."""
    TOM = "AMD's top of memory below 4 GiB"
    LAST_PFN_END = "end of RAM by last_pfn"
    LOW_PFN_END = "end of RAM below 4 GiB by last_pfn"
    CACHED_LOW_END = "end of write-back memory below 4 GiB in coreboot's address map"
    CACHED_HIGH_END = "end of write-back memory above 4 GiB in coreboot's address map"
    MEMORY_BYTES = "RAM by the kernel's Memory line"
    COVERED_BYTES = "RAM covered by MTRRs"
    LOST_MAP_LINES = "numbered lines of the memory map that are missing"
    LOST_BYTES = "RAM lost for want of MTRRs"


class Sign(StrEnum):
    """What a line says about the kind of machine, or about its CPU."""

    GUEST = "guest"
    HOST = "host"
    FIRMWARE = "firmware"
    BLANK = "blank MTRRs"
    """The kernel takes a machine without any MTRR in use for a virtual one."""
    INTEL = "Intel"
    AMD = "AMD"


class MemoryUse(StrEnum):
    """What a memory map or a line says that addresses are for."""

    RAM = "RAM"
    RESERVED = "reserved"
    ACPI = "ACPI"
    UNUSABLE = "unusable"
    PERSISTENT = "persistent memory"
    DEVICE = "device"
    ROM = "ROM"


class RegisterValue(Record):
    """A register's value at the moment of a dump; ``vcpu`` None where the dump does not say.

    ``digits`` is how many hexadecimal digits were printed, 0 where that says nothing.
    """

    vcpu: int | None
    msr: int
    value: int
    place: Place
    digits: int = 0


class MtrrRange(Record):
    """A variable range without raw values: bytes [base, base+size) get ``type``.

    ``index`` is the pair's number or None for the next free one. A ``size`` of 0 clears the pair.
    ``is_map`` marks ranges of an effective map, which no single pair need stand for.
    """

    index: int | None
    base: int
    size: int
    type: MemoryType
    place: Place
    is_map: bool = False


class FixedRange(Record):
    """Bytes [start, end) below 1 MiB that fixed registers give ``type``.

    ``dram_bits`` are RdMem and WrMem of each byte of AMD's registers, where a log has them.
    """

    start: int
    end: int
    type: MemoryType
    place: Place
    dram_bits: int = 0


class MemoryRange(Record):
    """Bytes [start, end) of the address space and the words a memory map has for them.

    ``source`` is "e820" (the firmware's, also as Xen hands it on), "e820-kernel" (the kernel's
    changes to its own copy), "efi", "coreboot", "memmap" (/sys/firmware/memmap), "iomem", "mtree",
    "lspci", "pat" (types that Linux gave mappings), or "kernel" (lines that name what is at an
    address: MMCONFIG, windows, BARs, APICs).
    ``depth`` is the nesting, 0 outermost: a deeper range hides an outer one. ``kind`` is QEMU's
    word ("ram", "rom", "i/o"), "" elsewhere. ``use`` says what the words mean, None if unknown.
    """

    start: int
    end: int
    name: str
    source: str
    depth: int
    place: Place
    kind: str = ""
    use: MemoryUse | None = None


class MachineSign(Record):
    """A line that tells a kind of machine or a maker of CPUs, with the words that say so."""

    sign: Sign
    reason: str
    place: Place


class Complaint(Record):
    """A kernel's own complaint: its words without their head, and what they are about.

    ``start`` and ``end`` are bytes [start, end), both 0 where the words name none. ``old`` and
    ``new`` are types as the kernel spells them: of the pair that is there and of the request
    (TYPE_MISMATCH), or of the two mappings (PAT_CONFLICT).
    """

    kind: ComplaintKind
    text: str
    place: Place
    start: int = 0
    end: int = 0
    old: str = ""
    new: str = ""

    @property
    def of_scenario(self) -> KernelComplaint:
        """The complaint as a scenario keeps it."""
        place, text = self.place, self.text[:MAX_WORDS]
        is_possible = self.end <= 1 << MAX_ADDRESS_BITS
        start, end = (self.start, self.end) if is_possible else (0, 0)
        return KernelComplaint(self.kind, text, place.file, place.line, start, end)


@dataclass
class Facts:
    """All facts of all files of one import, in the order read."""

    traces: list[Trace] = field(default_factory=list[Trace])
    registers: list[RegisterValue] = field(default_factory=list[RegisterValue])
    ranges: list[MtrrRange] = field(default_factory=list[MtrrRange])
    fixed: list[FixedRange] = field(default_factory=list[FixedRange])
    memory: list[MemoryRange] = field(default_factory=list[MemoryRange])
    signs: list[MachineSign] = field(default_factory=list[MachineSign])
    complaints: list[Complaint] = field(default_factory=list[Complaint])
    #: Pairs by number of which a line was found without whole values: they exist, and are unknown.
    cut_pairs: dict[int, Place] = field(default_factory=dict[int, Place])
    told: dict[Told, tuple[int, Place]] = field(default_factory=dict[Told, tuple[int, Place]])
    notes: list[Note] = field(default_factory=list[Note])
    #: Lines that are understood but say nothing about memory types, by what they are.
    unused: Counter[str] = field(default_factory=Counter[str])

    def add_register(
        self, vcpu: int | None, msr: int, value: int, place: Place, digits: int = 0
    ) -> None:
        """Record a register's value; ScenarioError if it does not fit 64 bits."""
        check_word(value, place)
        if vcpu is not None and not 0 <= vcpu < 255:
            raise ScenarioError(place.file, f"line {place.line}", f"CPU {vcpu}", "a CPU below 255")
        self._check_room(self.registers, place)
        self.registers.append(RegisterValue(vcpu, msr, value, place, min(digits, 16)))

    def add_cut_register(self, msr: int, place: Place) -> None:
        """Record that a register is named without its value; of a pair both halves are unknown."""
        if msr in PAIR_MSRS:
            self.add_cut_pair(msr - PHYSBASE0 >> 1, place)
        elif msr in REGISTERS:
            text = f"the value of {REGISTERS[msr].name} is missing: the line has none"
            self.note(NoteKind.WARNING, text, place)

    def add_cut_pair(self, number: int, place: Place) -> None:
        """Record that a pair exists whose line is cut, so that its values are unknown."""
        if number < MAX_PAIRS:
            self.cut_pairs.setdefault(number, place)

    def add_range(self, found: MtrrRange) -> None:
        """Record a variable range; ScenarioError if it leaves the 64-bit space."""
        check_word(found.base + max(found.size, 1) - 1, found.place)
        self._check_room(self.ranges, found.place)
        self.ranges.append(found)

    def add_fixed(self, found: FixedRange) -> None:
        """Record types of fixed ranges."""
        self._check_room(self.fixed, found.place)
        self.fixed.append(found)

    def add_memory(self, found: MemoryRange) -> None:
        """Record a range of a memory map; ScenarioError if its end is not after its start."""
        check_word(found.end - 1, found.place)
        if found.start >= found.end:
            problem = f"the range {found.start:#x} to {found.end - 1:#x} ends before it starts"
            raise ScenarioError(
                found.place.file, f"line {found.place.line}", problem, "start <= end"
            )
        self._check_room(self.memory, found.place)
        self.memory.append(found)

    def add_sign(self, sign: Sign, reason: str, place: Place) -> None:
        """Record what a line tells about the machine."""
        if len(self.signs) < MAX_FACTS:
            self.signs.append(MachineSign(sign, short(reason.strip()), place))

    def add_complaint(self, found: Complaint) -> None:
        """Record a complaint."""
        if len(self.complaints) < MAX_FACTS:
            self.complaints.append(found)

    def tell(self, what: Told, value: int, place: Place) -> None:
        """Record a single value; a later one counts."""
        self.told[what] = (value, place)

    def value(self, what: Told) -> int | None:
        """Return a single value, None if no file told it."""
        return self.told[what][0] if what in self.told else None

    def note(self, kind: NoteKind, text: str, place: Place | None = None) -> None:
        """Record a sentence for the user; the same sentence about one file only once."""
        if len(self.notes) < MAX_FACTS:
            self.notes.append(Note(kind, text, place))

    def _check_room(self, rows: Sequence[object], place: Place) -> None:
        if len(rows) >= MAX_FACTS:
            problem = f"more than {MAX_FACTS} such lines"
            raise ScenarioError(
                place.file, f"line {place.line}", problem, "the dump of one machine"
            )

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        found = (
            self.registers, self.ranges, self.fixed, self.memory, self.told, self.complaints,
            self.cut_pairs,
        )  # fmt: skip
        return not any(found) and not any(len(t) for trace in self.traces for t in trace.tables())


def check_word(value: int, place: Place) -> None:
    """Raise ScenarioError unless ``value`` fits 64 bits."""
    if not 0 <= value <= WORD:
        expected = "a number of at most 64 bits"
        raise ScenarioError(place.file, f"line {place.line}", short(f"{value:#x}"), expected)


def short(text: str) -> str:
    """Return ``text`` cut to what fits a message."""
    return text if len(text) <= 80 else text[:77] + "..."
