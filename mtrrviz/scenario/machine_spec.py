"""The machine of a scenario: CPUs, physical memory layout and what decides about memory types.

A guest under KVM or a host, a real machine. On a host a vCPU stands for a CPU, and guest physical
addresses for physical ones.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from msgspec.structs import force_setattr

from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.msr.registers import VARIABLE_PAIRS
from mtrrviz.core.record import Record
from mtrrviz.core.units import GIB, PAGE_SHIFT
from mtrrviz.scenario.value_check import U64_MAX, choice, text, whole


class MachineKind(StrEnum):
    """What a scenario describes. The values are the words used in files."""

    GUEST = "guest"
    """A guest under KVM: EPT leaves have the types, by the rules of a policy."""
    HOST = "host"
    """A real machine: its processors look at their MTRRs themselves."""


class Maker(StrEnum):
    """Who made the CPUs; AMD's have rules of their own (see mtrrviz.core.sdm.hardware)."""

    UNKNOWN = "unknown"
    INTEL = "intel"
    AMD = "amd"


class RegionKind(StrEnum):
    """What is at a range of physical addresses. The values are the words used in files."""

    RAM = "ram"
    """Guest RAM: a memory slot, faults make leaves."""
    ROM = "rom"
    """Firmware flash or ROM: a read-only slot; reads and fetches make leaves, writes exit."""
    DEVICE_RAM = "device-ram"
    """Memory of an emulated device (a frame buffer): a slot of host RAM."""
    MMIO = "mmio"
    """Emulated registers: no slot, so never a leaf."""
    PASSTHROUGH = "passthrough"
    """A BAR of a passed-through device: a slot of host MMIO, always UC."""
    RESERVED = "reserved"
    """The firmware keeps it and does not say what it is: memory or devices. No slot."""
    UNKNOWN = "unknown"
    """Nothing tells what is there. No slot."""


#: Kinds that have a memory slot, so that a touch makes a leaf.
SLOT_KINDS = frozenset(
    {RegionKind.RAM, RegionKind.ROM, RegionKind.DEVICE_RAM, RegionKind.PASSTHROUGH}
)

_BYTES = "a number of bytes"


class Region(Record):
    """A named range of physical bytes, ``end`` exclusive, both page aligned."""

    name: str
    kind: RegionKind
    start: int
    end: int

    def __post_init__(self) -> None:
        checked = {
            "name": text(self.name, "region.name"),
            "kind": choice(self.kind, RegionKind, "region.kind"),
            "start": whole(self.start, "region.start", U64_MAX, _BYTES, least=-U64_MAX),
            "end": whole(self.end, "region.end", U64_MAX, _BYTES, least=-U64_MAX),
        }
        for name, value in checked.items():
            force_setattr(self, name, value)

    @property
    def size_bytes(self) -> int:
        """Length in bytes."""
        return self.end - self.start

    @property
    def first_gfn(self) -> int:
        """First guest frame number."""
        return self.start >> PAGE_SHIFT

    @property
    def end_gfn(self) -> int:
        """Guest frame number after the last."""
        return self.end >> PAGE_SHIFT

    @property
    def has_slot(self) -> bool:
        """Whether KVM has a memory slot here (see :data:`SLOT_KINDS`)."""
        return self.kind in SLOT_KINDS

    @property
    def words(self) -> str:
        """The name, with the kind where the name does not tell it: "VGA window (mmio)"."""
        kind = self.kind.value
        return self.name if kind in self.name.lower() else f"{self.name} ({kind})"


_NUMBERS = (
    "vcpus",
    "memory_bytes",
    "maxphyaddr",
    "host_level",
    "cpu_mhz",
    "noncoherent_dma",
    "tom2_end",
    "pairs",
)


