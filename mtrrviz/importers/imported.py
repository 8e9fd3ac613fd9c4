"""The result of an import: a scenario, and all that was assumed, mended or left out on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.importers.notes import Note
    from mtrrviz.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Answers to what files do not say; None lets the import work it out or assume it aloud."""

    vcpus: int | None = None
    memory_bytes: int | None = None
    maxphyaddr: int | None = None
    default_type: MemoryType | None = None
    noncoherent_dma: int | None = None
    name: str = "imported"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of one text.

    ``formats`` are ids, the main one first, with ``reason`` saying how it was recognised.
    ``unknown_lines`` is exact; ``unknown`` shows the first of them as (number, text).
    """

    name: str
    lines: int
    formats: tuple[str, ...]
    reason: str
    unknown_lines: int
    unknown: tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False)
class LeafEntries:
    """EPT leaves that a trace shows being made, by time, in the scenario's own time and vCPUs.

    ``time_ns`` int64, ``vcpu`` int64, ``gfn`` uint64, ``level`` int64, ``bits`` uint8 (type and
    IPAT as in an EPT entry), ``line`` int64, all of equal length.
    """

    time_ns: NDArray[np.int64]
    vcpu: NDArray[np.int64]
    gfn: NDArray[np.uint64]
    level: NDArray[np.int64]
    bits: NDArray[np.uint8]
    line: NDArray[np.int64]
    file: str = ""

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self.time_ns)


@dataclass(frozen=True, eq=False)
class Import:
    """A machine made of files.

    ``start_ns`` is the trace's clock at the scenario's time 0; ``threads`` names the host thread of
    each vCPU, where there was a trace. ``unused`` counts understood lines that say nothing about
    memory types.
    """

    scenario: Scenario
    notes: tuple[Note, ...]
    sources: tuple[SourceReport, ...] = ()
    unused: dict[str, int] = field(default_factory=dict[str, int])
    start_ns: int = 0
    threads: tuple[str, ...] = ()
    entries: LeafEntries | None = None
