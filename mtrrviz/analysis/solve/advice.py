"""Whether a solution may be given to whoever asked, and what is to be said with it.

Registers of a real machine that cache a device make it fail in ways that no log shows. So whatever
was wanted, by a file, by hand or as "any type", what a solution would newly cache is looked up.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from mtrrviz.analysis.solve.host_wanted import (
    APICS,
    UNCACHED,
    pair_spans,
    refuse_unknown,
    regions_at,
    told_types,
)
from mtrrviz.analysis.solve.solver import solve
from mtrrviz.analysis.solve.target import target_of
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_layout
from mtrrviz.core.sdm.sdm_types import sdm_types
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.core.wording.words import plural
from mtrrviz.facts.hosts.hardware_types import DEVICE_KINDS
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from mtrrviz.analysis.solve.solution import Solution
    from mtrrviz.analysis.solve.solver import Limits
    from mtrrviz.analysis.solve.wanted import WantedMap
    from mtrrviz.core.machine import Machine
    from mtrrviz.core.mtrr import MtrrState
    from mtrrviz.scenario.machine_spec import MachineSpec, Region

_CACHED = (1 << HostType.WB) | (1 << HostType.WT) | (1 << HostType.WP)
_NEVER = DEVICE_KINDS | {RegionKind.RESERVED}
"""Kinds of regions that nothing may newly cache."""
_UNTOLD = "what is reserved, and what no map names, becomes UC: its present type is not known"
_SHOWN = 6
"""Spans that are listed; more are counted."""


class Advice(Record):
    """What to do with a solution: whether its registers may be given, and lines to say with it."""

    solution: Solution
    is_given: bool
    lines: tuple[str, ...]


class NewlyCached(Record):
    """Gfns [start, end), no RAM, that a solution caches and that are not known to be so now.

    ``what`` is what they are, in words. ``is_never``: it must not be, whoever asks for it.
    """

    start: int
    end: int
    type: MemoryType
    what: str
    is_never: bool

    @property
    def words(self) -> str:
        """The addresses, what is there, and the type, in words."""
        first, end = self.start << PAGE_SHIFT, self.end << PAGE_SHIFT
        size = format_size(end - first)
        return f"{format_gpa(first)}-{format_gpa(end - 1)} ({size}): {self.what}"


def advise(
    spec: MachineSpec,
    machine: Machine | None,
    wanted: WantedMap,
    limits: Limits,
    *,
    is_own: bool,
    vcpu: int = 0,
) -> Advice:
    """Solve, and judge the solution by the registers of now in ``machine``, if it is a real one.

    ``machine`` is not looked at for a guest. ``is_own``: the map is what the machine's own layout
    asks for. Raises MtrrvizError for one of a real machine about which too little is told.
    """
    if spec.is_host and machine is not None and is_own:
        refuse_unknown(spec, machine, vcpu)
    solution = solve(wanted, limits, target_of(spec, machine, vcpu))
    return judged(spec, machine, solution, is_own=is_own, vcpu=vcpu)


def judged(
    spec: MachineSpec, machine: Machine | None, solution: Solution, *, is_own: bool, vcpu: int = 0
) -> Advice:
    """Judge a solution; arguments as for :func:`advise`.

    Raises ValueError for a real machine without ``machine``, of which nothing can be judged.
    """
    if not spec.is_host:
        return Advice(solution, True, ())
    if machine is None:
        raise ValueError("a real machine's registers are needed")
    new = newly_cached(spec, machine, solution, is_own=is_own, vcpu=vcpu)
    never = [one for one in new if one.is_never]
    lines = [*_never_lines(never)] if never else [*_new_lines(new)]
    if is_own and (vcpu, DEFTYPE) in spec.unknown_registers:
        lines.append(_UNTOLD)
    return Advice(solution, not (solution.is_unsafe or never), tuple(lines))


def newly_cached(
    spec: MachineSpec, machine: Machine, solution: Solution, *, is_own: bool, vcpu: int = 0
) -> list[NewlyCached]:
    """Return what is no RAM and would be cached, and is not known to have that type already.

    Unless somebody drew the map (not ``is_own``), nothing may cache what a pair or a fixed register
    keeps uncached: the firmware meant it, though no map names what is there.
    """
    types = sdm_types(hardware_layout(solution.state(), spec.tom2_end))
    now = machine.mtrr(vcpu)
    end = 1 << spec.maxphyaddr - PAGE_SHIFT
    cuts = {0, end, *APICS, *types.starts.tolist()}
    cuts.update(sdm_types(hardware_layout(now, spec.tom2_end)).starts.tolist())
    cuts |= {gfn for region in spec.regions for gfn in (region.first_gfn, region.end_gfn)}
    cuts |= {
        gfn
        for span in now.variable_ranges()
        if span.valid
        for gfn in (span.start_gfn, span.end_gfn)
    }
    edges = sorted(cut for cut in cuts if cut <= end)
    gfns = np.array(edges, np.uint64)
    after = types.sets_in(gfns[:-1], gfns[1:]).tolist()
    before = told_types(spec, machine, edges, vcpu)
    regions = regions_at(spec, edges[:-1])
    found: list[NewlyCached] = []
    for (start, stop), region, old, new in zip(
        pairwise(edges), regions, before, after, strict=True
    ):
        is_ram = region is not None and region.kind is RegionKind.RAM
        if is_ram or not new & _CACHED or (old is not None and new == 1 << old):
            continue
        span = _span(start, stop, new, region)
        if is_own and old is not None and old in UNCACHED and _is_meant(now, start):
            span = replace(span, what=f"{span.what}, kept {old.name} by a register", is_never=True)
        _append(found, span)
    return found


def _is_meant(state: MtrrState, gfn: int) -> bool:
    """Return whether a fixed register or a pair gives a page its type, not the default."""
    if gfn < FIXED_LIMIT_GFN:
        return state.fixed_enabled
    return any(start <= gfn < end for start, end in pair_spans(state))


def _span(start: int, end: int, types: int, region: Region | None) -> NewlyCached:
    kind = max(kind for kind in HostType if types & _CACHED & 1 << kind)
    is_apic = APICS[0] <= start < APICS[1]
    if is_apic:
        what = "the interrupt controllers"
    elif region is None:
        what = "what no map names"
    else:
        what = region.name
    is_never = is_apic or (region is not None and region.kind in _NEVER)
    return NewlyCached(start, end, MemoryType(kind), what, is_never)


def _append(found: list[NewlyCached], new: NewlyCached) -> None:
    """Append, joined to the last one if it goes on alike."""
    last = found[-1] if found else None
    if last and last.end == new.start and (last.type, last.what) == (new.type, new.what):
        new = NewlyCached(found.pop().start, new.end, new.type, new.what, new.is_never)
    found.append(new)


def _never_lines(spans: list[NewlyCached]) -> list[str]:
    head = "devices and reserved memory must not be cached, and these registers would do so:"
    return [head, *_listed(spans)]


def _new_lines(spans: list[NewlyCached]) -> list[str]:
    if not spans:
        return []
    head = "caution: these registers cache addresses that are not known to be RAM:"
    return [head, *_listed(spans)]


def _listed(spans: list[NewlyCached]) -> list[str]:
    lines = [f"  {one.words}, {one.type.name}" for one in spans[:_SHOWN]]
    more = len(spans) - _SHOWN
    return [*lines, *([f"  and {plural(more, 'range')} more"] if more > 0 else [])]
