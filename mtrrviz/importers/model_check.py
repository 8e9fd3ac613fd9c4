"""Compare the leaves a trace shows KVM making with those the model would make at that moment.

The real type and IPAT stand in bits 5:3 and 6 of the new entry (kvm_tdp_mmu_spte_changed). Where
they differ, either the assumptions of the import are wrong (non-coherent DMA, policy, registers
written before the trace began) or the model is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import ept_bits
from mtrrviz.importers.notes import Place
from mtrrviz.scenario.machine_spec import MachineSpec, RegionKind
from mtrrviz.sim.replay import apply_event, new_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.core.machine import Machine
    from mtrrviz.core.policy import Policy
    from mtrrviz.importers.imported import Import, LeafEntries

MAX_MISMATCHES = 10_000
"""Most mismatches listed; the report's counts are of all."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A leaf whose type or IPAT is not the model's.

    ``real_bits`` and ``model_bits`` hold type and IPAT as in an EPT entry (see
    :func:`mtrrviz.core.ept.bits_to_leaf`); a reserved type code is possible in the real ones.
    """

    time_ns: int
    vcpu: int
    gfn: int
    level: int
    real_bits: int
    model_bits: int
    place: Place


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How many leaves were compared, how many differ, and the first :data:`MAX_MISMATCHES`."""

    compared: int
    differing: int
    mismatches: tuple[Mismatch, ...]


def check_model(imported: Import, policy: Policy | str) -> list[Mismatch]:
    """Return the leaves of an import's trace that differ from the model's under ``policy``."""
    return list(compare_leaves(imported, policy).mismatches)


def compare_leaves(imported: Import, policy: Policy | str) -> ModelCheck:
    """Compare every leaf an import's trace shows with what the model makes at that time."""
    entries = imported.entries
    if entries is None or not len(entries):
        return ModelCheck(0, 0, ())
    model = np.empty(len(entries), np.uint8)
    machine = new_machine(imported.scenario.machine, policy)
    for start, end in _stretches(imported, machine, entries):
        model[start:end] = _model_bits(machine, entries, start, end)
    bar_bits = ept_bits(*machine.policy.mmio_leaf())
    model[_in_bars(imported.scenario.machine, entries, bar_bits)] = bar_bits
    rows = np.flatnonzero(model != entries.bits)
    found = tuple(_mismatch(entries, model, int(row)) for row in rows[:MAX_MISMATCHES])
    return ModelCheck(len(entries), len(rows), found)


def _stretches(
    imported: Import, machine: Machine, entries: LeafEntries
) -> Iterator[tuple[int, int]]:
    """Yield rows [start, end) between which no event happens, applying the events in between.

    An event and a leaf of the same time: the event is first, as KVM updates the register before
    a fault can see it.
    """
    events = imported.scenario.events
    times = np.array([event.time_ns for event in events], np.int64)
    borders = np.searchsorted(entries.time_ns, times, "left")
    row = 0
    for event, border in zip(events, borders.tolist(), strict=True):
        if border > row:
            yield row, border
            row = border
        apply_event(machine, event)
    if row < len(entries):
        yield row, len(entries)


def _model_bits(machine: Machine, entries: LeafEntries, start: int, end: int) -> NDArray[np.uint8]:
    """Return the model's type and IPAT bits for the leaves in rows [start, end)."""
    bits = np.empty(end - start, np.uint8)
    vcpu = np.minimum(entries.vcpu[start:end], machine.vcpus - 1)
    gfn = entries.gfn[start:end]
    for number in np.unique(vcpu).tolist():
        rows = np.flatnonzero(vcpu == number)
        fault_map = machine.fault_map(number)
        interval = np.searchsorted(fault_map.starts, gfn[rows], "right") - 1
        bits[rows] = fault_map.bits[interval]
    return bits


def _in_bars(machine: MachineSpec, entries: LeafEntries, bar_bits: int) -> NDArray[np.bool_]:
    """Return which leaves map the BAR of a passed-through device.

    Those in regions that say so, and those that look like one where no memory slot is known: a
    memory map from inside the guest does not tell whose a BAR is.
    """
    inside, in_slot = np.zeros(len(entries), bool), np.zeros(len(entries), bool)
    for region in machine.slots:
        first, end = np.uint64(region.first_gfn), np.uint64(region.end_gfn)
        here = (entries.gfn >= first) & (entries.gfn < end)
        in_slot |= here
        if region.kind is RegionKind.PASSTHROUGH:
            inside |= here
    return inside | (~in_slot & (entries.bits == bar_bits))


def _mismatch(entries: LeafEntries, model: NDArray[np.uint8], row: int) -> Mismatch:
    return Mismatch(
        time_ns=int(entries.time_ns[row]),
        vcpu=int(entries.vcpu[row]),
        gfn=int(entries.gfn[row]),
        level=int(entries.level[row]),
        real_bits=int(entries.bits[row]),
        model_bits=int(model[row]),
        place=Place(entries.file, int(entries.line[row])),
    )
