"""What a planned write will do, in words: what KVM zaps, or what changes type on a real machine."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Protocol

from mtrrviz.core.msr.registers import CR0_ID, PAT
from mtrrviz.core.record import Record
from mtrrviz.core.wording.words import number_runs, plural
from mtrrviz.facts.hosts.type_changes import type_changes
from mtrrviz.session.registers.register_writes import (
    Preview,
    WritePlan,
    leaves_hit,
    machine_after,
    preview,
    zap_words,
)

if TYPE_CHECKING:
    from mtrrviz.core.machine import Machine
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.sim.run import State

#: Changes of type that are told one by one; the others are counted.
_TOLD = 4


class Effect(Protocol):
    """What a plan will do; ``again`` is what writing the same value once more is good for."""

    again: ClassVar[str]

    def words(self, state: State | None) -> str:
        """Return the effect in words; ``state`` is the one shown, None before the first run."""
        ...


def effect_of(machine: Machine, spec: MachineSpec, plan: WritePlan) -> Effect:
    """Return what a plan will do, tried on a copy of the machine.

    Raises GeneralProtectionFault if the machine would refuse one of the values.
    """
    if spec.is_host:
        return NewTypes(_changes(machine, spec, plan), plan.writes[0].msr)
    return Zaps(preview(machine, spec, plan))


class Zaps(Record):
    """The effect on a guest."""

    again: ClassVar[str] = (
        "Write the same value once more: KVM does not compare, so it zaps all the same"
    )
    preview: Preview

    def words(self, state: State | None) -> str:
        """Return the zaps and how many leaves they drop, or why there are none."""
        zaps, reasons = self.preview.zaps, "; ".join(self.preview.reasons)
        if not zaps:
            return f"Zaps nothing: {reasons}."
        words = f"Zaps {zap_words(zaps)}"
        if state is not None:
            total = plural(len(state.live_rows), "leaf", "leaves")
            words += f": {leaves_hit(state, zaps):,} of {total}"
        return words + (f". Other writes zap nothing: {reasons}." if reasons else ".")


class NewTypes(Record):
    """The effect on a real machine: by CPU what changes type, in words; ``msr`` is written."""

    again: ClassVar[str] = "Write the same value once more"
    changes: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]
    msr: int

    def words(self, state: State | None) -> str:
        """Return what gets another type by the MTRRs, on which CPUs where not on all the same."""
        del state
        if not self.changes:
            return _QUIET.get(self.msr, "Changes no memory type.")
        parts = [_part(cpus, told, is_one=len(self.changes) == 1) for cpus, told in self.changes]
        return f"Changes types{';'.join(parts)}."


def _part(cpus: tuple[int, ...], told: tuple[str, ...], *, is_one: bool) -> str:
    more = len(told) - _TOLD
    said = [*told[:_TOLD], *([f"and {more} more"] if more > 0 else [])]
    where = "" if is_one else f" on CPU {number_runs(cpus)}"
    return f"{where}: {', '.join(said)}"


def _changes(
    machine: Machine, spec: MachineSpec, plan: WritePlan
) -> tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]:
    """Return what changes type and on which CPUs, those of one answer together."""
    after = machine_after(machine, spec, plan)
    by_words: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for cpu in plan.vcpus:
        words = tuple(change.words for change in type_changes(machine, after, cpu, spec))
        if words:
            by_words[words].append(cpu)
    return tuple((tuple(cpus), words) for words, cpus in by_words.items())


_QUIET = {
    PAT: "Changes no type by the MTRRs. The PAT gives pages other types in effect.",
    CR0_ID: "Changes no type by the MTRRs. CR0.CD = 1 keeps the CPU from filling its caches.",
}
