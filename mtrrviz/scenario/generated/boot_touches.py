"""Touches for generated boots: made up, few, and only where recorded boots have theirs.

How many pages they touch and when is invented. Which GiB have been touched by which phase is as
recorded, since the walk of a zap visits the page directories of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.scenario.generated.boot_script import BootStep, Script, Who
from mtrrviz.scenario.touches import Access, Sweep

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec, Region

_STUB_GFN = 0x80
_KERNEL_GFN = 0x1000
_STACK_PAGES = 4
_FIRMWARE_PAGES = 2048
_HEAP_PAGES = 8 * _FIRMWARE_PAGES
_LARGEST_SWEEP = 16384


def boot_sweeps(machine: MachineSpec, script: Script, factor: float) -> tuple[Sweep, ...]:
    """Return the touches of firmware, AP stacks, kernel and programs."""
    regions = {region.name: region for region in machine.regions}
    starts = [round(phase.start_ns * factor) for phase in script.phases]
    end = round(script.length_ns * factor)
    heap = max(regions["RAM"].end_gfn - _HEAP_PAGES, 0x100)
    scan = round(script.device_scan_ns * factor)
    sweeps = [
        Sweep(0, 0, regions["flash"].end_gfn - 64, 64, Access.EXECUTE, starts[1]),
        Sweep(0, 0, _STUB_GFN, 16, Access.WRITE, starts[1]),
        Sweep(starts[1] // 2, 0, heap, _FIRMWARE_PAGES, Access.WRITE, starts[1]),
        Sweep(scan, 0, regions["ECAM"].first_gfn, 64),
    ]
    for step in script.steps:
        sweeps += _stacks(step, machine.vcpus, heap, factor)
    high = regions.get("high RAM")
    sweeps += _kernel(regions["RAM"], high, starts[-3], starts[-2] - starts[-3])
    programs = high or regions["RAM"]
    pages = min(_LARGEST_SWEEP, programs.end_gfn - programs.first_gfn)
    sweeps.append(Sweep(starts[-1], 0, programs.first_gfn, pages, Access.WRITE, end - starts[-1]))
    return tuple(sweeps)


def _kernel(low: Region, high: Region | None, start_ns: int, lasts_ns: int) -> list[Sweep]:
    """Return touches of the starting kernel: its image, and memory at both ends of high RAM."""
    pages = min(_LARGEST_SWEEP, low.end_gfn - _KERNEL_GFN)
    sweeps = [Sweep(start_ns, 0, _KERNEL_GFN, pages, Access.WRITE, lasts_ns)]
    if high is not None:
        half = min(_FIRMWARE_PAGES, (high.end_gfn - high.first_gfn) // 2)
        sweeps += [
            Sweep(start_ns, 0, first, half, Access.WRITE, lasts_ns)
            for first in (high.first_gfn, high.end_gfn - half)
        ]
    return sweeps


def _stacks(step: BootStep, vcpus: int, heap: int, factor: float) -> list[Sweep]:
    """Return touches of each AP's stack before and after a step the APs take at once."""
    if step.who is not Who.APS_AT_ONCE:
        return []
    times = (step.start_ns, step.start_ns + step.lasts_ns)
    return [
        Sweep(round(time * factor), vcpu, heap + _STACK_PAGES * vcpu, _STACK_PAGES, Access.WRITE)
        for time in times
        for vcpu in range(1, vcpus)
    ]
