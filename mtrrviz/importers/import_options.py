"""What the user says of a machine that its files do not.

Apart from the result of an import, as whoever opens a scenario needs no more than this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.scenario.machine_spec import MachineKind


class ImportOptions(Record):
    """Answers to what files do not say; None lets the import deduce or assume it, with a note."""

    vcpus: int | None = None
    memory_bytes: int | None = None
    maxphyaddr: int | None = None
    default_type: MemoryType | None = None
    noncoherent_dma: int | None = None
    machine: MachineKind | None = None
    name: str = "imported"


NO_OPTIONS = ImportOptions()
