"""Names and numbers of a lesson's file, looked up in the scenario that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import CR0_ID, REGISTERS
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, parse_size
from mtrrviz.scenario.events import KNOWN_MSRS_TEXT
from mtrrviz.scenario.files.source import ScenarioSource
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.files.schema import StopFile
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.stop_condition import StopCondition


def number_of(value: int | str) -> int:
    """Return an address or a size of a file; MtrrvizError if it is none."""
    try:
        number = parse_size(value) if isinstance(value, str) else value
    except ValueError as error:
        raise MtrrvizError(f"{error} (expected an integer or a size such as '2 GiB')") from error
    if not 0 <= number < 1 << 64:
        raise MtrrvizError(f"{shown(value)} is not possible here (expected 0 to 2^64 - 1)")
    return number


def page_of(value: int | str, machine: MachineSpec) -> int:
    """Return the gfn of an address; MtrrvizError if the machine has no such page."""
    address, limit = number_of(value), 1 << machine.maxphyaddr
    if address >= limit:
        expected = f"an address below {format_gpa(limit)}"
        raise MtrrvizError(f"{format_gpa(address)} is no address here (expected {expected})")
    return address >> PAGE_SHIFT


def range_of(
    start: int | str | None, size: int | str | None, machine: MachineSpec
) -> tuple[int, int]:
    """Return the gfns of a range, [first, end); MtrrvizError if it is none of the machine."""
    if start is None or size is None:
        raise MtrrvizError("a range needs two keys (expected start = ... and size = ...)")
    first, bytes_ = page_of(start, machine), number_of(size)
    address = number_of(start)
    if (address | bytes_) & ((1 << PAGE_SHIFT) - 1) or not bytes_:
        raise MtrrvizError("this is no range of pages (expected multiples of 4 KiB, 4 KiB or more)")
    end = page_of(address + bytes_ - 1, machine) + 1
    return first, end


def region_gfns(name: str, machine: MachineSpec) -> tuple[int, int]:
    """Return the gfns of the region of a name; MtrrvizError if there is none."""
    regions = {region.name: region for region in machine.regions}
    region = regions.get(name) or unknown_name("region", name, regions)
    return region.first_gfn, region.end_gfn


def register_of(value: int | str) -> int:
    """Return the number of a register by its name or number, CR0_ID for CR0."""
    for register in REGISTERS.values():
        if value in (register.name, register.msr) and value != CR0_ID:
            return register.msr
    problem = f"{shown(value)} is no register (expected CR0, or {KNOWN_MSRS_TEXT})"
    raise MtrrvizError(problem)


def vcpu_of(vcpu: int, machine: MachineSpec) -> int:
    """Return the number of a vCPU; MtrrvizError if the machine has none of it."""
    if vcpu >= machine.vcpus:
        raise MtrrvizError(f"there is no vCPU {vcpu} (expected one below {machine.vcpus})")
    return vcpu


def bookmark_ns(name: str, scenario: Scenario) -> int:
    """Return the time of the bookmark of a name; MtrrvizError if there is none."""
    times = {bookmark.name: bookmark.time_ns for bookmark in scenario.bookmarks}
    return times[name] if name in times else unknown_name("bookmark", name, times)


def phase_ns(name: str, scenario: Scenario) -> int:
    """Return when the phase of a name begins; MtrrvizError if there is none."""
    times = {phase.name: phase.start_ns for phase in reversed(scenario.phases)}
    return times[name] if name in times else unknown_name("phase", name, times)


def stop_of(content: StopFile, machine: MachineSpec) -> StopCondition:
    """Return a stop condition, checked; MtrrvizError for what is wrong with it."""
    from mtrrviz.scenario.files.checking.stop_building import build_stops  # noqa: PLC0415 - when asked for

    return build_stops([content], machine, ScenarioSource("moment"))[0]


def unknown_name(noun: str, name: str, known: Iterable[str]) -> NoReturn:
    """Raise MtrrvizError for a name that a scenario does not have."""
    names = ", ".join(known) or f"a scenario with {noun}s"
    raise MtrrvizError(f"there is no {noun} {name!r} (expected {names})")
