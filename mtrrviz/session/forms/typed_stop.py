"""A condition to stop at from what was typed into a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SIZE, format_gpa, format_size, parse_address, parse_size
from mtrrviz.scenario.stop_condition import (
    LIMIT_KINDS,
    RANGE_KINDS,
    VCPU_KINDS,
    StopCondition,
    StopKind,
)

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec


class TypedStop(Record):
    """All fields of the form; those that a condition of ``kind`` does not have are ignored.

    ``start`` and ``size`` are as typed: an address, "" for anywhere, and a size, "" for one page.
    """

    kind: StopKind
    vcpu: int | None = None
    register: int | None = None
    start: str = ""
    size: str = ""
    limit: float | None = None
    phase: str = ""

    def condition(self, machine: MachineSpec) -> StopCondition:
        """Return the condition; MtrrvizError or ValueError says what is wrong with a field."""
        kind = self.kind
        gfns = self._gfns(machine) if kind in RANGE_KINDS else None
        if kind is StopKind.TYPE and gfns is None:
            raise MtrrvizError("a type is that of a page: give its address")
        return StopCondition(
            kind=kind,
            vcpu=self.vcpu if kind in VCPU_KINDS else None,
            register=self.register if kind is StopKind.WRITE else None,
            gfns=gfns,
            limit=(self.limit or 0) if kind in LIMIT_KINDS else None,
            phase=self.phase if kind is StopKind.PHASE else "",
        )

    def _gfns(self, machine: MachineSpec) -> tuple[int, int] | None:
        if not self.start.strip():
            if self.size.strip():
                raise MtrrvizError("a size needs the address that it begins at")
            return None
        start = parse_address(self.start)
        size = parse_size(self.size) if self.size.strip() else PAGE_SIZE
        limit = 1 << machine.maxphyaddr
        if start % PAGE_SIZE:
            raise MtrrvizError(f"{format_gpa(start)} is not the start of a 4 KiB page")
        if size % PAGE_SIZE or not size:
            raise MtrrvizError(f"{format_size(size, exact=True)} is not a number of 4 KiB pages")
        if start + size > limit:
            raise MtrrvizError(f"the range ends above {format_gpa(limit - 1)}, the last address")
        return start // PAGE_SIZE, (start + size) // PAGE_SIZE


def typed(stop: StopCondition) -> TypedStop:
    """Return a condition as its form shows it."""
    start = size = ""
    if stop.gfns is not None:
        first, end = stop.gfns
        start = format_gpa(first * PAGE_SIZE)
        size = format_size((end - first) * PAGE_SIZE, exact=True)
    return TypedStop(stop.kind, stop.vcpu, stop.register, start, size, stop.limit, stop.phase)
