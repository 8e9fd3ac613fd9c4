"""A judge of mends of real machines that shares no code with the solver.

It takes registers before and after and says what was made write-back, by a slow lookup of the
SDM's rules at every border that anything could have and beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.msr.registers import FIXED_MSRS
from tests.core.registers.slow_sdm import slow_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mtrrviz.scenario.machine_spec import MachineSpec

Values = dict[int, int | None]
PAGE = 4096


def borders(spec: MachineSpec, *many: Mapping[int, int | None]) -> list[int]:
    """Return the addresses of pages at and beside every border."""
    found = {0, 1 << 20, 1 << 32, spec.tom2_end, 0xFEC0_0000, 0xFEF0_0000}
    found |= {edge for region in spec.regions for edge in (region.start, region.end)}
    found |= set(range(0, 1 << 20, 0x8000))
    for values in many:
        for number in range(spec.pairs):
            base, mask = values.get(0x200 + 2 * number), values.get(0x201 + 2 * number)
            if base is not None and mask is not None and mask & 0x800:
                size = (~mask & ((1 << spec.maxphyaddr) - 1) | 0xFFF) + 1
                start = base & mask & ~0xFFF
                found |= {start, start + size, base & ~0xFFF}
    near = {at + step for at in found for step in (-PAGE, 0, PAGE)}
    return sorted(at for at in near if 0 <= at < 1 << spec.maxphyaddr)


def type_at(spec: MachineSpec, values: Values, address: int) -> str:
    return slow_type(values, address, spec.pairs, spec.tom2_end, spec.maxphyaddr)


def made_write_back(
    spec: MachineSpec, ram: Iterable[tuple[int, int]], before: Values, after: Values
) -> list[int]:
    """Return addresses outside RAM (bytes [start, end)) that are WB after and were not before."""
    ram = list(ram)
    return [
        at
        for at in borders(spec, before, after)
        if type_at(spec, after, at) == "WB"
        and type_at(spec, before, at) != "WB"
        and not any(start <= at < end for start, end in ram)
    ]


def not_write_back(spec: MachineSpec, ram: Iterable[tuple[int, int]], after: Values) -> list[int]:
    """Return addresses of RAM that are not WB after, those of untold registers left out."""
    return [
        at
        for at in borders(spec, after)
        if any(start <= at < end for start, end in ram)
        and type_at(spec, after, at) not in ("WB", "unknown")
    ]


def all_registers(pairs: int) -> list[int]:
    """Return the registers that types depend on."""
    return [0x2FF, *FIXED_MSRS, *range(0x200, 0x200 + 2 * pairs)]
