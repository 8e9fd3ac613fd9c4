"""What rules look at: a run at a time, with the parts several rules need worked out once."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.checks.problem import Severity, Where
from mtrrviz.analysis.checks.register_log import RegisterLog
from mtrrviz.core.msr.registers import mtrr_msrs
from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.model import IMPORTED_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
    from mtrrviz.sim.run import State


class Group(Record, eq=False):
    """vCPUs whose MTRRs and PAT are equal; ``mtrr`` is the registers of all of them."""

    vcpus: tuple[int, ...]
    mtrr: MtrrState

    @property
    def words(self) -> str:
        """Return "vCPU 3" or "vCPUs 0-7" for titles."""
        return vcpu_words(self.vcpus)


class TypeStretch(Record):
    """Gfns [start, end) of one region in which the MTRRs give one type for one reason."""

    region: Region
    start: int
    end: int
    type: MemoryType
    rule_kind: str
    msrs: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        """Return the bytes of the stretch."""
        return (self.end - self.start) << PAGE_SHIFT


class Subject:
    """A state, for all vCPUs or some; to read only.

    ``registers`` are the MSRs that every vCPU has, ``log`` has every register write so far.
    """

    def __init__(self, state: State, vcpus: Iterable[int]) -> None:
        self.state = state
        self.vcpus = tuple(vcpus)
        self.registers = mtrr_msrs(self.spec.variable_pairs)
        self.log = RegisterLog(state)

    @property
    def machine(self) -> Machine:
        """The registers and settings of the time."""
        return self.state.machine

    @property
    def spec(self) -> MachineSpec:
        """What does not change: vCPUs, memory layout."""
        return self.state.run.scenario.machine

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The vCPUs grouped by equal registers, vCPU 0's (or the lowest one's) first."""
        found: dict[tuple[tuple[int, ...], frozenset[int]], list[int]] = {}
        for vcpu in self.vcpus:
            mtrr = self.machine.mtrr(vcpu)
            values = tuple(map(mtrr.read, self.registers))
            found.setdefault((values, mtrr.unknown), []).append(vcpu)
        return tuple(Group(tuple(own), self.machine.mtrr(own[0])) for own in found.values())

    @cached_property
    def deciding(self) -> tuple[Group, ...]:
        """The groups that hold MTRRs which faults of the vCPUs would ask."""
        owners = {self.machine.policy.mtrr_owner(vcpu) for vcpu in self.vcpus}
        groups = [group for group in self.groups if owners & set(group.vcpus)]
        return tuple(groups) or tuple(
            Group((owner,), self.machine.mtrr(owner)) for owner in sorted(owners)
        )

    @cached_property
    def mtrrs_count(self) -> bool:
        """Whether faults ask MTRRs at all once caches are on: by the policy and the devices."""
        return any(
            self.machine.policy.leaf_override(self.machine.fault_case(vcpu)._replace(cd=False))
            is None
            for vcpu in self.vcpus
        )

    def weigh(self, severity: Severity) -> Severity:
        """Return a severity for effects of MTRRs: a note where nobody asks them."""
        return severity if self.mtrrs_count else Severity.NOTE

    @cached_property
    def _told(self) -> frozenset[tuple[int, int]]:
        """The registers that some event set, by (vCPU, MSR)."""
        return frozenset(self.log.last_of_each(self.log.writes_msr))

    def is_told(self, group: Group, msrs: Iterable[int]) -> bool:
        """Return whether anything says what a group's registers hold.

        An import may leave registers out. They then have the values of RESET here, which
        says nothing of the machine. Other scenarios are complete: what they do not set is at RESET.
        """
        return all(self.is_told_of(vcpu, msrs) for vcpu in group.vcpus)

    def is_told_of(self, vcpu: int, msrs: Iterable[int]) -> bool:
        """Return whether anything says what registers of a vCPU hold; see :meth:`is_told`."""
        if IMPORTED_TAG not in self.state.run.scenario.tags:
            return True
        return all((vcpu, msr) in self._told for msr in msrs)

    @cached_property
    def _last_change(self) -> dict[tuple[int, int], int]:
        """The last write that changed a register, by (vCPU, MSR), as rows of the log."""
        return self.log.last_of_each(self.log.changed)

    @cached_property
    def refused(self) -> NDArray[np.intp]:
        """The refused writes of the vCPUs that are looked at, as rows of the log."""
        return np.flatnonzero(self.log.refused & self.is_of_vcpus)

    @cached_property
    def is_of_vcpus(self) -> NDArray[np.bool_]:
        """Which writes of the log are of the vCPUs that are looked at."""
        return np.isin(self.log.vcpu, self.vcpus)

    def where(
        self, group: Group, msrs: Iterable[int] = (), gfns: tuple[int, int] | None = None
    ) -> Where:
        """Return a place: registers of a group, with the event that last changed one of them."""
        msrs = tuple(msrs)
        keys = ((group.vcpus[0], msr) for msr in msrs)
        changes = [self._last_change[key] for key in keys if key in self._last_change]
        if not changes:
            return Where(group.vcpus, msrs, gfns)
        index, time_ns = self.log.moment(max(changes))
        return Where(group.vcpus, msrs, gfns, index, time_ns)

    def stretches(self, group: Group, kinds: Iterable[RegionKind]) -> Iterator[TypeStretch]:
        """Yield the regions of some kinds cut where the type a group's MTRRs give changes."""
        kinds = tuple(kinds)
        starts = [int(start) for start in group.mtrr.intervals()[0]]
        for region in self.spec.regions:
            if region.kind not in kinds:
                continue
            first, end = region.first_gfn, region.end_gfn
            cuts = [first, *(cut for cut in starts if first < cut < end), end]
            for start, stop in pairwise(cuts):
                rules = group.mtrr.deciding(start)
                msrs = tuple(msr for one in rules for msr in one.msrs)
                yield TypeStretch(region, start, stop, rules[-1].result, rules[0].kind, msrs)


def vcpu_words(vcpus: tuple[int, ...]) -> str:
    """Return "vCPU 3", "vCPUs 0-7" or "vCPUs 1, 3, 4"."""
    if len(vcpus) == 1:
        return f"vCPU {vcpus[0]}"
    if vcpus == tuple(range(vcpus[0], vcpus[-1] + 1)):
        return f"vCPUs {vcpus[0]}-{vcpus[-1]}"
    return "vCPUs " + ", ".join(map(str, vcpus))
