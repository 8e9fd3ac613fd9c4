"""The table of faults: every EPT violation that made a leaf, which is the birth of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT
from mtrrviz.facts.spans import PhaseNames
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.leaf_cells import access_names, ipats, type_names
from mtrrviz.facts.tables.leaf_rows import LeafRows
from mtrrviz.facts.tables.run_rows import array, row_number, seconds
from mtrrviz.sim.pages import page_index

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


def _address(rows: FaultRows, part: slice) -> list[int]:
    return [gfn << PAGE_SHIFT for gfn in rows.gfns(part)]


def _phase(rows: FaultRows, part: slice) -> list[str | None]:
    return [rows.phases.name(at) for at in rows.leaves.born_ns[part].tolist()]


_COLUMNS: tuple[Column[FaultRows], ...] = (
    Column("fault", "#", "number of the fault, from 0; it makes the leaf of that number",
           row_number, Unit.NUMBER),
    Column("time_s", "time", "scenario time", seconds(lambda rows: rows.time_ns), Unit.SECONDS),
    Column("phase", "phase", "phase of the scenario", _phase),
    Column("vcpu", "vCPU", "vCPU that faulted", array(lambda rows: rows.leaves.vcpu), Unit.NUMBER),
    Column("access", "access", "what faulted: read, write, execute",
           lambda rows, part: access_names(rows.leaves.access[part].tolist())),
    Column("gfn", "gfn", "guest frame that was touched",
           lambda rows, part: rows.gfns(part), Unit.HEX),
    Column("address", "address", "address of that frame", _address, Unit.HEX),
    Column("level", "level", "level of the leaf: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB",
           array(lambda rows: rows.leaves.level), Unit.NUMBER,
           lambda rows, row: LEVEL_NAMES[int(rows.leaves.level[row])]),
    Column("type", "type", "memory type of the leaf: UC, WC, WT, WP, WB",
           lambda rows, part: type_names(rows.leaves.bits[part].tolist())),
    Column("ipat", "IPAT", "1 if the leaf ignores the guest's PAT, else 0",
           lambda rows, part: ipats(rows.leaves.bits[part].tolist()), Unit.NUMBER),
    Column("refault", "refault", "whether the page had been mapped before",
           array(lambda rows: rows.leaves.refault)),
)  # fmt: skip


class FaultRows(LeafRows):
    """Rows by number of the fault, which is the number of the leaf that it makes."""

    name = "faults"
    columns = _COLUMNS
    shown = ("time_s", "vcpu", "access", "gfn", "level", "type", "ipat", "refault")
    example = "vcpu:1 type:uc"
    help = (
        "Words anywhere in the row, or vcpu:1  gfn:a0  level:2  type:uc  access:write  "
        "refault:true. Separate alternatives with commas; a leading minus excludes: -type:wb"
    )

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.phases = PhaseNames(run.scenario)
        self._pages = page_index(run.scenario.touches, run.scenario.machine)

    def gfns(self, part: slice) -> list[int]:
        """Return the gfns that were touched."""
        return self._pages.gfn[self._pages.page[self.leaves.touch[part]]].tolist()
