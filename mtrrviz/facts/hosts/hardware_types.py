"""A real machine's memory types as facts: by address, and the figures that follow from them.

A register whose value is not known counts in no figure: neither as a disagreement nor as RAM that
is not write-back.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.msr.registers import PHYSMASK0, REGISTERS, VALID_BIT, mtrr_msrs
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import HostType, hardware_types, labels
from mtrrviz.core.sdm.hardware_rules import HostRule, host_rules
from mtrrviz.core.sdm.sdm_types import UNKNOWN
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.scenario.machine_spec import RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.sdm.sdm_types import SdmTypes
    from mtrrviz.sim.run import State

DEVICE_KINDS = frozenset({RegionKind.MMIO, RegionKind.PASSTHROUGH})
_CACHED = frozenset({HostType.WB, HostType.WT, HostType.WP})


class TypedSpan(Record):
    """Pages [first_gfn, end_gfn) of one type; several where types alternate too often to list."""

    first_gfn: int
    end_gfn: int
    types: tuple[HostType, ...]

    @property
    def size_bytes(self) -> int:
        """Length in bytes."""
        return (self.end_gfn - self.first_gfn) << PAGE_SHIFT

    @property
    def words(self) -> str:
        """The types in words, such as "WB" or "UC or WB"."""
        return labels(self.types)


class HostFigures(Record):
    """What a real machine's results show at a moment, of one CPU's types.

    Bytes of RAM that is not WB, of RAM whose type is not known, of device space that may be cached
    (WB, WT or WP), and of device space whose type is not known; variable pairs in use, free and
    unknown; the CPUs that differ from the first, and all CPUs.
    """

    ram_bytes: int
    ram_not_wb_bytes: int
    ram_unknown_bytes: int
    device_cached_bytes: int
    device_unknown_bytes: int
    pairs: int
    pairs_used: int
    pairs_unknown: int
    mismatched_cpus: tuple[int, ...]
    cpus: int

    @property
    def pairs_free(self) -> int:
        """Pairs that are known to be off."""
        return self.pairs - self.pairs_used - self.pairs_unknown


def typed_spans(types: SdmTypes, first_gfn: int, end_gfn: int) -> list[TypedSpan]:
    """Return the stretches of [first_gfn, end_gfn) by type, in address order."""
    cuts = [int(start) for start in types.starts if first_gfn < start < end_gfn]
    edges = np.array([first_gfn, *cuts, end_gfn], np.uint64)
    sets = types.sets_in(edges[:-1], edges[1:]).tolist()
    return [
        TypedSpan(int(low), int(high), tuple(kind for kind in HostType if found >> kind & 1))
        for (low, high), found in zip(pairwise(edges.tolist()), sets, strict=True)
    ]


def host_figures(state: State, cpu: int) -> HostFigures:
    """Return the figures of a real machine at a moment."""
    machine, spec = state.machine, state.run.scenario.machine
    types = hardware_types(machine, cpu)
    ram = [span for region in spec.regions if region.kind is RegionKind.RAM
           for span in typed_spans(types, region.first_gfn, region.end_gfn)]  # fmt: skip
    devices = [span for region in spec.regions if region.kind in DEVICE_KINDS
               for span in typed_spans(types, region.first_gfn, region.end_gfn)]  # fmt: skip
    known = [span for span in ram if HostType.UNKNOWN not in span.types]
    used, unknown = _pairs(machine, cpu)
    return HostFigures(
        ram_bytes=_bytes(ram),
        ram_not_wb_bytes=_bytes(span for span in known if span.types != (HostType.WB,)),
        ram_unknown_bytes=_bytes(ram) - _bytes(known),
        device_cached_bytes=_bytes(span for span in devices if _CACHED & {*span.types}),
        device_unknown_bytes=_bytes(span for span in devices if HostType.UNKNOWN in span.types),
        pairs=spec.variable_pairs,
        pairs_used=used,
        pairs_unknown=unknown,
        mismatched_cpus=mismatched_cpus(machine),
        cpus=spec.vcpus,
    )


def _bytes(spans: Iterable[TypedSpan]) -> int:
    return sum(span.size_bytes for span in spans)


def _pairs(machine: Machine, cpu: int) -> tuple[int, int]:
    """Return how many pairs are in use, and of how many that is not known."""
    state = machine.mtrr(cpu)
    masks = [PHYSMASK0 + 2 * number for number in range(state.pairs)]
    known = [mask for mask in masks if mask not in state.unknown]
    used = sum(bool(state.read(mask) & VALID_BIT) for mask in known)
    return used, len(masks) - len(known)


def mismatched_cpus(machine: Machine) -> tuple[int, ...]:
    """Return the CPUs that hold another value than a lower one in a register known of both."""
    return tuple(register_differences(machine))


def register_differences(machine: Machine) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return by CPU the MTRRs and PAT in which it differs, each with the CPU that it differs from.

    That is the lowest one of which the register is known.
    """
    states = [machine.mtrr(cpu) for cpu in range(machine.vcpus)]
    if all(state is states[0] or state.contents() == states[0].contents() for state in states):
        return {}
    found: dict[int, list[tuple[int, int]]] = {}
    for msr in mtrr_msrs(states[0].pairs):
        known = [cpu for cpu, state in enumerate(states) if msr not in state.unknown]
        for cpu in known[1:]:
            if states[cpu].read(msr) != states[known[0]].read(msr):
                found.setdefault(cpu, []).append((msr, known[0]))
    return {cpu: tuple(found[cpu]) for cpu in sorted(found)}


def is_unknown(types: SdmTypes) -> bool:
    """Return whether no address has a known type."""
    return bool((types.sets == np.uint8(1 << UNKNOWN)).all())


def deciding_words(machine: Machine, cpu: int, gfn: int) -> str:
    """Return what decides the type of a page on a real machine, in words."""
    rules = [rule for rule in host_rules(machine, cpu, gfn) if rule.decides]
    return ", ".join(dict.fromkeys(_short_words(rule) for rule in rules))


def _short_words(rule: HostRule) -> str:
    if rule.kind == "variable":
        return f"pair {rule.index}" + (
            "" if rule.type is not None else ", whose value is not known"
        )
    if rule.kind == "tom2":
        return "TOM2 with ForceWB"
    if rule.kind == "default":
        return "default type"
    name = REGISTERS[rule.msrs[0]].name
    return f"{name}, whose value is not known" if rule.type is None else rule.note
