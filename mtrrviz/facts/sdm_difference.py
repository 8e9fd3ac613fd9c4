"""Where KVM's walk gives another type than the SDM: marked on the map, said in words.

The marks are about the MTRRs that count for a vCPU's faults, so there are none while MTRRs have no
say: without non-coherent DMA, under CR0.CD=1, or with a policy that never asks them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.sdm_types import UNDEFINED_BIT, SdmTypes, sdm_types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec


class SdmDifference(Record, eq=False):
    """The pages whose type by the SDM is not KVM's; memory of passed-through devices aside.

    ``types`` has both readings; ``bars`` are the devices' gfns [first, end).
    """

    types: SdmTypes
    bars: tuple[tuple[int, int], ...]

    def in_ranges(self, firsts: NDArray[np.uint64], ends: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the SDM's types that are not KVM's in each range (see SdmTypes.differences)."""
        found = self.types.differences(firsts, ends)
        for first, end in self.bars:
            found[(firsts >= np.uint64(first)) & (ends <= np.uint64(end))] = 0
        return found

    def words(self, first_gfn: int, end_gfn: int) -> str:
        """Return what the SDM gives the pages of a stretch, "" where it is KVM's type."""
        firsts, ends = (np.array([gfn], np.uint64) for gfn in (first_gfn, end_gfn))
        return type_words(int(self.in_ranges(firsts, ends)[0]))

    def kvm_types(self, first_gfn: int, end_gfn: int) -> list[MemoryType]:
        """Return KVM's types in a stretch, in the order of addresses."""
        ends = np.array([first_gfn, end_gfn - 1], np.uint64)
        low, high = self.types.index(ends).tolist()
        return [MemoryType(kind) for kind in self.types.kvm[low : high + 1].tolist()]

    @property
    def borders(self) -> list[int]:
        """The gfns where the answer changes."""
        return self.types.starts.tolist()


def type_words(types: int) -> str:
    """Return a set of types in words, such as "UC or undefined"."""
    names = [kind.name for kind in MemoryType if types >> kind & 1]
    return " or ".join([*names, *(["undefined"] if types & int(UNDEFINED_BIT) else [])])


def sdm_difference_for(machine: Machine, vcpu: int, spec: MachineSpec) -> SdmDifference | None:
    """Return where the readings differ for faults by ``vcpu`` now, None if nowhere."""
    if spec.is_host or machine.override(vcpu) is not None:
        return None
    return _sdm_difference(sdm_types(machine.deciding_mtrr(vcpu).sdm_layout), spec)


@lru_cache(maxsize=64)
def _sdm_difference(types: SdmTypes, spec: MachineSpec) -> SdmDifference | None:
    """Return the same object for the same readings, so that pictures can be kept."""
    if types.is_same:
        return None
    return SdmDifference(types, spec.passthrough_gfns)
