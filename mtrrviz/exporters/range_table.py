"""The map as a table, and where two maps differ: ranges of neighbouring pages, at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mtrrviz.core.ept import has_ipat, type_code
from mtrrviz.core.hardware import HostType
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.exporters.columns import DIFFERENCE_COLUMNS, RANGE_COLUMNS
from mtrrviz.exporters.record import Cell, Row, Table, hexadecimal
from mtrrviz.exporters.run_tables import about

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.machine_spec import Region
    from mtrrviz.sim.run import State


class MappedRange(Protocol):
    """Pages [first_gfn, end_gfn) of one region, one kind of leaf and one next fault.

    ``bits`` (None: no leaf) and ``next_bits`` are type << 3 | IPAT << 6.
    """

    @property
    def first_gfn(self) -> int:
        """First page."""
        ...

    @property
    def end_gfn(self) -> int:
        """Page after the last."""
        ...

    @property
    def region(self) -> Region | None:
        """What is there."""
        ...

    @property
    def bits(self) -> int | None:
        """Type and IPAT of the leaves."""
        ...

    @property
    def leaves(self) -> int:
        """How many leaves there are."""
        ...

    @property
    def next_bits(self) -> int:
        """Type and IPAT that the next fault would get."""
        ...

    @property
    def is_stale(self) -> bool:
        """Whether these differ."""
        ...


def range_table(state: State, vcpu: int, ranges: Iterable[MappedRange]) -> Table:
    """Return the ranges of ``state``, whose next faults are those of ``vcpu``, as a table."""
    what = {**about(state.run), "time_s": state.time_ns / 1e9, "vcpu": vcpu}
    is_host = state.run.scenario.machine.is_host
    return Table("ranges", what, RANGE_COLUMNS, (_row(one, is_host=is_host) for one in ranges))


def _row(mapped: MappedRange, *, is_host: bool) -> Row:
    first, end = mapped.first_gfn << PAGE_SHIFT, mapped.end_gfn << PAGE_SHIFT
    region = mapped.region
    has_slot = is_host or (region is not None and region.has_slot)
    return (
        hexadecimal(first),
        hexadecimal(end),
        end - first,
        region.name if region else None,
        str(region.kind) if region else None,
        *_leaf_cells(mapped.bits),
        mapped.leaves,
        *_leaf_cells(mapped.next_bits if has_slot else None),
        mapped.is_stale,
    )


def _leaf_cells(bits: int | None) -> tuple[Cell, Cell]:
    if bits is None:
        return None, None
    return HostType(type_code(bits)).label, int(has_ipat(bits))


@dataclass(frozen=True, slots=True)
class DifferingRange:
    """Pages [first_gfn, end_gfn) that two runs map differently; bits as in :class:`MappedRange`."""

    first_gfn: int
    end_gfn: int
    region: str | None
    difference: str
    bits_a: int | None
    bits_b: int | None


def difference_table(one: State, other: State, ranges: Iterable[DifferingRange]) -> Table:
    """Return where the maps of two states of one time differ as a table."""
    what: dict[str, Cell] = {
        "scenario": one.run.scenario.name,
        "policy_a": one.run.policy.id,
        "policy_b": other.run.policy.id,
        "time_s": one.time_ns / 1e9,
    }
    return Table("differences", what, DIFFERENCE_COLUMNS, map(_difference_row, ranges))


def _difference_row(differing: DifferingRange) -> Row:
    first, end = differing.first_gfn << PAGE_SHIFT, differing.end_gfn << PAGE_SHIFT
    return (
        hexadecimal(first),
        hexadecimal(end),
        end - first,
        differing.region,
        differing.difference,
        *_leaf_cells(differing.bits_a),
        *_leaf_cells(differing.bits_b),
    )
