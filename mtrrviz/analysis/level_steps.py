"""The size of a page's leaf: what the slot, the host's pages and the MTRRs each allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.explanation import Step
from mtrrviz.core.ept import block
from mtrrviz.core.units import LEVEL_NAMES

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec, Region


def largest_level(region: Region, gfn: int) -> int:
    """Return the largest leaf whose block lies wholly in the slot (KVM: lpage_info)."""
    for level in (3, 2):
        first, pages = block(gfn, level)
        if region.first_gfn <= first and first + pages <= region.end_gfn:
            return level
    return 1


def level_steps(
    machine: Machine, spec: MachineSpec, region: Region, gfn: int, vcpu: int
) -> list[Step]:
    """Return the step that names the leaf's size and all that keeps it from being larger."""
    limits = {
        "the bounds of the slot": largest_level(region, gfn),
        "the host's pages": spec.host_level,
        "mixed MTRR types": machine.max_level(vcpu, gfn),
    }
    level = min(limits.values())
    reasons = [words for words, limit in limits.items() if limit == level < max(LEVEL_NAMES)]
    why = f", kept from being larger by {' and '.join(reasons)}" if reasons else ""
    return [Step("level", f"a leaf of {LEVEL_NAMES[level]}{why}")]
