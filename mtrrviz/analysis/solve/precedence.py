"""Which ranges may lie within which: the overlaps that the SDM defines and KVM decides alike.

A real machine goes by the SDM alone, so that what follows about KVM is not about it.

The SDM (vol. 3A 12.11.4.1) lets UC win over anything and WT over WB; other mixes are undefined.
KVM (kvm_mtrr_get_guest_memory_type) walks from the highest base register down and sees UC only if
another type was met before. For a UC range inside another one that means: some range of the other
type must start where the UC range starts (its type byte then puts it in front). Where none does, a
helper, a second range of the outer type over the very pages of the UC range, makes it so.
"""

from __future__ import annotations

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record


class PrecedenceContext(Record):
    """What covers a block already: the type that results, None if no range does.

    ``anchored``: one of the covering ranges starts where the block starts.
    """

    type: MemoryType | None
    anchored: bool = False

    @property
    def halves(self) -> tuple[PrecedenceContext, PrecedenceContext]:
        """Return the contexts of the block's halves; the upper starts where no range does."""
        return self, PrecedenceContext(self.type)

    @property
    def uc_cost(self) -> int:
        """Return how many ranges it takes to make the block UC."""
        return 1 if self.type is None or self.anchored else 2

    def may_hold(self, kind: MemoryType) -> bool:
        """Return whether a range of a type other than UC may be laid over the block."""
        if self.type is None:
            return kind is not MemoryType.UC
        return (self.type, kind) == (MemoryType.WB, MemoryType.WT)

    def cost_of(self, kind: MemoryType) -> int | None:
        """Return how many ranges make the whole block ``kind``; None if none can."""
        if kind is MemoryType.UC:
            return self.uc_cost
        return 1 if self.may_hold(kind) else None


UNCOVERED = PrecedenceContext(None)
"""No range covers the block: the default type counts."""


def inside(kind: MemoryType) -> PrecedenceContext:
    """Return the context of a block that a range of this type, laid over it, makes."""
    return PrecedenceContext(kind, anchored=True)
