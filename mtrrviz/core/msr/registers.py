"""The table of registers and their fields; validity, views, explanations and help read it.

One row a field, so that no other module needs to know a bit number. Sections refer to the SDM,
volume 3A.
"""

from __future__ import annotations

from functools import lru_cache

from mtrrviz.core.record import Record

CR0_ID = -1
"""Stands for CR0 where an MSR number is expected; MSR numbers are never negative."""

MTRRCAP = 0xFE
PHYSBASE0 = 0x200
PHYSMASK0 = 0x201
PAT = 0x277
DEFTYPE = 0x2FF
VARIABLE_PAIRS = 8
"""Number of PHYSBASE/PHYSMASK pairs KVM offers (KVM_NR_VAR_MTRR)."""

MAX_PAIRS = 32
"""Most pairs of a real machine that have registers here."""

PAIR_MSRS = range(PHYSBASE0, PHYSBASE0 + 2 * MAX_PAIRS)
"""The registers of all pairs, bases and masks."""

CAP_FEATURES = 0x500
"""What IA32_MTRRCAP reads besides the number of pairs: fixed ranges, WC, no SMRR."""

DRAM_BITS = 0x1818_1818_1818_1818
"""RdMem and WrMem of each byte of a fixed register on AMD CPUs (APM vol. 2, 7.9.1)."""

READ_DRAM_BIT = 1 << 4
"""RdMem of one byte: reads go to RAM, not to the bus."""

WRITE_DRAM_BIT = 1 << 3
"""WrMem of one byte: writes go to RAM, not to the bus."""

PAT_RESET = 0x0007_0406_0007_0406
"""IA32_PAT after RESET (SDM 12.12.4)."""

VALID_BIT = 1 << 11
FIXED_ENABLE_BIT = 1 << 10
MTRR_ENABLE_BIT = 1 << 11

CR0_CD = 1 << 30
CR0_NW = 1 << 29
CR0_PG = 1 << 31
CR0_PE = 1 << 0
CR0_ET = 1 << 4
CR0_RESET = 0x6000_0010
"""CR0 after RESET: caches disabled (SDM 10.1.1, table 10-1)."""

WORD = (1 << 64) - 1
"""Mask of the 64 bits of a register."""


class Field(Record):
    """Bits ``low`` to ``high`` (inclusive) of a register: what they are called and mean.

    ``kind`` is "type", "flag", "address", "mask", "count" or "reserved".
    """

    name: str
    low: int
    high: int
    meaning: str
    section: str
    kind: str

    @property
    def mask(self) -> int:
        """Return the field's bits as a 64-bit mask."""
        return ((1 << (self.high - self.low + 1)) - 1) << self.low

    @property
    def bits(self) -> str:
        """Return the SDM's notation: "11" or "63:12"."""
        return f"{self.low}" if self.low == self.high else f"{self.high}:{self.low}"

    def extract(self, value: int) -> int:
        """Return this field of a register's value, shifted down."""
        return (value & self.mask) >> self.low


class Register(Record):
    """One register: number, names, and fields that cover its 64 bits from low to high.

    ``kind`` is "capability", "base", "mask", "fixed", "deftype", "pat" or "cr0"; ``index`` counts
    registers within a kind (the pair's number for a base or mask).
    """

    msr: int
    name: str
    title: str
    fields: tuple[Field, ...]
    section: str
    kind: str
    index: int = 0

    @property
    def is_writable(self) -> bool:
        """Return False for the one register software can only read."""
        return self.kind != "capability"

    def fields_at(self, maxphyaddr: int) -> tuple[Field, ...]:
        """Return the fields with the address bits from MAXPHYADDR up split off as reserved."""
        return tuple(part for field in self.fields for part in _split_at(field, maxphyaddr))


