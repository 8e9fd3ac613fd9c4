"""From the machine table of a scenario file to a MachineSpec, checked."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.numbers import page_bytes

if TYPE_CHECKING:
    from mtrrviz.scenario.schema import MachineFile, RegionFile
    from mtrrviz.scenario.source import Source

_HOST_LEVELS = {"4 KiB": 1, "2 MiB": 2, "1 GiB": 3}


def build_machine(content: MachineFile, source: Source) -> MachineSpec:
    """Return the machine; ScenarioError for regions that overlap or do not fit."""
    limit = 1 << content.maxphyaddr
    regions = [
        _region(region, f"machine.region[{i}]", limit, source)
        for i, region in enumerate(content.region)
    ]
    memory_bytes = page_bytes(source, content.memory, "machine.memory", limit)
    if memory_bytes == 0:
        raise source.error("machine.memory", "a guest without memory", "at least 4 KiB")
    if not content.ignore_guest_pat and not content.self_snoop:
        problem = "the quirk cannot be switched off on a CPU without self-snoop"
        raise source.error("machine.ignore_guest_pat", problem, "true, or self_snoop = true")
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
    )


def _region(content: RegionFile, place: str, limit: int, source: Source) -> Region:
    start = page_bytes(source, content.start, f"{place}.start", limit)
    end = _end(content, place, start, limit, source)
    if not start < end <= limit:
        problem = f"{start:#x} to {end:#x} is not a range below MAXPHYADDR"
        raise source.error(place, problem, f"start < end <= {limit:#x}")
    return Region(content.name, RegionKind(content.kind), start, end)


def _end(content: RegionFile, place: str, start: int, limit: int, source: Source) -> int:
    """Return the end of a region, given as such or by a size."""
    if content.size is not None and content.end is None:
        return start + page_bytes(source, content.size, f"{place}.size", limit)
    if content.end is not None and content.size is None:
        return page_bytes(source, content.end, f"{place}.end", limit)
    raise source.error(place, "a region needs an extent", "either size or end, not both")


def _apart(regions: list[Region], source: Source) -> tuple[Region, ...]:
    """Return the regions in address order if none overlaps another."""
    ordered = sorted(regions, key=lambda region: region.start)
    for low, high in itertools.pairwise(ordered):
        if high.start < low.end:
            place = f"machine.region[{regions.index(high)}]"
            problem = f"{low.name!r} and {high.name!r} overlap at {high.start:#x}"
            raise source.error(place, problem, "regions that do not overlap")
    return tuple(ordered)
