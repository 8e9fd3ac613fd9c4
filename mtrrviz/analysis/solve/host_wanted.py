"""What a real machine's memory asks for: RAM write-back, and nothing else made so.

What the firmware reserves, and what nobody told, keeps the type that the registers give it: some of
it is memory, some is devices that must never be cached, and only the firmware knows which.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from mtrrviz.analysis.solve.wanted import Piece, WantedMap, merged
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0, pair_msrs
from mtrrviz.core.sdm.hardware import HostType, hardware_types
from mtrrviz.core.sdm.sdm_types import UNKNOWN
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.hosts.hardware_types import DEVICE_KINDS
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.core.sdm.sdm_types import SdmTypes
    from mtrrviz.scenario.machine_spec import MachineSpec, Region

Rest = MemoryType | Literal["keep"] | None
"""The type of what no region names: one, the one that it has now, or any (None)."""

KEEP: Literal["keep"] = "keep"

APICS = (0xFEC00, 0xFEF00)
"""The pages of the interrupt controllers of every PC: always UC."""
UNCACHED = frozenset({MemoryType.UC, MemoryType.WC})


def host_wanted(
    spec: MachineSpec, machine: Machine | None, rest: Rest = KEEP, vcpu: int = 0
) -> WantedMap:
    """Return the wanted map of a real machine; ``machine`` has the registers as they are now.

    RAM is WB. Devices stay as they are where they are not cached, else they are UC. All that is
    reserved or not told stays as it is, or is UC where its type is not known. What no region names
    is the ``rest``; but where a pair makes it anything but WB somebody meant it, and it stays so
    even if any type will do.
    """
    types = None if machine is None else hardware_types(machine, vcpu)
    end = 1 << spec.maxphyaddr - PAGE_SHIFT
    cuts = {0, end, *APICS}
    cuts |= {gfn for region in spec.regions for gfn in (region.first_gfn, region.end_gfn)}
    pairs: tuple[tuple[int, int], ...] = ()
    if machine is not None and types is not None:
        cuts |= {int(start) for start in types.starts}
        pairs = pair_spans(machine.mtrr(vcpu))
        cuts |= {gfn for span in pairs for gfn in span}
    edges = sorted(cut for cut in cuts if cut <= end)
    now = _types_now(types, edges)
    now = _without_assumed(spec, vcpu, now, edges, pairs)
    regions = regions_at(spec, edges[:-1])
    pieces = [
        Piece(start, stop, _wanted_type(start, region, kind, _rest_at(start, kind, rest, pairs)))
        for (start, stop), region, kind in zip(pairwise(edges), regions, now, strict=True)
    ]
    return WantedMap(spec.maxphyaddr, merged(pieces))


def told_types(
    spec: MachineSpec, machine: Machine, edges: list[int], vcpu: int = 0
) -> list[MemoryType | None]:
    """Return the type between each two gfns, None where nothing tells it or it is not one."""
    now = _types_now(hardware_types(machine, vcpu), edges)
    return _without_assumed(spec, vcpu, now, edges, pair_spans(machine.mtrr(vcpu)))


def _without_assumed(
    spec: MachineSpec,
    vcpu: int,
    now: list[MemoryType | None],
    edges: list[int],
    pairs: tuple[tuple[int, int], ...],
) -> list[MemoryType | None]:
    """Return types with WB unknown where it rests on registers that were only assumed.

    A default type that was assumed explains the pairs that are seen, and a pair that is not
    printed is taken to be off; but the line of one that keeps a device uncached may be lost. Such
    registers are unknown by the machine although an event sets them.
    """
    if all(region.kind is not RegionKind.RAM for region in spec.regions):
        return now
    unknown = {msr for cpu, msr in spec.unknown_registers if cpu == vcpu}
    if unknown.intersection(range(PHYSBASE0, PHYSBASE0 + 2 * spec.variable_pairs)):
        pairs = ()
    elif DEFTYPE not in unknown:
        return now
    return [
        None
        if kind is MemoryType.WB
        and start >= FIXED_LIMIT_GFN
        and not any(a <= start < b for a, b in pairs)
        else kind
        for start, kind in zip(edges, now, strict=False)
    ]


def pair_spans(state: MtrrState) -> tuple[tuple[int, int], ...]:
    """Return the gfns [first, end) that known pairs cover, as KVM reads those with holes."""
    spans = (span for span in state.variable_ranges() if span.valid)
    return tuple(
        (span.start_gfn & -(span.end_gfn - span.start_gfn), span.end_gfn)
        if span.is_contiguous_mask and span.size_bytes
        else (span.start_gfn, span.end_gfn)
        for span in spans
    )


def _rest_at(
    gfn: int, now: MemoryType | None, rest: Rest, pairs: tuple[tuple[int, int], ...]
) -> Rest:
    """Return the rest's type at a page: where any will do, what a pair makes uncached stays."""
    is_meant = now not in (None, MemoryType.WB) and any(a <= gfn < b for a, b in pairs)
    return KEEP if rest is None and is_meant else rest


