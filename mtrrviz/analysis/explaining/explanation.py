"""An explanation as a value: the rules KVM met on the way to one page's leaf, and the leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mtrrviz.core.ept import bits_to_leaf, block, leaf_entry
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.analysis.explaining.pat_table import PatTable
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.sdm.hardware import HostType
    from mtrrviz.scenario.machine_spec import Region

StepKind = Literal[
    "region",  # what backs the page
    "host-mmio",  # whether the slot is a passed-through BAR
    "dma",  # devices with non-coherent DMA
    "cd",  # CR0.CD of the vCPU and the VMM's quirk
    "self-snoop",  # a feature of the host's CPU, where the policy asks for it
    "pat-quirk",  # the VMM's choice about the guest's PAT, where the policy asks for it
    "policy",  # a policy under which guest MTRRs never count
    "owner",  # whose MTRRs count
    "cpuid",  # CPUID's MTRR bit, which counts while DEF_TYPE.E is clear
    "enable",  # DEF_TYPE.E and FE
    "fixed",
    "variable",
    "default",
    "tom2",  # AMD's TOM2 with ForceWB: the default type of a real machine's memory above 4 GiB
    "sdm",  # the SDM's answer about these ranges, if it is another one or its lookup is used
    "hardware",  # what the SDM alone says: this vCPU's registers on a real processor
    "result",  # the leaf's type and IPAT
    "level",  # the leaf's size
    "limit",  # one thing that keeps the leaf from being larger
]

GfnSpan = tuple[int, int]
"""Gfns [first, end)."""


class Step(Record):
    """One link of the chain.

    ``decides``: this is the rule the leaf's type comes from (or that there can be no leaf).
    ``msr`` is the register of ``vcpu`` it was read from, CR0_ID for CR0, None if it is no register
    (the base stands for both registers of a pair); ``field`` is the name of the field it speaks of,
    "" for the whole register, and ``gfns`` the range it speaks of, None if it is about no range.
    """

    kind: StepKind
    text: str
    decides: bool = False
    msr: int | None = None
    vcpu: int | None = None
    field: str = ""
    gfns: GfnSpan | None = None


class FaultLeaf(Record):
    """The leaf a fault would make: EPT memory type, IPAT, level (1: 4 KiB to 3: 1 GiB)."""

    type: MemoryType
    ipat: int
    level: int


class MappedLeaf(Record):
    """A leaf that covers the page: its block, the vCPU whose fault made it, and since when.

    ``bits`` are type << 3 | IPAT << 6 as in the entry; ``born_ns`` is scenario time.
    """

    first_gfn: int
    level: int
    bits: int
    vcpu: int
    born_ns: int

    @property
    def type(self) -> MemoryType:
        """Return the EPT memory type."""
        return bits_to_leaf(self.bits)[0]

    @property
    def ipat(self) -> int:
        """Return 1 if the guest's PAT is ignored, else 0."""
        return bits_to_leaf(self.bits)[1]

    @property
    def end_gfn(self) -> int:
        """Return the page after the last one mapped."""
        first, pages = block(self.first_gfn, self.level)
        return first + pages

    @property
    def entry(self) -> int:
        """Return the 64-bit EPT entry; its host frame is modelled."""
        return leaf_entry(self.first_gfn, self.level, self.bits).encode()


class PageHistory(Record):
    """What happened to the page so far.

    ``faults`` leaves that covered it, ``refaults`` of these made by a fault on memory mapped
    before, ``zaps`` whose range held it, ``drops`` of its leaves by zaps, and the time in ns and
    vCPU (-1: the VM) of the last such zap, None if there was none.
    """

    faults: int
    refaults: int
    zaps: int
    drops: int
    last_zap_ns: int | None
    last_zap_vcpu: int | None


class Explanation(Record):
    """Why the page ``gfn`` has its type, for a fault by ``vcpu`` at ``time_ns``.

    ``leaf`` is what is mapped now, ``next_fault`` what a fault would map (None without a slot);
    ``stale``: a leaf is there that faults of ``vcpu`` would make otherwise, be it on other pages
    of it (see :mod:`mtrrviz.facts.stale`). ``pat`` says what
    the guest's PAT makes of both. ``hardware`` is the type that the vCPU's own registers give the
    page by the SDM alone, None where that leaves it undefined. ``mtrr`` is what its MTRRs say of
    it, CR0.CD aside. On a real machine (``is_host``) that is the answer, and no leaf exists.
    """

    gfn: int
    vcpu: int
    time_ns: int
    policy_id: str
    region: Region | None
    steps: tuple[Step, ...]
    leaf: MappedLeaf | None
    next_fault: FaultLeaf | None
    stale: bool
    history: PageHistory
    pat: PatTable
    hardware: MemoryType | None
    mtrr: HostType
    is_host: bool = False

    @property
    def deciding(self) -> Step:
        """Return the step that decided, the first one if several registers agree."""
        return next(step for step in self.steps if step.decides)
