"""Touches for generated boots: made up, few, and only where recorded boots have theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.boot_script import Script, Step, Who
from mtrrviz.scenario.touches import Access, Sweep

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec

_KERNEL_GFN = (16 << 20) >> PAGE_SHIFT
_STACK_PAGES = 4
_FIRMWARE_PAGES = 2048
_LARGEST_SWEEP = 16384


def boot_sweeps(machine: MachineSpec, script: Script, factor: float) -> tuple[Sweep, ...]:
    """Return the touches: firmware from flash and high in low RAM, AP stacks, kernel, programs."""
    low_end = next(r for r in machine.regions if r.name == "RAM").end_gfn
    flash = next(r for r in machine.regions if r.name == "flash")
    heap = max(low_end - 8 * _FIRMWARE_PAGES, 0x100)
    starts = [round(phase.start_ns * factor) for phase in script.phases]
    end = round(script.length_ns * factor)
    sweeps = [
        Sweep(0, 0, flash.end_gfn - 64, 64, Access.EXECUTE, starts[1]),
        Sweep(starts[1], 0, heap, min(_FIRMWARE_PAGES, low_end - heap), Access.WRITE, starts[1]),
    ]
    for step in script.steps:
        sweeps += _stacks(step, machine.vcpus, heap, factor)
    kernel = min(_LARGEST_SWEEP, low_end - _KERNEL_GFN)
    sweeps.append(Sweep(starts[-3], 0, _KERNEL_GFN, kernel, Access.WRITE, starts[-2] - starts[-3]))
    programs = next((r for r in machine.regions if r.name == "high RAM"), None)
    first = programs.first_gfn if programs else _KERNEL_GFN
    pages = min(_LARGEST_SWEEP, (programs.end_gfn if programs else low_end) - first)
    sweeps.append(Sweep(starts[-1], 0, first, pages, Access.WRITE, end - starts[-1]))
    return tuple(sweeps)


def _stacks(step: Step, vcpus: int, heap: int, factor: float) -> list[Sweep]:
    """Return touches of each AP's stack before and after a step the APs take at once."""
    if step.who is not Who.APS_AT_ONCE:
        return []
    times = (step.start_ns, step.start_ns + step.lasts_ns)
    return [
        Sweep(round(time * factor), vcpu, heap + _STACK_PAGES * vcpu, _STACK_PAGES, Access.WRITE)
        for time in times
        for vcpu in range(1, vcpus)
    ]
