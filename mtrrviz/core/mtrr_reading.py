"""What can be asked of a vCPU's MTRRs without changing them, as far as type lookups need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.variable_ranges import VariableRange


class MtrrReading(Protocol):
    """Registers to read; :class:`mtrrviz.core.mtrr.MtrrState` is one.

    ``maxphyaddr`` is the physical address width in bits, ``has_mtrr`` CPUID's bit.
    """

    maxphyaddr: int
    has_mtrr: bool

    @property
    def pairs(self) -> int:
        """The number of variable pairs."""
        ...

    @property
    def enabled(self) -> bool:
        """Whether the MTRRs say anything at all (DEF_TYPE.E)."""
        ...

    @property
    def fixed_enabled(self) -> bool:
        """Whether the fixed ranges are in use."""
        ...

    @property
    def default_type(self) -> MemoryType:
        """The type field of DEF_TYPE."""
        ...

    @property
    def disabled_type(self) -> MemoryType:
        """The type of all memory while E is clear."""
        ...

    def read(self, msr: int) -> int:
        """Return a register's value."""
        ...

    def variable_ranges(self) -> list[VariableRange]:
        """Return what each pair covers, by index, valid or not."""
        ...

    def walk_order(self) -> list[int]:
        """Return the indices of the valid pairs, highest base first, as KVM's list holds them."""
        ...

    def fixed_types(self) -> bytes:
        """Return the type codes of the fixed sub-ranges, lowest address first."""
        ...
