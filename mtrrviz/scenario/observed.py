"""Observed leaves: EPT entries that a trace shows KVM making, in columns.

They say what a real KVM did, not what the guest does: they take no part in a simulation. A run is
checked against them (:mod:`mtrrviz.facts.trace.trace_check`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.columns import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: ``died_ns`` of an entry that the trace does not show being changed again.
STANDING_NS = int(np.iinfo(np.int64).max)


class ObservedLeaves(Columns):
    """Real leaves in order of birth; there at t: ``born_ns <= t < died_ns``.

    ``born_ns``, ``died_ns`` int64 (:data:`STANDING_NS` if never changed again); ``gfn`` uint64,
    the block's first; ``level`` uint8 (1: 4 KiB, 2: 2 MiB, 3: 1 GiB); ``vcpu`` uint8 whose fault
    made it; ``bits`` uint8, memory type at 5:3 and IPAT at 6 as in the entry, a reserved type
    code included; ``line`` uint32 of the trace, 0 if not known. Equal lengths, never written to,
    compared by identity.
    """

    born_ns: NDArray[np.int64]
    died_ns: NDArray[np.int64]
    gfn: NDArray[np.uint64]
    level: NDArray[np.uint8]
    vcpu: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    line: NDArray[np.uint32]

    def __len__(self) -> int:
        """Return the number of leaves."""
        return self.born_ns.size

    @property
    def end_ns(self) -> int:
        """Time of the last birth or end, 0 without any."""
        if not len(self):
            return 0
        ends = self.died_ns[self.died_ns != STANDING_NS]
        return max(int(self.born_ns[-1]), int(ends.max(initial=0)))

    def row_at(self, gfn: int, time_ns: int) -> int | None:
        """Return the row of the leaf that maps page ``gfn`` at ``time_ns``, the newest if several.

        None if there is none. The cost follows the leaves born until then.
        """
        until = int(np.searchsorted(self.born_ns, np.int64(time_ns), "right"))
        shift = (self.level[:until].astype(np.uint64) - np.uint64(1)) * np.uint64(9)
        is_here = self.gfn[:until] >> shift == np.uint64(gfn) >> shift
        rows = np.flatnonzero(is_here & (self.died_ns[:until] > np.int64(time_ns)))
        return int(rows[-1]) if len(rows) else None

    def stretched(self, factor: float) -> ObservedLeaves:
        """Return the same leaves with all times multiplied by ``factor``."""
        if factor == 1.0:
            return self
        born = np.rint(self.born_ns * factor).astype(np.int64)
        died = self.died_ns.copy()
        ends = died != STANDING_NS
        died[ends] = np.rint(died[ends] * factor).astype(np.int64)
        return ObservedLeaves(born, died, self.gfn, self.level, self.vcpu, self.bits, self.line)


def none_observed() -> ObservedLeaves:
    """Return an empty table."""
    times, bytes_ = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    gfn, line = np.zeros(0, np.uint64), np.zeros(0, np.uint32)
    return ObservedLeaves(times, times, gfn, bytes_, bytes_, bytes_, line)