def _split_at(field: Field, maxphyaddr: int) -> tuple[Field, ...]:
    """Cut an address or mask field where the guest's physical addresses end."""
    if field.kind not in ("address", "mask") or maxphyaddr > field.high:
        return (field,)
    low = max(field.low, maxphyaddr)
    meaning = f"at or above MAXPHYADDR ({maxphyaddr}); must be 0"
    beyond = Field("reserved", low, field.high, meaning, field.section, "reserved")
    if low == field.low:
        return (beyond,)
    inside = Field(field.name, field.low, low - 1, field.meaning, field.section, field.kind)
    return (inside, beyond)


def _reserved(low: int, high: int, section: str) -> Field:
    return Field("reserved", low, high, "must be 0", section, "reserved")


def _cap() -> Register:
    at = "12.11.1"
    fields = (
        Field("VCNT", 0, 7, "number of variable ranges", at, "count"),
        Field("FIX", 8, 8, "fixed ranges are supported", at, "flag"),
        _reserved(9, 9, at),
        Field("WC", 10, 10, "write-combining is supported", at, "flag"),
        Field("SMRR", 11, 11, "an SMM range register exists", at, "flag"),
        _reserved(12, 63, at),
    )
    return Register(MTRRCAP, "IA32_MTRRCAP", "MTRR capability", fields, at, "capability")


def _base(index: int) -> Register:
    at = "12.11.2.3"
    fields = (
        Field("Type", 0, 7, "memory type of the range", at, "type"),
        _reserved(8, 11, at),
        Field("PhysBase", 12, 63, "first address of the range, bits 12 and up", at, "address"),
    )
    name, title = f"IA32_MTRR_PHYSBASE{index}", f"Variable range {index}: base"
    return Register(PHYSBASE0 + 2 * index, name, title, fields, at, "base", index)


def _mask(index: int) -> Register:
    at = "12.11.2.3"
    fields = (
        _reserved(0, 10, at),
        Field("V", 11, 11, "the pair is in use", at, "flag"),
        Field("PhysMask", 12, 63, "address bits that must match the base", at, "mask"),
    )
    name, title = f"IA32_MTRR_PHYSMASK{index}", f"Variable range {index}: mask"
    return Register(PHYSMASK0 + 2 * index, name, title, fields, at, "mask", index)


_FIXED_LAYOUT: tuple[tuple[int, str, int, int], ...] = (
    (0x250, "FIX64K_00000", 0x00000, 0x10000),
    (0x258, "FIX16K_80000", 0x80000, 0x4000),
    (0x259, "FIX16K_A0000", 0xA0000, 0x4000),
    *(
        (0x268 + k, f"FIX4K_{0xC0000 + 0x8000 * k:X}", 0xC0000 + 0x8000 * k, 0x1000)
        for k in range(8)
    ),
)
"""Number, name, first address and bytes per sub-range of the fixed registers (table 12-9)."""


def _fixed(index: int, msr: int, name: str, start: int, step: int) -> Register:
    at = "12.11.2.2"
    fields = tuple(
        Field(
            f"{start + j * step:05X}",
            8 * j,
            8 * j + 7,
            f"type of {start + j * step:#_x} to {start + (j + 1) * step - 1:#_x}",
            at,
            "type",
        )
        for j in range(8)
    )
    title = f"Fixed ranges from {start:#_x}"
    return Register(msr, f"IA32_MTRR_{name}", title, fields, at, "fixed", index)


def _deftype() -> Register:
    at = "12.11.2.1"
    fields = (
        Field("Type", 0, 7, "type where no range matches", at, "type"),
        _reserved(8, 9, at),
        Field("FE", 10, 10, "fixed ranges are in use (if E is set too)", at, "flag"),
        Field("E", 11, 11, "MTRRs are on; if clear, all memory is UC", at, "flag"),
        _reserved(12, 63, at),
    )
    return Register(
        DEFTYPE, "IA32_MTRR_DEF_TYPE", "Default type and enables", fields, at, "deftype"
    )


