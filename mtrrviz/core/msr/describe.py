"""What a register's value means, in plain words."""

from __future__ import annotations

from itertools import groupby

from mtrrviz.core.memtype import MemoryType, PatType
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_NW,
    CR0_PE,
    CR0_PG,
    FIXED_ENABLE_BIT,
    MTRR_ENABLE_BIT,
    REGISTERS,
    VALID_BIT,
    WORD,
    Register,
    fixed_subranges,
)
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size
from mtrrviz.core.variable_ranges import reserved_bits


def describe(msr: int, value: int, maxphyaddr: int) -> str:
    """Return what this value of the register says, e.g. "E on, FE on, default WB".

    Works for values the register would refuse as well; KeyError if there is no such register.
    """
    reg = REGISTERS[msr]
    return _WRITERS[reg.kind](reg, value, maxphyaddr)


def describe_pair(physbase: int, physmask: int, maxphyaddr: int) -> str:
    """Return what a pair covers, e.g. "2 GiB at 0x8000_0000, UC" or "off (4 KiB at 0x0, UC)"."""
    start = physbase & WORD & ~(PAGE_SIZE - 1)
    wild = ~(physmask | reserved_bits(maxphyaddr)) & WORD & ~(PAGE_SIZE - 1)
    size_bytes = (start | wild | (PAGE_SIZE - 1)) + 1 - start
    words = (
        f"{format_size(size_bytes, exact=True)} at {format_gpa(start)}, {_mtrr(physbase & 0xFF)}"
    )
    return words if physmask & VALID_BIT else f"off ({words})"


def _mtrr(code: int) -> str:
    """Name a type code, or say that it is reserved."""
    return MemoryType(code).name if code in _MTRR_NAMES else f"reserved type {code:#x}"


def _capability(_reg: Register, value: int, _maxphyaddr: int) -> str:
    fixed = "fixed ranges" if value & 1 << 8 else "no fixed ranges"
    combining = "WC" if value & 1 << 10 else "no WC"
    smrr = "SMRR" if value & 1 << 11 else "no SMRR"
    return f"{value & 0xFF} variable ranges, {fixed}, {combining}, {smrr}"


def _base(_reg: Register, value: int, _maxphyaddr: int) -> str:
    return f"from {format_gpa(value & WORD & ~(PAGE_SIZE - 1))}, {_mtrr(value & 0xFF)}"


def _mask(_reg: Register, value: int, maxphyaddr: int) -> str:
    on = "on" if value & VALID_BIT else "off"
    wild = ~(value | reserved_bits(maxphyaddr)) & WORD | (PAGE_SIZE - 1)
    holes = ", mask has holes" if wild & (wild + 1) else ""
    return f"{on}, {format_size(wild + 1, exact=True)} range{holes}"


def _fixed(reg: Register, value: int, _maxphyaddr: int) -> str:
    """Join neighbours of one type: "WB 0x8_0000-0x9_ffff"."""
    spans = fixed_subranges(reg.msr)
    rows = zip(spans, value.to_bytes(8, "little"), strict=True)
    words: list[str] = []
    for code, group in groupby(rows, key=lambda row: row[1]):
        members = [span for span, _ in group]
        last = members[-1][0] + members[-1][1] - 1
        words.append(f"{_mtrr(code)} {format_gpa(members[0][0])}-{format_gpa(last)}")
    return ", ".join(words)


def _deftype(_reg: Register, value: int, _maxphyaddr: int) -> str:
    e = "on" if value & MTRR_ENABLE_BIT else "off"
    fe = "on" if value & FIXED_ENABLE_BIT else "off"
    return f"E {e}, FE {fe}, default {_mtrr(value & 0xFF)}"


def _pat(_reg: Register, value: int, _maxphyaddr: int) -> str:
    return ", ".join(
        PatType(code).label if code in _PAT_NAMES else f"reserved type {code:#x}"
        for code in value.to_bytes(8, "little")
    )


def _cr0(_reg: Register, value: int, _maxphyaddr: int) -> str:
    caches = "caches off" if value & CR0_CD else "caches on"
    write = ", NW" if value & CR0_NW else ""
    paging = "paging on" if value & CR0_PG else "paging off"
    mode = "protected mode" if value & CR0_PE else "real mode"
    return f"{caches} (CD {value >> 30 & 1}{write}), {mode}, {paging}"


_MTRR_NAMES = frozenset(int(t) for t in MemoryType)
_PAT_NAMES = frozenset(int(t) for t in PatType)
_WRITERS = {
    "capability": _capability,
    "base": _base,
    "mask": _mask,
    "fixed": _fixed,
    "deftype": _deftype,
    "pat": _pat,
    "cr0": _cr0,
}
