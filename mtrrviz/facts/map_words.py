"""The map in words: the tooltips of dots, and the counts of the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import leaf_text
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.record import Record
from mtrrviz.core.sdm.hardware import hardware_types
from mtrrviz.core.units import (
    LEVEL_NAMES,
    LEVEL_PAGES,
    PAGE_SHIFT,
    format_gpa,
    format_size,
    format_time_ns,
)
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.hosts.hardware_types import typed_spans
from mtrrviz.facts.sdm_difference import sdm_difference_for

if TYPE_CHECKING:
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.sim.run import State


class TypeCount(Record):
    """How many leaves of a type there are and what they cover."""

    memory_type: MemoryType
    leaves: int
    size_bytes: int


def type_counts(tally: dict[tuple[int, int], int]) -> tuple[TypeCount, ...]:
    """Return the counts of every type, in the order of legends, from counts by (level, type)."""
    return tuple(_type_count(tally, memory_type) for memory_type in MEMORY_TYPES)


def _type_count(tally: dict[tuple[int, int], int], memory_type: MemoryType) -> TypeCount:
    mine = [(level, n) for (level, value), n in tally.items() if value == memory_type]
    pages = sum(LEVEL_PAGES[level] * count for level, count in mine)
    return TypeCount(memory_type, sum(count for _, count in mine), pages << PAGE_SHIFT)


def span_text(first_gfn: int, end_gfn: int) -> str:
    """Return the byte addresses of pages [first_gfn, end_gfn) and their size."""
    first, end = first_gfn << PAGE_SHIFT, end_gfn << PAGE_SHIFT
    return f"{format_gpa(first)} to {format_gpa(end - 1)} ({format_size(end - first)})"


def region_text(spec: MachineSpec, first_gfn: int, end_gfn: int) -> str:
    """Return what the regions in a stretch are called."""
    found = [r.words for r in spec.regions_in(first_gfn, end_gfn)]
    return ", ".join(found) or "unassigned, no memory slot"


def dot_text(state: State, vcpu: int, gfns: tuple[int, int]) -> tuple[str, ...]:
    """Return the lines that describe the pages [first, end) of a dot."""
    first, end = gfns
    spec = state.run.scenario.machine
    lines = [span_text(first, end), region_text(spec, first, end)]
    if spec.is_host:
        spans = typed_spans(hardware_types(state.machine, vcpu), first, end)
        types = dict.fromkeys(span.words for span in spans)
        return (*lines, f"type on CPU {vcpu}: {' or '.join(types)}")
    lines.extend(_leaf_lines(state, first, end))
    slots = [r for r in spec.regions_in(first, end) if r.has_slot]
    if slots:
        spans = expected_at(state, vcpu).spans(first, end)
        types = dict.fromkeys(leaf_text(bits) for _, _, bits in spans)
        lines.append(f"next fault of vCPU {vcpu}: {' or '.join(types)}")
    return tuple(lines)


def sdm_difference_text(state: State, vcpu: int, gfns: tuple[int, int]) -> tuple[str, ...]:
    """Return a line on both types where the SDM's is not KVM's, for the MTRRs that count."""
    sdm_difference = sdm_difference_for(state.machine, vcpu, state.run.scenario.machine)
    theirs = "" if sdm_difference is None else sdm_difference.words(*gfns)
    if sdm_difference is None or not theirs:
        return ()
    ours = " or ".join(dict.fromkeys(kind.name for kind in sdm_difference.kvm_types(*gfns)))
    return (f"MTRRs by the SDM: {theirs}; by KVM's walk: {ours}",)


def _leaf_lines(state: State, first: int, end: int) -> list[str]:
    """Describe the leaves in a stretch: a single one in full, several by type."""
    leaves, rows = state.run.leaves, state.live_rows
    low = leaves.first_gfn[rows]
    high = low + leaves.pages[rows]
    rows = rows[(low < np.uint64(end)) & (high > np.uint64(first))]
    if not len(rows):
        return ["no leaf"]
    if len(rows) == 1:
        row = int(rows[0])
        bits, level = int(leaves.bits[row]), int(leaves.level[row])
        born = format_time_ns(int(leaves.born_ns[row]))
        return [
            f"leaf: {LEVEL_NAMES[level]}, {leaf_text(bits)}",
            f"faulted in by vCPU {int(leaves.vcpu[row])} at {born}",
        ]
    counts = np.bincount(leaves.bits[rows])
    parts = [f"{int(counts[bits]):,} x {leaf_text(int(bits))}" for bits in np.flatnonzero(counts)]
    return [f"{len(rows):,} leaves: {'; '.join(parts)}"]