class MachineSpec(Record, dict=True):
    """What a scenario begins with, most of which does not change while it runs.

    Of a host count ``kind``, ``maker``, ``tom2_end`` (bytes: from 4 GiB to there memory is WB by
    default, AMD's TOM2 with ForceWB; 0: no such), ``pairs`` (variable ranges that its CPUs have)
    ``unknown_registers`` ((CPU, MSR) of values that nobody told; a write makes one known) and
    ``mtrrs_on`` (it was told that the MTRRs are on, whether or not their values were).
    A guest has the eight pairs of KVM.

    ``has_mtrr`` is the guest's CPUID bit, ``cd_nw_quirk`` KVM_X86_QUIRK_CD_NW_CLEARED,
    ``self_snoop`` the host CPU's feature, ``ignore_guest_pat`` KVM_X86_QUIRK_IGNORE_GUEST_PAT. Both
    quirks are meant as they are before the first event; events may disable them.
    ``host_level`` is the largest leaf that the host's backing pages permit (1: 4 KiB, 2: 2 MiB,
    3: 1 GiB). ``noncoherent_dma`` is the number of such devices before the first event.
    ``regions`` are sorted and do not overlap; what no region names has no memory slot.
    """

    vcpus: int
    memory_bytes: int
    regions: tuple[Region, ...]
    maxphyaddr: int = 46
    has_mtrr: bool = True
    cd_nw_quirk: bool = True
    self_snoop: bool = True
    ignore_guest_pat: bool = True
    host_level: int = 2
    cpu_mhz: int = 3100
    noncoherent_dma: int = 0
    kind: MachineKind = MachineKind.GUEST
    maker: Maker = Maker.UNKNOWN
    tom2_end: int = 0
    pairs: int = VARIABLE_PAIRS
    unknown_registers: frozenset[tuple[int, int]] = frozenset()
    mtrrs_on: bool = False

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            # Of the right type only: machine_check tells field by field what is out of range.
            number = whole(getattr(self, name), f"machine.{name}", U64_MAX, least=-U64_MAX)
            force_setattr(self, name, number)
        force_setattr(self, "kind", choice(self.kind, MachineKind, "machine.kind"))
        force_setattr(self, "maker", choice(self.maker, Maker, "machine.maker"))
        force_setattr(self, "regions", tuple(self.regions))

    @property
    def is_host(self) -> bool:
        """Whether this is a real machine."""
        return self.kind is MachineKind.HOST

    @property
    def cpu_word(self) -> str:
        """What one of its processors is called: "CPU", or a guest's "vCPU"."""
        return "CPU" if self.is_host else "vCPU"

    @property
    def variable_pairs(self) -> int:
        """The number of variable pairs that a CPU has: a guest those of KVM."""
        return self.pairs if self.is_host else VARIABLE_PAIRS

    @property
    def has_dram_bits(self) -> bool:
        """Whether fixed registers hold AMD's RdMem and WrMem bits as well as types."""
        return self.is_host and self.maker is Maker.AMD

    def check_write(self, msr: int, value: int) -> None:
        """Raise GeneralProtectionFault if a CPU of this machine refuses the write."""
        check_write(
            msr, value, self.maxphyaddr, self.variable_pairs, has_dram_bits=self.has_dram_bits
        )

    @property
    def memory_gib(self) -> float:
        """The RAM in GiB."""
        return self.memory_bytes / GIB

    @cached_property
    def slots(self) -> tuple[Region, ...]:
        """The regions that have a memory slot, in address order; a host has no slots."""
        return () if self.is_host else tuple(r for r in self.regions if r.has_slot)

    @cached_property
    def passthrough_gfns(self) -> tuple[tuple[int, int], ...]:
        """The gfns [first, end) of each BAR of a passed-through device, in address order."""
        kind = RegionKind.PASSTHROUGH
        return tuple((r.first_gfn, r.end_gfn) for r in self.regions if r.kind is kind)

    @property
    def end_gfn(self) -> int:
        """The guest frame number after the last named region."""
        return max((region.end_gfn for region in self.regions), default=0)

    def region_at(self, gfn: int) -> Region | None:
        """Return the region that holds ``gfn``, or None."""
        return next((r for r in self.regions if r.first_gfn <= gfn < r.end_gfn), None)

    def regions_in(self, first_gfn: int, end_gfn: int) -> tuple[Region, ...]:
        """Return the regions that intersect [first_gfn, end_gfn), in address order."""
        return tuple(r for r in self.regions if r.first_gfn < end_gfn and r.end_gfn > first_gfn)