def _pat() -> Register:
    at = "12.12.2"
    fields = tuple(
        Field(f"PA{j}", 8 * j, 8 * j + 7, f"type for page-table index {j}", at, "type")
        for j in range(8)
    )
    return Register(PAT, "IA32_PAT", "Page attribute table", fields, at, "pat")


_CR0_FLAGS: tuple[tuple[str, int, str], ...] = (
    ("PE", 0, "protected mode"),
    ("MP", 1, "monitor coprocessor"),
    ("EM", 2, "emulate x87"),
    ("TS", 3, "task switched"),
    ("ET", 4, "extension type, always 1"),
    ("NE", 5, "numeric error"),
    ("WP", 16, "write protect applies to supervisor writes"),
    ("AM", 18, "alignment checks allowed"),
    ("NW", 29, "not write-through; needs CD"),
    ("CD", 30, "cache disable: overrides MTRRs and PAT"),
    ("PG", 31, "paging; needs PE"),
)


def _cr0() -> Register:
    at = "2.5"
    flags = {bit: Field(name, bit, bit, meaning, at, "flag") for name, bit, meaning in _CR0_FLAGS}
    gaps = (
        _reserved(6, 15, at),
        _reserved(17, 17, at),
        _reserved(19, 28, at),
        _reserved(32, 63, at),
    )
    fields = tuple(sorted((*flags.values(), *gaps), key=lambda field: field.low))
    return Register(CR0_ID, "CR0", "Control register 0", fields, at, "cr0")


def _all_registers() -> tuple[Register, ...]:
    pairs = [build(i) for i in range(MAX_PAIRS) for build in (_base, _mask)]
    fixed = [_fixed(i, *layout) for i, layout in enumerate(_FIXED_LAYOUT)]
    return (_cap(), _deftype(), *fixed, *pairs, _pat(), _cr0())


REGISTERS: dict[int, Register] = {reg.msr: reg for reg in _all_registers()}
"""Every register that any machine has, by number, in the order views show them."""

FIXED_MSRS: tuple[int, ...] = tuple(row[0] for row in _FIXED_LAYOUT)
"""Numbers of the fixed-range MSRs, lowest address first."""


@lru_cache(maxsize=MAX_PAIRS + 1)
def pair_msrs(index: int) -> tuple[int, int]:
    """Return the numbers of the base and the mask of variable pair ``index``."""
    return PHYSBASE0 + 2 * index, PHYSMASK0 + 2 * index


@lru_cache(maxsize=MAX_PAIRS + 2)
def mtrr_msrs(pairs: int = VARIABLE_PAIRS) -> tuple[int, ...]:
    """Return the numbers of the MSRs of a vCPU with so many pairs, in display order.

    Capability, default, fixed ranges, pairs, PAT.
    """
    return tuple(
        msr for msr, reg in REGISTERS.items() if msr != CR0_ID and has_register(reg, pairs)
    )


def has_register(reg: Register, pairs: int) -> bool:
    """Return whether a machine with so many pairs has this register."""
    return reg.kind not in ("base", "mask") or reg.index < pairs


def register(msr: int) -> Register:
    """Return the register with this number (CR0_ID for CR0); KeyError if there is none."""
    return REGISTERS[msr]


def reserved_mask(reg: Register, maxphyaddr: int) -> int:
    """Return the bits that must be 0 for a guest with this MAXPHYADDR (KVM: kvm_mtrr_valid)."""
    fields = reg.fields_at(maxphyaddr)
    return sum(field.mask for field in fields if field.kind == "reserved") & WORD


def fixed_subranges(msr: int) -> list[tuple[int, int]]:
    """Return (first address, bytes) of the eight sub-ranges of a fixed register, in byte order.

    KeyError if the register is not a fixed one.
    """
    _, start, step = _FIXED_BY_MSR[msr]
    return [(start + j * step, step) for j in range(8)]


_FIXED_BY_MSR = {msr: (name, start, step) for msr, name, start, step in _FIXED_LAYOUT}