def _types_now(types: SdmTypes | None, edges: list[int]) -> list[MemoryType | None]:
    """Return the type between each two edges, None where it is not known or not one."""
    if types is None:
        return [None] * (len(edges) - 1)
    gfns = np.array(edges, np.uint64)
    sets = types.sets_in(gfns[:-1], gfns[1:]).tolist()
    one = {1 << kind: kind.memory_type for kind in HostType}
    return [one.get(found) for found in sets]


def regions_at(spec: MachineSpec, starts: list[int]) -> list[Region | None]:
    """Return the region of each page; pages and regions ascend."""
    found: list[Region | None] = []
    regions = iter(spec.regions)
    region = next(regions, None)
    for gfn in starts:
        while region is not None and region.end_gfn <= gfn:
            region = next(regions, None)
        found.append(region if region is not None and region.first_gfn <= gfn else None)
    return found


def _wanted_type(
    gfn: int, region: Region | None, now: MemoryType | None, rest: Rest
) -> MemoryType | None:
    if APICS[0] <= gfn < APICS[1]:
        return MemoryType.UC
    kept = MemoryType.UC if now is None else now
    if region is None:
        return kept if rest == KEEP else rest
    if region.kind is RegionKind.RAM:
        return MemoryType.WB
    if region.kind in DEVICE_KINDS:
        return kept if kept in UNCACHED else MemoryType.UC
    return kept


def refuse_unknown(spec: MachineSpec, machine: Machine, vcpu: int = 0) -> None:
    """Raise MtrrvizError where neither registers nor a memory map say what may be write-back."""
    types = hardware_types(machine, vcpu)
    ends = np.append(types.starts[1:], np.uint64(1 << spec.maxphyaddr - PAGE_SHIFT))
    above = types.sets[ends > np.uint64(FIXED_LIMIT_GFN)]
    kinds = {region.kind for region in spec.regions}
    has_ram = RegionKind.RAM in kinds
    has_map = has_ram and RegionKind.UNKNOWN not in kinds
    if not has_map and bool((above & np.uint8(1 << UNKNOWN)).any()):
        raise MtrrvizError(f"{_missing(machine, vcpu, has_ram)}, so nothing can be solved{_MORE}")
    if not has_ram and bool((types.sets == 1 << MemoryType.UC).all()):
        raise MtrrvizError(
            "all memory is UC and no memory map says where RAM is, so nothing can be solved"
            " (expected the kernel's log with e820 lines, or /proc/iomem read as root)"
        )
    if not has_ram and (vcpu, DEFTYPE) in spec.unknown_registers:
        raise MtrrvizError(
            "the default type is not known and no memory map says where RAM is, so nothing can "
            f"be solved{_MORE}"
        )


_MORE = (
    " (expected the kernel's log with e820 lines, booted with mtrr=debug, or /proc/iomem read as"
    " root and rdmsr's values)"
)


def _missing(machine: Machine, vcpu: int, has_ram: bool) -> str:
    """Return what is not known, of the registers and of the map, in words."""
    state = machine.mtrr(vcpu)
    pairs = [
        number for number in range(state.pairs) if not state.unknown.isdisjoint(pair_msrs(number))
    ]
    if DEFTYPE in state.unknown and len(pairs) == state.pairs:
        registers = "the MTRRs' values are not known"
    elif DEFTYPE in state.unknown:
        registers = "the default type is not known"
    else:
        numbers = ", ".join(map(str, pairs))
        registers = f"the values of pair{'s' if len(pairs) > 1 else ''} {numbers} are not known"
    if has_ram:
        return f"{registers}, and what the memory map leaves out may be devices"
    return f"{registers} and no memory map says where RAM is"
