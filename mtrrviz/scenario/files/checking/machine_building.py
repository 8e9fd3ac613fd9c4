"""From the machine table of a scenario file to a MachineSpec, checked."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mtrrviz.core.machine import NEEDS_SELF_SNOOP
from mtrrviz.core.msr.registers import VARIABLE_PAIRS, mtrr_msrs
from mtrrviz.core.units import FOUR_GIB
from mtrrviz.scenario.files.checking.numbers import page_bytes, register_number
from mtrrviz.scenario.machine_spec import MachineKind, MachineSpec, Maker, Region, RegionKind
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from mtrrviz.scenario.files.schema import MachineFile, RegionFile
    from mtrrviz.scenario.files.source import ScenarioSource

ALL_REGISTERS = "all"
"""Stands for all MTRRs and the PAT in a list of unknown registers."""

_HOST_LEVELS = {"4 KiB": 1, "2 MiB": 2, "1 GiB": 3}


def build_machine(content: MachineFile, source: ScenarioSource) -> MachineSpec:
    """Return the machine; ScenarioError for regions that overlap or do not fit."""
    limit = 1 << content.maxphyaddr
    regions = [
        _region(region, f"machine.region[{i}]", limit, source)
        for i, region in enumerate(content.region)
    ]
    memory_bytes = page_bytes(source, content.memory, "machine.memory", limit)
    if memory_bytes == 0 and content.kind == "guest":
        raise source.error("machine.memory", "a machine without memory", "at least 4 KiB")
    if not content.ignore_guest_pat and not content.self_snoop:
        expected = "true, or self_snoop = true"
        raise source.error("machine.ignore_guest_pat", NEEDS_SELF_SNOOP, expected)
    kind = MachineKind(content.kind)
    if kind is MachineKind.GUEST:
        _check_guest(content, source)
    return MachineSpec(
        vcpus=content.vcpus,
        memory_bytes=memory_bytes,
        regions=_apart(regions, source),
        maxphyaddr=content.maxphyaddr,
        has_mtrr=content.has_mtrr,
        cd_nw_quirk=content.cd_nw_quirk,
        self_snoop=content.self_snoop,
        ignore_guest_pat=content.ignore_guest_pat,
        host_level=_HOST_LEVELS[content.host_page],
        cpu_mhz=content.cpu_mhz,
        noncoherent_dma=content.noncoherent_dma,
        kind=kind,
        maker=Maker(content.maker),
        tom2_end=_tom2(content, limit, source),
        pairs=content.pairs,
        unknown_registers=_unknown(content, source),
        mtrrs_on=content.mtrrs_on,
    )


def _check_guest(content: MachineFile, source: ScenarioSource) -> None:
    """Refuse what only hosts have: a guest's pairs are KVM's, its CPU is no maker's."""
    if content.pairs != VARIABLE_PAIRS:
        problem = f"KVM gives a guest {VARIABLE_PAIRS} pairs, not {content.pairs}"
        raise source.error("machine.pairs", problem, f'{VARIABLE_PAIRS}, or kind = "host"')
    if content.tom2:
        raise source.error("machine.tom2", "a guest has no TOM2", 'none, or kind = "host"')


def _tom2(content: MachineFile, limit: int, source: ScenarioSource) -> int:
    """Return TOM2 in bytes, 0 for none."""
    tom2 = page_bytes(source, content.tom2, "machine.tom2", limit)
    if 0 < tom2 <= FOUR_GIB:
        expected = "0, or an address above 4 GiB"
        raise source.error("machine.tom2", f"{tom2:#x} is not possible here", expected)
    if tom2 and content.maker == "intel":
        raise source.error("machine.tom2", "CPUs of Intel have no TOM2", 'none, or maker = "amd"')
    return tom2


def _unknown(content: MachineFile, source: ScenarioSource) -> frozenset[tuple[int, int]]:
    """Return the (CPU, MSR) whose values are unknown."""
    found: set[tuple[int, int]] = set()
    for i, one in enumerate(content.unknown):
        place = f"machine.unknown[{i}]"
        if one.vcpu >= content.vcpus:
            problem, expected = f"there is no vCPU {one.vcpu}", f"a vCPU below {content.vcpus}"
            raise source.error(f"{place}.vcpu", problem, expected)
        for register in one.registers:
            found |= {(one.vcpu, msr) for msr in _msrs(register, content, place, source)}
    return frozenset(found)


def _msrs(
    register: int | str, content: MachineFile, place: str, source: ScenarioSource
) -> tuple[int, ...]:
    """Return the registers that one word of a list names."""
    pairs = content.pairs if content.kind == "host" else VARIABLE_PAIRS
    writable = mtrr_msrs(pairs)[1:]
    if register == ALL_REGISTERS:
        return writable
    msr = register_number(register) if isinstance(register, str) else register
    if msr not in writable:
        expected = f"an MTRR or the PAT of a machine with {pairs} pairs, or {ALL_REGISTERS!r}"
        problem = f"{shown(register)} is not possible here"
        raise source.error(f"{place}.registers", problem, expected)
    return (msr,)


def _region(content: RegionFile, place: str, limit: int, source: ScenarioSource) -> Region:
    start = page_bytes(source, content.start, f"{place}.start", limit)
    end = _end(content, place, start, limit, source)
    if not start < end <= limit:
        problem = f"{start:#x} to {end:#x} is not a range below MAXPHYADDR"
        raise source.error(place, problem, f"start < end <= {limit:#x}")
    return Region(content.name, RegionKind(content.kind), start, end)


def _end(content: RegionFile, place: str, start: int, limit: int, source: ScenarioSource) -> int:
    """Return the end of a region, given as such or by a size."""
    if content.size is not None and content.end is None:
        return start + page_bytes(source, content.size, f"{place}.size", limit)
    if content.end is not None and content.size is None:
        return page_bytes(source, content.end, f"{place}.end", limit)
    raise source.error(place, "a region needs an extent", "either size or end, not both")


def _apart(regions: list[Region], source: ScenarioSource) -> tuple[Region, ...]:
    """Return the regions in address order if none overlaps another."""
    ordered = sorted(regions, key=lambda region: region.start)
    for low, high in itertools.pairwise(ordered):
        if high.start < low.end:
            place = f"machine.region[{regions.index(high)}]"
            problem = f"{low.name!r} and {high.name!r} overlap at {high.start:#x}"
            raise source.error(place, problem, "regions that do not overlap")
    return tuple(ordered)
