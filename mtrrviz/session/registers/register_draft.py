"""A draft: register values as a user is typing them, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.msr.register_rules import check_write
from mtrrviz.core.msr.registers import (
    CR0_CD,
    CR0_ID,
    CR0_NW,
    Field,
    register,
    reserved_mask,
)
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SIZE, format_gpa
from mtrrviz.core.variable_ranges import range_to_pair
from mtrrviz.session.registers.register_view import read_register
from mtrrviz.session.registers.register_writes import can_go_as_kernel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState

_WORD = (1 << 64) - 1


class Draft(Record):
    """Values of one register, or of a pair, on their way to being written.

    ``state`` are the vCPU's MTRRs, to read only. ``original`` is what the machine holds, ``values``
    what the user wants; both by register number. A draft is a value: each change gives another one.
    It may hold what KVM refuses, and says why.
    """

    state: MtrrState
    original: Mapping[int, int]
    values: Mapping[int, int]

    @classmethod
    def of(cls, machine: Machine, vcpu: int, msrs: Sequence[int]) -> Draft:
        """Return the unchanged draft of a vCPU's registers."""
        values = {msr: read_register(machine, vcpu, msr) for msr in msrs}
        return cls(machine.mtrr(vcpu), values, values)

    @property
    def maxphyaddr(self) -> int:
        """The address width of the machine."""
        return self.state.maxphyaddr

    @property
    def is_changed(self) -> bool:
        """Whether any value is another than the machine's."""
        return any(self.values[msr] != self.original[msr] for msr in self.values)

    @property
    def changed_msrs(self) -> tuple[int, ...]:
        """The registers that would get another value."""
        return tuple(msr for msr in self.values if self.changed_bits(msr))

    def changed_bits(self, msr: int) -> int:
        """Return the bits of a register that differ from the machine's, as a mask."""
        return self.values[msr] ^ self.original[msr]

    def locked_bits(self, msr: int) -> int:
        """Return the bits that cannot be set here: reserved ones, and all but CD of CR0."""
        reg = register(msr)
        if not reg.is_writable:
            return _WORD
        return _WORD & ~CR0_CD if msr == CR0_ID else reserved_mask(reg, self.maxphyaddr)

    def with_value(self, msr: int, value: int) -> Draft:
        """Return the draft with another value of a register.

        Of CR0 only CD is taken over; when CD goes, NW goes too, because NW=1 needs CD=1.
        """
        if msr == CR0_ID:
            value = self.original[msr] & ~CR0_CD | value & CR0_CD
            value &= _WORD if value & CR0_CD else ~CR0_NW
        return replace(self, values={**self.values, msr: value})

    def with_bit_toggled(self, msr: int, bit: int) -> Draft:
        """Return the draft with one bit flipped; the same draft if the bit is locked.

        A locked bit that is set (a value was typed) may still be cleared.
        """
        flag = 1 << bit
        value = self.values[msr]
        if self.locked_bits(msr) & flag and not (can_go_as_kernel(msr) and value & flag):
            return self
        return self.with_value(msr, value ^ flag)

    def with_field(self, msr: int, field: Field, part: int) -> Draft:
        """Return the draft with one field of a register set to ``part`` (not shifted)."""
        return self.with_value(msr, self.values[msr] & ~field.mask | part << field.low & field.mask)

    def with_range(self, base: int, size_bytes: int, memory_type: MemoryType) -> Draft:
        """Return a pair's draft that covers a range; ValueError says why there is no such pair."""
        pair = range_to_pair(base, size_bytes, memory_type, self.maxphyaddr)
        return replace(self, values=dict(zip(self.values, pair, strict=True)))

    def refusal(self, msr: int) -> str:
        """Return why KVM would refuse the register's value, in words; empty if it would not."""
        if not register(msr).is_writable:
            return ""
        try:
            if msr == CR0_ID:
                check_write(msr, self.values[msr], self.maxphyaddr)
            else:
                self.state.check_write(msr, self.values[msr])
        except GeneralProtectionFault as fault:
            return str(fault)
        return ""

    @property
    def refusals(self) -> dict[int, str]:
        """The reasons for all values that KVM would refuse, by register."""
        reasons = {msr: self.refusal(msr) for msr in self.values}
        return {msr: reason for msr, reason in reasons.items() if reason}


def parse_register(text: str) -> int:
    """Return the value that hex digits mean, with or without 0x and underscores.

    Raises ValueError in words if the text is no hex number or needs more than 64 bits.
    """
    digits = text.replace("_", "").replace(" ", "").lower().removeprefix("0x")
    if not digits or set(digits) - set("0123456789abcdef"):
        raise ValueError("write hex digits, e.g. 0xc06")
    value = int(digits, 16)
    if value > _WORD:
        raise ValueError(f"{len(digits.lstrip('0'))} hex digits: a register holds 16 (64 bits)")
    return value


def read_as_words(text: str) -> str:
    """Return how a value without 0x is read, where decimal digits would mean another one."""
    digits = text.replace("_", "").replace(" ", "")
    if not digits.isdecimal() or int(digits) < 10:
        return ""
    return f"Read as hex: {int(digits, 16):#x}. As decimal it would be {int(digits):#x}."


def address_part(field: Field, address: int) -> int:
    """Return the field's value for an address or mask given with its low 12 bits.

    ValueError if the address is not on a page border or has bits outside the field.
    """
    if address % PAGE_SIZE:
        raise ValueError(f"{format_gpa(address)} is not a multiple of 4 KiB (0x1000)")
    if address & ~field.mask:
        raise ValueError(f"{format_gpa(address)} does not fit bits {field.bits}")
    return address >> field.low
