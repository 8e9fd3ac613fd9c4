"""Which register writes are refused, and the words that say why (KVM: kvm_mtrr_valid)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.memtype import MTRR_TYPE_CODES, PAT_TYPE_CODES, MemoryType, PatType
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ID,
    CR0_NW,
    CR0_PE,
    CR0_PG,
    DRAM_BITS,
    FIXED_MSRS,
    REGISTERS,
    VARIABLE_PAIRS,
    WORD,
    Field,
    Register,
    has_register,
    mtrr_msrs,
    reserved_mask,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MTRR_CODES = bytes(sorted(MTRR_TYPE_CODES))
_PAT_CODES = bytes(sorted(PAT_TYPE_CODES))
_CR0_HIGH = WORD & ~0xFFFF_FFFF
_CR0_JUDGED = (CR0_CD, CR0_NW, CR0_PG, CR0_PE)


def check_write(
    msr: int,
    value: int,
    maxphyaddr: int,
    pairs: int = VARIABLE_PAIRS,
    *,
    has_dram_bits: bool = False,
) -> None:
    """Raise GeneralProtectionFault if KVM refuses this write; return if it accepts it.

    So does a real processor with other ``pairs`` than KVM's; one with ``has_dram_bits`` takes
    RdMem and WrMem in its fixed registers (see ``DRAM_BITS``).

    ValueError if ``value`` is no 64-bit number at all. For CR0 the rules of SDM 2.5 apply: nothing
    above bit 31, PG needs PE, NW needs CD (other reserved bits are ignored, as KVM does).
    """
    if reason := refusal(msr, value, maxphyaddr, pairs, has_dram_bits):
        raise GeneralProtectionFault(msr, value, reason)


@lru_cache(maxsize=1 << 14)
def refusal(msr: int, value: int, maxphyaddr: int, pairs: int, has_dram_bits: bool) -> str:
    """Return why a write is refused, "" if it is accepted; arguments as :func:`check_write`.

    Kept, so that one write is judged once however many runs, replays and views ask.
    """
    if not 0 <= value <= WORD:
        raise ValueError(f"a register value must fit 64 bits, not {value:#x}")
    if msr == CR0_ID:
        return _cr0_refusal(value)
    rule = _all_write_limits(maxphyaddr, pairs).get(msr)
    judged = value & ~DRAM_BITS if has_dram_bits and msr in FIXED_MSRS else value
    if rule is None or not rule.accepts(judged):
        return _refusal(msr, judged, maxphyaddr, pairs)
    return ""


def refused_values(
    msr: int, values: NDArray[np.uint64], maxphyaddr: int, pairs: int, has_dram_bits: bool
) -> NDArray[np.bool_]:
    """Return which of many values for one register are refused; other arguments as before."""
    if msr == CR0_ID:
        cd, nw, pg, pe = ((values & np.uint64(bit)) != 0 for bit in _CR0_JUDGED)
        return ((values & np.uint64(_CR0_HIGH)) != 0) | (nw & ~cd) | (pg & ~pe)
    rule = _all_write_limits(maxphyaddr, pairs).get(msr)
    if rule is None:
        return np.ones(len(values), np.bool_)
    if has_dram_bits and msr in FIXED_MSRS:
        values = values & ~np.uint64(DRAM_BITS)
    types = values.astype("<u8").view(np.uint8).reshape(-1, 8)
    is_bad = np.ones(256, np.bool_)
    is_bad[list(rule.codes)] = False
    refused = (values & np.uint64(rule.reserved)) != 0
    for byte in range(rule.type_bytes):
        refused |= is_bad[types[:, byte]]
    return refused


class _WriteLimits(NamedTuple):
    """What a write of one register must satisfy, taken from the table once for all writes."""

    reserved: int
    type_bytes: int
    codes: bytes

    def accepts(self, value: int) -> bool:
        """Check all type bytes at once: deleting the allowed codes must leave nothing."""
        if value & self.reserved:
            return False
        return not value.to_bytes(8, "little")[: self.type_bytes].translate(None, self.codes)


@lru_cache(maxsize=64)
def _all_write_limits(maxphyaddr: int, pairs: int) -> dict[int, _WriteLimits]:
    """Return the rule of every writable MSR, by number, for this address width."""
    writable = [reg for msr in mtrr_msrs(pairs) if (reg := REGISTERS[msr]).is_writable]
    return {reg.msr: _write_limits(reg, maxphyaddr) for reg in writable}


def _write_limits(reg: Register, maxphyaddr: int) -> _WriteLimits:
    types = sum(field.kind == "type" for field in reg.fields)
    return _WriteLimits(reserved_mask(reg, maxphyaddr), types, allowed_codes(reg))


def allowed_codes(reg: Register) -> bytes:
    """Return the type codes a "type" field of the register may hold, ascending."""
    return _PAT_CODES if reg.kind == "pat" else _MTRR_CODES


def _cr0_refusal(value: int) -> str:
    """Return why MOV to CR0 refuses a value, "" if it does not (KVM: kvm_is_valid_cr0)."""
    if value & _CR0_HIGH:
        return f"{bit_words(value & _CR0_HIGH)} of CR0 are reserved and must be 0"
    if value & CR0_NW and not value & CR0_CD:
        return "NW (bit 29) needs CD (bit 30) set as well"
    if value & CR0_PG and not value & CR0_PE:
        return "PG (bit 31) needs PE (bit 0) set as well"
    return ""


def _refusal(msr: int, value: int, maxphyaddr: int, pairs: int) -> str:
    """Name every reason the value is refused for, reserved bits first."""
    reg = REGISTERS.get(msr)
    if reg is None:
        return "no MTRR or PAT register has this number"
    if not has_register(reg, pairs):
        return f"{reg.name} does not exist: there are {pairs} pairs"
    if not reg.is_writable:
        return f"{reg.name} can only be read"
    reasons = [_bad_bits(field, value) for field in reg.fields_at(maxphyaddr)]
    reasons += [_bad_type(reg, field, value) for field in reg.fields]
    return f"{reg.name}: " + "; ".join(filter(None, reasons))


def _bad_bits(field: Field, value: int) -> str:
    if field.kind != "reserved" or not value & field.mask:
        return ""
    be = "is" if (value & field.mask).bit_count() == 1 else "are"
    why = "must be 0" if field.meaning == "must be 0" else field.meaning
    return f"{bit_words(value & field.mask)} {be} reserved ({bit_range(field)}: {why})"


def _bad_type(reg: Register, field: Field, value: int) -> str:
    code = field.extract(value)
    if field.kind != "type" or code in allowed_codes(reg):
        return ""
    byte = f"byte {field.low // 8} (bits {field.bits}, {field.name})"
    return f"{byte} holds type {code:#x}; allowed are {_allowed_words(reg)}"


def _allowed_words(reg: Register) -> str:
    if reg.kind == "pat":
        return ", ".join(f"{int(t)} {t.label}" for t in PatType)
    return ", ".join(f"{int(t)} {t.name}" for t in MemoryType)


def bit_range(field: Field) -> str:
    """Return "bit 9" or "bits 11:8" for a field."""
    return f"bit {field.bits}" if field.low == field.high else f"bits {field.bits}"


def bit_words(mask: int) -> str:
    """Return the set bits in words with runs joined: "bit 9", "bits 8, 40-63"."""
    runs: list[str] = []
    bit = 0
    while mask >> bit:
        if not mask >> bit & 1:
            bit += 1
            continue
        end = bit
        while mask >> (end + 1) & 1:
            end += 1
        runs.append(f"{bit}" if bit == end else f"{bit}-{end}")
        bit = end + 1
    plural = "s" if mask.bit_count() > 1 else ""
    return f"bit{plural} {', '.join(runs)}"
