"""What a machine must be for a scenario to make sense, told field by field."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.machine import NEEDS_SELF_SNOOP
from mtrrviz.core.msr.registers import MAX_PAIRS, VARIABLE_PAIRS
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SIZE, format_gpa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.scenario.machine_spec import MachineSpec, Region

#: Most vCPUs of a machine; touch files store a vCPU in a byte.
MAX_VCPUS = 255
#: Address bits that an x86 processor may have.
ADDRESS_BITS = range(32, 53)
MAX_REGIONS = 1000
MAX_DEVICES = 1000


class MachineProblem(NamedTuple):
    """What is wrong with one field of a machine; ``region`` is the number of the one meant.

    ``is_possible``: nobody should make such a machine, but it can be, and files may have it.
    """

    field: str
    message: str
    region: int | None = None
    is_possible: bool = False


def check_machine(machine: MachineSpec) -> None:
    """Raise MtrrvizError for the first thing that is wrong with a machine."""
    for problem in machine_problems(machine):
        raise MtrrvizError(problem.message)


def machine_problems(machine: MachineSpec) -> Iterator[MachineProblem]:
    """Yield everything that is wrong with a machine."""
    yield from _number_problems(machine)
    yield from _kind_problems(machine)
    yield from region_problems(machine.regions, machine.maxphyaddr)


def _number_problems(machine: MachineSpec) -> Iterator[MachineProblem]:
    word = machine.cpu_word
    if not 1 <= machine.vcpus <= MAX_VCPUS:
        yield MachineProblem("vcpus", f"{machine.vcpus} {word}s: expected 1 to {MAX_VCPUS}")
    if machine.maxphyaddr not in ADDRESS_BITS:
        expected = f"{ADDRESS_BITS.start} to {ADDRESS_BITS.stop - 1}"
        yield MachineProblem(
            "maxphyaddr", f"{machine.maxphyaddr} address bits: expected {expected}"
        )
    if machine.host_level not in LEVEL_NAMES:
        expected = ", ".join(LEVEL_NAMES.values())
        yield MachineProblem("host_level", f"no such host page size: expected {expected}")
    if not 0 <= machine.noncoherent_dma <= MAX_DEVICES:
        problem = f"{machine.noncoherent_dma} devices: expected 0 to {MAX_DEVICES}"
        yield MachineProblem("noncoherent_dma", problem)
    if not 100 <= machine.cpu_mhz <= 100_000:
        yield MachineProblem("cpu_mhz", f"{machine.cpu_mhz} MHz: expected 100 to 100,000")
    least = 0 if machine.is_host else PAGE_SIZE
    if machine.memory_bytes % PAGE_SIZE or machine.memory_bytes < least:
        yield MachineProblem("memory_bytes", "the memory must be a multiple of 4 KiB, and some")
    if not machine.ignore_guest_pat and not machine.self_snoop:
        yield MachineProblem("ignore_guest_pat", NEEDS_SELF_SNOOP)


def _kind_problems(machine: MachineSpec) -> Iterator[MachineProblem]:
    """Yield what only the other kind of machine can have."""
    if machine.is_host:
        if not 0 <= machine.pairs <= MAX_PAIRS:
            yield MachineProblem("pairs", f"{machine.pairs} pairs: expected 0 to {MAX_PAIRS}")
    elif machine.pairs != VARIABLE_PAIRS:
        problem = f"KVM gives a guest {VARIABLE_PAIRS} pairs, not {machine.pairs}"
        # A host that is seen as a guest keeps its pairs, to be seen as a host again.
        yield MachineProblem("pairs", problem, is_possible=True)


def region_problems(regions: Sequence[Region], maxphyaddr: int) -> Iterator[MachineProblem]:
    """Yield what is wrong with regions, which need not be in order."""
    if not 1 <= len(regions) <= MAX_REGIONS:
        yield MachineProblem("regions", f"{len(regions)} regions: expected 1 to {MAX_REGIONS}")
    for number, region in enumerate(regions):
        problem = _region_problem(region, maxphyaddr)
        if problem:
            yield MachineProblem("regions", problem, number)
        elif not region.name.strip():
            problem = f"the region at {format_gpa(region.start)} has no name"
            yield MachineProblem("regions", problem, number, is_possible=True)
    ordered = sorted(enumerate(regions), key=lambda entry: entry[1].start)
    for (_, low), (number, high) in itertools.pairwise(ordered):
        if high.start < low.end:
            problem = f"{low.name!r} and {high.name!r} overlap at {format_gpa(high.start)}"
            yield MachineProblem("regions", problem, number)


def _region_problem(region: Region, maxphyaddr: int) -> str:
    if region.start % PAGE_SIZE or region.end % PAGE_SIZE:
        return f"{region.name!r} must begin and end at multiples of 4 KiB"
    if not 0 <= region.start < region.end:
        return f"{region.name!r} must end after it begins"
    if region.end > 1 << maxphyaddr:
        return f"{region.name!r} ends above what {maxphyaddr} address bits reach"
    return ""
