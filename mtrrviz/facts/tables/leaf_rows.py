"""The table of leaves: every leaf that ever was in a run, from birth to death."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import LEVEL_PAGES, PAGE_SHIFT
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.leaf_cells import access_names, ipats, type_names
from mtrrviz.facts.tables.run_rows import RunRows, addresses, array, row_number, seconds
from mtrrviz.sim.tables import ALIVE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.sim.tables import LeafTable


def _died_s(rows: LeafRows, part: slice) -> list[float | None]:
    alive = int(ALIVE)
    return [None if at == alive else at / 1e9 for at in rows.leaves.died_ns[part].tolist()]


def _zap(rows: LeafRows, part: slice) -> list[int | None]:
    return [None if zap < 0 else zap for zap in rows.leaves.zap[part].tolist()]


def _size_bytes(rows: LeafRows, part: slice) -> list[int]:
    return [LEVEL_PAGES[level] << PAGE_SHIFT for level in rows.leaves.level[part].tolist()]


_COLUMNS: tuple[Column[LeafRows], ...] = (
    Column("leaf", "#", "number of the leaf, from 0, in order of birth", row_number, Unit.NUMBER),
    Column("start", "address", "first address it maps",
           addresses(lambda rows: rows.leaves.first_gfn), Unit.HEX),
    Column("size_bytes", "size", "what it maps: 4 KiB, 2 MiB or 1 GiB", _size_bytes, Unit.BYTES),
    Column("type", "type", "memory type: UC, WC, WT, WP, WB",
           lambda rows, part: type_names(rows.leaves.bits[part].tolist())),
    Column("ipat", "IPAT", "1 if it ignores the guest's PAT, else 0",
           lambda rows, part: ipats(rows.leaves.bits[part].tolist()), Unit.NUMBER),
    Column("vcpu", "vCPU", "vCPU whose fault made it",
           array(lambda rows: rows.leaves.vcpu), Unit.NUMBER),
    Column("access", "access", "what faulted: read, write, execute",
           lambda rows, part: access_names(rows.leaves.access[part].tolist())),
    Column("refault", "refault", "whether its page had been mapped before",
           array(lambda rows: rows.leaves.refault)),
    Column("born_s", "born", "scenario time of the fault",
           seconds(lambda rows: rows.leaves.born_ns), Unit.SECONDS),
    Column("died_s", "died", "when it went; none if it is there at the end", _died_s, Unit.SECONDS),
    Column("zap", "zap", "number of the zap that dropped it; none otherwise", _zap, Unit.NUMBER),
)  # fmt: skip


class LeafRows(RunRows):
    """Rows by number of the run's leaf."""

    name = "leaves"
    columns = _COLUMNS
    shown = (
        *("born_s", "vcpu", "start", "size_bytes", "type", "ipat"),
        *("access", "refault", "died_s", "zap"),
    )
    help = (
        "Words anywhere in the row, or vcpu:1  type:uc  ipat:1  access:write  zap:3. "
        "Separate alternatives with commas; a leading minus excludes: -type:wb"
    )

    @property
    def leaves(self) -> LeafTable:
        """The leaves, as columns."""
        return self.run.leaves

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each birth, int64, ascending."""
        return self.leaves.born_ns

    def vcpu(self, row: int) -> int | None:
        """Return the vCPU whose fault made the leaf."""
        return int(self.leaves.vcpu[row])

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self.leaves)
