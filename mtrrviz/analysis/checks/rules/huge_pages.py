"""MTRR borders that keep KVM from mapping RAM with huge pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.analysis.checks.problem import Finding, Severity
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.core.msr.registers import PHYSBASE0
from mtrrviz.core.units import LEVEL_NAMES, LEVEL_PAGES, PAGE_SHIFT, format_gpa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.analysis.checks.subject import Subject
    from mtrrviz.core.faultmap import FaultMap
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.machine_spec import MachineSpec, Region


@dataclass(slots=True)
class _Lost:
    """Blocks of one level in slots that the MTRRs split: how many, and the first one's gfn."""

    level: int
    count: int = 0
    first_gfn: int = 0


@rule(
    "splits-huge-pages",
    Severity.NOTE,
    "types change within huge pages",
    why="A leaf has one type, so KVM maps a block whose pages differ with small leaves: more "
    "faults, more TLB misses, and more leaves for each zap to drop.",
    remedy="Let ranges start and end on 2 MiB (better 1 GiB) borders, with few abutting ranges.",
    source="kvm_mtrr_check_gfn_range_consistency()",
    machines=GUESTS,
)
def splits_huge_pages(subject: Subject) -> Iterator[Finding]:
    """Count, per size, the blocks of RAM slots that could be huge leaves but for the MTRRs."""
    machine = subject.machine
    if not machine.policy.mtrr_limits_level(machine.noncoherent_dma > 0):
        return
    for group in subject.deciding:
        vcpu = group.vcpus[0]
        for level in range(2, subject.spec.host_level + 1):
            lost = _lost(machine.fault_map(vcpu), subject.spec, level)
            if lost.count:
                end = lost.first_gfn + LEVEL_PAGES[level]
                msrs = _pairs_within(group.mtrr, lost.first_gfn, end)
                place = subject.where(group, msrs, (lost.first_gfn, end))
                yield Finding(_words(lost), place)


def _words(lost: _Lost) -> str:
    count = f"{lost.count} huge page{'s' * (lost.count > 1)} of {LEVEL_NAMES[lost.level]}"
    return f"MTRRs split {count}, the first at {format_gpa(lost.first_gfn << PAGE_SHIFT)}"


def _lost(fault_map: FaultMap, spec: MachineSpec, level: int) -> _Lost:
    lost = _Lost(level)
    for region in spec.slots:
        for first, end in _small_runs(fault_map, region, level):
            lost.first_gfn = lost.first_gfn if lost.count else first
            lost.count += (end - first) // LEVEL_PAGES[level]
    return lost


def _small_runs(fault_map: FaultMap, region: Region, level: int) -> Iterator[tuple[int, int]]:
    """Yield runs of whole blocks in a region that the MTRRs keep below a level.

    A block that a level allows lies in one run of that level or more; so the others are what is
    left of the region's blocks.
    """
    pages = LEVEL_PAGES[level]
    first, end = -(-region.first_gfn // pages) * pages, region.end_gfn // pages * pages
    starts = [int(start) for start in fault_map.starts]
    allowed = [int(found) >= level for found in fault_map.levels]
    for start, stop, is_allowed in zip(starts, [*starts[1:], end], allowed, strict=True):
        low, high = max(start // pages * pages, first), min(-(-stop // pages) * pages, end)
        if not is_allowed and low < high:
            yield low, high
            first = high


def _pairs_within(state: MtrrState, first: int, end: int) -> list[int]:
    """Return the bases of the pairs that cover any page of a block."""
    return [
        PHYSBASE0 + 2 * index
        for index, span in enumerate(state.variable_ranges())
        if span.valid and span.start_gfn < end and span.end_gfn > first
    ]
