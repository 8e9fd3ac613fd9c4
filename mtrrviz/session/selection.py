"""What the user asked to see: a register field, a range of addresses, an event."""

from __future__ import annotations

from mtrrviz.core.msr.registers import REGISTERS
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa


class Selection(Record):
    """A register of ``vcpu`` (and a field of it, "" for all), gfns [first, end), an event's number.

    Each is None where there is nothing of the kind; views mark what they show of it. The base
    register stands for its pair.
    """

    vcpu: int | None = None
    msr: int | None = None
    field: str = ""
    gfns: tuple[int, int] | None = None
    event: int | None = None

    @property
    def words(self) -> str:
        """What is pointed at, for a status line."""
        parts: list[str] = []
        if self.msr is not None:
            parts.append(f"{REGISTERS[self.msr].name} {self.field}".rstrip())
        if self.vcpu is not None:
            parts.append(f"vCPU {self.vcpu}")
        if self.gfns is not None:
            first, end = (gfn << PAGE_SHIFT for gfn in self.gfns)
            parts.append(f"{format_gpa(first)} to {format_gpa(end - 1)}")
        return ", ".join(parts)
